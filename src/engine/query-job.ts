// One query on one child: credit for the reader, deadline, abort, and what the reader is told at the end.
// It must not choose the child; pool.ts does.

import type { Clock } from '../base/clock.ts';
import type { EngineAnswer, EngineQuery, EngineTrailer } from './engine.ts';
import { deadlineExceeded, isFatal, readerTooSlow, toExitError, toQueryError } from './failure.ts';
import type { ChildMessage } from './frame.ts';
import { startWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';
import type { Worker } from './worker.ts';

/** Bytes that may lie between the engine and a reader: the whole memory that one slow reader costs. */
const windowBytes = 1024 * 1024;
const creditStepBytes = 256 * 1024;
export const graceMs = 1000;
/** Of a reader over its whole answer: half a megabit. */
const leastBytesPerSecond = 64 * 1024;

export type QueryJob = {
  /** Settles with the first bytes or the end; rejects when the query fails before that. */
  readonly answer: Promise<EngineAnswer>;
  /** Settles when the child is free again or gone. Never rejects. */
  readonly done: Promise<JobEnd>;
  /** True when the child was gone before it had read the query, so that another can be asked. */
  wasLost(): boolean;
};

export type JobEnd = {
  readonly error: unknown;
  readonly trailer: EngineTrailer | null;
  /** False: the child has to be replaced. */
  readonly workerUsable: boolean;
  readonly workedMs: number;
};

export type QueryJobOptions = {
  readonly id: number;
  readonly fingerprint: string;
  /** As in the message: read apart, with little memory. */
  readonly apart: boolean;
  /** What is left of the deadline after waiting for a child. */
  readonly remainingMs: number;
  readonly longestPauseMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onParked: (parked: boolean) => void;
  readonly onKill: () => void;
};

/** The bytes between child and reader. */
type Pipe = {
  push(bytes: Uint8Array): void;
  finish(): void;
  fail(error: unknown): void;
  readonly chunks: AsyncIterable<Uint8Array>;
};

export function startQuery(worker: Worker, request: EngineQuery, options: QueryJobOptions, clock: Clock): QueryJob {
  const begun = Promise.withResolvers<EngineAnswer>();
  const trailer = Promise.withResolvers<EngineTrailer>();
  const done = Promise.withResolvers<JobEnd>();
  trailer.promise.catch(() => undefined); // a reader may only look at the chunks, which throw the same error
  let over = false;
  let read = false;
  let lost = false;
  const watchdog = watchQuery(worker, options, clock);
  const pipe = startPipe(worker, options, watchdog, (reason) => stop(reason));
  const answer: EngineAnswer = { chunks: pipe.chunks, trailer: trailer.promise, extend: watchdog.extend };
  const tell = (error: unknown): void => {
    begun.reject(error);
    trailer.reject(error);
    pipe.fail(error);
  };
  /** The reader is told at once; the child may take its second. */
  const stop = (reason: unknown): void => {
    if (over) return;
    watchdog.stop(reason);
    tell(reason);
  };
  const onAbort = (): void => stop(options.signal?.reason);
  const finish = (end: { error: unknown; trailer: EngineTrailer | null; workerUsable: boolean }): void => {
    if (over) return;
    over = true;
    const workedMs = watchdog.workedMs();
    watchdog.end();
    worker.listen(null);
    options.signal?.removeEventListener('abort', onAbort);
    if (end.trailer === null) tell(end.error);
    done.resolve({ ...end, workedMs });
  };
  const take = (message: ChildMessage): void => {
    if (message.kind === 'ready' || message.kind === 'result' || message.id !== options.id) return;
    if (message.kind === 'begun') {
      read = true; // from now on the query itself may be what ends the child
      return;
    }
    if (message.kind === 'failed') {
      const error = watchdog.reason() ?? toQueryError(message);
      finish({ error, trailer: null, workerUsable: !isFatal(message.message) });
      return;
    }
    const { rows, bytes, more, truncated, lastKeys } = message;
    const totals = { rows, bytes, more, truncated, lastKeys, elapsedMs: watchdog.workedMs() };
    pipe.finish();
    trailer.resolve(totals);
    begun.resolve(answer);
    finish({ error: null, trailer: totals, workerUsable: true });
  };
  worker.listen({
    message: take,
    rows: (bytes) => {
      pipe.push(bytes);
      begun.resolve(answer);
    },
    exit: (exit) => {
      const error = watchdog.reason() ?? toExitError(exit);
      lost = watchdog.reason() === null && !read;
      finish({ error, trailer: null, workerUsable: false });
    },
  });
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  worker.send(toMessage(request, options));
  return { answer: begun.promise, done: done.promise, wasLost: () => lost };
}

function watchQuery(worker: Worker, options: QueryJobOptions, clock: Clock): Watchdog {
  return startWatchdog(
    {
      deadlineMs: options.remainingMs,
      graceMs,
      onDeadline: () => deadlineExceeded(),
      onLongPause: readerTooSlow,
      cancel: () => worker.send({ kind: 'cancel', id: options.id }),
      kill: () => {
        options.onKill();
        worker.kill();
      },
    },
    clock,
  );
}

function toMessage(request: EngineQuery, options: QueryJobOptions): Parameters<Worker['send']>[0] {
  return {
    kind: 'query',
    id: options.id,
    path: request.file.path,
    fingerprint: options.fingerprint,
    text: request.text,
    params: request.params,
    keyColumns: request.keyColumns,
    maxRows: request.maxRows,
    maxBytes: request.maxBytes,
    separator: request.separator,
    apart: options.apart,
    windowBytes,
  };
}

/**
 * How long the engine may wait for its reader now: `longestPauseMs`, and no longer in all than a reader of the least
 * rate would need for what this one has taken. Otherwise some bytes a minute would hold a child for hours.
 */
function pauseLeftMs(longestPauseMs: number, takenBytes: number, pausedMs: number): number {
  const earnedMs = longestPauseMs + (takenBytes / leastBytesPerSecond) * 1_000;
  return Math.max(0, Math.min(longestPauseMs, earnedMs - pausedMs));
}

/** Keeps unread bytes within the window: credit goes back to the child only as the reader takes bytes away. */
function startPipe(
  worker: Worker,
  options: QueryJobOptions,
  watchdog: Watchdog,
  abandon: (reason: unknown) => void,
): Pipe {
  const waiting: Uint8Array[] = [];
  let taken = 0; // bytes that the reader has taken in all
  let unread = 0; // bytes that the child has sent and for which it has no credit back
  let owed = 0; // bytes that the reader has taken and the child has not been told of
  let state: { kind: 'open' } | { kind: 'finished' } | { kind: 'failed'; error: unknown } = { kind: 'open' };
  let wake: (() => void) | null = null;
  let parked = false;
  const park = (next: boolean): void => {
    if (parked === next) return;
    parked = next;
    if (next) watchdog.pause(pauseLeftMs(options.longestPauseMs, taken, watchdog.pausedMs()));
    else watchdog.resume();
    options.onParked(next);
  };
  const giveBack = (bytes: number): void => {
    owed += bytes;
    taken += bytes;
    if (state.kind !== 'open' || (owed < creditStepBytes && unread < windowBytes)) return;
    unread -= owed;
    worker.send({ kind: 'credit', id: options.id, bytes: owed });
    owed = 0;
    if (unread < windowBytes) park(false);
  };
  const settle = (next: typeof state): void => {
    if (state.kind === 'open') state = next;
    if (state.kind === 'failed') waiting.length = 0;
    wake?.();
  };
  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    let complete = false;
    try {
      for (;;) {
        const chunk = waiting.shift();
        if (chunk !== undefined) {
          giveBack(chunk.length);
          yield chunk;
          continue;
        }
        if (state.kind === 'failed') throw state.error;
        if (state.kind === 'finished') break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      }
      complete = true;
    } finally {
      // The reader left before the end: nobody else can read this answer.
      if (!complete && state.kind === 'open') abandon(new DOMException('The reader left.', 'AbortError'));
    }
  }
  return {
    push: (bytes) => {
      if (state.kind !== 'open') return;
      waiting.push(bytes);
      unread += bytes.length;
      if (unread >= windowBytes) park(true);
      wake?.();
    },
    finish: () => settle({ kind: 'finished' }),
    fail: (error) => settle({ kind: 'failed', error }),
    chunks: { [Symbol.asyncIterator]: read },
  };
}
