// A portal of its own for a benchmark: a temporary DATA_DIR, a free port, the same command a user types.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const cli = join(root, 'bin/portal.js');

export type BenchPortal = {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  stop(): Promise<void>;
};

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'portal-bench-'));
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function settings(dataDir: string, extra: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, DATA_DIR: dataDir, HOST: '127.0.0.1', LOG_LEVEL: 'warn', SAMPLE: 'off', ...extra };
}

export async function waitReady(url: string, child: ChildProcess, limitMs = 120_000): Promise<void> {
  const until = performance.now() + limitMs;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the portal stopped with code ${child.exitCode}`);
    const ready = await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('the portal was not ready in time');
}

/** Starts `portal serve` and waits until it is ready. */
export async function startBenchPortal(dataDir: string, extra: Record<string, string> = {}): Promise<BenchPortal> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--max-semi-space-size=2', cli, 'serve'], {
    env: settings(dataDir, { PORT: String(port), ...extra }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await waitReady(url, child);
  return {
    url,
    pid: child.pid!,
    dataDir,
    stop: async () => {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Runs one `portal` command and returns its standard output; throws with its error output. */
export function runPortal(args: readonly string[], dataDir: string, extra: Record<string, string> = {}): string {
  const done = spawnSync(process.execPath, [cli, ...args], {
    env: settings(dataDir, extra),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0) throw new Error(`portal ${args[0]} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

export function startPortalCommand(args: readonly string[], dataDir: string): ChildProcess {
  return spawn(process.execPath, [cli, ...args], { env: settings(dataDir, {}), stdio: ['ignore', 'pipe', 'inherit'] });
}
