// Reading every stored file that the catalogue refers to and comparing it with its name; and the audit chain with
// itself. It must go on after the first damaged file: the one who asks needs the whole list.

import { readKeptBlobs } from '../db/kept-blobs.ts';
import type { Queryable } from '../db/open.ts';
import { type AuditVerdict, verifyAudit } from '../people/audit.ts';
import type { BlobStore } from '../store/store.ts';
import { readReferences, type Reference } from './references.ts';

export type Progress = { readonly done: number; readonly total: number; readonly bytes: number };

/** A file of a revision, or (null) one of records requests or letters: what it holds is nobody's to know here. */
export type CheckedFile = { readonly sha256: string; readonly reference: Reference | null };

export type Verification = {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly CheckedFile[];
  readonly missing: readonly CheckedFile[];
  readonly audit: AuditVerdict;
};

/** Re-hashes every referenced file. `onProgress` is told before the first and after each. */
export async function verifyAll(
  db: Queryable,
  store: BlobStore,
  onProgress: (progress: Progress) => void,
): Promise<Verification> {
  const files = await readFiles(db);
  const [damaged, missing]: [CheckedFile[], CheckedFile[]] = [[], []];
  let bytes = 0;
  onProgress({ done: 0, total: files.length, bytes });
  for (const [index, file] of files.entries()) {
    const size = await store.size(file.sha256);
    if (size === null) missing.push(file);
    else if (await store.verify(file.sha256)) bytes += size;
    else damaged.push(file);
    onProgress({ done: index + 1, total: files.length, bytes });
  }
  return { files: files.length, bytes, damaged, missing, audit: await verifyAudit(db) };
}

/** Each file once. */
async function readFiles(db: Queryable): Promise<readonly CheckedFile[]> {
  const references = await readReferences(db);
  const named = new Set(references.map(({ sha256 }) => sha256));
  const kept = [...(await readKeptBlobs(db))].filter((name) => !named.has(name)).sort();
  return [
    ...references.map((reference) => ({ sha256: reference.sha256, reference })),
    ...kept.map((sha256) => ({ sha256, reference: null })),
  ];
}
