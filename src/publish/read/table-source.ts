// What a readable file has become before it is loaded: a regular CSV in UTF-8, its columns, and the way back to the
// file. It must not say how any one format is read.

import type { IngestReport } from '../../catalogue/dataset.ts';

/** What the format itself says of a column's values; CSV says nothing. */
export type ColumnHint = 'any' | 'text' | 'number' | 'boolean' | 'json' | 'geojson';

export type SourceColumn = {
  /** The header as it stands in the file; empty when there is none. */
  readonly title: string;
  readonly hint: ColumnHint;
};

export type RowPlace = { readonly line: number | null; readonly raw: string };

export type TableSource = {
  readonly format: IngestReport['format'];
  readonly encoding: string;
  /** As a person would name it: `,` `tab` `;` `|`; null for formats that have none. */
  readonly delimiter: string | null;
  /** The CSV that the engine loads. */
  readonly csv: {
    readonly path: string;
    readonly delimiter: string;
    readonly newline: '\\n' | '\\r\\n';
    readonly hasHeader: boolean;
    readonly longestRecord: number;
    /** A quoted empty field is an empty text, not an absent value (JSON knows the difference, CSV does not). */
    readonly keepsEmptyText: boolean;
    /** A last field that is always there and means nothing, so that a row of one absent value is not a blank line. */
    readonly padded: boolean;
  };
  readonly columns: readonly SourceColumn[];
  /** Rows that the CSV above holds; the engine must load exactly as many. */
  readonly rows: number;
  /** Record numbers that are in the quarantine already, ascending. */
  readonly quarantined: readonly number[];
  /** Where records stand in the file, and how they read there. */
  readonly locate: (records: readonly number[]) => Promise<ReadonlyMap<number, RowPlace>>;
  /** The coordinate system that the file declares for its geometry, when it is not lon/lat. */
  readonly crs: string | null;
};

/**
 * The record number in the file of the loaded row at `index` (0-based): quarantined records were left out of the load.
 */
export function toRecordNumber(index: number, quarantined: readonly number[]): number {
  let record = index + 1;
  let low = 0;
  let high = quarantined.length;
  // quarantined[k] - k is the number of loaded rows before the k-th left-out record, plus one: ascending, so it can be
  // halved.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((quarantined[middle] as number) - middle <= index + 1) low = middle + 1;
    else high = middle;
  }
  record += low;
  return record;
}
