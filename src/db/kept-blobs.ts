// Stored files that something other than a dataset's revision names: none of them may be swept, all belong in a backup.
// A new column that names a blob must be added here, or its files are taken for what a crash left and removed.

import { sql } from 'drizzle-orm';

import type { Queryable } from './open.ts';

/** Table and column: a name, or a list of names. */
export const blobColumns = [
  ['records_files', 'blob', 'one'],
  ['records_documents', 'original', 'one'],
  ['records_documents', 'working', 'one'],
  ['records_documents', 'rendition', 'one'],
  ['records_released', 'blob', 'one'],
  ['letters', 'blobs', 'list'],
] as const;

export async function readKeptBlobs(db: Queryable): Promise<ReadonlySet<string>> {
  const parts = blobColumns.map(([table, column, holds]) => {
    const value = sql`${sql.identifier(table)}.${sql.identifier(column)}`;
    return sql`select ${holds === 'list' ? sql`unnest(${value})` : value} as name from ${sql.identifier(table)}`;
  });
  const all = sql.join(parts, sql` union `);
  const { rows } = await db.execute<{ name: string }>(sql`select name from (${all}) as kept where name is not null`);
  return new Set(rows.map(({ name }) => name));
}
