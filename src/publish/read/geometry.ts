// Finds the geometry in a table: GeoJSON features, WKT or GeoJSON text, longitude and latitude columns, "(lat, lon)"
// texts. It must not guess a coordinate system: what does not lie in degrees on the globe is no geometry here.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Column, GeometryShape } from '../../query/column.ts';
import { readOne, toNumber, toSqlString, toText, type Build } from './build.ts';
import type { Findings } from './findings.ts';
import { pointSql, type Fault, type PlannedColumn } from './planned.ts';
import type { TypedColumn } from './types.ts';

export type Located = { readonly geometry: PlannedColumn | null; readonly faults: readonly Fault[] };

/** The WKB that the portal reads out of a text column is kept in `raw` under this name, made once. */
const wkb = 'geometry_wkb';

/** SQL, true when the WKB lies on the globe in degrees; a little over the date line is common and meant. */
const onGlobe = `(geo_xmin(${wkb}) >= -360 and geo_xmax(${wkb}) <= 360 and geo_ymin(${wkb}) >= -90 and geo_ymax(${wkb}) <= 90)`;

/**
 * The geometry of a GeoJSON file. Throws geometry-invalid when the coordinates are not degrees, or the file's CRS is
 * not known.
 */
export async function readFeatureGeometry(
  build: Build,
  raw: string,
  name: string,
  crs: string | null,
  findings: Findings,
): Promise<Located> {
  const parsed = `geo_from_geojson(${raw})`;
  await keepWkb(build, crs === null ? parsed : `geo_to_lonlat(${parsed}, ${toSqlString(crs)})`);
  const row = await readOne(
    build,
    `select count(${raw}) as given, count(${wkb}) as readable, count_if(${wkb} is not null and not coalesce(${onGlobe}, true)) as outside, ` +
      `min(rowid) filter (where ${wkb} is not null and not coalesce(${onGlobe}, true)) as first from raw`,
  );
  const [given, readable, outside] = [toNumber(row['given']), toNumber(row['readable']), toNumber(row['outside'])];
  if (outside > 0 && outside * 2 > readable) throw notDegrees(toNumber(row['first']) + 1, outside, crs);
  if (crs !== null && readable > 0)
    findings.add('geometry-invalid', 'note', say('publish.geometry-converted', { crs }));
  const faults: Fault[] = [];
  if (readable < given) {
    const predicate = `${raw} is not null and ${wkb} is null`;
    faults.push({
      predicate,
      code: 'geometry-invalid',
      reason: (value) => say('publish.geometry-not-geojson', { value }),
      value: `left(${raw}, 120)`,
    });
  }
  if (outside > 0) {
    const predicate = `${wkb} is not null and not coalesce(${onGlobe}, true)`;
    faults.push({
      predicate,
      code: 'geometry-invalid',
      reason: (value) => say('publish.coordinates-not-degrees', { value }),
      value: `left(${raw}, 120)`,
    });
  }
  const column = toColumn(
    name,
    'geometry',
    await readShape(build, `${wkb} is not null and coalesce(${onGlobe}, true)`),
    null,
  );
  return { geometry: { column, sql: `ST_GeomFromWKB(${wkb})` }, faults };
}

function notDegrees(row: number, outside: number, crs: string | null): PortalError {
  return new PortalError('geometry-invalid', {
    detail:
      crs === null
        ? say('publish.geometries-outside', { geometries: outside, row })
        : say('publish.geometries-outside-converted', { geometries: outside, row, crs }),
    extra: { row },
  });
}

/** Geometry that other columns of a table hold; null when none does. */
export async function deriveGeometry(
  build: Build,
  typed: readonly TypedColumn[],
  taken: ReadonlySet<string>,
  findings: Findings,
): Promise<PlannedColumn | null> {
  const name = freeName(taken);
  for (const one of typed) {
    const reader = textReader(one);
    if (reader === null) continue;
    const found = await fromText(build, one, reader, name, findings);
    if (found !== null) return found;
  }
  for (const pair of lonLatPairs(typed)) {
    const found = await fromPair(build, pair, name, findings);
    if (found !== null) return found;
  }
  for (const one of typed) {
    const found = await fromPairText(build, one, name, findings);
    if (found !== null) return found;
  }
  return null;
}

function freeName(taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'geometry' : `geometry_${number}`;
    if (!taken.has(name)) return name;
  }
}

function toColumn(name: string, title: string, shape: GeometryShape, derivedFrom: readonly string[] | null): Column {
  return {
    name,
    title,
    description: null,
    type: { kind: 'geometry', shape },
    unit: null,
    meaning: null,
    sourceFormat: null,
    derivedFrom,
  };
}

async function keepWkb(build: Build, sql: string): Promise<void> {
  await build.run(`create table located as select *, ${sql} as ${wkb} from raw`);
  await build.run('drop table raw');
  await build.run('alter table located rename to raw');
}

const wktText =
  /^\s*(?:SRID=\d+;)?\s*(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)/i;
const geojsonText = /^\s*\{\s*"(?:type|coordinates|geometries)"\s*:/;
const geojsonType =
  /"type"\s*:\s*"(?:Point|LineString|Polygon|MultiPoint|MultiLineString|MultiPolygon|GeometryCollection)"/;

type TextReader = { readonly kind: 'WKT' | 'GeoJSON'; readonly sql: (c: string) => string };

function textReader({ sample, column }: TypedColumn): TextReader | null {
  const { values } = sample;
  if (values.length === 0 || (column.type.kind !== 'text' && column.type.kind !== 'json')) return null;
  const most = (test: (value: string) => boolean) => values.filter(test).length >= values.length * 0.9;
  if (most((value) => wktText.test(value))) {
    const bare = (c: string) => `regexp_replace(${c}, '^ *SRID=[0-9]+;', '')`;
    return { kind: 'WKT', sql: (c) => `ST_AsWKB(try(${bare(c)}::geometry))` };
  }
  if (most((value) => geojsonText.test(value) && (geojsonType.test(value) || value.length >= 200))) {
    return { kind: 'GeoJSON', sql: (c) => `geo_from_geojson(${c})` };
  }
  return null;
}

/** A column of WKT or GeoJSON text. The text stays; rows whose text is broken have no geometry. */
async function fromText(
  build: Build,
  { raw, column }: TypedColumn,
  reader: TextReader,
  name: string,
  findings: Findings,
): Promise<PlannedColumn | null> {
  await keepWkb(build, reader.sql(raw));
  const row = await readOne(
    build,
    `select count(${raw}) as given, count(${wkb}) as readable, count_if(coalesce(${onGlobe}, ${wkb} is not null)) as inside from raw`,
  );
  const [given, readable, inside] = [toNumber(row['given']), toNumber(row['readable']), toNumber(row['inside'])];
  if (inside < given * 0.5 || inside === 0) {
    findings.add(
      'geometry-invalid',
      'note',
      say(readable < given * 0.5 ? 'publish.text-not-shapes' : 'publish.text-not-degrees', {
        title: column.title,
        kind: reader.kind,
      }),
      { column: column.name },
    );
    await build.run(`alter table raw drop column ${wkb}`);
    return null;
  }
  if (inside < given) {
    findings.add(
      'geometry-invalid',
      'warning',
      say('publish.text-partly-shapes', { values: given - inside, title: column.title, kind: reader.kind }),
      { column: column.name },
    );
  }
  const shape = await readShape(build, `coalesce(${onGlobe}, true) and ${wkb} is not null`);
  const sql =
    inside < readable
      ? `case when coalesce(${onGlobe}, true) then ST_GeomFromWKB(${wkb}) end`
      : `ST_GeomFromWKB(${wkb})`;
  return { column: toColumn(name, 'Geometry', shape, [column.name]), sql };
}

/** One shape, its multi form when both occur, or `Geometry` for a mixture. */
async function readShape(build: Build, where: string): Promise<GeometryShape> {
  const rows = await build.run(`select distinct geo_type(${wkb}) as shape from raw where ${where}`);
  const found = new Set(rows.map(({ shape }) => toText(shape)));
  const single = [...found][0];
  if (found.size === 1 && single !== null && single !== undefined) return single as GeometryShape;
  for (const base of ['Point', 'LineString', 'Polygon'] as const) {
    if (found.size === 2 && found.has(base) && found.has(`Multi${base}`)) return `Multi${base}`;
  }
  return 'Geometry';
}

// Longitude and latitude columns
// ---------------------------------------------------------------------------------------

type Pair = { readonly lon: TypedColumn; readonly lat: TypedColumn; readonly sure: boolean };

/** Pairs of names, surest first; `x` and `y` are often feet, so their values have to speak for them. */
const pairNames: readonly (readonly [lon: RegExp, lat: RegExp, sure: boolean])[] = [
  [/^(.*_)?longitude(_.*)?$/, /^(.*_)?latitude(_.*)?$/, true],
  [/^(.*_)?(?:lon|lng|long)(_.*)?$/, /^(.*_)?(?:lat)(_.*)?$/, true],
  [/^(point_)?x(_coord(?:inate)?)?$/, /^(point_)?y(_coord(?:inate)?)?$/, false],
];

function lonLatPairs(typed: readonly TypedColumn[]): Pair[] {
  const numbers = typed.filter(({ column }) => ['integer', 'number', 'decimal'].includes(column.type.kind));
  const pairs: Pair[] = [];
  for (const [lonName, latName, sure] of pairNames) {
    for (const lon of numbers) {
      const parts = lonName.exec(lon.column.name);
      if (parts === null) continue;
      const lat = numbers.find(({ column }) => {
        const other = latName.exec(column.name);
        return other !== null && other[1] === parts[1] && other[2] === parts[2];
      });
      if (lat !== undefined && lat !== lon) pairs.push({ lon, lat, sure });
    }
  }
  return pairs;
}

async function fromPair(
  build: Build,
  { lon, lat, sure }: Pair,
  name: string,
  findings: Findings,
): Promise<PlannedColumn | null> {
  const [x, y] = [`(${lon.sql})::double`, `(${lat.sql})::double`];
  const figures = await readPlaces(build, x, y);
  const titles = say('publish.pair', { lon: lon.column.title, lat: lat.column.title });
  const needed = sure ? figures.given * 0.9 : figures.given;
  if (figures.inside === 0 || figures.inside < needed) {
    if (figures.given > 0) {
      const isSwapped = figures.swapped > figures.given * 0.9;
      findings.add(
        'geometry-invalid',
        sure ? 'warning' : 'note',
        say(isSwapped ? 'publish.pair-exchanged' : 'publish.pair-not-degrees', { titles }),
        { column: lon.column.name },
      );
    }
    return null;
  }
  sayPlaces(figures, titles, lon.column.name, findings);
  return toPointColumn(name, x, y, figures, [lon.column.name, lat.column.name]);
}

type Places = {
  readonly given: number;
  readonly inside: number;
  readonly zeros: number;
  readonly swapped: number;
};

async function readPlaces(build: Build, x: string, y: string): Promise<Places> {
  const row = await readOne(
    build,
    `select count(*) filter (where x is not null and y is not null) as given, ` +
      `count_if(abs(x) <= 180 and abs(y) <= 90) as inside, count_if(x = 0 and y = 0) as zeros, ` +
      `count_if(abs(y) between 90.000001 and 180 and abs(x) <= 90) as swapped from (select ${x} as x, ${y} as y from raw)`,
  );
  const read = (key: string) => toNumber(row[key]);
  return { given: read('given'), inside: read('inside'), zeros: read('zeros'), swapped: read('swapped') };
}

function sayPlaces(
  { given, inside, zeros }: Places,
  titles: Sentence | string,
  column: string,
  findings: Findings,
): void {
  if (inside < given) {
    findings.add(
      'geometry-invalid',
      'warning',
      say('publish.rows-not-degrees', { rows: given - inside, given, titles }),
      { column },
    );
  }
  if (zeros > 0 && zeros < given) {
    findings.add('geometry-invalid', 'note', say('publish.rows-at-zero', { rows: zeros, titles }), { column });
  }
}

function toPointColumn(name: string, x: string, y: string, places: Places, from: readonly string[]): PlannedColumn {
  const { given, inside, zeros } = places;
  const point = { lon: x, lat: y, checksRange: inside < given, checksZeros: zeros > 0 && zeros < given };
  return { column: toColumn(name, 'Geometry', 'Point', from), sql: pointSql(x, y, point), point };
}

// Texts that end in "(lat, lon)"
// ---------------------------------------------------------------------------------------

const pairText = String.raw`\( *(-?[0-9]+(?:\.[0-9]+)?)(?:°)? *, *(-?[0-9]+(?:\.[0-9]+)?)(?:°)? *\)\s*$`;

/** Socrata's location columns: `(47.62, -122.30)`, often below an address; or JSON with latitude and longitude. */
async function fromPairText(
  build: Build,
  one: TypedColumn,
  name: string,
  findings: Findings,
): Promise<PlannedColumn | null> {
  const { raw, column, sample } = one;
  const { values } = sample;
  if (values.length === 0 || (column.type.kind !== 'text' && column.type.kind !== 'json')) return null;
  const isPair = new RegExp(pairText);
  const pair = values.filter((value) => isPair.test(value)).length >= values.length * 0.9;
  const members =
    !pair &&
    column.type.kind === 'json' &&
    values.every((value) => /"latitude"/.test(value) && /"longitude"/.test(value));
  if (!pair && !members) return null;
  const part = (group: number) => `try_cast(nullif(regexp_extract(${raw}, '${pairText}', ${group}), '') as double)`;
  const member = (key: string) => `try_cast(json_extract_string(${raw}, '$.${key}') as double)`;
  const [x, y] = pair ? [part(2), part(1)] : [member('longitude'), member('latitude')];
  const places = await readPlaces(build, x, y);
  if (places.inside === 0 || places.inside < places.given * 0.9) return null;
  sayPlaces(places, `“${column.title}”`, column.name, findings);
  return toPointColumn(name, x, y, places, [column.name]);
}
