// The first half of publishing: a file is received, read, checked, and its rows and findings are set down in the store.
// It must make nothing public: release.ts does, from what is prepared here.

import { join } from 'node:path';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { NewRevision } from '../catalogue/release.ts';
import type { Engine } from '../engine/engine.ts';
import type { Recipe } from '../catalogue/recipe.ts';
import type { Schema } from '../query/column.ts';
import type { BlobStore } from '../store/store.ts';
import {
  defaultIngestLimits,
  describeIngest,
  ingestFile,
  type Described,
  type Ingested,
  type IngestLimits,
  type IngestOptions,
} from './ingest.ts';
import { receiveFile, type ReceivedFile, type ReceiveInput } from './receive.ts';
import type { OnStep } from './steps.ts';
import { toDiskFull, withWorkFolder, type WorkPlace } from './work-folder.ts';

export type DescribeDeps = WorkPlace & {
  readonly engine: Pick<Engine, 'build'>;
  readonly maxUploadBytes: number;
  readonly limits?: Partial<IngestLimits>;
};

export type PrepareDeps = DescribeDeps & { readonly store: Pick<BlobStore, 'adopt'> };

export type PrepareInput = {
  readonly upload: ReceiveInput;
  /** Columns of the revision that stands, which the file should have; null: it is the first. */
  readonly declared: Schema | null;
  readonly locale?: string | undefined;
  readonly recipe?: Recipe | undefined;
  readonly acceptsChanges?: boolean | undefined;
  /** Called after each named step, in order; tests kill the process here. */
  readonly onStep?: OnStep;
};

/**
 * What a revision will say: its files, all of them in the store, its columns, and the report with what was found. Plain
 * JSON, so that a draft can keep it.
 */
export type PreparedFile = Omit<NewRevision, 'note'>;

/** Reads a file by the publish path; nothing is stored. */
export async function describeFile(
  deps: DescribeDeps,
  upload: ReceiveInput,
  options: Pick<IngestOptions, 'locale' | 'recipe'> = {},
): Promise<Described> {
  return await withWorkFolder(deps, async (folder) => {
    const file = await receiveFile(join(folder, 'upload'), upload, deps.maxUploadBytes);
    return await describeIngest(toIngestDeps(deps, folder), file, options);
  });
}

/**
 * Resolves when everything that the revision will name is on disk; until something names those files they are only what
 * a sweep has not yet removed. Throws the PortalError that says what is wrong with the file, disk-full.
 */
export async function prepareFile(deps: PrepareDeps, input: PrepareInput): Promise<PreparedFile> {
  const { upload, declared, locale = 'en-US', recipe = {}, acceptsChanges = false } = input;
  const { onStep: step = () => undefined } = input;
  try {
    return await withWorkFolder(deps, async (folder) => {
      const file = await receiveFile(join(folder, 'upload'), upload, deps.maxUploadBytes);
      await step('received');
      const ingested = await ingestFile(toIngestDeps(deps, folder), file, {
        ...{ declared, locale, recipe, acceptsChanges, step },
      });
      return await storeFiles(deps.store, file, ingested, step);
    });
  } catch (error) {
    throw toDiskFull(error);
  }
}

/** The stored files that a prepared file names. */
export function blobsOf({ parquet, serving, source, quarantine }: PreparedFile): readonly string[] {
  return [parquet, serving, source, quarantine].flatMap((blob) => (blob === null ? [] : [blob.sha256]));
}

/** The Parquet file goes last: with it in the store everything that the revision names is there. */
async function storeFiles(
  store: PrepareDeps['store'],
  file: ReceivedFile,
  ingested: Ingested,
  step: OnStep,
): Promise<PreparedFile> {
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
