// Writes the two files of a revision from the table `raw`: the serving file that queries run on and the canonical
// Parquet. It must not decide anything: columns come planned, and both files hold exactly those.

import { stat } from 'node:fs/promises';
import { PortalError } from '../base/errors.ts';
import { geojsonColumn, rowIdColumn } from '../query/column.ts';
import { readOne, toNumber, toSqlName, toSqlString, type Build } from './read/build.ts';
import { smallBlocks, wideColumns } from './read/load.ts';
import { hasPoint, pointSql, type PlannedColumn, type PointSource } from './read/planned.ts';

export type RevisionPaths = { readonly parquet: string; readonly serving: string };

/** Small groups keep the writer's memory flat however wide the rows are. */
const rowGroupRows = 122_880;

/**
 * Leaves `serving.data` attached for whoever profiles it; call `closeServing` before the file is used.
 * Every row of `raw` becomes a row of both files, in order.
 */
export async function writeServing(
  build: Build,
  paths: RevisionPaths,
  columns: readonly PlannedColumn[],
): Promise<number> {
  await build.run(attachStatement(paths, columns.length));
  const inner: string[] = ['*', 'rowid as row_index'];
  const values: string[] = [];
  for (const [index, { column, sql, point }] of columns.entries()) {
    const name = toSqlName(column.name);
    if (column.type.kind !== 'geometry') {
      values.push(`${sql} as ${name}`);
      continue;
    }
    const [x, y] = [`lon_${index}`, `lat_${index}`];
    const value = point === undefined ? `geometry_${index}` : pointSql(x, y, point);
    inner.push(...(point === undefined ? [`${sql} as ${value}`] : [`${point.lon} as ${x}`, `${point.lat} as ${y}`]));
    const general = `geo_geojson(ST_AsWKB(${value}))`;
    const geojson = point === undefined ? general : pointGeojson(x, y, point, general);
    values.push(`${value} as ${name}`, `${geojson} as ${toSqlName(geojsonColumn(column.name))}`);
  }
  await build.run(
    `create table serving.data as select row_index + 1 as ${toSqlName(rowIdColumn)}, ${values.join(', ')} ` +
      `from (select ${inner.join(', ')} from raw)`,
  );
  return toNumber((await readOne(build, 'select count(*) as rows from serving.data'))['rows']);
}

/**
 * Points are most of all geometries: their GeoJSON is made in SQL, with the very digits that the general function
 * gives.
 */
function pointGeojson(x: string, y: string, point: PointSource, general: string): string {
  const digits = (value: string) =>
    `case when ${value} = trunc(${value}) then ${value}::bigint::varchar else ${value}::varchar end`;
  // From a thousandth up both sides write plain digits; below it exponents begin to differ.
  const plain = (value: string) => `(${value} = 0 or abs(${value}) >= 0.001)`;
  return (
    `case when not (${hasPoint(x, y, point)}) then null when ${plain(x)} and ${plain(y)} ` +
    `then '{"type":"Point","coordinates":[' || ${digits(x)} || ',' || ${digits(y)} || ']}' else ${general} end`
  );
}

/**
 * The format of DuckDB 1.5: its compression of text takes a fifth less time and room than the format that every older
 * version reads. Every column holds some blocks in memory while it is written: thousands of columns need small ones.
 */
function attachStatement({ serving }: RevisionPaths, columns: number): string {
  const blocks = columns > wideColumns ? `, ${smallBlocks}` : '';
  return `attach ${toSqlString(serving)} as serving (storage_version 'v1.5.0'${blocks})`;
}

export async function writeParquet(build: Build, paths: RevisionPaths): Promise<void> {
  // Level 1 takes less than half the time of the usual 3 and a tenth more room.
  // Only what was published: no row ids, no companions. A row's id is its place in the file.
  await build.run(
    `copy (select columns(c -> c not like ':%') from serving.data) to ${toSqlString(paths.parquet)} ` +
      `(format parquet, compression zstd, compression_level 1, row_group_size ${rowGroupRows})`,
  );
}

/** Rebuilds a lost serving file from the canonical Parquet of the same revision. */
export async function rebuildServing(
  build: Build,
  paths: RevisionPaths,
  columns: readonly PlannedColumn['column'][],
): Promise<void> {
  await build.run(attachStatement(paths, columns.length));
  const values = columns.map(({ name, type }) => {
    const id = toSqlName(name);
    if (type.kind !== 'geometry') return id;
    return `${id}, geo_geojson(ST_AsWKB(${id})) as ${toSqlName(geojsonColumn(name))}`;
  });
  await build.run(
    `create table serving.data as select file_row_number + 1 as ${toSqlName(rowIdColumn)}, ${values.join(', ')} ` +
      `from read_parquet(${toSqlString(paths.parquet)}, file_row_number = true)`,
  );
  await closeServing(build, paths);
}

/** After this the file is whole on its own, with nothing left in a write-ahead log. */
export async function closeServing(build: Build, { serving }: RevisionPaths): Promise<void> {
  await build.run('checkpoint serving');
  await build.run('detach serving');
  const log = await stat(`${serving}.wal`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (log !== null && log.size > 0)
    throw new PortalError('internal-error', 'The serving file was not written out whole.');
}
