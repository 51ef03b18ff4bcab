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

/** Forms that plain CSV gives back as they were written: whole numbers without a point, clocks without seconds. */
export const keptForms = { shortNumbers: '1.5, 2', minutes: 'HH:MM' } as const;

/** One of them too: numbers of at least so many places, as `1.50` and `1.505` have at least two. */
export function leastPlacesForm(places: number): string {
  return `0.${'0'.repeat(places)}…`;
}

/** Null for another form. */
export function leastPlacesOf(form: string): number | null {
  return /^0\.0+…$/.test(form) ? form.length - 3 : null;
}

/** SQL of a number's text without zeros, or a point, at its end; with an exponent it stays as it is. */
export function shortNumberSql(text: string): string {
  const cut = `rtrim(rtrim(${text}, '0'), '.')`;
  return `(case when contains(${text}, 'e') or not contains(${text}, '.') then ${text} else ${cut} end)`;
}

/** SQL of a number's text with at least so many places. */
export function leastPlacesSql(text: string, places: number): string {
  const short = shortNumberSql(text);
  const missing = `greatest(0, ${places} - strlen(split_part(${short}, '.', 2)))`;
  const padded = `${short} || if(contains(${short}, '.'), '', '.') || repeat('0', ${missing})`;
  return `(case when contains(${text}, 'e') then ${text} else ${padded} end)`;
}

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
