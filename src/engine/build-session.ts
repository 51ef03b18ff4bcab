// A throw-away child for building files: its own limits, its own folders, its own deadline.
// It must not outlive its deadline, its caller's signal or its close().

import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import type { BoundValue, BuildSession } from './engine.ts';
import { deadlineExceeded, toBuildError, toExitError, toQueryError } from './failure.ts';
import type { ParentMessage } from './frame.ts';
import type { Limits } from './lockdown.ts';
import { graceMs } from './query-job.ts';
import { startWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

export type BuildChildOptions = {
  readonly folders: readonly string[];
  /** A serving file to read from, as the default database. */
  readonly attach: string | null;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly limits: Omit<Limits, 'spillFolder'>;
  readonly dataLimitBytes: number;
  readonly tempFolder: string;
  /** `build` shows DuckDB's words to the publisher, `query` never does. */
  readonly errors: 'build' | 'query';
};

export type BuildChild = BuildSession & {
  exportFile(text: string, params: readonly BoundValue[], path: string): Promise<number>;
  readonly wasKilled: () => boolean;
};

type Pending = { readonly id: number; resolve(value: unknown): void; reject(error: unknown): void };
type Line = {
  readonly worker: Worker;
  readonly watchdog: Watchdog;
  nextId: number;
  pending: Pending | null;
  /** Why nothing can be asked any more. */
  ended: unknown;
  killed: boolean;
};

/** Opens the session; rejects when the child or DuckDB cannot start. */
export async function openBuildChild(options: BuildChildOptions, clock: Clock): Promise<BuildChild> {
  const folders = await Promise.all(options.folders.map(async (folder) => await realpath(folder)));
  const first = folders[0];
  if (first === undefined) throw new PortalError('internal-error', 'A build session needs a folder.');
  const spillFolder = join(first, '.spill');
  const line = startLine(options, spillFolder, clock);
  const close = async (): Promise<void> => {
    line.ended ??= new PortalError('internal-error', 'The build session has been closed.');
    line.worker.kill();
    await line.worker.exited;
    await rm(spillFolder, { recursive: true, force: true });
  };
  try {
    await line.worker.ready;
    await ask(line, (id) => ({ kind: 'open-build', id, folders, attach: options.attach }));
  } catch (error) {
    await close();
    throw line.watchdog.reason() ?? error;
  }
  return {
    // A child answers `run` with an array of plain objects, as child-build.ts makes them.
    run: async (text, params = []) =>
      (await ask(line, (id) => ({ kind: 'run', id, text, params }))) as Record<string, unknown>[],
    exportFile: async (text, params, path) =>
      Number(await ask(line, (id) => ({ kind: 'export', id, text, params, path }))),
    close,
    wasKilled: () => line.killed,
  };
}

/** The child with its watchdog, listened to. */
function startLine(options: BuildChildOptions, spillFolder: string, clock: Clock): Line {
  const worker = startWorker({
    settings: { limits: { ...options.limits, spillFolder }, openFiles: 1 },
    dataLimitBytes: options.dataLimitBytes,
    tempFolder: options.tempFolder,
  });
  const watchdog = startWatchdog(
    {
      deadlineMs: options.deadlineMs,
      graceMs,
      onDeadline: () => deadlineExceeded(),
      onLongPause: () => deadlineExceeded(),
      cancel: () => worker.send({ kind: 'cancel', id: 0 }),
      kill: () => {
        line.killed = true;
        worker.kill();
      },
    },
    clock,
  );
  const line: Line = { worker, watchdog, nextId: 1, pending: null, ended: null, killed: false };
  const toError = options.errors === 'build' ? toBuildError : toQueryError;
  const onAbort = (): void => watchdog.stop(options.signal?.reason);
  worker.listen({
    rows: () => undefined,
    exit: (exit) => {
      line.ended ??= watchdog.reason() ?? toExitError(exit);
      watchdog.end();
      options.signal?.removeEventListener('abort', onAbort);
      line.pending?.reject(line.ended);
      line.pending = null;
    },
    message: (message) => {
      const { pending } = line;
      if (message.kind !== 'result' && message.kind !== 'failed') return;
      if (message.id !== pending?.id) return;
      line.pending = null;
      if (message.kind === 'result') pending.resolve(message.value);
      else pending.reject(watchdog.reason() ?? toError(message));
    },
  });
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  return line;
}

async function ask(line: Line, message: (id: number) => ParentMessage): Promise<unknown> {
  if (line.ended !== null) throw line.ended;
  if (line.watchdog.reason() !== null) throw line.watchdog.reason();
  if (line.pending !== null) {
    throw new PortalError('internal-error', 'A build session runs one statement at a time.');
  }
  const id = line.nextId++;
  const answer = Promise.withResolvers<unknown>();
  line.pending = { id, resolve: answer.resolve, reject: answer.reject };
  line.worker.send(message(id));
  return await answer.promise;
}
