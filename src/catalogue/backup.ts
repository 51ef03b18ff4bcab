// A backup: every table as it was at one moment, every file it refers to, and a manifest that names each by its
// SHA-256. The manifest is written last: a folder without a whole one is no backup. Secrets are not in it.

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from '../db/drizzle.ts';
import type { Actor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Database, Transaction } from '../db/open.ts';
import { backupTables } from '../db/tables.ts';
import { requirePermission } from '../people/permissions.ts';
import type { BlobStore } from '../store/store.ts';
import { readKeptBlobs } from '../db/kept-blobs.ts';
import { readReferences } from './references.ts';
import type { Progress } from './verification.ts';

export type BackupFile = { readonly path: string; readonly sha256: string; readonly bytes: number };

export type BackupManifest = {
  readonly format: 1;
  readonly createdAt: string;
  readonly migrations: readonly { readonly number: number; readonly name: string; readonly checksum: string }[];
  readonly tables: readonly (BackupFile & { readonly table: string; readonly rows: number })[];
  readonly blobs: readonly BackupFile[];
};

export const manifestName = 'manifest.json';
const rowsAtOnce = 500;

/** Where a portal keeps all that it has: rows in the one, files in the other. */
export type Holdings = { readonly db: Database; readonly store: BlobStore };

/**
 * Writes a backup into `folder`, which must be empty or not there. The portal goes on working meanwhile: the tables are
 * read in one snapshot, and files are never changed. Throws stored-file-damaged, disk-full, already-exists.
 */
export async function backupPortal(
  { db, store }: Holdings,
  actor: Actor,
  folder: string,
  onProgress: (progress: Progress) => void,
  effects: Effects,
): Promise<BackupManifest> {
  requirePermission(actor, 'portal.backup');
  const startedMs = effects.clock.monotonicMs();
  await requireEmptyFolder(folder);
  const manifest = await db.transaction(
    async (tx) => {
      const createdAt = toInstant(effects.clock.now());
      const { rows: migrations } = await tx.execute<BackupManifest['migrations'][number]>(
        sql`select number, name, checksum from portal_migrations order by number`,
      );
      await tx.execute(sql`set local statement_timeout = 0`);
      await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`);
      const tables: BackupManifest['tables'][number][] = [];
      for (const table of backupTables) tables.push(await writeTable(tx, folder, table));
      const blobs = await copyBlobs(tx, store, folder, onProgress);
      return { format: 1, createdAt, migrations, tables, blobs } as const;
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
  await writeManifest(folder, manifest);
  const files = [...manifest.tables, ...manifest.blobs];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const elapsedMs = effects.clock.monotonicMs() - startedMs;
  effects.observe({ kind: 'backup-finished', files: files.length, bytes, elapsedMs });
  return manifest;
}

async function requireEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new PortalError('already-exists', say('catalogue.backup-folder-full', { folder }));
}

async function writeTable(
  tx: Transaction,
  folder: string,
  table: (typeof backupTables)[number],
): Promise<BackupManifest['tables'][number]> {
  const path = `tables/${table}.jsonl`;
  const cursor = sql.identifier(`backup_${table}`);
  await tx.execute(
    sql`declare ${cursor} no scroll cursor for select row_to_json(t)::text as line from ${sql.identifier(table)} t`,
  );
  let rows = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for (;;) {
      const page = await tx.execute<{ line: string }>(sql`fetch ${sql.raw(String(rowsAtOnce))} from ${cursor}`);
      if (page.rows.length === 0) return;
      rows += page.rows.length;
      yield page.rows.map((row) => `${row.line}\n`).join('');
    }
  };
  const file = await writeHashed(lines(), folder, path);
  await tx.execute(sql`close ${cursor}`);
  return { ...file, table, rows };
}

async function copyBlobs(
  tx: Transaction,
  store: BlobStore,
  folder: string,
  onProgress: (progress: Progress) => void,
): Promise<readonly BackupFile[]> {
  const references = await readReferences(tx);
  const named = new Set(references.map(({ sha256 }) => sha256));
  const kept = [...(await readKeptBlobs(tx))].filter((name) => !named.has(name));
  const total = references.length + kept.length;
  const files: BackupFile[] = [];
  let bytes = 0;
  onProgress({ done: 0, total, bytes });
  for (const { sha256, dataset, number, role } of references) {
    const file = await writeHashed(await store.read(sha256), folder, `blobs/${sha256.slice(0, 2)}/${sha256}`);
    if (file.sha256 !== sha256)
      throw new PortalError('stored-file-damaged', {
        detail: say('catalogue.backup-file-damaged', { role, number, dataset }),
        extra: { sha256 },
      });
    files.push(file);
    bytes += file.bytes;
    onProgress({ done: files.length, total, bytes });
  }
  for (const name of kept) {
    const file = await writeHashed(await store.read(name), folder, `blobs/${name.slice(0, 2)}/${name}`);
    if (file.sha256 !== name) {
      const detail = say('catalogue.backup-record-damaged');
      throw new PortalError('stored-file-damaged', { detail, extra: { sha256: name } });
    }
    files.push(file);
    bytes += file.bytes;
    onProgress({ done: files.length, total, bytes });
  }
  return files;
}

/** Writes and syncs one file of the backup, hashing what goes by. */
async function writeHashed(
  source: AsyncIterable<string | Uint8Array>,
  folder: string,
  path: string,
): Promise<BackupFile> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    await pipeline(source, count, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
      throw new PortalError('disk-full', {
        detail: say('catalogue.backup-disk-full'),
        cause: error,
      });
    throw error;
  }
  await syncFolder(dirname(target));
  return { path, sha256: hash.digest('hex'), bytes };
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  const sum = createHash('sha256').update(text).digest('hex');
  await writeFile(join(folder, `${manifestName}.sha256`), `${sum}  ${manifestName}\n`, { flush: true, mode: 0o600 });
  await writeFile(join(folder, manifestName), text, { flush: true, mode: 0o600 });
  await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** SHA-256 of a file of the backup; null when it is not there. */
export async function hashBackupFile(folder: string, path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
