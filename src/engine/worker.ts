// The portal's handle on one engine child: start it under its memory limit, talk to it, change its priority, end it.
// It must not know which query runs there.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { constants, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { toCompiled } from '../base/compiled.ts';
import { PortalError } from '../base/errors.ts';
import type { WorkerExit } from './failure.ts';
import { frameKind, frameReader, toFrameHeader } from './frame.ts';
import type { ChildMessage, ChildSettings, ParentMessage } from './frame.ts';

const childFile = fileURLToPath(new URL('./child.ts', import.meta.url));
/** The JavaScript of a child is small; its data is DuckDB's, outside V8's heap. */
const childHeapMegabytes = 256;
/** V8 reserves this much writable address space for machine code, which counts as data and is hardly ever filled. */
const codeRangeBytes = 512 * 1024 * 1024;
/**
 * glibc otherwise keeps what a large query freed, and the next one runs into the limit: blocks of DuckDB's size are
 * mapped one by one and go back at once.
 */
const childEnvironment = {
  TZ: 'UTC',
  LANG: 'C',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '1048576',
};

export type WorkerOptions = {
  readonly settings: ChildSettings;
  /** Memory that the child may fill with data: RLIMIT_DATA is this and what V8 only reserves. */
  readonly dataLimitBytes: number;
  /** A folder of the engine's own; the child works in a new folder inside it. */
  readonly tempFolder: string;
};

export type Listener = {
  message(message: ChildMessage): void;
  rows(bytes: Uint8Array): void;
  exit(exit: WorkerExit): void;
};

export type Worker = {
  readonly pid: number;
  /** Settles when the child can take work; rejects when it ends before. */
  readonly ready: Promise<void>;
  /** Settles when the process is gone. */
  readonly exited: Promise<WorkerExit>;
  send(message: ParentMessage): void;
  listen(listener: Listener | null): void;
  /** Lets other processes go first. */
  yieldToOthers(): void;
  /** Back to the portal's own priority; false where the system does not allow it. */
  restorePriority(): boolean;
  kill(): void;
};

export function startWorker(options: WorkerOptions): Worker {
  const folder = mkdtempSync(join(options.tempFolder, 'child-'));
  const child = spawnChild(options, folder);
  const socket = child.stdio[3] as Duplex; // a socket pair on every Unix: spawn's `pipe` is both ways
  let listener: Listener | null = null;
  let words = '';
  let exit: WorkerExit | null = null;
  const started = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<WorkerExit>();
  started.promise.catch(() => undefined); // a worker that never gets ready is reported through `exited` as well

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2000);
  });
  const end = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (exit !== null) return;
    exit = { code, signal, words };
    started.reject(new PortalError('internal-error', { cause: new Error(`engine child did not start: ${words}`) }));
    const gone = exit;
    const settle = (): void => exited.resolve(gone);
    // A folder that cannot be removed now goes with the engine's own.
    rm(folder, { recursive: true, force: true }).then(settle, settle);
    listener?.exit(exit);
  };
  child.on('error', (error) => {
    words += error.message;
    end(null, null);
  });
  child.on('close', end);
  const read = frameReader({
    message: (payload) => {
      const message = JSON.parse(payload.toString('utf8')) as ChildMessage;
      if (message.kind !== 'ready') return listener?.message(message);
      const problem = limitProblem(message.dataLimitBytes, toLimit(options.dataLimitBytes));
      if (problem === null) return started.resolve();
      giveUpOn(problem);
    },
    rows: (bytes) => listener?.rows(bytes),
  });
  const giveUpOn = (problem: string): void => {
    words += problem; // told by the exit that follows
    child.kill('SIGKILL');
  };
  socket.on('data', (chunk: Buffer) => guard(() => read(chunk), giveUpOn));
  socket.on('error', () => child.kill('SIGKILL')); // the exit tells; a broken socket is a dead child

  return {
    pid: child.pid ?? 0,
    ready: started.promise,
    exited: exited.promise,
    send: (message) => {
      if (exit === null && !socket.destroyed) sendFrame(socket, serialize(message));
    },
    listen: (next) => {
      listener = next;
      if (next !== null && exit !== null) queueMicrotask(() => next.exit(exit as WorkerExit));
    },
    yieldToOthers: () => {
      if (exit === null) changePriority(child.pid ?? 0, constants.priority.PRIORITY_LOW);
    },
    restorePriority: () => exit === null && changePriority(child.pid ?? 0, getPriority(process.pid)),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

/** An answer that cannot be read is the child's fault, and ends the child. */
function guard(read: () => void, giveUp: (problem: string) => void): void {
  try {
    read();
  } catch (error) {
    giveUp(`unreadable answer: ${String(error)}`);
  }
}

function sendFrame(socket: Duplex, payload: Buffer): void {
  socket.cork();
  socket.write(toFrameHeader(frameKind.message, payload.length));
  socket.write(payload);
  socket.uncork();
}

/**
 * A shell sets RLIMIT_DATA, which Node cannot, and becomes the child. No variable of the portal's environment goes
 * along.
 */
function spawnChild(options: WorkerOptions, folder: string): ChildProcess {
  const kilobytes = Math.floor(toLimit(options.dataLimitBytes) / 1024);
  return spawn(
    '/bin/sh',
    [
      '-c',
      `ulimit -c 0; ulimit -d ${kilobytes}; exec "$0" "$@"`,
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      `--max-old-space-size=${childHeapMegabytes}`,
      childFile,
      JSON.stringify(options.settings),
    ],
    { cwd: folder, env: { ...childEnvironment, ...toCompiled() }, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
}

function toLimit(dataLimitBytes: number): number {
  return dataLimitBytes + codeRangeBytes;
}

/** A lower limit that was there before is as good; none is not. */
function limitProblem(found: number | null, wanted: number): string | null {
  return found !== null && found <= wanted
    ? null
    : `The memory limit of an engine child did not take effect (${found}).`;
}

/** setpriority(2) on Linux works on one thread, so every thread of the process is told. */
function changePriority(pid: number, priority: number): boolean {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), priority);
    return true;
  } catch (error) {
    // Without the right to raise a priority (EACCES, EPERM), or when the process is just ending (ENOENT, ESRCH).
    if (['EACCES', 'EPERM', 'ENOENT', 'ESRCH'].includes(toErrorCode(error))) return false;
    throw error;
  }
}

/** Node's os module throws a SystemError whose `info.code` has the name. */
function toErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('info' in error && typeof error.info === 'object' && error.info !== null && 'code' in error.info) {
    return String(error.info.code);
  }
  return 'code' in error ? String(error.code) : '';
}
