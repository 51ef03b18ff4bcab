// Publishing a file: receive, ingest, store, release. With derive.ts the only place here that knows the catalogue and
// the store. Nothing is public before `release`; whatever fails before it leaves the dataset as it was.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../base/actor.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Dataset, DatasetMetadata, IngestReport } from '../catalogue/dataset.ts';
import type { Catalogue } from '../catalogue/datasets.ts';
import type { ReleaseInput, ReleaseOutcome } from '../catalogue/release.ts';
import type { Engine } from '../engine/engine.ts';
import { requirePermission } from '../people/permissions.ts';
import type { BlobStore } from '../store/store.ts';
import {
  defaultIngestLimits,
  describeIngest,
  ingestFile,
  type Described,
  type Ingested,
  type IngestLimits,
} from './ingest.ts';
import { receiveFile, type ReceivedFile, type ReceiveInput } from './receive.ts';

export type DescribeDeps = {
  readonly engine: Pick<Engine, 'build'>;
  /** Folder for unfinished work, on the file system of the store when that is a folder. */
  readonly workFolder: string;
  readonly maxUploadBytes: number;
  readonly limits?: Partial<IngestLimits>;
};

export type PublishDeps = DescribeDeps & {
  readonly catalogue: Pick<
    Catalogue,
    'view' | 'release' | 'setDerived' | 'list' | 'revisions' | 'revision' | 'keptBlobs'
  >;
  readonly engine: Engine;
  readonly store: BlobStore;
};

export type PublishInput = {
  readonly actor: Actor;
  /** Readable id of a new dataset, or either id of one that is there. */
  readonly id: string;
  readonly department: ReleaseInput['department'];
  /** null keeps what the dataset has; a new dataset needs it. */
  readonly metadata: DatasetMetadata | null;
  readonly note: string | null;
  /** As ReleaseInput.expected. */
  readonly expected?: number | null;
  readonly upload: ReceiveInput;
  readonly locale?: string;
  /** Told after each step, for whoever watches this one publish. */
  readonly onStep?: (name: PublishStep) => void;
};

export type PublishEffects = Effects & {
  /** Called after each named step, in order; tests kill the process here. */
  readonly step?: (name: PublishStep) => Promise<void> | void;
};

export const publishSteps = [
  'received',
  'read',
  'loaded',
  'typed',
  'serving-written',
  'parquet-written',
  'profiled',
  'source-stored',
  'quarantine-stored',
  'serving-stored',
  'parquet-stored',
  'released',
] as const;
export type PublishStep = (typeof publishSteps)[number];

export type Published = {
  readonly outcome: ReleaseOutcome;
  readonly dataset: Dataset;
  /** Of this very file, also when the current revision holds the same rows already. */
  readonly report: IngestReport;
};

/** Reads a file by the publish path; nothing is stored. */
export async function describeFile(deps: DescribeDeps, upload: ReceiveInput, locale?: string): Promise<Described> {
  return await withWorkFolder(deps, async (folder) => {
    const file = await receiveFile(join(folder, 'upload'), upload, deps.maxUploadBytes);
    return await describeIngest(toIngestDeps(deps, folder), file, locale === undefined ? {} : { locale });
  });
}

/**
 * Resolves when the revision is public and on disk; downloads are derived afterwards (derive.ts). Throws the
 * PortalError that says what is wrong with the file, forbidden, conflict, metadata-invalid, disk-full.
 */
export async function publishFile(deps: PublishDeps, input: PublishInput, effects: PublishEffects): Promise<Published> {
  requirePermission(input.actor, 'dataset.publish', { departments: [input.department.id] });
  const current = deps.catalogue.view(input.id);
  const held = current?.department.id ?? input.department.id;
  requirePermission(input.actor, 'dataset.publish', { departments: [held] });
  const id = current?.id ?? input.id;
  try {
    return await withWorkFolder(deps, async (folder) => {
      const step = async (name: string) => {
        input.onStep?.(name as PublishStep);
        await effects.step?.(name as PublishStep);
      };
      const file = await receiveFile(join(folder, 'upload'), input.upload, deps.maxUploadBytes);
      await step('received');
      const declared = current?.current.columns ?? null;
      const locale = input.locale ?? 'en-US';
      const ingested = await ingestFile(toIngestDeps(deps, folder), file, { declared, locale, step });
      const stored = await storeFiles(deps.store, file, ingested, step);
      const { actor, department, metadata, expected } = input;
      const revision = { note: input.note, ...stored };
      const released = await deps.catalogue.release(actor, { id, department, metadata, revision, expected });
      await step('released');
      return { ...released, report: ingested.report };
    });
  } catch (error) {
    const told = toDiskFull(error);
    if (told instanceof PortalError) {
      effects.observe({ kind: 'publish-failed', dataset: id, code: told.code, sentence: told.message });
    }
    throw told;
  }
}

type StoredRevision = Omit<ReleaseInput['revision'], 'note'>;

/** The Parquet file goes last: with it in the store everything that the revision names is there. */
async function storeFiles(
  store: BlobStore,
  file: ReceivedFile,
  ingested: Ingested,
  step: (name: PublishStep) => Promise<void>,
): Promise<StoredRevision> {
  const source = await store.adopt(file.path);
  if (source.sha256 !== file.sha256) {
    throw new PortalError('checksum-mismatch', say('publish.file-changed'));
  }
  await step('source-stored');
  const quarantine = ingested.quarantine === null ? null : await store.adopt(ingested.quarantine.path);
  await step('quarantine-stored');
  const serving = await store.adopt(ingested.serving);
  await step('serving-stored');
  const parquet = await store.adopt(ingested.parquet);
  await step('parquet-stored');
  return {
    rows: ingested.report.rowsPublished,
    columns: ingested.columns,
    parquet,
    serving,
    source: { ...source, name: file.name },
    quarantine: quarantine === null ? null : { ...quarantine, rows: ingested.quarantine?.rows ?? 0 },
    downloads: [],
    profile: ingested.profile,
    report: ingested.report,
  };
}

function toIngestDeps(deps: DescribeDeps, folder: string) {
  return { engine: deps.engine, folder, limits: { ...defaultIngestLimits, ...deps.limits } };
}

export const workPrefix = 'work-';

/** A folder of its own under `workFolder`, gone whatever happens. */
export async function withWorkFolder<Result>(
  deps: Pick<DescribeDeps, 'workFolder'>,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(deps.workFolder, { recursive: true });
  const folder = await mkdtemp(join(deps.workFolder, workPrefix));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A full disk is named as such wherever it was met. */
export function toDiskFull(error: unknown): unknown {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at ? at.code : null;
    if (code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device/.test(at.message)) {
      return error instanceof PortalError && error.code === 'disk-full'
        ? error
        : new PortalError('disk-full', { cause: error });
    }
  }
  return error;
}
