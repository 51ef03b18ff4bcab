// Files that come with a request: read from the wire, named by what their bytes are, sealed, and only then stored.
// It must never write a file's bytes or name anywhere unsealed, and serves none as a page.

import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { and, asc, eq, sql } from '../../db/drizzle.ts';
import { fileTypeFromBuffer } from 'file-type';

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { toFileName } from '../../base/file-name.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Queryable, Transaction } from '../../db/open.ts';
import { recordsFiles } from '../../db/tables-records.ts';
import type { BlobStore } from '../../store/store.ts';

export type FilesParts = {
  readonly db: Queryable;
  readonly seal: Seal;
  readonly store: BlobStore;
  readonly workFolder: string;
  /** The disk keeps so much free for everything else; 2 GB when left out. */
  readonly leastFreeBytes?: number;
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
/** All files of one draft or request. */
const mostBytes = 300 * 1024 * 1024;
/** All files of all requests that nobody has sent yet: anybody may begin one. */
const mostDraftBytes = 10 * 1024 ** 3;
const leastFreeBytes = 2 * 1024 ** 3;
/** What file-type needs to see to tell what a file is. */
const headBytes = 4_100;

function bytesPurpose(id: string): string {
  return `records_files ${id}`;
}

function namePurpose(id: string): string {
  return `records_files.name ${id}`;
}

/**
 * Throws upload-too-large, form-invalid when there are too many, disk-full while there is little room, and what `bytes`
 * throws; nothing is left then. Asked before the bytes are taken, and again where the file is noted: many may come at
 * once.
 */
export async function addFile(
  parts: FilesParts,
  owner: FileOwner,
  given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
  effects: Effects,
): Promise<RequestFile> {
  await requireSpace(parts);
  await requireRoom(parts.db, owner, 0);
  const isRoom = (tx: Transaction, bytes: number) => requireRoom(tx, owner, bytes);
  return receiveFile({ parts, owner, given, isRoom }, effects);
}

/** However many there are already: for what the staff have looked at. Throws as addFile does. */
export async function keepFile(
  parts: FilesParts,
  owner: FileOwner,
  given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
  effects: Effects,
): Promise<RequestFile> {
  return receiveFile({ parts, owner, given, isRoom: async () => undefined }, effects);
}

type Receiving = {
  readonly parts: FilesParts;
  readonly owner: FileOwner;
  readonly given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> };
  /** Throws where the file may not be kept; within the transaction that notes it. */
  readonly isRoom: (tx: Transaction, bytes: number) => Promise<void>;
};

async function receiveFile({ parts, owner, given, isRoom }: Receiving, effects: Effects): Promise<RequestFile> {
  await mkdir(parts.workFolder, { recursive: true });
  const id = newId(effects.clock);
  const path = join(parts.workFolder, `${id}.part`);
  try {
    const read = { bytes: 0, head: Buffer.alloc(0) };
    await writeSealed(path, parts.seal.sealPieces(limited(given.bytes, read), bytesPurpose(id)));
    if (read.bytes === 0) refuseField('file', say('records.file-empty'));
    const blob = await parts.store.adopt(path);
    const name = toFileName(given.name.replace(/["<>|*?:]/gu, ''), 'file');
    const mediaType = await sniff(read.head);
    const createdAt = toInstant(effects.clock.now());
    const row = { id, ...owner, mediaType, bytes: read.bytes, blob: blob.sha256, createdAt };
    await parts.db.transaction(async (tx) => {
      await isRoom(tx, read.bytes);
      await tx.insert(recordsFiles).values({ ...row, name: parts.seal.seal(name, namePurpose(id)) });
    });
    return { id, name, mediaType, bytes: read.bytes, createdAt };
  } finally {
    await rm(path, { force: true });
  }
}

async function requireSpace({ workFolder, leastFreeBytes: least = leastFreeBytes }: FilesParts): Promise<void> {
  await mkdir(workFolder, { recursive: true });
  const { bavail, bsize } = await statfs(workFolder);
  if (bavail * bsize < least) throw new PortalError('disk-full', say('records.little-room'));
}

/** Room for one more file of `bytes`. The owner is locked, so that of many at once each sees those before it. */
async function requireRoom(db: Queryable, owner: FileOwner, bytes: number): Promise<void> {
  const isDraft = 'draftId' in owner;
  await db.execute(
    isDraft
      ? sql`select from records_drafts where id = ${owner.draftId} for update`
      : sql`select from records_requests where id = ${owner.requestId} for update`,
  );
  const { rows } = await db.execute<{ files: number; bytes: number; unsent: number }>(sql`
    select count(*)::int as files, coalesce(sum(bytes), 0)::float8 as bytes,
      (select coalesce(sum(bytes), 0)::float8 from records_files where draft_id is not null) as unsent
    from records_files where ${ownedBy(owner)}`);
  const kept = rows[0]!;
  if (kept.files >= mostFiles) refuseField('file', say('records.files-many', { most: mostFiles }));
  if (kept.bytes + bytes > mostBytes) refuseField('file', say('records.files-large'));
  if (isDraft && kept.unsent + bytes > mostDraftBytes) throw new PortalError('disk-full', say('records.little-room'));
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
