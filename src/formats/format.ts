// What a row format is: how the engine turns one row into bytes, and what stands before, between and after rows.
// A format never sees a value: it writes SQL that does.

import type { Column, ColumnType } from '../query/column.ts';

/** A column of an answer, after select, group and aliases. */
export type OutputColumn = {
  readonly name: string;
  readonly type: ColumnType;
  /** The dataset's column it passes through unchanged, or null when computed. */
  readonly source: Column | null;
};

/** An output column as the row expression may use it: quoted SQL identifiers in scope. */
export type SqlOutput = {
  readonly column: OutputColumn;
  readonly sql: string;
  /** Identifier that holds the GeoJSON text of a geometry column; null for other types. */
  readonly geojson: string | null;
};

export type AnswerInfo = {
  readonly columns: readonly OutputColumn[];
  readonly datasetId: string;
  readonly revisionId: string;
};

export type AnswerEnd = {
  readonly rows: number;
  readonly more: boolean;
  /** Cursor of the next page, or null when there is none. */
  readonly next: string | null;
  readonly truncated: boolean;
};

export type RowFormat = {
  /** Stable; part of cache keys and ETags together with `version`, which changes when the bytes do. */
  readonly id: string;
  readonly version: number;
  readonly mediaType: string;
  readonly extension: string;
  readonly separator: string;
  /** SQL of type VARCHAR over the given identifiers. */
  row(columns: readonly SqlOutput[]): string;
  begin(info: AnswerInfo): string;
  end(end: AnswerEnd, info: AnswerInfo): string;
};
