// `npm test`: builds the pages once, starts one PostgreSQL for the whole run, then runs every test file on it.
// It must leave no process behind, whatever the outcome, and wait for no file for ever.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startTestServer } from './database.ts';
import { depthFactor } from './depth.ts';
import { addCounts, runTestFiles, type FileRun } from './files.ts';
import { processorMsOfAll } from './processor.ts';
import { requireChromium } from './web/chromium.ts';

const root = resolve(import.meta.dirname, '..');

/** Guards against hanging: many times what the slowest takes alone. TEST_FILE_SECONDS says otherwise for files. */
const testMs = 1_200_000 * depthFactor;
const fileMs = 1_800_000 * depthFactor;
/** More than there are processors here: one often waits, for a time-out or a disk. */
const atOnce = 3;
/** Every test file is a process of its own, and most load the whole portal. */
const codeCache = join(root, 'node_modules', '.cache', 'test-code');
/** They may write no file when they work, so what they read of compiled code has to be there before. */
const readers = ['src/records/documents/pdf/child.ts', 'src/records/documents/convert/child.ts'];
const slowestShown = 10;
/** A file system in memory: PostgreSQL makes a thousand files for each database, each ten times as dear on a disk. */
const memory = '/dev/shm';
const leastMemoryBytes = 4 * 2 ** 30;

/** Begun first, so that no long file is still running when everything else has ended. */
const longFiles = [
  'test/web/site.test.ts',
  'test/durability/kill-at-every-step.test.ts',
  'test/publish/real-files.test.ts',
  'test/records/documents/kinds.test.ts',
  'test/web/records.test.ts',
  'test/cli/portal.test.ts',
  'test/web/staff.test.ts',
  'test/publish/csv.test.ts',
  'test/web/archive.test.ts',
  'test/web/people.test.ts',
];

function inOrder(files: readonly string[]): readonly string[] {
  const place = (file: string): number => {
    const found = longFiles.indexOf(file);
    return found === -1 ? longFiles.length : found;
  };
  return [...files].sort().sort((a, b) => place(a) - place(b));
}

async function main(): Promise<number> {
  const begunMs = performance.now();
  const wanted = process.argv.slice(2);
  const files = wanted.length > 0 ? wanted : inOrder(globSync('test/**/*.test.ts', { cwd: root }));
  const build = spawnSync(process.execPath, ['web/build.ts'], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) return build.status ?? 1;
  for (const reader of readers) compile(reader);
  const browser = files.some((file) => file.startsWith('test/web/')) ? { TEST_CHROMIUM: requireChromium() } : {};
  const folder = mkdtempSync(join(chooseTemporary(), 'portal-tests-'));
  chmodSync(folder, 0o755); // under root PostgreSQL runs as another user
  try {
    const runs = await runOnServer(files, { ...browser, TMPDIR: folder });
    return sayResult(files, runs, performance.now() - begunMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nobody asks it anything, so it ends, and leaves what was compiled. */
function compile(program: string): void {
  spawnSync(process.execPath, [program], { cwd: root, env: withCompiled(), stdio: 'ignore' });
}

const withCompiled = (): NodeJS.ProcessEnv => ({ NODE_COMPILE_CACHE: codeCache, ...process.env });

/** Where tests keep what they throw away: TMPDIR when it is set, else memory where there is enough, else the disk. */
function chooseTemporary(): string {
  if (process.env['TMPDIR'] !== undefined || !existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= leastMemoryBytes ? memory : tmpdir();
}

async function runOnServer(
  files: readonly string[],
  settings: { readonly TMPDIR: string },
): Promise<readonly FileRun[]> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const server = await startTestServer(settings.TMPDIR);
  try {
    const seconds = Number(process.env['TEST_FILE_SECONDS'] ?? '');
    return await runTestFiles(
      files,
      { atOnce, testMs, fileMs: seconds > 0 ? seconds * 1000 : fileMs },
      {
        env: { ...withCompiled(), ...settings, TEST_DATABASE_URL: server.url },
        cwd: root,
        write: (text) => void process.stdout.write(text),
        signal: stopping.signal,
      },
    );
  } finally {
    await server.stop();
  }
}

const inSeconds = (ms: number): string => (ms / 1000).toFixed(1).padStart(6);

function sayResult(files: readonly string[], runs: readonly FileRun[], elapsedMs: number): number {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const failed = runs.flatMap(({ trouble }) => (trouble === null ? [] : [trouble]));
  say('\nSlowest files, and what they computed:');
  for (const run of runs.toSorted((a, b) => b.elapsedMs - a.elapsedMs).slice(0, slowestShown)) {
    say(`  ${inSeconds(run.elapsedMs)} s  ${inSeconds(run.processorMs)} s  ${run.file}`);
  }
  say('');
  for (const [name, count] of Object.entries(addCounts(runs))) say(`ℹ ${name} ${count}`);
  say(`ℹ files ${runs.length} of ${files.length}`);
  say(`ℹ duration_ms ${elapsedMs.toFixed(0)}`);
  say(`ℹ cpu_ms ${processorMsOfAll()}`);
  if (failed.length > 0) say(`\n✖ failed files:\n${failed.map((trouble) => `  ${trouble}`).join('\n')}`);
  return failed.length === 0 && runs.length === files.length ? 0 : 1;
}

process.exitCode = await main();
