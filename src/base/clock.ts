// The only place that reads the time. Tests hand in a clock of their own.

export type Clock = {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Milliseconds that only ever go up, for measuring spans. */
  monotonicMs(): number;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A day of 24 hours: for spans and ages. A city's day is a date, and may have 23 or 25. */
export const dayMs = 86_400_000;

/** RFC 3339 instant with milliseconds, UTC. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
