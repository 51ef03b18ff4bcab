// Migrations and opening on a real PostgreSQL: once each, whole or not at all, never on a database from the future.
// It must compare the tables that code knows with those that the migrations make, both ways.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { getTableColumns, getTableName, is } from '../../src/db/drizzle.ts';
import { getTableConfig, PgTable } from '../../src/db/drizzle.ts';
import pg from 'pg';
import { quietEffects } from '../../src/base/effects.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { PortalError } from '../../src/base/errors.ts';
import { type Migration, migrate, migrationsFolder, readMigrations } from '../../src/db/migrate.ts';
import { isDatabaseReady, openDatabase } from '../../src/db/open.ts';
import { backupTables } from '../../src/db/tables.ts';
import { projectFiles, root } from '../source.ts';
import { type Cleaner, openEmptyDatabase, openTestDatabase } from '../database.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;
const real = readMigrations(migrationsFolder);

/** Node runs `after` in the order of asking; connections must be closed before their database is dropped. */
function lastFirst(t: TestContext): Cleaner {
  const work: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const done of work.reverse()) await done();
  });
  return { after: (done) => void work.push(done) };
}

async function connect(t: Cleaner, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.after(() => client.end());
  return client;
}

function made(number: number, text: string): Migration {
  return { number, name: `${String(number).padStart(4, '0')}-made.sql`, text, checksum: `sum of ${text}` };
}

test('migrations are applied once, by whoever comes first', async (test) => {
  const t = lastFirst(test);
  const { url } = await openEmptyDatabase(t);
  const clients = await Promise.all([connect(t, url), connect(t, url), connect(t, url)]);
  const applied = await Promise.all(clients.map((client) => migrate(client, real, quietEffects)));
  assert.deepEqual(
    applied.flat(),
    real.map((migration) => migration.name),
  );
});

test('a migration that fails leaves nothing of itself; those before it stay', async (test) => {
  const t = lastFirst(test);
  const { url } = await openEmptyDatabase(t);
  const client = await connect(t, url);
  const steps = [made(1, 'create table a (n int)'), made(2, 'create table b (n int); create table c (n nonsense)')];
  await assert.rejects(migrate(client, steps, quietEffects), hasCode('database-unusable'));
  const { rows } = await client.query(`select tablename from pg_tables where schemaname = 'public' order by 1`);
  assert.deepEqual(
    rows.map((row) => row.tablename),
    ['a', 'portal_migrations'],
  );
  const mended = [made(1, 'create table a (n int)'), made(2, 'create table b (n int)')];
  assert.deepEqual(await migrate(client, mended, quietEffects), ['0002-made.sql']);
});

test('a database of a newer portal, or of other migrations, is refused untouched', async (test) => {
  const t = lastFirst(test);
  const { url } = await openEmptyDatabase(t);
  const client = await connect(t, url);
  await migrate(client, [made(1, 'create table a (n int)'), made(2, 'create table b (n int)')], quietEffects);
  await assert.rejects(migrate(client, [made(1, 'create table a (n int)')], quietEffects), /newer version/);
  const other = [
    made(1, 'create table a (n bigint)'),
    made(2, 'create table b (n int)'),
    made(3, 'create table d (n int)'),
  ];
  await assert.rejects(migrate(client, other, quietEffects), /not the one that made this database/);
  const { rows } = await client.query(`select count(*)::int as n from portal_migrations`);
  assert.equal(rows[0].n, 2);
});

test('the tables that code knows are exactly those of the migrations, column for column', async (t) => {
  const { pool } = await openTestDatabase(t);
  const files = projectFiles().filter((path) => /^src\/db\/tables(-\w+)?\.ts$/u.test(path));
  const modules: readonly object[] = await Promise.all(files.map((path) => import(join(root, path))));
  const known = modules.flatMap((each) => Object.values(each)).filter((table) => is(table, PgTable));
  const spoken = known.flatMap((table) =>
    Object.values(getTableColumns(table)).map(
      (column) => `${getTableName(table)}.${column.name} ${column.getSQLType()} ${column.notNull}`,
    ),
  );
  const { rows } = await pool.query<{ line: string }>(`
    select c.table_name || '.' || c.column_name || ' ' ||
      case when c.data_type = 'ARRAY' then 'text[]' when c.data_type = 'timestamp with time zone' then 'timestamptz' else c.data_type end
      || ' ' || (c.is_nullable = 'NO') as line
    from information_schema.columns c where c.table_schema = 'public' and c.table_name <> 'portal_migrations'`);
  assert.deepEqual(spoken.sort(), rows.map((row) => row.line).sort());
  const indexes = known.flatMap((table) => getTableConfig(table).indexes.map((index) => index.config.name ?? ''));
  const { rows: found } = await pool.query<{ name: string }>(
    `select indexname as name from pg_indexes where schemaname = 'public'`,
  );
  for (const name of indexes)
    assert.ok(
      found.some((row) => row.name === name),
      name,
    );
  assert.deepEqual([...backupTables].sort(), known.map((table) => getTableName(table)).sort());
});

test('DATABASE_URL is opened, migrated, checked; the data folder is locked all the same', async (t) => {
  const { url } = await openEmptyDatabase(t);
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-open-'));
  const opened = await openDatabase({ dataDir, databaseUrl: url, databasePoolSize: 3 }, quietEffects);
  assert.equal(opened.embedded, false);
  assert.equal(await isDatabaseReady(opened.db), true);
  const { rows } = await opened.pool.query('show statement_timeout');
  assert.equal(rows[0].statement_timeout, '30s');
  await assert.rejects(
    openDatabase({ dataDir, databaseUrl: url, databasePoolSize: 3 }, quietEffects),
    hasCode('data-dir-in-use'),
  );
  await opened.close();
  rmSync(dataDir, { recursive: true });
});

test('a connection that breaks within a transaction is told, and ends nothing else', async (t) => {
  const { url } = await openEmptyDatabase(t);
  const dataDir = mkdtempSync(join(tmpdir(), 'portal-open-'));
  const broken = Promise.withResolvers<void>();
  const observe = (event: PortalEvent) => event.kind === 'database-lost' && broken.resolve();
  const opened = await openDatabase({ dataDir, databaseUrl: url, databasePoolSize: 3 }, { ...quietEffects, observe });
  t.after(() => rmSync(dataDir, { recursive: true }));
  await assert.rejects(
    opened.db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>('select pg_backend_pid() as pid');
      await opened.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await broken.promise;
      await tx.execute('select 1');
    }),
  );
  assert.equal(await isDatabaseReady(opened.db), true, 'the next one has a new connection');
  await opened.close();
});

test('a wrong password, a wrong name and a silent host are told apart', async (t) => {
  const { url } = await openEmptyDatabase(t);
  const attempt = async (change: (url: URL) => void): Promise<unknown> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'portal-open-'));
    const changed = new URL(url);
    change(changed);
    try {
      return await openDatabase({ dataDir, databaseUrl: changed.toString(), databasePoolSize: 3 }, quietEffects);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  };
  await assert.rejects(
    attempt((changed) => (changed.password = 'wrong')),
    hasCode('setting-invalid'),
  );
  await assert.rejects(
    attempt((changed) => (changed.pathname = '/nothing_of_the_kind')),
    hasCode('setting-invalid'),
  );
});
