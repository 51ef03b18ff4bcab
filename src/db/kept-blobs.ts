// Stored files that something other than a dataset's revision names: none of them may be swept, all belong in a backup.
// A new column that names a blob must be added here, or its files are taken for what a crash left and removed.

import { sql } from './drizzle.ts';

import type { Queryable } from './open.ts';

/** Table and column: a name, or a list of names; and of which rows, where the files of some are gone. */
export const blobColumns = [
  ['records_files', 'blob', 'one'],
  ['records_documents', 'original', 'one', 'destroyed_at is null'],
  ['records_documents', 'working', 'one', 'destroyed_at is null'],
  ['records_documents', 'rendition', 'one', 'destroyed_at is null'],
  ['records_released', 'blob', 'one'],
  ['records_destructions', 'certificate', 'one'],
  ['letters', 'blobs', 'list'],
  ['dataset_drafts', 'blobs', 'list'],
] as const;

export async function readKeptBlobs(db: Queryable): Promise<ReadonlySet<string>> {
  const parts = blobColumns.map(([table, column, holds, where]) => {
    const value = sql`${sql.identifier(table)}.${sql.identifier(column)}`;
    const name = holds === 'list' ? sql`unnest(${value})` : value;
    return sql`select ${name} as name from ${sql.identifier(table)} where ${sql.raw(where ?? 'true')}`;
  });
  const all = sql.join(parts, sql` union `);
  const { rows } = await db.execute<{ name: string }>(sql`select name from (${all}) as kept where name is not null`);
  return new Set(rows.map(({ name }) => name));
}
