// What a revision will hold: each column with the SQL that makes its value from the table `raw`.
// It must stay plain data: writing, profiling and describing all read it.

import type { Sentence } from '../../base/say.ts';
import type { Column } from '../../query/column.ts';

export type PlannedColumn = {
  readonly column: Column;
  /** SQL of the value over `raw`; of a geometry column: the GEOMETRY. */
  readonly sql: string;
  /** Of a point made from two numbers: what it is made of, so that its GeoJSON can be made without the geometry. */
  readonly point?: PointSource;
};

/** Rows that cannot be published, found after the load. */
export type Fault = {
  /** SQL over `raw`, true for the bad rows. */
  readonly predicate: string;
  readonly code: 'value-invalid' | 'geometry-invalid';
  readonly reason: (value: string) => Sentence;
  /** SQL of the offending value, which the reason tells. */
  readonly value: string;
};

export type PointSource = {
  /** SQL of longitude and latitude, as doubles. */
  readonly lon: string;
  readonly lat: string;
  /** Some values are not degrees; some are 0 and 0 for an unknown place. */
  readonly checksRange: boolean;
  readonly checksZeros: boolean;
};

/** SQL, true where there is a point. */
export function hasPoint(x: string, y: string, { checksRange, checksZeros }: PointSource): string {
  const range = checksRange ? ` and abs(${x}) <= 180 and abs(${y}) <= 90` : '';
  const zeros = checksZeros ? ` and not (${x} = 0 and ${y} = 0)` : '';
  return `${x} is not null and ${y} is not null${range}${zeros}`;
}

/** Big-endian WKB of a point up to its coordinates (OGC 06-103r4 §8.2). */
const pointHead = String.raw`'\x00\x00\x00\x00\x01'::blob`;

/** SQL of the point, from the bits of its doubles: a third of the time that writing and reading their digits takes. */
export function pointSql(x: string, y: string, source: PointSource): string {
  const wkb = `${pointHead} || (${x})::double::bit::blob || (${y})::double::bit::blob`;
  return `case when ${hasPoint(x, y, source)} then ST_GeomFromWKB(${wkb}) end`;
}
