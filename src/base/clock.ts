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

/** RFC 3339 instant with milliseconds, UTC. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
