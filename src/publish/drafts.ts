// Drafts of datasets as they are kept: what was prepared or said, and is not public. A draft keeps its stored files.
// It must not decide who may do what: whoever calls has asked, and writes the audit event in the same transaction.

import { and, eq } from '../db/drizzle.ts';

import { actorId, actorName, type Actor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { isId } from '../base/ids.ts';
import type { DatasetMetadata } from '../catalogue/dataset.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { datasetDrafts } from '../db/tables-drafts.ts';
import { departments } from '../db/tables.ts';
import { blobsOf, type PreparedFile } from './prepare.ts';
import type { Draft } from './release.ts';

export type DraftState = 'draft' | 'published' | 'discarded';

export type KeptDraft = {
  readonly id: string;
  readonly version: number;
  readonly state: DraftState;
  /** What it is released as; `expected` is the revision that it was made against. */
  readonly draft: Draft;
};

export type NewDraft = {
  readonly id: string;
  /** What suggested it (a released record, a source that is read), which has one open draft at a time; or null. */
  readonly origin: string | null;
  readonly draft: Draft & { readonly expected: number | null };
};

/** Throws already-exists when there is an open draft of its origin. */
export async function keepDraft(tx: Transaction, actor: Actor, wanted: NewDraft, effects: Effects): Promise<void> {
  const { id, origin, draft } = wanted;
  const { department, metadata, note, file } = draft;
  const now = toInstant(effects.clock.now());
  const kept = await tx
    .insert(datasetDrafts)
    .values({
      ...{ id, origin, metadata, note, dataset: draft.id, department: department.id, standing: draft.expected },
      ...{ state: 'draft', prepared: file, blobs: file === null ? [] : [...blobsOf(file)] },
      ...{ createdBy: idOf(actor), createdName: actorName(actor), createdAt: now, changedAt: now },
    })
    .onConflictDoNothing()
    .returning({ id: datasetDrafts.id });
  if (kept.length === 0) throw new PortalError('already-exists', say('publish.draft-exists'));
}

/** Null when there is none. */
export async function readDraft(db: Queryable, id: string): Promise<KeptDraft | null> {
  if (!isId(id)) return null;
  const [found] = await db
    .select({ row: datasetDrafts, departmentName: departments.name })
    .from(datasetDrafts)
    .innerJoin(departments, eq(departments.id, datasetDrafts.department))
    .where(eq(datasetDrafts.id, id));
  if (found === undefined) return null;
  const { row, departmentName } = found;
  const { version, note } = row;
  const draft: Draft = {
    id: row.dataset,
    department: { id: row.department, name: departmentName },
    metadata: row.metadata as DatasetMetadata | null,
    note,
    expected: row.standing,
    file: row.prepared as PreparedFile | null,
  };
  return { id, version, state: row.state as DraftState, draft };
}

/** Throws conflict when it is closed, or another version than the one that was seen. */
export function requireOpen(kept: Pick<KeptDraft, 'state' | 'version'>, seen: number): void {
  if (kept.state === 'published') throw new PortalError('conflict', say('publish.draft-published'));
  if (kept.state === 'discarded') throw new PortalError('conflict', say('publish.draft-discarded'));
  if (kept.version !== seen) throw new PortalError('conflict', { extra: { version: kept.version, seen } });
}

/** Gives an open draft the file that was prepared for it. Throws conflict. */
export async function keepFile(
  db: Queryable,
  kept: KeptDraft,
  file: PreparedFile,
  effects: Effects,
): Promise<KeptDraft> {
  await change(db, kept, { prepared: file, blobs: [...blobsOf(file)] }, effects);
  return { ...kept, version: kept.version + 1, draft: { ...kept.draft, file } };
}

/** In the transaction that makes it a revision, whose its files are from now on. Throws conflict. */
export async function closeReleased(tx: Transaction, actor: Actor, kept: KeptDraft, effects: Effects): Promise<void> {
  const { id: dataset, metadata, file } = kept.draft;
  const publishedAt = toInstant(effects.clock.now());
  const done = { state: 'published', publishedAt, publishedBy: idOf(actor) } as const;
  const revision = file?.parquet.sha256 ?? null;
  await change(tx, kept, { ...done, dataset, metadata, revision, prepared: null, blobs: [] }, effects);
}

/** Its files are nobody's now, and swept in time. Throws conflict. */
export async function closeDiscarded(tx: Transaction, kept: KeptDraft, effects: Effects): Promise<void> {
  await change(tx, kept, { state: 'discarded', prepared: null, blobs: [] }, effects);
}

function idOf(actor: Actor): string {
  return actorId(actor) ?? actor.kind;
}

async function change(
  db: Queryable,
  { id, version }: KeptDraft,
  set: Partial<typeof datasetDrafts.$inferInsert>,
  effects: Effects,
): Promise<void> {
  const own = and(eq(datasetDrafts.id, id), eq(datasetDrafts.version, version), eq(datasetDrafts.state, 'draft'));
  const changedAt = toInstant(effects.clock.now());
  const changed = await db
    .update(datasetDrafts)
    .set({ ...set, changedAt, version: version + 1 })
    .where(own)
    .returning({ id: datasetDrafts.id });
  if (changed.length === 0) throw new PortalError('conflict');
}
