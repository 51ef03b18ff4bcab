// The clock over one piece of work in a child: asks it to stop at the deadline, kills it one second later.
// Time in which the engine waits for a slow reader does not count; that has a bound of its own.

import type { Clock } from '../base/clock.ts';

export type Watchdog = {
  /** The engine waits for the reader from now on, for so long at most. */
  pause(mostMs: number): void;
  /** The engine works again. */
  resume(): void;
  /** The work may take so long in all, if that is longer than it was. */
  extend(deadlineMs: number): void;
  /** Stop now, for `reason`; the kill follows if the child does not end by itself. */
  stop(reason: unknown): void;
  /** Why it was stopped, once it was. */
  reason(): unknown;
  /** Milliseconds for which the reader was waited for, without the pause that is on. */
  pausedMs(): number;
  /** Milliseconds of work so far. */
  workedMs(): number;
  /** Lets go of all timers. */
  end(): void;
};

export type WatchdogOptions = {
  readonly deadlineMs: number;
  readonly graceMs: number;
  readonly onDeadline: () => unknown;
  readonly onLongPause: () => unknown;
  /** Ask the child to stop. */
  readonly cancel: () => void;
  /** SIGKILL. */
  readonly kill: () => void;
};

/** A longer time-out would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export function startWatchdog(options: WatchdogOptions, clock: Clock): Watchdog {
  let worked = 0;
  let paused = 0;
  let pausedSince: number | null = null;
  let since: number | null = clock.monotonicMs();
  let timer: NodeJS.Timeout | null = null;
  let grace: NodeJS.Timeout | null = null;
  let reason: unknown = null;
  let ended = false;
  let { deadlineMs } = options;
  const arm = (delayMs: number, why: () => unknown): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => stop(why()), Math.min(Math.max(0, delayMs), longestTimerMs));
  };
  const workedMs = (): number => worked + (since === null ? 0 : clock.monotonicMs() - since);
  const stop = (why: unknown): void => {
    if (ended || grace !== null) return;
    reason = why;
    if (timer !== null) clearTimeout(timer);
    grace = setTimeout(options.kill, options.graceMs);
    options.cancel();
  };
  arm(deadlineMs, options.onDeadline);
  return {
    pause: (mostMs) => {
      if (since === null || ended || grace !== null) return;
      worked += clock.monotonicMs() - since;
      since = null;
      pausedSince = clock.monotonicMs();
      arm(mostMs, options.onLongPause);
    },
    resume: () => {
      if (since !== null || ended || grace !== null) return;
      since = clock.monotonicMs();
      if (pausedSince !== null) paused += since - pausedSince;
      pausedSince = null;
      arm(deadlineMs - worked, options.onDeadline);
    },
    extend: (longerMs) => {
      if (longerMs <= deadlineMs || ended || grace !== null) return;
      deadlineMs = longerMs;
      if (since !== null) arm(deadlineMs - workedMs(), options.onDeadline);
    },
    stop,
    reason: () => reason,
    pausedMs: () => paused,
    workedMs,
    end: () => {
      ended = true;
      if (timer !== null) clearTimeout(timer);
      if (grace !== null) clearTimeout(grace);
    },
  };
}
