// A throw-away child for building files: its own limits, its own folders, its own deadline.
// It must not outlive its deadline, its caller's signal or its close().

import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import type { BoundValue, BuildSession } from './engine.ts';
import { deadlineExceeded, toBuildError, toExitError, toQueryError } from './failure.ts';
import type { Failure, WorkerExit } from './failure.ts';
import type { ParentMessage } from './frame.ts';
import type { Limits } from './lockdown.ts';
import { graceMs } from './query-job.ts';
import { startWatchdog } from './watchdog.ts';
import { startWorker } from './worker.ts';

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

/** Opens the session; rejects when the child or DuckDB cannot start. */
export async function openBuildChild(options: BuildChildOptions, clock: Clock): Promise<BuildChild> {
  const first = options.folders[0];
  if (first === undefined) throw new PortalError('internal-error', 'A build session needs a folder.');
  const worker = startWorker({
    settings: { limits: { ...options.limits, spillFolder: join(first, '.spill') }, openFiles: 1 },
    dataLimitBytes: options.dataLimitBytes,
    tempFolder: options.tempFolder,
  });
  let nextId = 1;
  let pending: Pending | null = null;
  let ended: unknown = null;
  let killed = false;
  const watchdog = startWatchdog(
    {
      deadlineMs: options.deadlineMs,
      graceMs,
      longestPauseMs: Number.MAX_SAFE_INTEGER,
      onDeadline: () => deadlineExceeded(),
      onLongPause: () => deadlineExceeded(),
      cancel: () => worker.send({ kind: 'cancel', id: 0 }),
      kill: () => {
        killed = true;
        worker.kill();
      },
    },
    clock,
  );
  const toError = (failure: Failure): PortalError =>
    options.errors === 'build' ? toBuildError(failure) : toQueryError(failure);
  const onAbort = (): void => watchdog.stop(options.signal?.reason);
  const onExit = (exit: WorkerExit): void => {
    ended ??= watchdog.reason() ?? toExitError(exit);
    watchdog.end();
    options.signal?.removeEventListener('abort', onAbort);
    pending?.reject(ended);
    pending = null;
  };
  worker.listen({
    rows: () => undefined,
    exit: onExit,
    message: (message) => {
      if (message.kind === 'ready' || message.kind === 'trailer' || message.id !== pending?.id) return;
      const current = pending;
      pending = null;
      if (message.kind === 'result') current.resolve(message.value);
      else current.reject(watchdog.reason() ?? toError(message));
    },
  });
  if (options.signal?.aborted === true) onAbort();
  options.signal?.addEventListener('abort', onAbort, { once: true });

  const ask = async (message: (id: number) => ParentMessage): Promise<unknown> => {
    if (ended !== null) throw ended;
    if (watchdog.reason() !== null) throw watchdog.reason();
    if (pending !== null) throw new PortalError('internal-error', 'A build session runs one statement at a time.');
    const id = nextId++;
    const answer = Promise.withResolvers<unknown>();
    pending = { id, resolve: answer.resolve, reject: answer.reject };
    worker.send(message(id));
    return await answer.promise;
  };
  const close = async (): Promise<void> => {
    ended ??= new PortalError('internal-error', 'The build session has been closed.');
    worker.kill();
    await worker.exited;
  };
  try {
    await worker.ready;
    await ask((id) => ({ kind: 'open-build', id, folders: options.folders, attach: options.attach }));
  } catch (error) {
    const reason = watchdog.reason() ?? error;
    await close();
    throw reason;
  }
  return {
    // A child answers `run` with an array of plain objects, as child-build.ts makes them.
    run: async (text, params = []) =>
      (await ask((id) => ({ kind: 'run', id, text, params }))) as Record<string, unknown>[],
    exportFile: async (text, params, path) => Number(await ask((id) => ({ kind: 'export', id, text, params, path }))),
    close,
    wasKilled: () => killed,
  };
}
