// What a revision will hold: each column with the SQL that makes its value from the table `raw`.
// It must stay plain data: writing, profiling and describing all read it.

import type { Column } from '../query/column.ts';

export type PlannedColumn = {
  readonly column: Column;
  /** SQL of the value over `raw`; of a geometry column: the GEOMETRY. */
  readonly sql: string;
  /** Of a point made from two numbers: SQL of both, as doubles, so that its GeoJSON can be made without the geometry. */
  readonly point?: { readonly lon: string; readonly lat: string };
};

/** Rows that cannot be published, found after the load. */
export type Fault = {
  /** SQL over `raw`, true for the bad rows. */
  readonly predicate: string;
  readonly code: 'value-invalid' | 'geometry-invalid';
  readonly reason: string;
  /** SQL of the offending value, put in the reason where it says `{value}`. */
  readonly value: string;
};
