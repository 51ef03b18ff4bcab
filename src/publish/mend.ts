// Makes a damaged stored file again, when it is one that can be made: what queries run on, and ready downloads.
// It must not touch what was published (Parquet, source, quarantine): that comes back from a backup only.

import type { Effects } from '../base/effects.ts';
import type { Dataset, Revision } from '../catalogue/dataset.ts';
import { allDatasets, deriveDownloads, deriveServing, downloadBlobs, type DeriveDeps } from './derive.ts';

export type MendOutcome =
  /** Its bytes are right: somebody was faster. */
  | 'whole'
  | 'mended'
  /** It is a revision's own Parquet, source or quarantine file. */
  | 'needs-backup'
  /** No revision names it: it is swept away in time. */
  | 'unnamed';

type Use = { readonly dataset: Dataset; readonly revision: Revision; readonly role: 'serving' | 'download' | 'own' };

/** Throws stored-file-damaged when the Parquet file that it would be made from is damaged, too. */
export async function mendStored(
  deps: DeriveDeps,
  sha256: string,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<MendOutcome> {
  if (await deps.store.verify(sha256)) return 'whole';
  const uses = await findUses(deps, sha256);
  for (const { dataset, revision, role } of uses) {
    if (role === 'own') return 'needs-backup';
    if (role === 'serving') await deriveServing(deps, dataset, revision);
    else await mendDownloads(deps, { dataset, revision }, sha256, signal, effects);
    effects.observe({ kind: 'stored-file-mended', sha256, role, dataset: dataset.id, number: revision.number });
  }
  return uses.length === 0 ? 'unnamed' : 'mended';
}

/** Until it is there again the download is sent as it is made; so are those of earlier revisions from now on. */
async function mendDownloads(
  deps: DeriveDeps,
  { dataset, revision }: Pick<Use, 'dataset' | 'revision'>,
  sha256: string,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<void> {
  const downloads = revision.downloads.filter((download) => !downloadBlobs(download).includes(sha256));
  await deps.catalogue.setDerived(dataset.code, revision.number, { downloads });
  if (revision.number !== dataset.current.number) return;
  const { serving } = revision;
  const hasServing = serving !== null && (await deps.store.verify(serving.sha256));
  const served = hasServing ? revision : await deriveServing(deps, dataset, revision);
  await deriveDownloads(deps, dataset, served, signal, effects);
}

async function findUses(deps: DeriveDeps, sha256: string): Promise<readonly Use[]> {
  const uses: Use[] = [];
  for (const dataset of allDatasets(deps)) {
    for (const { number } of await deps.catalogue.revisions(dataset.id)) {
      const revision = await deps.catalogue.revision(dataset.id, String(number));
      if (revision === null) continue;
      const { parquet, source, quarantine, serving, downloads } = revision;
      const own = [parquet, source, quarantine].some((blob) => blob?.sha256 === sha256);
      if (own) uses.push({ dataset, revision, role: 'own' });
      else if (serving?.sha256 === sha256) uses.push({ dataset, revision, role: 'serving' });
      else if (downloads.flatMap(downloadBlobs).includes(sha256)) uses.push({ dataset, revision, role: 'download' });
    }
  }
  return uses;
}
