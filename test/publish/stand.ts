// Publishing for a test: a real catalogue, store and engine in a folder of their own, and a small table to publish.
// It must be closed by the test's end, whatever happened.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { closeAll, type Close } from '../../src/base/closing.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { openCatalogue } from '../../src/catalogue/datasets.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { openEngine } from '../../src/engine/pool.ts';
import type { Jobs } from '../../src/jobs/job.ts';
import { openJobs } from '../../src/jobs/jobs.ts';
import { openPublisher } from '../../src/publish/publisher.ts';
import type { PublishDeps, Publisher, PublishInput } from '../../src/publish/publisher.ts';
import { openUpkeep } from '../../src/publish/upkeep.ts';
import { openStoreHealth } from '../../src/store/health.ts';
import { openStore } from '../../src/store/open.ts';
import { openTestDatabase, type TestDatabase } from '../database.ts';

export type Stand = {
  readonly publisher: Publisher;
  readonly deps: PublishDeps;
  readonly jobs: Jobs;
  readonly folder: string;
  readonly database: TestDatabase;
  readonly events: readonly PortalEvent[];
};

const quick = { timeZone: 'America/Los_Angeles', alone: true, closeTimeoutMs: 60_000, pollSeconds: 0.5 };

/** Jobs wait until the test calls `jobs.run()`. */
export async function openStand(t: TestContext): Promise<Stand> {
  const closers: Close[] = [];
  t.after(() => closeAll(closers));
  const folder = await mkdtemp(join(tmpdir(), 'portal-publish-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const database = await openTestDatabase({ after: (close) => void closers.push(close) });
  const events: PortalEvent[] = [];
  const health = openStoreHealth();
  const effects = { ...database.effects, observe: (event: PortalEvent) => void events.push(event) };
  const watched = health.watch(effects);
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, watched);
  closers.push(() => store.close());
  const engine = await openEngine({ tempFolder: join(folder, 'engine'), workers: 1, extraWorkers: 0 }, effects);
  closers.push(() => engine.close());
  const catalogue = await openCatalogue(database, effects);
  closers.push(() => catalogue.close());
  const jobs = await openJobs(database, quick, effects);
  const deps = { catalogue, engine, store, jobs, workFolder: join(folder, 'work'), maxUploadBytes: 10_000_000 };
  const publisher = openPublisher(deps, effects);
  closers.push(
    () => publisher.close(),
    () => jobs.close(),
  );
  await openUpkeep({ publisher, store, health, scrubs: true, jobs }, effects);
  return { publisher, deps, jobs, folder, database, events };
}

export async function* toBytes(text: string, chunk = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

export function toInput(text: string, given: Partial<PublishInput> = {}): PublishInput {
  return {
    actor: { kind: 'machine', name: 'test machine' },
    id: 'trees',
    department: { id: 'parks', name: 'Parks' },
    metadata: parseMetadata({ title: 'Trees' }),
    note: null,
    upload: { bytes: toBytes(text), name: 'trees.csv' },
    ...given,
  };
}

export const first = 'id,species,lon,lat\n1,Oak,-122.25,47.38\n2,"Maple, ""red""",-122.26,47.39\n3,too,wide,1,2\n';
