// What a column of a dataset is: its name, its words and its type. Plain data, shared by publishing and reading.

export type GeometryShape =
  | 'Point'
  | 'MultiPoint'
  | 'LineString'
  | 'MultiLineString'
  | 'Polygon'
  | 'MultiPolygon'
  | 'GeometryCollection'
  | 'Geometry'; // mixed

/** The portal's value types. `timestamp` has no zone (SODA floating_timestamp); `instant` is a moment in UTC. */
export type ColumnType =
  | { readonly kind: 'text' }
  | { readonly kind: 'integer' } // 64-bit
  | { readonly kind: 'number' } // IEEE double
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number } // exact
  | { readonly kind: 'boolean' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'instant' }
  | { readonly kind: 'json' }
  | { readonly kind: 'geometry'; readonly shape: GeometryShape }; // lon/lat, OGC:CRS84

export type TypeKind = ColumnType['kind'];

export type Column = {
  /** API name: `^[a-z_][a-z0-9_]{0,62}$`, unique in the dataset, permanent. Its name in every stored file, too. */
  readonly name: string;
  /** The header as the publisher wrote it, for people. */
  readonly title: string;
  readonly description: string | null;
  readonly type: ColumnType;
  readonly unit: string | null;
  /** What the values are beyond their type, when the file shows it. */
  readonly meaning:
    'identifier' | 'money' | 'longitude' | 'latitude' | 'percent' | 'url' | 'email' | 'postal-code' | null;
  /** How the values were written in the source when not canonical, e.g. `m/d/Y`, `1,234.50`, `yes/no`. */
  readonly sourceFormat: string | null;
  /** True for a geometry the portal made from other columns (longitude/latitude, WKT). */
  readonly derivedFrom: readonly string[] | null;
};

/** A column of which nobody has said more than its name, its title and its type. */
export function toBareColumn(name: string, title: string, type: ColumnType): Column {
  return { name, title, description: null, type, unit: null, meaning: null, sourceFormat: null, derivedFrom: null };
}

export type Schema = readonly Column[];

/** The row's permanent number inside its revision, 1-based, in file order. The serving file's first column. */
export const rowIdColumn = ':id';

/** The companion column of geometry column `name` in the serving file: its GeoJSON text, made at publish. */
export function geojsonColumn(name: string): string {
  return `:geojson:${name}`;
}
