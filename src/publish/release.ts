// The second half of publishing: a draft becomes the revision that is current, in one transaction.
// It must read no file: what is released has been prepared, and what it names is whole in the store.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Dataset, DatasetMetadata } from '../catalogue/dataset.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { ReleaseInput, ReleaseOutcome } from '../catalogue/release.ts';
import type { PreparedFile } from './prepare.ts';

/** What is to become of a dataset: other rows, other words, or both. Nothing of it is public before its release. */
export type Draft = {
  /** Readable id of a new dataset, or either id of one that is there. */
  readonly id: string;
  readonly department: ReleaseInput['department'];
  /** null keeps what the dataset has; a new dataset needs it. */
  readonly metadata: DatasetMetadata | null;
  readonly note: string | null;
  /** As ReleaseInput.expected: the revision that it was made against. */
  readonly expected?: number | null | undefined;
  /** null: the rows stay as they are. */
  readonly file: PreparedFile | null;
};

export type ReleaseDeps = { readonly catalogue: Pick<Catalogue, 'view' | 'release'> };

export type Released = { readonly outcome: ReleaseOutcome; readonly dataset: Dataset };

/**
 * Resolves when the revision is public and on disk; downloads are derived afterwards (derive.ts). What `within` writes
 * is there when the revision is, and never was when it is not. Throws forbidden, conflict, metadata-invalid.
 */
export async function releaseDraft(
  { catalogue }: ReleaseDeps,
  actor: Actor,
  draft: Draft,
  within?: ReleaseInput['within'],
): Promise<Released> {
  const { department, metadata, note, file } = draft;
  const standing = catalogue.view(draft.id);
  const id = standing?.id ?? draft.id;
  if (file !== null) {
    const revision = { note, ...file };
    return await catalogue.release(actor, { id, department, metadata, revision, expected: draft.expected, within });
  }
  if (standing === null) {
    throw new PortalError('conflict', say('publish.draft-of-nothing'));
  }
  // The very rows that stand: another revision that comes meanwhile is a conflict, never undone.
  const { current } = standing;
  const expected = draft.expected === undefined ? current.number : draft.expected;
  if (expected !== current.number) throw new PortalError('conflict', { extra: { current: current.number, expected } });
  return await catalogue.release(actor, { id, department, metadata, revision: current, expected, within });
}
