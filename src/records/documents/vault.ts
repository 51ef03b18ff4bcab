// Where originals lie: sealed, as blobs. The only place that seals and opens them.
// It must never leave the bytes of an original on a disk unsealed longer than it takes to seal them.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Effects } from '../../base/effects.ts';
import { newId } from '../../base/ids.ts';
import type { Seal } from '../../base/seal.ts';
import type { BlobStore } from '../../store/store.ts';
import type { PdfSource } from './pdf.ts';

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
  { store, seal, workFolder }: { readonly store: BlobStore; readonly seal: Seal; readonly workFolder: string },
  effects: Effects,
): Vault {
  const purpose = ({ document, role }: SealedRole) => `records_documents.${role}:${document}`;
  const newPath = async (): Promise<string> => {
    await mkdir(workFolder, { recursive: true, mode: 0o700 });
    return join(workFolder, newId(effects.clock));
  };
  const keep = async (path: string, role: SealedRole): Promise<string> => {
    const sealed = `${path}.sealed`;
    try {
      await seal.sealFile(path, sealed, purpose(role));
      return (await store.adopt(sealed)).sha256;
    } finally {
      await Promise.all([rm(path, { force: true }), rm(sealed, { force: true })]);
    }
  };
  async function* open(blob: string, role: SealedRole): AsyncGenerator<Buffer> {
    yield* seal.openPieces(await store.read(blob), purpose(role));
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
