// Brings a database to the shape this version of the portal knows: migrations/*.sql in order, each once, each whole.
// It must never change a migration that was applied, and never touch a database that a newer portal has changed.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, PoolClient } from 'pg';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';

export type Migration = {
  readonly number: number;
  readonly name: string; // file name
  readonly text: string;
  readonly checksum: string; // SHA-256 of the text
};

/** Any number that nobody else takes: two portals that start at once migrate one after the other. */
const migrationLock = 5_368_201;

export const migrationsFolder = join(import.meta.dirname, '..', '..', 'migrations');

/** Reads the checked-in migrations; their numbers run 1, 2, 3 … without a gap. */
export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (number !== index + 1) throw new Error(`The migration ${name} is not number ${index + 1}.`);
    const text = readFileSync(join(folder, name), 'utf8');
    return { number, name, text, checksum: createHash('sha256').update(text).digest('hex') };
  });
}

/** Applies what is missing; resolves to the names applied. Throws database-unusable without having changed anything. */
export async function migrate(
  client: Client | PoolClient,
  migrations: readonly Migration[],
  effects: Effects,
): Promise<readonly string[]> {
  await client.query('set statement_timeout = 0');
  await client.query('select pg_advisory_lock($1)', [migrationLock]);
  try {
    await client.query(
      `create table if not exists portal_migrations (
         number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null)`,
    );
    const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
      'select number, name, checksum from portal_migrations order by number',
    );
    requireKnown(rows, migrations);
    const missing = migrations.slice(rows.length);
    for (const migration of missing) await applyOne(client, migration, effects);
    return missing.map((migration) => migration.name);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    await client.query('reset statement_timeout');
  }
}

function requireKnown(
  applied: readonly { number: number; name: string; checksum: string }[],
  migrations: readonly Migration[],
): void {
  for (const row of applied) {
    const known = migrations.find((migration) => migration.number === row.number);
    if (known === undefined)
      throw new PortalError('database-unusable', {
        detail:
          `The database was changed by a newer version of the portal (migration ${row.name}); ` +
          'start that version, or restore a backup made with this one.',
      });
    if (known.checksum !== row.checksum)
      throw new PortalError('database-unusable', {
        detail:
          `The migration ${known.name} is not the one that made this database (${row.name}); ` +
          'put the released file back.',
      });
  }
}

async function applyOne(client: Client | PoolClient, migration: Migration, effects: Effects): Promise<void> {
  const startedMs = effects.clock.monotonicMs();
  await client.query('begin');
  try {
    await client.query(migration.text);
    await client.query(
      'insert into portal_migrations (number, name, checksum, applied_at) values ($1, $2, $3, now())',
      [migration.number, migration.name, migration.checksum],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new PortalError('database-unusable', {
      detail: `The migration ${migration.name} could not be applied: ${error instanceof Error ? error.message : String(error)}`,
      cause: error,
    });
  }
  const elapsedMs = effects.clock.monotonicMs() - startedMs;
  effects.observe({ kind: 'migration-applied', name: migration.name, elapsedMs });
}
