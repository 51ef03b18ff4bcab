// Bringing a backup back into an empty portal: everything is compared with the manifest before anything is written.
// It must never mix a backup into a catalogue that holds something.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from '../db/drizzle.ts';
import type { Actor } from '../base/actor.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Database, Transaction } from '../db/open.ts';
import { backupTables } from '../db/tables.ts';
import { verifyAudit } from '../people/audit.ts';
import { requirePermission } from '../people/permissions.ts';
import type { BlobStore } from '../store/store.ts';
import { type BackupManifest, hashBackupFile, type Holdings, manifestName } from './backup.ts';
import type { Progress } from './verification.ts';

const rowsAtOnce = 200;

/**
 * Restores the backup in `folder`. `workDir` is a folder for files on their way into the store, best on its disk.
 * Throws backup-damaged (nothing was written), already-exists when the portal holds datasets, database-unusable when
 * the backup is of another version, disk-full.
 */
export async function restorePortal(
  { db, store }: Holdings,
  actor: Actor,
  from: { readonly folder: string; readonly workDir: string },
  onProgress: (progress: Progress) => void,
  effects: Effects,
): Promise<BackupManifest> {
  requirePermission(actor, 'portal.backup');
  const startedMs = effects.clock.monotonicMs();
  const manifest = await readManifest(from.folder);
  await requireSameMigrations(db, manifest);
  await requireWhole(from.folder, manifest);
  await requireEmpty(db);
  await adoptBlobs(store, from, manifest, onProgress);
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`);
    await tx.execute(sql`lock table datasets, audit_events in exclusive mode`);
    await requireEmpty(tx);
    for (const table of backupTables) await loadTable(tx, from.folder, manifest, table);
    await tx.execute(
      sql`select setval(pg_get_serial_sequence('outbox', 'seq'),
        coalesce((select max(seq) from outbox), 0) + 1, false)`,
    );
    const { brokenAt } = await verifyAudit(tx);
    if (brokenAt !== null) refuse(`its audit log is broken at event ${brokenAt}`);
  });
  const files = [...manifest.tables, ...manifest.blobs];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const elapsedMs = effects.clock.monotonicMs() - startedMs;
  effects.observe({ kind: 'restore-finished', files: files.length, bytes, elapsedMs });
  return manifest;
}

function refuse(why: string): never {
  throw new PortalError('backup-damaged', { detail: `The backup is not whole: ${why}. Nothing was restored.` });
}

async function readManifest(folder: string): Promise<BackupManifest> {
  // One after the other: of a folder without both, the manifest is what is told.
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() =>
    refuse(`${folder} has no ${manifestName}`),
  );
  const sumFile = join(folder, `${manifestName}.sha256`);
  const sum = await readFile(sumFile, 'utf8').catch(() => refuse('the sum of its manifest is missing'));
  if (createHash('sha256').update(text).digest('hex') !== sum.slice(0, 64)) refuse('its manifest was changed');
  const manifest = JSON.parse(text) as BackupManifest;
  if (manifest.format !== 1) refuse(`it has the format ${String(manifest.format)}, which this version does not know`);
  for (const { path } of [...manifest.tables, ...manifest.blobs])
    if (normalize(path) !== path || path.startsWith('/') || path.startsWith('..')) refuse(`it names the file ${path}`);
  return manifest;
}

async function requireSameMigrations(db: Database, manifest: BackupManifest): Promise<void> {
  const { rows } = await db.execute<BackupManifest['migrations'][number]>(
    sql`select number, name, checksum from portal_migrations order by number`,
  );
  const spell = (list: BackupManifest['migrations']): string => list.map((one) => one.checksum).join();
  if (spell(rows) !== spell(manifest.migrations))
    throw new PortalError('database-unusable', {
      detail:
        'The backup was made by another version of the portal (its last migration ' +
        `is ${manifest.migrations.at(-1)?.name ?? 'none'}, here it is ${rows.at(-1)?.name ?? 'none'}). ` +
        'Restore it with that version, then upgrade.',
    });
}

async function requireWhole(folder: string, manifest: BackupManifest): Promise<void> {
  for (const table of backupTables)
    if (!manifest.tables.some((file) => file.table === table)) refuse(`the table ${table} is missing`);
  for (const { path, sha256 } of [...manifest.tables, ...manifest.blobs]) {
    const found = await hashBackupFile(folder, path);
    if (found !== sha256) refuse(found === null ? `the file ${path} is missing` : `the file ${path} was changed`);
  }
}

async function requireEmpty(db: Database | Transaction): Promise<void> {
  const { rows } = await db.execute<{ full: boolean }>(
    sql`select exists (select from datasets) or exists (select from audit_events) as full`,
  );
  if (rows[0]?.full === true)
    throw new PortalError('already-exists', {
      detail: say('catalogue.restore-not-empty'),
    });
}

async function adoptBlobs(
  store: BlobStore,
  from: { readonly folder: string; readonly workDir: string },
  manifest: BackupManifest,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  await mkdir(from.workDir, { recursive: true });
  const total = manifest.blobs.length;
  let bytes = 0;
  onProgress({ done: 0, total, bytes });
  for (const [index, file] of manifest.blobs.entries()) {
    const copy = join(from.workDir, `restore-${randomUUID()}`);
    try {
      await copyFile(join(from.folder, file.path), copy);
      const adopted = await store.adopt(copy);
      if (adopted.sha256 !== file.sha256) refuse(`the file ${file.path} changed while it was read`);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
        throw new PortalError('disk-full', { cause: error });
      throw error;
    } finally {
      await rm(copy, { force: true });
    }
    bytes += file.bytes;
    onProgress({ done: index + 1, total, bytes });
  }
}

async function loadTable(
  tx: Transaction,
  folder: string,
  manifest: BackupManifest,
  table: (typeof backupTables)[number],
): Promise<void> {
  const file = manifest.tables.find((one) => one.table === table);
  if (file === undefined) refuse(`the table ${table} is missing`);
  const name = sql.identifier(table);
  let [rows, lines]: [number, string[]] = [0, []];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    await tx.execute(sql`
      insert into ${name} overriding system value
      select (jsonb_populate_record(null::${name}, line)).*
      from jsonb_array_elements(${`[${lines.join(',')}]`}::jsonb) as line`);
    rows += lines.length;
    lines = [];
  };
  const reader = createInterface({ input: createReadStream(join(folder, file.path), 'utf8'), crlfDelay: Infinity });
  for await (const line of reader) {
    lines.push(line);
    if (lines.length === rowsAtOnce) await flush();
  }
  await flush();
  if (rows !== file.rows) refuse(`the table ${table} has ${rows} rows instead of ${file.rows}`);
}
