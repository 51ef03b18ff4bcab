// One bit of a stored file turned over: the file is never served with wrong bytes, and `portal verify` names it.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/base/config.ts';
import type { Revision } from '../../src/catalogue/dataset.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { parseMetadata } from '../../src/catalogue/metadata.ts';
import { openPortal } from '../../src/open/portal.ts';
import { scrubJob } from '../../src/publish/upkeep.ts';
import { openLog } from '../../src/serve/http/log.ts';
import type { Portal } from '../../src/serve/portal.ts';
import { runPortal } from '../cli/portal-process.ts';
import { openEmptyDatabase } from '../database.ts';
import { isFull } from '../depth.ts';
import { until } from '../patience.ts';
import { crashSettings } from './crash-settings.ts';
import { blobPath, flipBit, readCode, sha256Of, toCsv } from './ground.ts';

type Opened = { readonly portal: Portal; readonly app: FastifyInstance; close(): Promise<void> };

/** An address, and the coding asked for. */
type Question = { readonly url: string; readonly coding: string; readonly range?: string };
type Told = { readonly status: number; readonly code: string | null; readonly sha256: string };

const codings = ['identity', 'zstd', 'br', 'gzip'];
const questions: readonly Question[] = [
  ...['csv', 'json', 'ndjson', 'geojson', 'parquet'].flatMap((format) =>
    codings.map((coding) => ({ url: `/datasets/trees/download.${format}`, coding })),
  ),
  { url: '/datasets/trees/download.csv', coding: 'identity', range: 'bytes=0-99' },
  { url: '/datasets/trees/download.parquet', coding: 'identity', range: 'bytes=-50' },
  { url: '/datasets/trees/revisions/1/download.csv', coding: 'identity' },
  { url: '/api/v1/datasets/trees/revisions/1/quarantine.csv', coding: 'identity' },
  { url: '/api/v1/datasets/trees/rows?limit=1000', coding: 'identity' },
  { url: '/api/v1/datasets/trees/count?where=ward=3', coding: 'identity' },
  { url: '/api/v1/datasets/trees/export.csv?where=ward=3', coding: 'identity' },
  { url: '/resource/trees.json?$select=sum(cost)', coding: 'identity' },
  { url: '/resource/trees.geojson?$limit=50', coding: 'identity' },
];
const answers = new Map<Question, Told>();

const folder = mkdtempSync(join(tmpdir(), 'portal-rot-'));
const dataDir = join(folder, 'data');
let databaseUrl = '';
let revision: Revision;
const closers: (() => Promise<void>)[] = [];

async function open(log = openLog('silent')): Promise<Opened> {
  const jobs = { pollSeconds: 0.5, scheduled: false };
  const opened = await openPortal(readConfig(crashSettings(dataDir, databaseUrl)), log, { jobs });
  const app = await buildApp(opened.portal, { web: null });
  const close = async (): Promise<void> => {
    await app.close();
    await opened.close();
  };
  return { portal: opened.portal, app, close };
}

async function ask(app: FastifyInstance, { url, coding, range }: Question): Promise<Told> {
  const headers = { host: 'localhost', 'accept-encoding': coding, ...(range === undefined ? {} : { range }) };
  const answer = await app.inject({ url, headers });
  const code = answer.statusCode >= 400 ? readCode(answer.body) : null;
  return { status: answer.statusCode, code, sha256: sha256Of(answer.rawPayload) };
}

/** A place for points, so that every format there is gets stored. */
const csv = toCsv('leaf', 3_000, true)
  .split('\n')
  .map((line, index) =>
    line === '' ? '' : index === 0 ? `${line},lon,lat` : `${line},-122.${100 + (index % 800)},47.3`,
  )
  .join('\n');

before(async () => {
  const database = await openEmptyDatabase({ after: (close) => void closers.push(close) });
  databaseUrl = database.url;
  const { portal, app, close } = await open();
  const { dataset } = await portal.publisher.publish({
    actor: { kind: 'machine', name: 'test' },
    id: 'trees',
    department: { id: 'planning', name: 'Planning' },
    metadata: parseMetadata({ title: 'Trees' }),
    note: null,
    upload: { bytes: pieces(csv), name: 'trees.csv' },
  });
  await portal.publisher.deriveMissing();
  revision = portal.catalogue.view(dataset.id)!.current;
  for (const question of questions) {
    const told = await ask(app, question);
    assert.ok(told.status === 200 || told.status === 206, `${question.url} ${question.coding}: ${told.status}`);
    answers.set(question, told);
  }
  await close();
});
after(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Every stored file of the revision: what it is → its name. */
function storedFiles(): ReadonlyMap<string, string> {
  const { parquet, serving, source, quarantine, downloads } = revision;
  assert.ok(serving !== null && source !== null && quarantine !== null);
  const files = new Map([
    ['parquet', parquet.sha256],
    ['serving', serving.sha256],
    ['source', source.sha256],
    ['quarantine', quarantine.sha256],
  ]);
  for (const { format, sha256, encodings } of downloads) {
    if (format !== 'parquet') files.set(format, sha256);
    for (const [coding, made] of Object.entries(encodings)) files.set(`${format}.${coding}`, made.sha256);
  }
  return files;
}

/** What is stored as it is, and each format in one of its codings. */
function oneCodingOfEach(): ReadonlyMap<string, string> {
  const chosen = ['csv.zstd', 'json.br', 'ndjson.gzip', 'geojson.zstd'];
  return new Map([...storedFiles()].filter(([what]) => !what.includes('.') || chosen.includes(what)));
}

/** Right bytes or stored-file-damaged, and nothing else. Returns how many answers were refused. */
async function requireHonest(app: FastifyInstance, what: string): Promise<number> {
  let refused = 0;
  for (const [question, right] of answers) {
    const told = await ask(app, question);
    const words = `${what}: ${question.url} ${question.coding} ${question.range ?? ''}`;
    if (told.status === right.status) assert.equal(told.sha256, right.sha256, `${words} gives other bytes`);
    else {
      assert.deepEqual([told.status, told.code], [503, 'stored-file-damaged'], words);
      refused += 1;
    }
  }
  return refused;
}

const expectedFiles = ['csv', 'json', 'ndjson', 'geojson'].flatMap((format) => [
  format,
  ...['zstd', 'br', 'gzip'].map((coding) => `${format}.${coding}`),
]);

test('every kind of stored file is tried', () => {
  assert.deepEqual(
    [...storedFiles().keys()].sort(),
    ['parquet', 'quarantine', 'serving', 'source', ...expectedFiles].sort(),
  );
});

test('after a restart no damaged file is served, and verify names every one', async (t) => {
  const { app, portal, close } = await open();
  const kept = new Map<string, string>();
  try {
    for (const [what, sha256] of storedFiles()) {
      const copy = join(folder, `good-${what}`);
      copyFileSync(blobPath(dataDir, sha256), copy);
      kept.set(what, copy);
      flipBit(blobPath(dataDir, sha256));
    }
    // Nothing has been read since the start: the damage is older than what this process knows of the files.
    assert.equal(await requireHonest(app, 'all damaged'), questions.length, 'every answer needs a damaged file');
    const headers = { host: 'localhost', authorization: `Bearer ${portal.machineKey}` };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/operations/verify', headers });
    const { damaged } = JSON.parse(answer.body) as { damaged: { sha256: string }[] };
    assert.deepEqual(damaged.map(({ sha256 }) => sha256).sort(), [...storedFiles().values()].sort());
  } finally {
    await close();
  }
  await t.test('`portal verify` says so with exit 4', () => {
    const ran = runPortal(['verify', '--json'], crashSettings(dataDir, databaseUrl) as Record<string, string>);
    assert.equal(ran.code, 4, ran.out + ran.err);
    for (const sha256 of storedFiles().values()) assert.ok(ran.out.includes(sha256), sha256);
  });
  for (const [what, sha256] of storedFiles()) {
    const place = blobPath(dataDir, sha256);
    rmSync(place);
    copyFileSync(kept.get(what)!, place);
  }
});

test('each kind alone, damaged while the portal runs, before and after its first use', async () => {
  const { app, close } = await open();
  try {
    for (const used of [false, true]) {
      if (used) assert.equal(await requireHonest(app, 'whole'), 0);
      for (const [what, sha256] of isFull ? storedFiles() : oneCodingOfEach()) {
        const path = blobPath(dataDir, sha256);
        flipBit(path);
        const refused = await requireHonest(app, `${what} damaged`);
        const isAsked = what !== 'source'; // no address gives the file as it was received
        assert.ok(isAsked ? refused > 0 : refused === 0, `${what}: ${refused} answers refused`);
        flipBit(path);
        assert.equal(await requireHonest(app, `${what} mended`), 0, `${what} mended is served again`);
      }
    }
  } finally {
    await close();
  }
});

test('what can be made again is made again once the damaged file is removed', async () => {
  const { app, portal, close } = await open();
  try {
    for (const [what, sha256] of storedFiles()) {
      if (what !== 'parquet' && what !== 'source' && what !== 'quarantine') rmSync(blobPath(dataDir, sha256));
    }
    assert.equal(await portal.publisher.deriveMissing(), 1);
    assert.equal(await requireHonest(app, 'made again'), 0);
  } finally {
    await close();
  }
});

const idle = (jobs: Portal['jobs']) =>
  until('every job is done', async () => {
    const { waiting, running } = await jobs.counts();
    return waiting + running === 0;
  });

const isOwn = (what: string): boolean => what === 'parquet' || what === 'source' || what === 'quarantine';

test('what is damaged and can be made again is made again by itself', async (t) => {
  const events: PortalEvent[] = [];
  const log = { ...openLog('silent'), observe: (event: PortalEvent) => void events.push(event) };
  const { app, portal, close } = await open(log);
  const { publisher, store, jobs, storeHealth: health } = portal;
  const refresh = (): void => void (revision = portal.catalogue.view('trees')!.current);
  try {
    await t.test('when a reader finds it', async () => {
      await jobs.run();
      refresh();
      const derived = [...storedFiles()].filter(([what]) => !isOwn(what));
      for (const [, sha256] of derived) flipBit(blobPath(dataDir, sha256));
      assert.ok((await requireHonest(app, 'damaged')) > 0);
      await until('everything is whole again', async () => {
        await idle(jobs);
        refresh();
        // Looking at a file that is still damaged has it mended, too.
        for (const sha256 of storedFiles().values()) if (!(await store.verify(sha256))) return false;
        return true;
      });
      assert.equal(await requireHonest(app, 'mended'), 0);
      assert.equal(revision.downloads.length, 5);
      assert.ok(health.stats().mended > 0);
    });
    await t.test('but never what was published itself: that waits for the backup', async () => {
      const place = blobPath(dataDir, revision.parquet.sha256);
      const { mended } = health.stats();
      flipBit(place);
      assert.ok((await requireHonest(app, 'parquet damaged')) > 0);
      await idle(jobs);
      assert.ok((await requireHonest(app, 'parquet still damaged')) > 0);
      assert.equal(await publisher.mend(revision.parquet.sha256), 'needs-backup');
      flipBit(place);
      assert.equal(await requireHonest(app, 'parquet brought back'), 0);
      assert.equal(health.stats().mended, mended);
    });
    await t.test('when nobody asks for it, by the daily look', async () => {
      // The damaged query file that was replaced is no revision's any more.
      for (let look = 0; look < 2; look++) await publisher.sweep();
      const hidden = storedFiles().get('ndjson.br')!;
      flipBit(blobPath(dataDir, hidden));
      flipBit(blobPath(dataDir, revision.source!.sha256));
      await jobs.send(scrubJob, {});
      const told = () => events.find((event) => event.kind === 'stored-files-checked');
      await until('every file has been looked at', () => told() !== undefined);
      await until('the download is whole', () => store.verify(hidden));
      await idle(jobs);
      const { files, damaged } = told() as Extract<PortalEvent, { kind: 'stored-files-checked' }>;
      assert.ok(files >= storedFiles().size);
      assert.equal(damaged, 2);
      flipBit(blobPath(dataDir, revision.source!.sha256));
      const text = await portal.metrics.text();
      assert.match(text, /^portal_stored_files_checked_total [1-9]/m);
      assert.match(text, /^portal_stored_files_damaged_total [1-9]/m);
      assert.match(text, /^portal_stored_files_mended_total [1-9]/m);
    });
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'failure' || kind === 'job-failed'),
      [],
    );
  } finally {
    await close();
  }
});
