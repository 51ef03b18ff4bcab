// A portal of its own for a test of the command line: a temporary DATA_DIR, a free port, the command a user types.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { toActions, type Parts } from '../../src/cli/actions.ts';
import { runCommand } from '../../src/cli/run.ts';
import { patienceMs, until } from '../patience.ts';
import { openTerminal } from './terminal.ts';

export const root = resolve(import.meta.dirname, '../..');
export const cli = join(root, 'src/cli/portal.ts');

/** What a command gets of this process's environment: no setting of the portal; and what is compiled once is kept. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '/',
  ...keptCode(),
};

function keptCode(): Readonly<Record<string, string>> {
  const folder = process.env['NODE_COMPILE_CACHE'];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

/** A busy machine is no reason to fail. */
const patience = { QUERY_DEADLINE_SECONDS: '300' };

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs one `portal` command to its end. */
export function runPortal(args: readonly string[], settings: Readonly<Record<string, string>>, cwd = root): Ran {
  const env = { ...plainEnvironment, LOG_LEVEL: 'error', ...settings };
  const done = spawnSync(process.execPath, [cli, ...args], { env, cwd, encoding: 'utf8', timeout: patienceMs });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const parts = (input: Buffer): Parts => ({
  input: Readable.from([input]),
  serve: () => Promise.reject(new Error('a portal is served by a process of its own')),
  startPrivate: async (config) => (await import('../../src/cli/local-portal.ts')).startPrivate(config),
  describeFile: async (...given) => (await import('../../src/cli/local-describe.ts')).describeFile(...given),
  restore: async (...given) => (await import('../../src/cli/local-portal.ts')).restore(...given),
});

/** Runs one command in this very process, for what it says. That a process says the same, a few tests show. */
export async function runHere(
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  input: Buffer = Buffer.alloc(0),
): Promise<Ran> {
  const terminal = openTerminal();
  const actions = toActions({ LOG_LEVEL: 'error', ...settings }, terminal, parts(input));
  const code = await runCommand(args, actions, terminal);
  return { code, ...terminal.text() };
}

export function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portal-cli-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export type Served = {
  readonly url: string;
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** Starts `portal serve` and waits until /health/ready says ready. Stopped, and its folder left, when the test ends. */
export async function serve(
  t: TestContext,
  dataDir: string,
  settings: Readonly<Record<string, string>>,
  home = root,
): Promise<Served> {
  const env = { ...plainEnvironment, LOG_LEVEL: 'error', PORT: '0', ...patience, DATA_DIR: dataDir, ...settings };
  const command = [join(home, 'src/cli/portal.ts'), 'serve'];
  const child = spawn(process.execPath, command, { env, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  t.after(() => stop());
  let url: string | null = null;
  await until('portal serve is ready', async () => {
    if (child.exitCode !== null) throw new Error(`portal serve ended with ${child.exitCode}: ${err}`);
    url = readUrl(dataDir, child.pid);
    return url !== null && (await isReady(url));
  });
  return { url: url!, pid: child.pid!, stop };
}

function readUrl(dataDir: string, pid: number | undefined): string | null {
  const path = join(dataDir, 'server.json');
  if (!existsSync(path)) return null;
  const written = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; url: string };
  return written.pid === pid ? written.url : null;
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (answer) => answer.ok,
    () => false,
  );
}
