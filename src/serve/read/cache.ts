// Answers kept in memory by entity tag, and one run for identical questions asked at once.
// It must never hold an answer whose tag does not name every part of it; nothing here expires by time.

import { LRUCache } from 'lru-cache';

import type { AnswerEnd } from '../../formats/format.ts';

export type StoredAnswer = { readonly body: Buffer; readonly end: AnswerEnd };

export type CacheStats = {
  readonly hits: number;
  readonly misses: number;
  readonly bytes: number;
  readonly entries: number;
};

export type AnswerCache = {
  get(key: string): StoredAnswer | null;
  /** Like get, but not counted as a hit or a miss. */
  peek(key: string): StoredAnswer | null;
  set(key: string, answer: StoredAnswer): void;
  /** Answers of at most this many bytes are collected, kept and given with a Content-Length. */
  readonly maxAnswerBytes: number;
  /** Questions being run now; followers wait for the leader's bytes. */
  readonly flights: Map<string, Flight>;
  stats(): CacheStats;
};

export type Flight = {
  /** The bytes when they were small enough to share; null when each must ask for itself. */
  readonly outcome: Promise<StoredAnswer | null>;
  join(signal: AbortSignal): void;
};

const entryOverhead = 512;

export function openAnswerCache(limits: { readonly maxBytes: number; readonly maxAnswerBytes: number }): AnswerCache {
  const kept = new LRUCache<string, StoredAnswer>({
    maxSize: limits.maxBytes,
    sizeCalculation: (answer) => answer.body.length + entryOverhead,
  });
  let hits = 0;
  let misses = 0;
  return {
    get(key) {
      const found = kept.get(key);
      if (found === undefined) misses++;
      else hits++;
      return found ?? null;
    },
    peek: (key) => kept.get(key) ?? null,
    set(key, answer) {
      if (answer.body.length <= limits.maxAnswerBytes) kept.set(key, answer);
    },
    maxAnswerBytes: limits.maxAnswerBytes,
    flights: new Map(),
    stats: () => ({ hits, misses, bytes: kept.calculatedSize, entries: kept.size }),
  };
}

/**
 * Starts a run that several clients may wait for: `signal` is aborted only when every one of them has gone.
 * The caller must settle it, whatever happens.
 */
export function openFlight(cache: AnswerCache, key: string) {
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<StoredAnswer | null>();
  promise.catch(() => undefined); // a failure is the leader's to tell; followers see it through `outcome`
  let waiting = 0;
  const leave = () => {
    waiting--;
    if (waiting === 0) controller.abort();
  };
  const flight: Flight = {
    outcome: promise,
    join(signal) {
      waiting++;
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    },
  };
  cache.flights.set(key, flight);
  const land = () => {
    if (cache.flights.get(key) === flight) cache.flights.delete(key);
  };
  return {
    flight,
    signal: controller.signal,
    settle(answer: StoredAnswer | null): void {
      land();
      resolve(answer);
    },
    fail(error: unknown): void {
      land();
      reject(error);
    },
  };
}
