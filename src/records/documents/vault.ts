// Where originals lie: sealed, as blobs, each document's with a key of its own. The only place that seals and opens
// them. It must never leave the bytes of an original on a disk unsealed longer than it takes to seal them.

import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { eq } from '../../db/drizzle.ts';

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import { recordsDocumentKeys } from '../../db/tables-reports.ts';
import type { BlobStore } from '../../store/store.ts';
import type { PdfSource } from './pdf/pdf.ts';

/** What a sealed file is; bound to it, so that the file of one document does not open for another. */
export type SealedRole = { readonly document: string; readonly role: 'original' | 'working' };

export type Vault = {
  /** A new path in the portal's own work folder. Whoever asks removes what is left there. */
  newPath(): Promise<string>;
  /** Seals the file and keeps it; the file is gone afterwards. Answers the blob's name. */
  keep(path: string, role: SealedRole): Promise<string>;
  keepBytes(bytes: Uint8Array, role: SealedRole): Promise<string>;
  open(blob: string, role: SealedRole): AsyncGenerator<Buffer>;
  source(blob: string, role: SealedRole, bytes: number): PdfSource;
};

export function openVault(
  parts: {
    readonly db: Database;
    readonly store: BlobStore;
    readonly seal: Seal;
    readonly workFolder: string;
  },
  effects: Effects,
): Vault {
  const { db, store, seal, workFolder } = parts;
  // The document's own key is part of what its files' keys are made of: without it they open for nobody.
  const purpose = async ({ document, role }: SealedRole) =>
    `records_documents.${role}:${document}:${await readDocumentKey(db, seal, document)}`;
  const newPath = async (): Promise<string> => {
    await mkdir(workFolder, { recursive: true, mode: 0o700 });
    return join(workFolder, newId(effects.clock));
  };
  const keep = async (path: string, role: SealedRole): Promise<string> => {
    const sealed = `${path}.sealed`;
    try {
      await makeDocumentKey(db, seal, role.document, effects);
      await seal.sealFile(path, sealed, await purpose(role));
      return (await store.adopt(sealed)).sha256;
    } finally {
      await Promise.all([rm(path, { force: true }), rm(sealed, { force: true })]);
    }
  };
  async function* open(blob: string, role: SealedRole): AsyncGenerator<Buffer> {
    const own = await purpose(role);
    yield* seal.openPieces(await store.read(blob), own);
  }
  return {
    newPath,
    keep,
    async keepBytes(bytes, role) {
      const path = await newPath();
      await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
      return keep(path, role);
    },
    open,
    source: (blob, role, bytes) => ({ bytes, read: () => open(blob, role) }),
  };
}

const documentKeyBytes = 32;

function documentKeyPurpose(document: string): string {
  return `records_document_keys.key:${document}`;
}

/** Once for a document, however many files it has. A key that was destroyed is never made again. */
async function makeDocumentKey(db: Database, seal: Seal, document: string, effects: Effects): Promise<void> {
  const key = seal.seal(randomBytes(documentKeyBytes).toString('hex'), documentKeyPurpose(document));
  const madeAt = toInstant(effects.clock.now());
  await db.insert(recordsDocumentKeys).values({ documentId: document, key, madeAt }).onConflictDoNothing();
}

/** Throws not-found for a record that was destroyed. */
async function readDocumentKey(db: Database, seal: Seal, document: string): Promise<string> {
  const [row] = await db.select().from(recordsDocumentKeys).where(eq(recordsDocumentKeys.documentId, document));
  if (row === undefined) throw new Error(`document ${document} has no key`);
  if (row.key !== null) return String(seal.open(row.key, documentKeyPurpose(document)));
  throw new PortalError('not-found', say('documents.destroyed'));
}
