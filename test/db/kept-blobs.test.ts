// Every column that names a stored file is known to what sweeps and what backs up.
// It finds such columns in the database: what is called a blob, and what is checked to be 64 hex digits.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { blobColumns, readKeptBlobs } from '../../src/db/kept-blobs.ts';
import { openTestDatabase } from '../database.ts';

/** The sum of a file as it came; and of a revision's Parquet, whose files src/catalogue and src/publish know. */
const noStoredFiles = ['records_documents.sha256', 'revisions.sha256'];

test('every column that names a stored file is kept from sweeping and belongs in a backup', async (t) => {
  const { pool, db } = await openTestDatabase(t);
  const { rows } = await pool.query<{ name: string }>(`
    select distinct c.table_name || '.' || c.column_name as name
    from information_schema.columns c
    left join pg_constraint k on k.contype = 'c' and k.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
      and (select attnum from pg_attribute a where a.attrelid = k.conrelid and a.attname = c.column_name) = any(k.conkey)
      and pg_get_constraintdef(k.oid) ~ (c.column_name || ' ~ ''\\^\\[0-9a-f\\]\\{64\\}')
    where c.table_schema = 'public' and (c.column_name ~ '(^|_)blobs?$' or k.oid is not null)
    order by 1`);
  const found = rows.map(({ name }) => name).filter((name) => !noStoredFiles.includes(name));
  const known = blobColumns.map(([table, column]) => `${table}.${column}`);
  assert.deepEqual(found.sort(), known.sort());
  assert.ok(found.includes('letters.blobs') && found.includes('records_documents.original'), found.join(' '));
  for (const name of noStoredFiles)
    assert.ok(
      rows.some((row) => row.name === name),
      name,
    );
  assert.deepEqual([...(await readKeptBlobs(db))], []);
});
