// SODA's ways of writing rows: JSON, CSV, TSV, GeoJSON and condensed JSON, as SQL that makes the text of a row.
// It must not see a value; what each type looks like is in docs/api/soda.md, "Types".

import type { OutputColumn, RowFormat, SqlOutput } from '../../formats/format.ts';
import type { ColumnType } from '../../query/column.ts';
import { rowIdColumn } from '../../query/column.ts';
import { rowIdSql } from './system-fields.ts';

export type SodaFormatName = 'json' | 'csv' | 'tsv' | 'geojson' | 'cjson';

/** The SoQL type of a column, as X-SODA2-Types names it. */
export function sodaType(column: OutputColumn): string {
  if (isRowId(column)) return 'row_identifier';
  return toTypeName(column.type);
}

export function toTypeName(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
    case 'time':
    case 'json':
      return type.kind;
    case 'integer':
    case 'number':
    case 'decimal':
      return 'number';
    case 'boolean':
      return 'checkbox';
    case 'date':
    case 'timestamp':
      return 'floating_timestamp';
    case 'instant':
      return 'fixed_timestamp';
    case 'geometry':
      return shapeNames[type.shape];
  }
}

const shapeNames = {
  Point: 'point',
  MultiPoint: 'multipoint',
  LineString: 'line',
  MultiLineString: 'multiline',
  Polygon: 'polygon',
  MultiPolygon: 'multipolygon',
  GeometryCollection: 'geometry',
  Geometry: 'geometry',
} as const;

function isRowId(column: OutputColumn): boolean {
  return column.name === rowIdColumn;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQL for the plain text of a value: digits, ISO times to the millisecond, WKT. Null stays null. */
function plainSql({ column, sql }: SqlOutput): string {
  if (isRowId(column)) return rowIdSql(sql);
  switch (column.type.kind) {
    case 'text':
    case 'json':
      return `CAST(${sql} AS VARCHAR)`;
    case 'number':
      return numberSql(sql);
    case 'decimal':
      return decimalSql(sql, column.type.scale);
    case 'integer':
    case 'time':
    case 'boolean':
      return `CAST(${sql} AS VARCHAR)`;
    case 'date':
    case 'timestamp':
      return momentSql(`CAST(${sql} AS TIMESTAMP)`);
    case 'instant':
      return `(${momentSql(`timezone('UTC', ${sql})`)} || 'Z')`;
    case 'geometry':
      return `ST_AsText(${sql})`;
  }
}

/** Whole numbers without a point or an exponent; others as the shortest digits that read back the same. */
function numberSql(sql: string): string {
  const whole = `CAST(CAST(${sql} AS HUGEINT) AS VARCHAR)`;
  const words = `WHEN isnan(${sql}) THEN 'NaN' WHEN isinf(${sql}) THEN CASE WHEN ${sql} > 0 THEN 'Infinity' ELSE '-Infinity' END`;
  return `CASE ${words} WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e21 THEN ${whole} ELSE CAST(${sql} AS VARCHAR) END`;
}

function decimalSql(sql: string, scale: number): string {
  const text = `CAST(${sql} AS VARCHAR)`;
  return scale === 0 ? text : `rtrim(rtrim(${text}, '0'), '.')`;
}

function momentSql(sql: string): string {
  return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%g')`;
}

/** SQL for the JSON text of a value; numbers are strings, as SODA 2.1 has them. */
function jsonSql(output: SqlOutput): string {
  switch (output.column.type.kind) {
    case 'boolean':
    case 'json':
      return `CAST(${output.sql} AS VARCHAR)`;
    case 'geometry':
      return output.geojson ?? 'NULL';
    case 'text':
      return `CAST(to_json(${output.sql}) AS VARCHAR)`;
    default:
      return `('"' || ${plainSql(output)} || '"')`;
  }
}

/** `"name":value` for every value there is: a key whose value is missing is left out. */
function jsonRow(columns: readonly SqlOutput[]): string {
  const members = columns.map((output) => `${sqlText(`${JSON.stringify(output.column.name)}:`)} || ${jsonSql(output)}`);
  return `('{' || concat_ws(',', ${members.join(', ')}) || '}')`;
}

const json: RowFormat = {
  id: 'soda-json',
  version: 1,
  mediaType: 'application/json;charset=utf-8',
  extension: 'json',
  separator: '\n,',
  row: jsonRow,
  begin: () => '[',
  end: () => ']\n',
};

/** One row as a bare object. */
export const sodaRowFormat: RowFormat = {
  ...json,
  id: 'soda-row',
  begin: () => '',
  end: () => '\n',
};

/** Header and every value in double quotes; nothing between the delimiters where there is no value. */
function delimited(id: string, mediaType: string, extension: string, delimiter: string, mark: string): RowFormat {
  const quoted = (output: SqlOutput): string => `coalesce('"' || replace(${plainSql(output)}, '"', '""') || '"', '')`;
  const header = (columns: readonly OutputColumn[]): string =>
    columns.map((column) => `"${column.name.replaceAll('"', '""')}"`).join(delimiter);
  return {
    id,
    version: 1,
    mediaType,
    extension,
    separator: '\n',
    row: (columns) => columns.map(quoted).join(` || ${sqlText(delimiter)} || `),
    begin: (info) => `${mark}${header(info.columns)}\n`,
    end: (end) => (end.rows === 0 ? '' : '\n'),
  };
}

const geojson: RowFormat = {
  id: 'soda-geojson',
  version: 1,
  mediaType: 'application/vnd.geo+json;charset=utf-8',
  extension: 'geojson',
  separator: ',\n',
  row(columns) {
    const place = columns.find((output) => output.column.type.kind === 'geometry');
    const members = columns
      .filter((output) => output !== place)
      .map((output) => `${sqlText(`${JSON.stringify(output.column.name)}:`)} || coalesce(${jsonSql(output)}, 'null')`);
    const properties = members.length === 0 ? "''" : members.join(" || ',' || ");
    const geometry = place === undefined ? "'null'" : `coalesce(${jsonSql(place)}, 'null')`;
    return `('{"type":"Feature","properties":{' || ${properties} || '},"geometry":' || ${geometry} || '}')`;
  },
  begin: () => '{"type":"FeatureCollection","features":[',
  end: () => `],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}}\n`,
};

function byName<T extends { readonly name: string }>(columns: readonly T[]): readonly T[] {
  return columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `[{header},[…],[…]]`, the columns in the order of their names. Each row brings the comma before it. */
const cjson: RowFormat = {
  id: 'soda-cjson',
  version: 1,
  mediaType: 'application/json+x-socrata-cjson;charset=utf-8',
  extension: 'cjson',
  separator: '\n',
  row(columns) {
    const sorted = columns.toSorted((a, b) => (a.column.name < b.column.name ? -1 : 1));
    const values = sorted.map((output) => `coalesce(${jsonSql(output)}, 'null')`);
    return `(',[' || ${values.join(" || ',' || ")} || ']')`;
  },
  begin(info) {
    const schema = byName(info.columns).map((column) => ({ c: column.name, t: sodaType(column) }));
    return `[${JSON.stringify({ locale: 'en_US', schema })}\n`;
  },
  end: () => ']\n',
};

const csvType = 'text/csv; charset=utf-8';
const byteOrderMark = '\uFEFF';

/** The formats by the extension in the address; `csv` with a byte order mark when the client asks for it. */
export function sodaFormat(name: SodaFormatName, withMark: boolean): RowFormat {
  switch (name) {
    case 'json':
      return json;
    case 'csv':
      return withMark
        ? delimited('soda-csv-bom', csvType, 'csv', ',', byteOrderMark)
        : delimited('soda-csv', csvType, 'csv', ',', '');
    case 'tsv':
      return delimited('soda-tsv', 'text/tab-separated-values; charset=utf-8', 'tsv', '\t', '');
    case 'geojson':
      return geojson;
    case 'cjson':
      return cjson;
  }
}

export const sodaFormatNames: readonly SodaFormatName[] = ['json', 'csv', 'tsv', 'geojson', 'cjson'];
