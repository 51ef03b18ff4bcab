// Publishing for a test: a real catalogue, store and engine in a folder of their own, and a small table to publish.
// It must be closed by the test's end, whatever happened.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openCatalogue } from '../../src/catalogue/datasets.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { openEngine } from '../../src/engine/pool.ts';
import { openPublisher } from '../../src/publish/publisher.ts';
import type { PublishDeps, Publisher, PublishInput } from '../../src/publish/publisher.ts';
import { openStore } from '../../src/store/open.ts';
import { openTestDatabase, type TestDatabase } from '../database.ts';

export type Stand = {
  readonly publisher: Publisher;
  readonly deps: PublishDeps;
  readonly folder: string;
  readonly database: TestDatabase;
};

export async function openStand(t: TestContext): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-publish-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const database = await openTestDatabase(t);
  const { effects } = database;
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, effects);
  t.after(() => store.close());
  const engine = await openEngine({ tempFolder: join(folder, 'engine'), workers: 1, extraWorkers: 0 }, effects);
  t.after(() => engine.close());
  const catalogue = await openCatalogue(database, effects);
  t.after(() => catalogue.close());
  const deps = { catalogue, engine, store, workFolder: join(folder, 'work'), maxUploadBytes: 10_000_000 };
  const publisher = openPublisher(deps, effects);
  t.after(() => publisher.close());
  return { publisher, deps, folder, database };
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
