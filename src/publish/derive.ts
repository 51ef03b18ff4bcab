// What is made from a released revision and can be made again at any time: serving file, figures, downloads; and what
// is swept away. It must never change what a revision says, and never remove a file that one names.

import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import type { Dataset, Revision } from '../catalogue/dataset.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { Engine } from '../engine/engine.ts';
import type { BlobStore } from '../store/store.ts';
import { toSqlString } from './read/build.ts';
import { defaultIngestLimits, type IngestLimits } from './ingest.ts';
import { profileColumns } from './profile.ts';
import { writeDownloads } from './downloads.ts';
import { toDiskFull, withWorkFolder, type WorkPlace } from './work-folder.ts';
import { rebuildServing } from './write-revision.ts';

export type DeriveDeps = WorkPlace & {
  readonly catalogue: Pick<Catalogue, 'view' | 'setDerived' | 'list' | 'revisions' | 'revision' | 'keptBlobs'>;
  readonly engine: Engine;
  readonly store: BlobStore;
  readonly limits?: Partial<IngestLimits>;
};

/** The job that makes what a release left for later: of one dataset, by code, or with null of every one. */
export const deriveJob = 'publish-derive';
export type DeriveData = { readonly dataset: string | null };

/** Makes the serving file of a revision again from its canonical Parquet. */
export async function deriveServing(
  deps: DeriveDeps,
  dataset: Pick<Dataset, 'code'>,
  revision: Revision,
): Promise<Revision> {
  const serving = await withWorkFolder(deps, async (folder) => {
    const paths = { parquet: join(folder, 'revision.parquet'), serving: join(folder, 'serving.duckdb') };
    await copyFile(await deps.store.localPath(revision.parquet.sha256), paths.parquet);
    const { deadlineMs, memoryBytes } = { ...defaultIngestLimits, ...deps.limits };
    const build = await deps.engine.build({ folders: [folder], deadlineMs, memoryBytes });
    try {
      await rebuildServing(build, paths, revision.columns);
    } finally {
      await build.close();
    }
    return await deps.store.adopt(paths.serving);
  });
  await deps.catalogue.setDerived(dataset.code, revision.number, { serving });
  return { ...revision, serving };
}

/** Makes and records the figures of every column, when the publish left them for later. */
export async function deriveProfile(
  deps: DeriveDeps,
  dataset: Pick<Dataset, 'code'>,
  revision: Revision,
): Promise<Revision> {
  const { serving } = revision;
  if (serving === null || revision.profile.length > 0 || revision.columns.length === 0) return revision;
  const path = await deps.store.localPath(serving.sha256);
  const { deadlineMs, memoryBytes } = { ...defaultIngestLimits, ...deps.limits };
  return await withWorkFolder(deps, async (folder) => {
    // The session spills into its first folder.
    const build = await deps.engine.build({ folders: [folder, dirname(path)], deadlineMs, memoryBytes });
    try {
      await build.run(`attach ${toSqlString(path)} as serving (read_only)`);
      const profile = await profileColumns(build, 'serving.data', revision.columns, revision.rows);
      await deps.catalogue.setDerived(dataset.code, revision.number, { profile });
      return { ...revision, profile };
    } finally {
      await build.close();
    }
  });
}

/** Makes and records the downloads of a revision. */
export async function deriveDownloads(
  deps: DeriveDeps,
  dataset: Pick<Dataset, 'id' | 'code'>,
  revision: Revision,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<void> {
  const begun = effects.clock.monotonicMs();
  const downloads = await withWorkFolder(deps, (folder) => writeDownloads(deps, dataset, revision, folder, signal));
  await deps.catalogue.setDerived(dataset.code, revision.number, { downloads });
  const elapsedMs = effects.clock.monotonicMs() - begun;
  effects.observe({ kind: 'revision-derived', dataset: dataset.id, number: revision.number, elapsedMs });
}

/** Downloads are for the current revision only: when they are made there may be a newer one than was asked for. */
export async function deriveCurrent(
  deps: DeriveDeps,
  code: string,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<void> {
  const dataset = deps.catalogue.view(code);
  if (dataset !== null) await deriveOne(deps, dataset, dataset.current.number, signal, effects);
}

/**
 * Makes what is missing: serving files of every revision, downloads of the current ones. One failing dataset does not
 * stop the others; each failure is observed. Returns how many revisions were worked on.
 */
export async function deriveMissing(
  deps: DeriveDeps,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<number> {
  let worked = 0;
  for (const dataset of allDatasets(deps)) {
    for (const { number } of await deps.catalogue.revisions(dataset.id)) {
      if (isStopped(signal)) return worked;
      try {
        if (await deriveOne(deps, dataset, number, signal, effects)) worked++;
      } catch (error) {
        if (isStopped(signal)) return worked;
        const told = toDiskFull(error);
        effects.observe({
          kind: 'failure',
          where: `deriving the files of ${dataset.id} revision ${number}`,
          error: told,
        });
        if (told instanceof PortalError && told.code === 'disk-full') throw told;
      }
    }
  }
  return worked;
}

/** Asked anew each time: an abort may come while something is awaited. */
function isStopped(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function deriveOne(
  deps: DeriveDeps,
  dataset: Dataset,
  number: number,
  signal: AbortSignal | undefined,
  effects: Effects,
): Promise<boolean> {
  let revision = await deps.catalogue.revision(dataset.id, String(number));
  if (revision === null) return false;
  const hasServing = revision.serving !== null && (await deps.store.has(revision.serving.sha256));
  if (!hasServing) revision = await deriveServing(deps, dataset, revision);
  const hasProfile = revision.profile.length > 0 || revision.columns.length === 0;
  if (!hasProfile) revision = await deriveProfile(deps, dataset, revision);
  const isCurrent = number === dataset.current.number;
  if (!isCurrent || (await hasDownloads(deps, revision))) return !hasServing || !hasProfile;
  await deriveDownloads(deps, dataset, revision, signal, effects);
  return true;
}

async function hasDownloads({ store }: DeriveDeps, { downloads }: Revision): Promise<boolean> {
  if (downloads.length === 0) return false;
  for (const name of downloads.flatMap(downloadBlobs)) if (!(await store.has(name))) return false;
  return true;
}

export function downloadBlobs(download: Revision['downloads'][number]): string[] {
  return [download.sha256, ...Object.values(download.encodings).map(({ sha256 }) => sha256)];
}

export function* allDatasets({ catalogue }: DeriveDeps): Generator<Dataset, void, void> {
  for (let after: string | null = null; ;) {
    const page: { datasets: readonly Dataset[]; next: string | null } = catalogue.list({ limit: 500, after });
    yield* page.datasets;
    if (page.next === null) return;
    after = page.next;
  }
}

/**
 * Blobs that no revision names, nor anything else of the portal. A publish under way has such blobs: only what stays
 * unnamed for long may go.
 */
export async function findUnnamed(deps: DeriveDeps): Promise<Set<string>> {
  const unnamed = new Set<string>();
  for await (const { sha256 } of deps.store.list()) unnamed.add(sha256);
  // Read after the store: a revision released meanwhile is seen here.
  for (const dataset of allDatasets(deps)) {
    for (const { number } of await deps.catalogue.revisions(dataset.id)) {
      const revision = await deps.catalogue.revision(dataset.id, String(number));
      if (revision === null) continue;
      const { parquet, serving, source, quarantine, downloads } = revision;
      for (const blob of [parquet, serving, source, quarantine]) if (blob !== null) unnamed.delete(blob.sha256);
      for (const name of downloads.flatMap(downloadBlobs)) unnamed.delete(name);
    }
  }
  for (const name of await deps.catalogue.keptBlobs()) unnamed.delete(name);
  return unnamed;
}

/**
 * Removes those of `candidates` (unnamed at an earlier look) that no revision names now; returns what is unnamed and
 * was kept.
 */
export async function sweepBlobs(
  deps: DeriveDeps,
  candidates: ReadonlySet<string>,
  effects: Effects,
): Promise<Set<string>> {
  const unnamed = await findUnnamed(deps);
  let files = 0;
  let bytes = 0;
  for (const name of candidates) {
    if (!unnamed.has(name)) continue;
    bytes += (await deps.store.size(name)) ?? 0;
    await deps.store.remove(name);
    unnamed.delete(name);
    files++;
  }
  if (files > 0) effects.observe({ kind: 'stored-files-swept', files, bytes });
  return unnamed;
}
