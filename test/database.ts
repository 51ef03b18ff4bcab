// A fresh, migrated PostgreSQL database for a test: copied from a template on one server that a whole run shares.
// It must leave nothing behind: databases are dropped, and a server it started is stopped.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { drizzle } from '../src/db/drizzle.ts';
import pg from 'pg';
import { createHash, randomBytes } from 'node:crypto';
import { type Effects, quietEffects } from '../src/base/effects.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate, migrationsFolder, readMigrations } from '../src/db/migrate.ts';
import type { Database } from '../src/db/open.ts';

export type TestServer = { readonly url: string; stop(): Promise<void> };

export type TestDatabase = {
  readonly db: Database;
  readonly pool: pg.Pool;
  readonly connection: pg.ClientConfig;
  readonly url: string;
  readonly effects: Effects;
};

/** The test's own `t`, or `{ after }` of node:test for a database that a whole file shares. */
export type Cleaner = { after(done: () => Promise<void>): void };

const templateLock = 5_368_202;

/** Starts a throw-away PostgreSQL (nothing is synced to disk). Its address goes into TEST_DATABASE_URL. */
export async function startTestServer(place = tmpdir()): Promise<TestServer> {
  const dataDir = mkdtempSync(join(place, 'portal-test-'));
  const server = await startEmbedded({ dataDir, maxConnections: 200, durable: false }, quietEffects);
  const url = `postgres://${server.user}:${server.password}@localhost/${server.database}?host=${server.socketDir}`;
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url, stop };
}

/** Connections to a test's own database, which is dropped when the test ends, also under one that is about to close. */
export function openTestPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', (error: Error & { code?: string }) => {
    // 57P01: this very database being dropped
    if (error.code !== '57P01') process.stderr.write(`test database: ${error.message}\n`);
  });
  return pool;
}

/** Opens a database of its own for this test; closed and dropped when the test ends. */
export async function openTestDatabase(cleaner: Cleaner, poolSize = 8): Promise<TestDatabase> {
  const { url, drop } = await makeDatabase(copyTemplate);
  const pool = openTestPool(url, poolSize);
  cleaner.after(async () => {
    await pool.end();
    await drop();
  });
  return { db: drizzle(pool), pool, connection: { connectionString: url }, url, effects: quietEffects };
}

/** An empty database, not migrated: for tests of migrations and of opening. */
export async function openEmptyDatabase(cleaner: Cleaner): Promise<{ readonly url: string }> {
  const { url, drop } = await makeDatabase(async (client, name) => {
    await client.query(`create database ${name} strategy file_copy`);
  });
  cleaner.after(drop);
  return { url };
}

/** A migrated database that nobody is connected to: for a test that opens a whole portal on it. */
export async function openMigratedDatabase(cleaner: Cleaner): Promise<{ readonly url: string }> {
  const { url, drop } = await makeDatabase(copyTemplate);
  cleaner.after(drop);
  return { url };
}

type Make = (client: pg.Client, name: string, url: string) => Promise<void>;

async function makeDatabase(make: Make): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = await borrowServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onDatabase(server.url, 'portal', (client) => make(client, name, server.url));
  const drop = async (): Promise<void> => {
    await dropDatabase(server.url, name);
    await server.stop();
  };
  return { url: withDatabase(server.url, name), drop };
}

/** Copying files is a quarter of the work of writing their pages to the log, which nobody will read. */
async function copyTemplate(client: pg.Client, name: string, url: string): Promise<void> {
  const template = await requireTemplate(client, url);
  await client.query(`create database ${name} template ${template} strategy file_copy`);
}

async function borrowServer(): Promise<TestServer> {
  const shared = process.env['TEST_DATABASE_URL'];
  if (shared !== undefined && shared !== '') return { url: shared, stop: () => Promise.resolve() };
  return startTestServer();
}

/** Makes the template once per server and set of migrations; test files that run at once wait for the one that does. */
async function requireTemplate(client: pg.Client, url: string): Promise<string> {
  const migrations = readMigrations(migrationsFolder);
  const sums = migrations.map((migration) => migration.checksum).join(' ');
  const name = `template_${createHash('sha256').update(sums).digest('hex').slice(0, 32)}`; // PostgreSQL cuts names at 63
  const isThere = async (): Promise<boolean> =>
    (await client.query('select 1 from pg_database where datname = $1', [name])).rowCount !== 0;
  if (await isThere()) return name;
  await client.query('select pg_advisory_lock($1)', [templateLock]);
  if (!(await isThere())) {
    const part = `${name}_part`;
    await client.query(`drop database if exists ${part} with (force)`);
    await client.query(`create database ${part}`);
    await onDatabase(url, part, (inner) => migrate(inner, migrations, quietEffects));
    await client.query(`alter database ${part} rename to ${name}`);
  }
  await client.query('select pg_advisory_unlock($1)', [templateLock]);
  return name;
}

/** PostgreSQL's own housekeeping may be in the database for a moment, and is not ours to end (42501). */
async function dropDatabase(url: string, name: string): Promise<void> {
  await onDatabase(url, 'portal', async (client) => {
    for (let tries = 1; ; tries++) {
      try {
        return await client.query(`drop database ${name} with (force)`);
      } catch (error) {
        if (tries === 100 || (error as { code?: string }).code !== '42501') throw error;
        await sleep(100);
      }
    }
  });
}

async function onDatabase<T>(url: string, name: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(url, name) });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
