// Takes a responsive record in: received to disk, looked at, scanned, sealed, kept, and handed to be prepared.
// It must keep every file that came whole, whatever is wrong with it: what is wrong is told, not refused.

import { rm } from 'node:fs/promises';

import { eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDocuments } from '../../db/tables-documents.ts';
import { appendAudit } from '../../people/audit.ts';
import { receiveFile } from '../../publish/receive.ts';
import type { ReceivedFile } from '../../publish/receive.ts';
import { admit } from './deps.ts';
import type { DocumentsDeps } from './deps.ts';
import type { DocumentFlag } from './document.ts';
import { prepareJob } from './job-names.ts';
import { findKind } from './kinds.ts';
import type { FoundKind } from './kinds.ts';
import { namePurpose } from './rows.ts';
import { scanFile } from './virus.ts';
import type { ScanVerdict } from './virus.ts';

export type Intake = {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the whole upload, when the client said: refused before it is read. */
  readonly declaredBytes: number | null;
};

export type TakenIn = { readonly id: string; readonly number: number };

/** Throws upload-too-large, upload-truncated, empty-file, disk-full. */
export async function takeIn(deps: DocumentsDeps, actor: Actor, request: string, intake: Intake): Promise<TakenIn> {
  const { staff, request: found } = await admit(deps, actor, request, 'document.upload');
  const path = await deps.vault.newPath();
  // A form is a little longer than its file: only the file itself is held to the limit exactly.
  const announced = intake.declaredBytes !== null && intake.declaredBytes > deps.maxUploadBytes + 1_048_576;
  const declaredBytes = announced ? intake.declaredBytes : null;
  const file = await receiveFile(path, { ...intake, declaredBytes }, deps.maxUploadBytes);
  const owner = { id: staff.id, name: staff.name };
  return keepFile(deps, actor, { requestId: found.id, parent: null, owner, file });
}

export type Keeping = {
  readonly requestId: string;
  readonly parent: string | null;
  readonly owner: { readonly id: string; readonly name: string };
  readonly file: ReceivedFile;
};

/** The file is gone afterwards: sealed, or removed because something failed. */
export async function keepFile(deps: DocumentsDeps, actor: Actor, keeping: Keeping): Promise<TakenIn> {
  const { file } = keeping;
  const id = newId(deps.effects.clock);
  try {
    const [found, verdict] = [await findKind(file.path, file.name), await scanFile(file.path, deps.scanner)];
    const original = await deps.vault.keep(file.path, { document: id, role: 'original' });
    return await deps.db.transaction((tx) => insert(deps, tx, actor, { ...keeping, id, original, found, verdict }));
  } finally {
    await rm(file.path, { force: true });
  }
}

type Inserting = Keeping & {
  readonly id: string;
  readonly original: string;
  readonly found: FoundKind;
  readonly verdict: ScanVerdict;
};

async function insert(deps: DocumentsDeps, tx: Transaction, actor: Actor, given: Inserting): Promise<TakenIn> {
  const { id, requestId, parent, owner, file, original, found, verdict } = given;
  // The request's event comes first: it holds the request, so that numbers have no gap.
  const event = {
    kind: 'document-added',
    audience: 'staff',
    data: { media: found.mediaType, bytes: file.bytes },
  } as const;
  await deps.requests.appendEvent(tx, actor, requestId, event);
  const [last] = await tx
    .select({ number: sql<number | null>`max(${recordsDocuments.number})` })
    .from(recordsDocuments)
    .where(eq(recordsDocuments.requestId, requestId));
  const number = (last?.number ?? 0) + 1;
  const at = toInstant(deps.effects.clock.now());
  const isInfected = verdict.kind === 'infected';
  await tx.insert(recordsDocuments).values({
    id,
    requestId,
    number,
    parent,
    name: deps.seal.seal(file.name, namePurpose(id)),
    kind: found.kind,
    mediaType: found.mediaType,
    bytes: file.bytes,
    sha256: file.sha256,
    original,
    state: isInfected ? 'quarantined' : 'preparing',
    problem: isInfected ? 'infected' : null,
    flags: toFlags(found, verdict, deps.scanner !== null),
    uploadedBy: owner.id,
    uploadedName: owner.name,
    uploadedAt: at,
    changedAt: at,
  });
  if (!isInfected) await deps.jobs.send(prepareJob, { document: id }, { tx, singletonKey: id });
  const details = { document: number, bytes: file.bytes, sha256: file.sha256, kind: found.kind };
  await appendAudit(tx, actor, { action: 'document.upload', subject: `document:${id}`, details }, deps.effects);
  return { id, number };
}

/** Where the city runs no scanner, that nothing was scanned is no news about one file. */
function toFlags(found: FoundKind, verdict: ScanVerdict, hasScanner: boolean): readonly DocumentFlag[] {
  const flags: DocumentFlag[] = [];
  if (found.lies) flags.push('type-lies');
  if (found.kind === 'whole') flags.push('not-inspected');
  if (hasScanner && verdict.kind === 'not-scanned') flags.push('not-scanned');
  return flags;
}
