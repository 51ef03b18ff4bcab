// Reading every stored file that the catalogue refers to and comparing it with its name; and the audit chain
// with itself.
// It must go on after the first damaged file: the one who asks needs the whole list.

import type { Queryable } from '../db/open.ts';
import { type AuditVerdict, verifyAudit } from '../people/audit.ts';
import type { BlobStore } from '../store/store.ts';
import { readReferences, type Reference } from './references.ts';

export type Progress = { readonly done: number; readonly total: number; readonly bytes: number };

export type Verification = {
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly Reference[];
  readonly missing: readonly Reference[];
  readonly audit: AuditVerdict;
};

/** Re-hashes every referenced file. `onProgress` is told before the first and after each. */
export async function verifyAll(
  db: Queryable,
  store: BlobStore,
  onProgress: (progress: Progress) => void,
): Promise<Verification> {
  const references = await readReferences(db);
  const [damaged, missing]: [Reference[], Reference[]] = [[], []];
  let bytes = 0;
  onProgress({ done: 0, total: references.length, bytes });
  for (const [index, reference] of references.entries()) {
    if (!(await store.has(reference.sha256))) missing.push(reference);
    else if (await store.verify(reference.sha256)) bytes += reference.bytes;
    else damaged.push(reference);
    onProgress({ done: index + 1, total: references.length, bytes });
  }
  return { files: references.length, bytes, damaged, missing, audit: await verifyAudit(db) };
}
