// Runs test files, some at once, each in a process of its own that is ended with all it started when its time is over.
// It must not let a file pass that did not say how it ended.

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { processorMsOfAll } from './processor.ts';

export type FileLimits = {
  readonly atOnce: number;
  /** Of one test, unless it has a limit of its own. */
  readonly testMs: number;
  /** Of one file, whatever its tests say: also for one that has ended its tests and holds something open. */
  readonly fileMs: number;
};

const countNames = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const;
export type Counts = Readonly<Record<(typeof countNames)[number], number>>;

export type FileRun = {
  readonly file: string;
  readonly elapsedMs: number;
  /** What the file and all that it waited for have computed; what ended in the same instant is not told apart. */
  readonly processorMs: number;
  readonly counts: Counts;
  /** Why the file failed; null when it passed. */
  readonly trouble: string | null;
};

export type FileEffects = {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  write(text: string): void;
  readonly signal: AbortSignal;
};

const none: Counts = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
/** With a young heap of this size from the start, two seconds of work are hardly ever interrupted to collect it. */
const nodeFlags = ['--test-reporter=spec', '--min-semi-space-size=16'] as const;
/** What a file leaves behind may take so long to notice that nobody is there any more. */
const graceMs = 3_000;

/** In the order given; resolves when all have ended. After an abort the rest is not begun. */
export async function runTestFiles(
  files: readonly string[],
  limits: FileLimits,
  effects: FileEffects,
): Promise<readonly FileRun[]> {
  const waiting = [...files];
  const runs: FileRun[] = [];
  const computed = startCount();
  const slot = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined && !effects.signal.aborted; file = waiting.shift()) {
      runs.push(await runFile(file, limits, effects, computed));
    }
  };
  await Promise.all(Array.from({ length: limits.atOnce }, slot));
  return runs;
}

async function runFile(
  file: string,
  limits: FileLimits,
  effects: FileEffects,
  computed: () => number,
): Promise<FileRun> {
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, `--test-timeout=${limits.testMs}`, file], {
    cwd: effects.cwd,
    env: effects.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // the leader of a group, so that what it starts can be ended with it
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    signalGroup(child.pid, 'SIGKILL');
  }, limits.fileMs);
  const onAbort = (): void => void signalGroup(child.pid, 'SIGTERM');
  effects.signal.addEventListener('abort', onAbort, { once: true });
  // 'exit' and not 'close': something left behind may hold the pipes open for ever.
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.once('exit', (...ended) => done(ended));
    child.once('error', fail);
  });
  const processorMs = computed();
  clearTimeout(timer);
  effects.signal.removeEventListener('abort', onAbort);
  const leftBehind = await endGroup(child.pid);
  await sleep(0); // what was written last
  const elapsedMs = performance.now() - begun;
  const counts = readCounts(text);
  const trouble = late
    ? `${file} was ended after ${Math.round(limits.fileMs / 1000)} s: a test or something left open held it`
    : findTrouble(file, code, signal, counts);
  effects.write(`\n▼ ${file} (${inSeconds(elapsedMs)}, computed ${inSeconds(processorMs)})\n${withoutCounts(text)}`);
  if (leftBehind) effects.write(`  ${file} left a process behind, which was ended.\n`);
  if (trouble !== null) effects.write(`✖ ${trouble}\n`);
  return { file, elapsedMs, processorMs, counts: counts ?? none, trouble };
}

/** Tells what has been computed since it was asked last. Asked at each end, it is what that file computed. */
function startCount(): () => number {
  let seenMs = processorMsOfAll();
  return () => {
    const before = seenMs;
    seenMs = processorMsOfAll();
    return seenMs - before;
  };
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function findTrouble(
  file: string,
  code: number | null,
  signal: NodeJS.Signals | null,
  counts: Counts | null,
): string | null {
  if (signal !== null) return `${file} ended by ${signal}`;
  if (counts === null) return `${file} ended with ${code} and without saying how its tests went`;
  if (counts.fail + counts.cancelled > 0) return `${file}: ${counts.fail + counts.cancelled} failed`;
  if (code !== 0) return `${file} ended with ${code}`;
  return counts.tests === 0 ? `${file} has no test` : null;
}

/** The lines with which Node's reporter ends; null when it did not come to them. */
function readCounts(text: string): Counts | null {
  const found = countNames.map((name) => {
    const last = [...text.matchAll(new RegExp(`^ℹ ${name} (\\d+)$`, 'gm'))].at(-1)?.[1];
    return [name, last === undefined ? null : Number(last)] as const;
  });
  return found.some(([, count]) => count === null) ? null : (Object.fromEntries(found) as Counts);
}

function withoutCounts(text: string): string {
  return text.replaceAll(/^ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+\n/gm, '');
}

export function addCounts(runs: readonly FileRun[]): Counts {
  const sums = countNames.map((name) => [name, runs.reduce((sum, { counts }) => sum + counts[name], 0)] as const);
  return Object.fromEntries(sums) as Counts;
}

/** False when nobody of the group is there any more. */
function signalGroup(leader: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (leader === undefined) return false;
  try {
    return process.kill(-leader, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits for what the file started; ends it, and says so, when it stays. */
async function endGroup(leader: number | undefined): Promise<boolean> {
  const until = performance.now() + graceMs;
  while (signalGroup(leader, 0)) {
    if (performance.now() > until) {
      signalGroup(leader, 'SIGKILL');
      return true;
    }
    await sleep(20);
  }
  return false;
}
