// Files that come with a request: read from the wire, named by what their bytes are, sealed, and only then stored.
// It must never write a file's bytes or name anywhere unsealed, and serves none as a page.

import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { and, asc, eq, sql } from '../../db/drizzle.ts';
import { fileTypeFromBuffer } from 'file-type';

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsFiles } from '../../db/tables-records.ts';
import type { BlobStore } from '../../store/store.ts';

export type FilesParts = {
  readonly db: Queryable;
  readonly seal: Seal;
  readonly store: BlobStore;
  readonly workFolder: string;
};

export type RequestFile = {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly createdAt: string;
};

export type FileOwner = { readonly requestId: string } | { readonly draftId: string };

export const greatestFileBytes = 100 * 1024 * 1024;
const mostFiles = 20;
/** What file-type needs to see to tell what a file is. */
const headBytes = 4_100;

function bytesPurpose(id: string): string {
  return `records_files ${id}`;
}

function namePurpose(id: string): string {
  return `records_files.name ${id}`;
}

/** Throws upload-too-large, form-invalid when there are too many, and what `bytes` throws; nothing is left then. */
export async function addFile(
  parts: FilesParts,
  owner: FileOwner,
  given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
  effects: Effects,
): Promise<RequestFile> {
  await requireRoom(parts.db, owner);
  return keepFile(parts, owner, given, effects);
}

/** However many there are already: for what the staff have looked at. Throws as addFile does. */
export async function keepFile(
  parts: FilesParts,
  owner: FileOwner,
  given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
  effects: Effects,
): Promise<RequestFile> {
  await mkdir(parts.workFolder, { recursive: true });
  const id = newId(effects.clock);
  const path = join(parts.workFolder, `${id}.part`);
  try {
    const read = { bytes: 0, head: Buffer.alloc(0) };
    await writeSealed(path, parts.seal.sealPieces(limited(given.bytes, read), bytesPurpose(id)));
    if (read.bytes === 0) refuseField('file', say('records.file-empty'));
    const blob = await parts.store.adopt(path);
    const name = toFileName(given.name);
    const mediaType = await sniff(read.head);
    const createdAt = toInstant(effects.clock.now());
    await parts.db.insert(recordsFiles).values({
      id,
      ...owner,
      name: parts.seal.seal(name, namePurpose(id)),
      mediaType,
      bytes: read.bytes,
      blob: blob.sha256,
      createdAt,
    });
    return { id, name, mediaType, bytes: read.bytes, createdAt };
  } finally {
    await rm(path, { force: true });
  }
}

async function requireRoom(db: Queryable, owner: FileOwner): Promise<void> {
  const { rows } = await db.execute<{ files: number }>(
    sql`select count(*)::int as files from records_files where ${ownedBy(owner)}`,
  );
  if (rows[0]!.files < mostFiles) return;
  const detail = say('records.files-many', { most: mostFiles });
  refuseField('file', detail);
}

function ownedBy(owner: FileOwner) {
  return 'requestId' in owner ? eq(recordsFiles.requestId, owner.requestId) : eq(recordsFiles.draftId, owner.draftId);
}

async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  read: { bytes: number; head: Buffer },
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    read.bytes += piece.byteLength;
    if (read.bytes > greatestFileBytes) {
      throw new PortalError('upload-too-large', {
        detail: say('records.file-large'),
        extra: { limit: greatestFileBytes },
      });
    }
    if (read.head.length < headBytes) {
      read.head = Buffer.concat([read.head, piece.subarray(0, headBytes - read.head.length)]);
    }
    yield piece;
  }
}

async function writeSealed(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What the bytes are, whatever the name says. Text has no marks of its own. */
async function sniff(head: Buffer): Promise<string> {
  const found = await fileTypeFromBuffer(head);
  if (found !== undefined) return found.mime;
  return head.includes(0) ? 'application/octet-stream' : 'text/plain';
}

/** The last part of what the sender called it, without what no name may have. */
function toFileName(given: string): string {
  const last = given.split(/[\\/]/u).at(-1) ?? '';
  const plain = last
    .replace(/[\p{Cc}\p{Cf}"<>|*?:]/gu, '')
    .trim()
    .slice(0, 200);
  return plain === '' || /^\.+$/u.test(plain) ? 'file' : plain;
}

export async function readFiles(db: Queryable, seal: Seal, requestId: string): Promise<readonly RequestFile[]> {
  return readOwned(db, seal, { requestId });
}

export async function readOwned(db: Queryable, seal: Seal, owner: FileOwner): Promise<readonly RequestFile[]> {
  const rows = await db.select().from(recordsFiles).where(ownedBy(owner)).orderBy(asc(recordsFiles.createdAt));
  return rows.map(({ id, name, mediaType, bytes, createdAt }) => ({
    id,
    name: String(seal.open(name, namePurpose(id))),
    mediaType,
    bytes,
    createdAt,
  }));
}

/** The bytes, opened and proven piece by piece. Whoever calls has asked for the permission. Throws not-found. */
export async function openFile(
  parts: FilesParts,
  owner: FileOwner,
  id: string,
): Promise<RequestFile & { readonly pieces: AsyncIterable<Buffer> }> {
  const rows = isId(id)
    ? await parts.db
        .select()
        .from(recordsFiles)
        .where(and(eq(recordsFiles.id, id), ownedBy(owner)))
    : [];
  const [row] = rows;
  if (row === undefined) throw new PortalError('not-found');
  const { mediaType, bytes, createdAt } = row;
  const name = String(parts.seal.open(row.name, namePurpose(id)));
  return {
    id,
    name,
    mediaType,
    bytes,
    createdAt,
    pieces: parts.seal.openPieces(await parts.store.read(row.blob), bytesPurpose(id)),
  };
}

/** From a draft only: what was sent is kept. */
export async function removeDraftFile(db: Queryable, draftId: string, id: string): Promise<void> {
  if (!isId(id)) throw new PortalError('not-found');
  const removed = await db
    .delete(recordsFiles)
    .where(and(eq(recordsFiles.id, id), eq(recordsFiles.draftId, draftId)))
    .returning({ id: recordsFiles.id });
  if (removed.length === 0) throw new PortalError('not-found');
}
