// Turns: at most so many pieces of work at once, the others in the order in which they came, until it is closed.
// It must give back every turn however its work ends, and let nobody overtake a larger piece that came before.

import { PortalError } from './errors.ts';

export type TurnsOptions = {
  readonly atOnce: number;
  /** How many may wait; any number when left out. */
  readonly mayWait?: number;
  /** What is thrown when too many wait, or one has waited too long: overloaded. */
  readonly full?: () => Error;
};

export type TurnOptions = {
  /** Whoever waits gives up when it is aborted; work that has begun does not hear of it here. */
  readonly signal?: AbortSignal | undefined;
  readonly waitMs?: number;
};

export type Turns = {
  /** Does the work when its turn comes. Throws overloaded, not-ready when closed, or the signal's reason. */
  take<Result>(work: () => Promise<Result>, options?: TurnOptions): Promise<Result>;
  /** Does it when nothing else is done; what comes meanwhile waits. */
  alone<Result>(work: () => Promise<Result>, options?: TurnOptions): Promise<Result>;
  /** Settles when nothing is done and nobody waits. */
  settled(): Promise<void>;
  /** Nobody comes in any more; whoever waits still has a turn. */
  close(): void;
};

type Waiting = { readonly size: number; readonly start: () => void };

const retryAfterSeconds = 10;

export function openTurns({ atOnce, mayWait = Infinity, full = overloaded }: TurnsOptions): Turns {
  const line: Waiting[] = [];
  const watchers: (() => void)[] = [];
  let running = 0;
  let closed = false;
  const next = (): void => {
    for (let first = line[0]; first !== undefined && running + first.size <= atOnce; first = line[0]) {
      line.shift();
      running += first.size;
      first.start();
    }
    if (running === 0 && line.length === 0) for (const watcher of watchers.splice(0)) watcher();
  };
  const enter = async (size: number, { signal, waitMs }: TurnOptions): Promise<void> => {
    if (closed) throw new PortalError('not-ready', { retryAfterSeconds });
    signal?.throwIfAborted();
    const mustWait = line.length > 0 || running + size > atOnce;
    if (mustWait && line.length >= mayWait) throw full();
    await new Promise<void>((resolve, reject) => {
      const giveUp = (why: unknown): void => {
        settle();
        line.splice(line.indexOf(waiting), 1);
        reject(why);
        next(); // a smaller piece may have waited behind this one
      };
      const onAbort = (): void => giveUp(signal?.reason);
      const timer = mustWait && waitMs !== undefined ? setTimeout(() => giveUp(full()), waitMs) : undefined;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const start = (): void => {
        settle();
        resolve();
      };
      const waiting: Waiting = { size, start };
      signal?.addEventListener('abort', onAbort, { once: true });
      line.push(waiting);
      next();
    });
  };
  const run = async <Result>(size: number, work: () => Promise<Result>, options: TurnOptions): Promise<Result> => {
    await enter(size, options);
    try {
      return await work();
    } finally {
      running -= size;
      next();
    }
  };
  return {
    take: (work, options = {}) => run(1, work, options),
    alone: (work, options = {}) => run(atOnce, work, options),
    settled: () =>
      new Promise((resolve) => {
        watchers.push(resolve);
        next();
      }),
    close: () => {
      closed = true;
    },
  };
}

function overloaded(): PortalError {
  return new PortalError('overloaded', { retryAfterSeconds });
}
