// Finds the dataset and the revision that an address means, or says plainly that there is none.
// It must not tell "not there" from "not for you": both are dataset-not-found.

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Dataset, Revision } from '../../catalogue/dataset.ts';
import type { ServingFile } from '../../engine/engine.ts';
import type { Portal } from '../portal.ts';

const readableId = /^[a-z0-9][a-z0-9-]{0,99}$/u;

/** By readable id or code. Throws dataset-not-found. */
export async function requireDataset(portal: Portal, id: string, actor: Actor): Promise<Dataset> {
  void actor; // every dataset is public today; the question is asked here so that one place can answer it tomorrow
  const found = readableId.test(id) ? portal.catalogue.view(id) : null;
  if (found !== null) return found;
  throw new PortalError('dataset-not-found', {
    detail: say('serve.no-dataset', { dataset: id.slice(0, 100).toWellFormed(), address: portal.config.publicUrl }),
  });
}

/** The current revision, or the one that `asOf` names. Throws revision-not-found. */
export async function requireRevision(portal: Portal, dataset: Dataset, asOf: string | null): Promise<Revision> {
  if (asOf === null) return dataset.current;
  const found = await portal.catalogue.asOf(dataset.id, asOf);
  if (found !== null) return found;
  throw new PortalError('revision-not-found', {
    detail: say('serve.no-revision', { revision: asOf.slice(0, 100).toWellFormed(), dataset: dataset.id }),
  });
}

/**
 * The checked local file that queries of a revision run on. Throws not-ready while it is being made,
 * stored-file-damaged.
 */
export async function requireServingFile(portal: Portal, revision: Revision): Promise<ServingFile> {
  const { serving } = revision;
  if (serving === null) {
    throw new PortalError('not-ready', {
      detail: say('serve.revision-in-preparation', { revision: revision.number }),
      retryAfterSeconds: 5,
    });
  }
  const path = await portal.store.localPath(serving.sha256);
  return { path, sha256: serving.sha256, bytes: serving.bytes, rows: revision.rows };
}
