// Reads a Parquet or GeoParquet upload into `raw`, each column in the portal's type that holds its values exactly.
// It must not guess: Parquet says its types; what the portal has no type for becomes text or JSON, and is said so.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { toBareColumn } from '../../query/column.ts';
import type { ColumnType } from '../../query/column.ts';
import { readOne, toBatches, toNumber, toSqlName, toSqlString, toText, type Build } from './build.ts';
import type { Findings } from './findings.ts';
import { toRawName } from './load.ts';
import { toColumnNames } from './names.ts';
import type { TypedColumn } from './types.ts';

export type ParquetTable = {
  readonly columns: readonly TypedColumn[];
  /** Raw name of the column that holds WKB, with its title; null when there is none. */
  readonly geometry: { readonly raw: string; readonly title: string; readonly crs: string | null } | null;
  readonly rows: number;
};

type Reading = { readonly type: ColumnType; readonly sql: (c: string) => string; readonly said: Sentence | null };

/** Throws file-unreadable when the file is damaged. */
export async function loadParquet(build: Build, path: string, findings: Findings): Promise<ParquetTable> {
  const from = `read_parquet(${toSqlString(path)})`;
  const described = await describe(build, from);
  const titles = described.map(({ name }) => name);
  const names = toColumnNames(titles, findings);
  const geometryAt = await findGeometry(build, path, described);
  const columns: TypedColumn[] = [];
  const selected: string[] = [];
  for (const [index, { name: title, type }] of described.entries()) {
    const raw = toRawName(index);
    if (index === geometryAt?.index) {
      selected.push(`${geometryAt.sql(toSqlName(title))} as ${raw}`);
      continue;
    }
    const reading = toReading(type);
    const name = names[index] as string;
    if (reading.said !== null)
      findings.add('type-mismatch', 'note', say('publish.parquet-type', { title, type, reading: reading.said }), {
        column: name,
      });
    selected.push(`${reading.sql(toSqlName(title))} as ${raw}`);
    columns.push(toTyped(raw, name, title, reading.type));
  }
  await sayNanoseconds(build, path, { titles, names }, findings);
  await build.run(`create table raw as select ${selected.join(', ')} from ${from}`).catch((error: unknown) => {
    throw unreadable(error);
  });
  const { rows } = await readOne(build, 'select count(*) as rows from raw');
  const geometry =
    geometryAt === null
      ? null
      : { raw: toRawName(geometryAt.index), title: titles[geometryAt.index] as string, crs: geometryAt.crs };
  return { columns: await withSamples(build, columns), geometry, rows: toNumber(rows) };
}

/** INT96 holds nanoseconds, and is read to the microsecond. */
async function sayNanoseconds(
  build: Build,
  path: string,
  { titles, names }: { readonly titles: readonly string[]; readonly names: readonly string[] },
  findings: Findings,
): Promise<void> {
  const found = await build.run(`select name from parquet_schema(${toSqlString(path)}) where type = 'INT96'`);
  for (const row of found) {
    const title = String(row['name']);
    const column = names[titles.indexOf(title)] ?? null;
    findings.add('type-mismatch', 'warning', say('publish.parquet-int96', { title }), { column });
  }
}

/** How many rows the file itself says it has: the number that the load is held against. */
export async function countParquetRows(build: Build, path: string): Promise<number> {
  const row = await readOne(
    build,
    `select sum(num_rows)::bigint as rows from parquet_file_metadata(${toSqlString(path)})`,
  );
  return toNumber(row['rows']);
}

type Described = { readonly name: string; readonly type: string };

async function describe(build: Build, from: string): Promise<Described[]> {
  try {
    const rows = await build.run(`describe select * from ${from}`);
    return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): PortalError {
  const passed = error instanceof PortalError && error.code !== 'file-unreadable' && error.code !== 'internal-error';
  if (passed) return error;
  // The engine's own words name what is wrong with the metadata; anything after them is SQL.
  const words =
    error instanceof Error ? /(Geoparquet [^\n]*)/i.exec(`${error.message}\n${String(error.cause)}`)?.[1] : undefined;
  const detail =
    words === undefined
      ? say('publish.parquet-damaged')
      : say('publish.parquet-geometry', { reason: words.replace(/^Geoparquet /i, '') });
  return new PortalError('file-unreadable', { detail, cause: error });
}

const asIs = (c: string): string => c;

function toReading(type: string): Reading {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
    return { type: { kind: 'decimal', precision, scale }, sql: asIs, said: null };
  }
  if (/^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT|UINTEGER|BIGINT)$/.test(type)) {
    return { type: { kind: 'integer' }, sql: (c) => `${c}::bigint`, said: null };
  }
  if (/^(UBIGINT|HUGEINT|UHUGEINT)$/.test(type)) {
    return { type: { kind: 'decimal', precision: 38, scale: 0 }, sql: (c) => `${c}::decimal(38,0)`, said: null };
  }
  // A float's shortest text names the same number as a double; its bits widened would show digits nobody wrote.
  if (type === 'FLOAT') return { type: { kind: 'number' }, sql: (c) => `${c}::varchar::double`, said: null };
  if (type === 'DOUBLE') return { type: { kind: 'number' }, sql: asIs, said: null };
  if (type === 'BOOLEAN') return { type: { kind: 'boolean' }, sql: asIs, said: null };
  if (type === 'DATE') return { type: { kind: 'date' }, sql: asIs, said: null };
  if (type === 'TIME') return { type: { kind: 'time' }, sql: asIs, said: null };
  if (/^TIMESTAMP(_S|_MS)?$/.test(type))
    return { type: { kind: 'timestamp' }, sql: (c) => `${c}::timestamp`, said: null };
  if (type === 'TIMESTAMP WITH TIME ZONE') return { type: { kind: 'instant' }, sql: asIs, said: null };
  if (type === 'JSON') return { type: { kind: 'json' }, sql: asIs, said: null };
  if (type === 'VARCHAR' || type.startsWith('ENUM'))
    return { type: { kind: 'text' }, sql: (c) => `${c}::varchar`, said: null };
  if (/\[\d*\]$|^STRUCT|^MAP|^LIST|^UNION|^VARIANT/.test(type)) {
    const sql = /DOUBLE|FLOAT/.test(type) ? finiteJson : (c: string) => `to_json(${c})`;
    return { type: { kind: 'json' }, sql, said: say('publish.parquet-type.json') };
  }
  if (type === 'BLOB')
    return { type: { kind: 'text' }, sql: (c) => `base64(${c})`, said: say('publish.parquet-type.base64') };
  return { type: { kind: 'text' }, sql: (c) => `${c}::varchar`, said: say('publish.parquet-type.text') };
}

/** JSON has no NaN and no infinities: null stands there, as everywhere. Twice, for neighbours share a comma. */
function finiteJson(c: string): string {
  const once = (text: string): string =>
    `regexp_replace(${text}, '([\\[:,])-?(?:NaN|Infinity|nan|inf)([,\\]}])', '\\1null\\2', 'g')`;
  return `${once(once(`to_json(${c})::varchar`))}::json`;
}

type GeometryAt = { readonly index: number; readonly crs: string | null; readonly sql: (c: string) => string };

/** The GEOMETRY column that the engine knows from GeoParquet metadata, or a BLOB whose values are all WKB. */
async function findGeometry(build: Build, path: string, described: readonly Described[]): Promise<GeometryAt | null> {
  const from = `read_parquet(${toSqlString(path)})`;
  const known = described.findIndex(({ type }) => type.startsWith('GEOMETRY'));
  if (known !== -1) {
    const type = (described[known] as Described).type;
    return { index: known, crs: toCrs(type), sql: (c) => `ST_AsWKB(${c})` };
  }
  for (const [index, { name, type }] of described.entries()) {
    if (type !== 'BLOB' || !/^(geom|geometry|wkb|wkb_geometry|the_geom|shape)$/i.test(name)) continue;
    const c = toSqlName(name);
    const row = await readOne(build, `select count(${c}) as given, count_if(geo_valid(${c})) as valid from ${from}`);
    const [given, valid] = [toNumber(row['given']), toNumber(row['valid'])];
    if (given > 0 && given === valid) return { index, crs: null, sql: asIs };
  }
  return null;
}

/** `GEOMETRY('EPSG:28992')` → `EPSG:28992`; lon/lat → null. */
function toCrs(type: string): string | null {
  const name = /^GEOMETRY\('(.*)'\)$/s.exec(type)?.[1] ?? null;
  if (name === null || /CRS84/i.test(name) || /(^|[^0-9])4326$/.test(name)) return null;
  const code = /^(EPSG|ESRI):(\d+)$/i.exec(name);
  if (code !== null) return name.toUpperCase();
  const id = /"id"\s*:\s*\{\s*"authority"\s*:\s*"(\w+)"\s*,\s*"code"\s*:\s*"?(\w+)"?\s*\}\s*\}\s*$/s.exec(name);
  if (id === null) return name.slice(0, 200);
  const [, authority, number] = id;
  return number === 'CRS84' || number === '4326' ? null : `${authority}:${number}`;
}

function toTyped(raw: string, name: string, title: string, type: ColumnType): TypedColumn {
  return { raw, column: toBareColumn(name, title, type), sql: raw, sample: { values: [], hasMarkers: false } };
}

/** Texts are sampled, so that WKT and "(lat, lon)" texts are found in Parquet too. */
async function withSamples(build: Build, columns: readonly TypedColumn[]): Promise<readonly TypedColumn[]> {
  const texts = columns.filter(({ column }) => column.type.kind === 'text' || column.type.kind === 'json');
  const values = new Map<string, string[]>();
  for (const batch of toBatches(texts, 200)) {
    const list = batch.map(({ raw }) => `left(${raw}::varchar, 200) as ${raw}`).join(', ');
    for (const row of await build.run(`select ${list} from raw limit 200`)) {
      for (const { raw } of batch) {
        const value = toText(row[raw]);
        if (value !== null) values.set(raw, [...(values.get(raw) ?? []), value]);
      }
    }
  }
  return columns.map((one) => ({ ...one, sample: { values: values.get(one.raw) ?? [], hasMarkers: false } }));
}
