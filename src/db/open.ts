// Opens the portal's database: its own PostgreSQL or the configured one, migrated, as a Drizzle database over a pool.
// It must not hand out a database whose shape or version it does not know.

import { drizzle, sql } from './drizzle.ts';
import type { ExtractTablesWithRelations, NodePgDatabase, NodePgQueryResultHKT, PgTransaction } from './drizzle.ts';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts';
import { lockDataDir } from './lock.ts';
import { migrate, migrationsFolder, readMigrations } from './migrate.ts';

type NoSchema = Record<string, never>;

/** The database, or a transaction on it: functions that read take either. */
export type Database = NodePgDatabase<NoSchema>;
export type Transaction = PgTransaction<NodePgQueryResultHKT, NoSchema, ExtractTablesWithRelations<NoSchema>>;
export type Queryable = Database | Transaction;

export type OpenedDatabase = {
  readonly db: Database;
  readonly pool: pg.Pool;
  /** How to open one more connection, for LISTEN. */
  readonly connection: pg.ClientConfig;
  readonly embedded: boolean;
  close(): Promise<void>;
};

type DatabaseSettings = Pick<Config, 'dataDir' | 'databaseUrl' | 'databasePoolSize'>;

const leastVersion = 150_000;
const statementTimeoutMs = 30_000;
const connectAttempts = 30;

/**
 * Takes the data folder, starts or reaches PostgreSQL, migrates. Throws data-dir-in-use, setting-invalid,
 * database-unusable, not-ready or disk-full, each with a sentence for the person who starts the portal.
 */
export async function openDatabase(config: DatabaseSettings, effects: Effects): Promise<OpenedDatabase> {
  const lock = lockDataDir(config.dataDir);
  try {
    return await openLocked(config, () => lock.release(), effects);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(config: DatabaseSettings, release: () => void, effects: Effects): Promise<OpenedDatabase> {
  const startedMs = effects.clock.monotonicMs();
  const server = config.databaseUrl === null ? await superviseEmbedded(config, effects) : null;
  const connection = toConnection(config.databaseUrl, server?.first ?? null);
  try {
    const version = await prepare(connection, server === null ? connectAttempts : 3, effects);
    const opened = openPool(connection, config.databasePoolSize, effects);
    const startMs = effects.clock.monotonicMs() - startedMs;
    effects.observe({ kind: 'database-ready', embedded: server !== null, version, startMs });
    const close = async (): Promise<void> => {
      await opened.pool.end();
      await server?.stop();
      release();
    };
    return { ...opened, connection, embedded: server !== null, close };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/**
 * Starts the portal's own PostgreSQL and starts it again whenever it ends unasked (killed, or its disk was full):
 * the socket stays the same, so the pool finds it again by itself.
 */
async function superviseEmbedded(
  config: DatabaseSettings,
  effects: Effects,
): Promise<{ readonly first: EmbeddedServer; stop(): Promise<void> }> {
  const options = { dataDir: config.dataDir, maxConnections: config.databasePoolSize + 10, durable: true };
  const first = await startEmbedded(options, effects);
  const stopping = new AbortController();
  const watching = watchOver(first, options, stopping.signal, effects);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await watching;
  };
  return { first, stop };
}

async function watchOver(
  first: EmbeddedServer,
  options: Omit<EmbeddedOptions, 'socketDir'>,
  stopping: AbortSignal,
  effects: Effects,
): Promise<void> {
  const asked = new Promise<void>((done) => stopping.addEventListener('abort', () => done(), { once: true }));
  for (let server = first; ;) {
    await Promise.race([server.ended, asked]);
    if (stopping.aborted) return server.stop();
    effects.observe({
      kind: 'database-lost',
      reason: 'the portal’s own PostgreSQL has ended; it is being started again',
    });
    const next = await startAgain({ ...options, socketDir: first.socketDir }, stopping, effects);
    if (next === null) return first.stop();
    server = next;
  }
}

/** null when the portal was asked to stop before PostgreSQL came up again. */
async function startAgain(
  options: EmbeddedOptions,
  stopping: AbortSignal,
  effects: Effects,
): Promise<EmbeddedServer | null> {
  for (let attempt = 1; !stopping.aborted; attempt += 1) {
    try {
      return await startEmbedded(options, effects);
    } catch (error) {
      effects.observe({ kind: 'database-retry', attempt, reason: reasonOf(error) });
      await Promise.race([wait(1000), new Promise((done) => stopping.addEventListener('abort', done, { once: true }))]);
    }
  }
  return null;
}

function toConnection(databaseUrl: string | null, server: EmbeddedServer | null): pg.ClientConfig {
  const limits = { application_name: 'portal', connectionTimeoutMillis: 10_000, keepAlive: true };
  if (server === null) return { ...limits, connectionString: databaseUrl ?? undefined };
  const { socketDir, user, password, database } = server;
  return { ...limits, host: socketDir, user, password, database, ssl: false };
}

/** Connects with patience, checks the version, migrates. Resolves to the server's version. */
async function prepare(connection: pg.ClientConfig, attempts: number, effects: Effects): Promise<string> {
  const client = await connectPatiently(connection, attempts, effects);
  try {
    const { rows } = await client.query<{ number: string; version: string }>(
      `select current_setting('server_version_num') as number, current_setting('server_version') as version`,
    );
    const version = rows[0]?.version ?? 'unknown';
    if (Number(rows[0]?.number) < leastVersion)
      throw new PortalError('database-unusable', {
        detail: `DATABASE_URL leads to PostgreSQL ${version}; the portal needs 15 or newer.`,
      });
    await migrate(client, readMigrations(migrationsFolder), effects);
    return version;
  } finally {
    await client.end();
  }
}

async function connectPatiently(connection: pg.ClientConfig, attempts: number, effects: Effects): Promise<pg.Client> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client(connection);
    client.on('error', (error) => effects.observe({ kind: 'database-lost', reason: error.message }));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end();
      const reason = reasonOf(error);
      if (attempt >= attempts || !isPassing(error))
        throw PortalError.beforeStart(
          isPassing(error) ? 'not-ready' : 'setting-invalid',
          `PostgreSQL could not be reached: ${reason}. Check DATABASE_URL and that the server is running.`,
          error,
        );
      effects.observe({ kind: 'database-retry', attempt, reason });
      await wait(1000);
    }
  }
}

/**
 * Connection refused, name not found yet, starting up, too many clients: worth another try. A wrong password is
 * not.
 */
function isPassing(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(57P|53|08)/.test(code)) return true;
  if (/^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return false;
  return code !== '' || /timeout|terminated/i.test(error instanceof Error ? error.message : '');
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function openPool(connection: pg.ClientConfig, size: number, effects: Effects): { db: Database; pool: pg.Pool } {
  const pool = new pg.Pool({
    ...connection,
    max: size,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 60_000,
    idleTimeoutMillis: 60_000,
  });
  // A connection that breaks while nobody uses it: the pool has dropped it already and opens another when asked.
  pool.on('error', (error) => effects.observe({ kind: 'database-lost', reason: error.message }));
  // One that breaks while somebody has it, between two queries: the next query says so; without a listener Node would
  // end.
  pool.on('connect', (client) =>
    client.on('error', (error) => effects.observe({ kind: 'database-lost', reason: error.message })),
  );
  return { db: drizzle(pool), pool };
}

/** True when the database answers; for /health/ready. */
export async function isDatabaseReady(db: Queryable): Promise<boolean> {
  const { rows } = await db.execute<{ one: number }>(sql`select 1 as one`);
  return rows[0]?.one === 1;
}
