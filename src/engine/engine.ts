// What the query engine is to the rest of the portal. Only this folder knows DuckDB; nobody else imports the driver.

/** Bound as number → DOUBLE, bigint → BIGINT (HUGEINT beyond), string → VARCHAR, boolean → BOOLEAN, bytes → BLOB. */
export type BoundValue = string | number | bigint | boolean | null | Uint8Array;

/** A derived native file that queries run on; checked against its SHA-256 before its first use in a process. */
export type ServingFile = {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly rows: number;
};

export type EngineQuery = {
  readonly file: ServingFile;
  /**
   * SQL whose first result column is the row's bytes as text (VARCHAR, or BLOB for binary formats). The table is
   * named `data`.
   */
  readonly text: string;
  readonly params: readonly BoundValue[];
  /** Further result columns, as text, whose values in the last emitted row make the keyset cursor. */
  readonly keyColumns: number;
  /** Emit at most this many rows; if the SQL yields one more, the trailer says `more`. null: no bound. */
  readonly maxRows: number | null;
  readonly maxBytes: number | null;
  /** Bytes between two rows (`,\n` for JSON). */
  readonly separator: string;
  readonly deadlineMs: number;
  /** Rows the query must touch, by the planner's estimate; decides the lane. */
  readonly estimatedRows: number;
  /**
   * Every row passes once, as it lies in the file: of a large table little is kept in memory, and what other queries
   * left there stays.
   */
  readonly passesOnce?: boolean;
  /**
   * Whose turn it is: the line is served by client in turn, and one client holds a part of the children at most. null:
   * the portal's own, which is nobody's share.
   */
  readonly client?: string | null;
};

export type EngineTrailer = {
  readonly rows: number;
  readonly bytes: number;
  /** There was at least one row beyond maxRows. */
  readonly more: boolean;
  /** The byte budget stopped it: rows after the last emitted one exist or may exist. */
  readonly truncated: boolean;
  readonly lastKeys: readonly (string | null)[];
  readonly elapsedMs: number;
};

export type EngineAnswer = {
  /** Row bytes with separators between, no prefix or suffix. Reading slowly slows the engine (backpressure). */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Settles after the last chunk; rejects with the PortalError that ended the query. */
  readonly trailer: Promise<EngineTrailer>;
  /** The answer is on its way to its reader: from now on it may work for so long in all. Never shortens. */
  extend(deadlineMs: number): void;
};

/** A throw-away child process for building files: reads uploads, writes Parquet and serving files inside one folder. */
export type BuildSession = {
  /** Runs one statement; rows come back as plain JSON values. For small results only. */
  run(text: string, params?: readonly BoundValue[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
};

export type BuildOptions = {
  /** The only folders that the session may read and write. */
  readonly folders: readonly string[];
  readonly deadlineMs: number;
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
};

export type Engine = {
  /**
   * Begins a query. Rejects before the first byte with deadline-exceeded, overloaded, evaluation-failed, division-by-
   * zero …
   */
  query(request: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer>;
  /** Writes the result of `text` as one file of `format` (COPY) in a folder of its own; the caller removes it. */
  exportFile(
    request: Omit<EngineQuery, 'keyColumns' | 'maxRows' | 'maxBytes' | 'separator'> & {
      format: 'parquet';
      path: string;
    },
    signal?: AbortSignal,
  ): Promise<{ bytes: number }>;
  build(options: BuildOptions): Promise<BuildSession>;
  stats(): { workers: number; busy: number; queued: number; killed: number; queries: number };
  close(): Promise<void>;
};
