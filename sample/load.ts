// Publishes the sample catalogue, once, through the portal's own publish path.
// It must not touch the catalogue or the store: publishing a sample is publishing a file.

import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Effects } from '../src/base/effects.ts';
import { emptyMetadata, type DatasetMetadata } from '../src/catalogue/dataset.ts';
import { sampleSets, type SampleSet } from './catalogue.ts';

/** One file of the sample with all that is said of it, ready to be published. */
export type SampleUpload = {
  readonly id: string;
  readonly department: { readonly id: string; readonly name: string };
  readonly metadata: DatasetMetadata;
  readonly note: string;
  readonly fileName: string;
  bytes(): AsyncIterable<Uint8Array>;
};

export type SampleDeps = {
  readonly dataDir: string;
  /** True when the catalogue has a dataset of this id. */
  readonly has: (id: string) => boolean | Promise<boolean>;
  /** Publishes through the real publish path. */
  readonly publish: (upload: SampleUpload) => Promise<unknown>;
};

/** While it exists the sample has begun to load and has not finished. */
function marker(dataDir: string): string {
  return join(dataDir, 'sample-loading');
}

/** True on a first start, and after a start that was cut short while it loaded the sample. */
export async function isSampleDue(dataDir: string, catalogueIsEmpty: boolean): Promise<boolean> {
  if (catalogueIsEmpty) return true;
  return stat(marker(dataDir)).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function* toBytes(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

export function toUpload(set: SampleSet): SampleUpload {
  return {
    id: set.id,
    department: set.department,
    metadata: { ...emptyMetadata, ...set.metadata },
    note: set.note,
    fileName: set.fileName,
    bytes: () => toBytes(set.read()),
  };
}

/**
 * Publishes every sample dataset that is not there yet, two at a time, and returns how many it published.
 * Throws the first error after the ones under way have ended; what is left is loaded by the next start.
 */
export async function loadSample(deps: SampleDeps, effects: Effects): Promise<number> {
  const began = effects.clock.monotonicMs();
  await writeFile(marker(deps.dataDir), '');
  const missing = await Promise.all(sampleSets.map(async (set) => !(await deps.has(set.id))));
  const waiting = sampleSets.filter((_, index) => missing[index]);
  effects.observe({ kind: 'sample-loading', datasets: waiting.length });
  let published = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    for (let set = waiting.shift(); set !== undefined && !failed; set = waiting.shift()) {
      try {
        await deps.publish(toUpload(set));
        published += 1;
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled([work(), work()]);
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  await rm(marker(deps.dataDir));
  effects.observe({
    kind: 'sample-loaded',
    datasets: published,
    elapsedMs: effects.clock.monotonicMs() - began,
  });
  return published;
}
