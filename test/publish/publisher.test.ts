// Publishing on a real catalogue, store and engine: what is stored, what is refused, what is derived, what is swept.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { publicActor } from '../../src/base/actor.ts';
import type { Download } from '../../src/catalogue/dataset.ts';
import { deriveProfile, findUnnamed } from '../../src/publish/derive.ts';
import { askForMissing } from '../../src/publish/upkeep.ts';
import { receiveFile } from '../../src/publish/receive.ts';
import { until } from '../patience.ts';
import { hasCode } from './ground.ts';
import { first, openStand, toBytes, toInput } from './stand.ts';

test('a published file is stored whole: source, quarantine, Parquet, serving file, figures', async (t) => {
  const { publisher, deps, folder } = await openStand(t);
  const { outcome, dataset } = await publisher.publish(toInput(first));
  assert.equal(outcome.kind, 'released');
  const { current } = dataset;
  assert.equal(current.rows, 2);
  assert.deepEqual([current.report.rowsInFile, current.report.rowsQuarantined], [3, 1]);
  const source = await readFile(await deps.store.localPath(current.source?.sha256 ?? ''), 'utf8');
  assert.equal(source, first);
  const quarantine = await readFile(await deps.store.localPath(current.quarantine?.sha256 ?? ''), 'utf8');
  assert.match(quarantine, /^row,line,code,reason,raw\n3,4,row-too-wide,/);
  assert.deepEqual(
    current.profile.map(({ name, distinct, min, max }) => [name, distinct, min, max]),
    [
      ['id', 2, '1', '2'],
      ['species', 2, 'Maple, "red"', 'Oak'],
      ['lon', 2, '-122.26', '-122.25'],
      ['lat', 2, '47.38', '47.39'],
      ['geometry', null, null, null],
    ],
  );
  const again = await publisher.publish(toInput(first));
  assert.equal(again.outcome.kind, 'unchanged');
  const second = await publisher.publish(toInput(`${first}4,Fir,-122.2,47.3\n`, { metadata: null, expected: 1 }));
  assert.deepEqual([second.outcome.kind, second.outcome.number], ['released', 2]);
  await assert.rejects(publisher.publish(toInput(`${first}5,Fir,1,2\n`, { expected: 1 })), hasCode('conflict'));
  await publisher.deriveMissing();
  assert.deepEqual(await readdir(join(folder, 'work')), []);
});

test('downloads hold what was published, and their encodings the same bytes', async (t) => {
  const { publisher, deps } = await openStand(t);
  await publisher.publish(toInput(first));
  await publisher.deriveMissing();
  const downloads = deps.catalogue.view('trees')?.current.downloads ?? [];
  assert.deepEqual(
    downloads.map(({ format }) => format),
    ['csv', 'json', 'ndjson', 'geojson', 'parquet'],
  );
  const read = async (sha256: string) => await readFile(await deps.store.localPath(sha256));
  for (const { format, sha256, encodings } of downloads) {
    const plain = await read(sha256);
    assert.equal(createHash('sha256').update(plain).digest('hex'), sha256);
    const { zstd, br, gzip } = encodings;
    if (format === 'parquet') {
      assert.deepEqual(encodings, {});
      continue;
    }
    assert.ok(zstd !== undefined && br !== undefined && gzip !== undefined);
    assert.deepEqual(zstdDecompressSync(await read(zstd.sha256)), plain);
    assert.deepEqual(brotliDecompressSync(await read(br.sha256)), plain);
    assert.deepEqual(gunzipSync(await read(gzip.sha256)), plain);
  }
  const text = async (format: Download['format']) =>
    String(await read(downloads.find((one) => one.format === format)?.sha256 ?? ''));
  assert.match(await text('csv'), /^id,species,lon,lat,geometry\r\n1,Oak,-122.25,47.38,/);
  const geojson = JSON.parse(await text('geojson')) as { features: { geometry: unknown }[] };
  assert.deepEqual(
    geojson.features.map(({ geometry }) => geometry),
    [
      { type: 'Point', coordinates: [-122.25, 47.38] },
      { type: 'Point', coordinates: [-122.26, 47.39] },
    ],
  );
  assert.equal((await text('ndjson')).trim().split('\n').length, 2);
});

test('downloads are a job, sent with the release and with no other', async (t) => {
  const { publisher, deps, jobs, database, events } = await openStand(t);
  await assert.rejects(publisher.publish(toInput(first, { expected: 7 })), hasCode('conflict'));
  assert.equal((await jobs.counts()).waiting, 0);
  await publisher.publish(toInput(first));
  await publisher.publish(toInput(`${first}4,Fir,-122.2,47.3\n`));
  assert.equal((await jobs.counts()).waiting, 1, 'one of a dataset at a time, whichever revision is current then');
  const { rows } = await database.pool.query(`select data from jobs.job where name = 'publish-derive'`);
  assert.deepEqual(rows, [{ data: { dataset: deps.catalogue.view('trees')?.code } }]);
  const downloads = () => deps.catalogue.view('trees')?.current.downloads ?? [];
  assert.deepEqual(downloads(), []);
  await jobs.run();
  await until('the downloads are there', () => downloads().length === 5);
  const removed = downloads().find(({ format }) => format === 'csv')!.sha256;
  await deps.store.remove(removed);
  await askForMissing(jobs);
  await askForMissing(jobs);
  await until('every job is done', async () => {
    const { waiting, running } = await jobs.counts();
    return waiting + running === 0;
  });
  assert.equal(await deps.store.verify(removed), true);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'job-failed' || kind === 'failure'),
    [],
  );
});

test('lost serving files, downloads and figures are made again; what nothing names is swept at the second look', async (t) => {
  const { publisher, deps } = await openStand(t);
  const { dataset } = await publisher.publish(toInput(first));
  await publisher.deriveMissing();
  const before = deps.catalogue.view('trees')?.current;
  const csv = before?.downloads[0];
  assert.ok(before?.serving && csv);
  await deps.store.remove(before.serving.sha256);
  await deps.store.remove(csv.sha256);
  assert.equal(await publisher.deriveMissing(), 1);
  assert.equal(await publisher.deriveMissing(), 0);
  const after = deps.catalogue.view('trees')?.current;
  assert.ok(after?.serving);
  assert.equal(await deps.store.verify(after.serving.sha256), true);
  assert.deepEqual(after.downloads, before.downloads);
  const remade = await deriveProfile(deps, dataset, { ...after, profile: [] });
  assert.deepEqual(remade.profile, before.profile);
  await publisher.sweep();
  await publisher.sweep();
  assert.deepEqual([...(await findUnnamed(deps))], []);
  for (const { sha256 } of [after.parquet, after.serving, ...after.downloads])
    assert.equal(await deps.store.has(sha256), true);
});

test('nobody in particular may not publish, and a refused file leaves nothing', async (t) => {
  const { publisher, deps, folder } = await openStand(t);
  await assert.rejects(publisher.publish(toInput(first, { actor: publicActor })), hasCode('unauthorized'));
  await assert.rejects(publisher.publish(toInput('')), hasCode('empty-file'));
  await assert.rejects(publisher.publish(toInput('%PDF-1.7')), hasCode('file-type-mismatch'));
  await assert.rejects(
    publisher.publish(toInput('', { upload: { bytes: toBytes('x'.repeat(10_000_001), 65_536), name: 'x.csv' } })),
    hasCode('upload-too-large'),
  );
  assert.equal(deps.catalogue.view('trees'), null);
  assert.deepEqual(await readdir(join(folder, 'work')), []);
  for await (const blob of deps.store.list()) assert.fail(`${blob.sha256} was left behind`);
  const described = await publisher.describe({ bytes: toBytes(first), name: 'trees.csv' });
  assert.deepEqual([described.columns.length, described.report.rowsPublished], [5, 2]);
  for await (const blob of deps.store.list()) assert.fail(`${blob.sha256} was stored by describing`);
});

test('an upload that is cut off, altered or too large leaves no file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'portal-receive-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'upload');
  const bytes = () => toBytes('a,b\n1,2\n');
  const sha256 = createHash('sha256').update('a,b\n1,2\n').digest('hex');
  const whole = { name: '..\\x\\t.csv', declaredBytes: 8, declaredSha256: sha256 };
  assert.deepEqual(await receiveFile(path, { ...whole, bytes: bytes() }, 8), { path, name: 't.csv', bytes: 8, sha256 });
  await rm(path);
  await assert.rejects(
    receiveFile(path, { ...whole, bytes: bytes(), declaredBytes: 9 }, 99),
    hasCode('upload-truncated'),
  );
  await assert.rejects(receiveFile(path, { ...whole, bytes: toBytes('a,b\n1,3\n') }, 99), hasCode('checksum-mismatch'));
  await assert.rejects(receiveFile(path, { ...whole, bytes: bytes() }, 7), hasCode('upload-too-large'));
  const torn = async function* () {
    yield Buffer.from('a,b');
    throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  };
  await assert.rejects(receiveFile(path, { bytes: torn(), name: 't.csv' }, 99), hasCode('upload-truncated'));
  assert.deepEqual(await readdir(folder), []);
});
