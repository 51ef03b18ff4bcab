// What whoever opens the engine may set, with the values that the benchmarks chose, and what the engine tells about
// itself.

/** One thing that happened, for logs and counters. */
export type EngineEvent =
  | {
      readonly kind: 'query-ended';
      readonly lane: 'small' | 'heavy';
      /** `ok`, the code of the PortalError, or `aborted`. */
      readonly outcome: string;
      readonly waitedMs: number;
      readonly workedMs: number;
      readonly rows: number;
      readonly bytes: number;
    }
  | { readonly kind: 'worker-started'; readonly pid: number }
  | {
      readonly kind: 'worker-ended';
      readonly pid: number;
      readonly code: number | null;
      readonly signal: string | null;
      readonly words: string;
      readonly killedByWatchdog: boolean;
    }
  | { readonly kind: 'file-checked'; readonly path: string; readonly intact: boolean };

export type EngineOptions = {
  /** A folder of the engine's own: children work and spill in folders inside it. */
  readonly tempFolder: string;
  /** Children that run queries at the same time: the first from the start, the others when a query waits for one. */
  readonly workers?: number;
  /** Further children, started while others only wait for slow readers or run long queries. */
  readonly extraWorkers?: number;
  /**
   * Memory a child may fill, kept by RLIMIT_DATA. Below 1.5 GB it also disarms DuckDB's known faults with strings of
   * 2 GiB.
   */
  readonly workerDataLimitBytes?: number;
  /** DuckDB's own budget in a child, e.g. `700MB`. */
  readonly workerMemoryLimit?: string;
  readonly threads?: number;
  /** Serving files that one child keeps open. */
  readonly openFiles?: number;
  /** Queries that may wait for a child; beyond it `overloaded`. */
  readonly maxQueue?: number;
  /** Parquet exports at the same time. */
  readonly maxExports?: number;
  /** A query expected to touch more rows goes to the heavy lane from the start. */
  readonly heavyRows?: number;
  /** A query that has run for so long gives way to others. */
  readonly slowAfterMs?: number;
  /** A reader that takes nothing for so long loses its answer. */
  readonly longestPauseMs?: number;
  readonly spillLimit?: string;
  readonly observe?: (event: EngineEvent) => void;
};

export type EngineSettings = Required<EngineOptions>;

export function toSettings(options: EngineOptions): EngineSettings {
  return {
    workers: 3,
    extraWorkers: 4,
    workerDataLimitBytes: 1_400_000_000,
    workerMemoryLimit: '500MB',
    threads: 2,
    openFiles: 16,
    maxQueue: 256,
    maxExports: 2,
    heavyRows: 1_000_000,
    slowAfterMs: 100,
    longestPauseMs: 60_000,
    spillLimit: '8GB',
    observe: () => undefined,
    ...options,
  };
}
