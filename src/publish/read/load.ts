// Loads a table source into the session's table `raw`, every value as the text it is, in file order.
// It must not lose a row: what the engine loaded is counted against what the reader counted.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PortalError } from '../../base/errors.ts';
import { readOne, toNumber, toSqlString, type Build } from './build.ts';
import type { TableSource } from './table-source.ts';

/** The name of column `index` in `raw`. */
export function toRawName(index: number): string {
  return `c${index + 1}`;
}

/** More columns than this need small blocks: each column holds some while it is written. */
export const wideColumns = 300;
export const smallBlocks = 'block_size 16384';

/** A load that was begun on the guess that a file is regular, while every record of it is still being checked. */
export type Preload = {
  readonly statement: string;
  /** False when the engine refused; never rejects: whoever loads the file then is told why. */
  readonly loaded: Promise<boolean>;
};

/**
 * Begins to load `guess` into `raw`; null for a wide table, which needs other room. Nothing else may run before it has
 * ended.
 */
export function beginLoad(build: Promise<Build>, guess: LoadPlan, folder: string): Preload | null {
  if (guess.columns.length > wideColumns) return null;
  const statement = loadStatement(guess, true);
  const loaded = build
    .then(async (session) => {
      await makeRoom(session, guess, folder);
      await session.run(statement);
    })
    .then(
      () => true,
      () => false,
    );
  return { statement, loaded };
}

/** Files beyond this would not fit the memory of a build as a table of texts: they are kept in a file of their own. */
const largestInMemory = 400 * 1024 * 1024;

async function makeRoom(build: Build, { csv, columns }: LoadPlan, folder: string): Promise<void> {
  const isWide = columns.length > wideColumns;
  if (!isWide && (await stat(csv.path)).size <= largestInMemory) return;
  await build.run(`attach ${toSqlString(join(folder, 'raw.duckdb'))} as work ${isWide ? `(${smallBlocks})` : ''}`);
  await build.run('use work');
}

export type LoadPlan = Pick<TableSource, 'csv' | 'columns'>;

/**
 * Creates `raw (c1 varchar, …)`; of a wide or large table in a file in `folder`. Throws internal-error when the engine
 * reads the file otherwise than the grammar does.
 */
export async function loadTable(
  build: Build,
  source: TableSource,
  folder: string,
  preload: Preload | null = null,
): Promise<void> {
  if (preload !== null) {
    const loaded = await preload.loaded;
    const asGuessed = preload.statement === loadStatement(source, true);
    if (loaded && asGuessed && (await countRows(build)) === source.rows) return;
    await build.run('drop table if exists raw');
  }
  if (preload === null) await makeRoom(build, source, folder);
  await build.run(loadStatement(source, true));
  if ((await countRows(build)) === source.rows) return;
  // Quoted line breaks at the edge of two threads' parts of the file are the one thing known to go wrong.
  await build.run('drop table raw');
  await build.run(loadStatement(source, false));
  const loaded = await countRows(build);
  if (loaded === source.rows) return;
  throw new PortalError('internal-error', {
    detail: `The file has ${source.rows} readable rows, but ${loaded} were loaded; nothing was published.`,
    extra: { expected: source.rows, loaded },
  });
}

async function countRows(build: Build): Promise<number> {
  return toNumber((await readOne(build, 'select count(*) as rows from raw'))['rows']);
}

const leastLine = 2 * 1024 * 1024;
const leastBuffer = 32 * 1024 * 1024;

function loadStatement({ csv, columns }: LoadPlan, parallel: boolean): string {
  const names = columns.map((_, index) => toRawName(index));
  const padding = csv.padded ? ["'padding': 'varchar'"] : [];
  const types = [...names.map((name) => `'${name}': 'varchar'`), ...padding].join(', ');
  const line = Math.max(leastLine, csv.longestRecord + 16);
  const options = [
    'auto_detect = false',
    `columns = {${types}}`,
    `header = ${csv.hasHeader}`,
    `delim = ${toSqlString(csv.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `new_line = '${csv.newline}'`,
    `nullstr = ''`,
    `allow_quoted_nulls = ${!csv.keepsEmptyText}`,
    `max_line_size = ${line}`,
    `buffer_size = ${Math.max(leastBuffer, 2 * line)}`,
    `parallel = ${parallel}`,
  ];
  return `create table raw as select ${names.join(', ')} from read_csv(${toSqlString(csv.path)}, ${options.join(', ')})`;
}
