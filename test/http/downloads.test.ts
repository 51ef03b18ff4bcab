// Downloads of whole datasets: the same bytes live and stored, ranges and resume, codings, digests, a damaged file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { openTestPortal, type Answer } from '../portal.ts';

const site = await openTestPortal({ after });
const url = (format: string) => `/datasets/trees/download.${format}`;
const live = new Map<string, Answer>();

before(async () => {
  const rows = Array.from({ length: 5_000 }, (_, i) => `${i},"Acer, ""${i % 90}""",${-122.2 - (i % 100) / 1000},47.3`);
  await site.publish(`id,species,longitude,latitude\n${rows.join('\n')}\n`, { id: 'trees' });
  const stored = site.portal.catalogue.view('trees')!.current.downloads.map(({ format }) => format);
  for (const format of ['csv', 'json', 'ndjson', 'geojson'] as const) {
    // Before its file is made a download is written as it is sent.
    if (!stored.includes(format)) live.set(format, await site.ask(url(format)));
  }
  await site.portal.publisher.deriveMissing();
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('a download', () => {
  it('has the same bytes live and stored, and the tag and digest of its SHA-256', async () => {
    assert.ok(live.size > 0, 'no live download was seen before the files were made');
    for (const [format, answer] of live) {
      const stored = await site.ask(url(format));
      assert.equal(stored.status, 200);
      assert.equal(sha256(stored.bytes), sha256(answer.bytes), format);
    }
    for (const format of ['csv', 'json', 'ndjson', 'geojson', 'parquet']) {
      const { bytes, headers } = await site.ask(url(format));
      assert.equal(headers.etag, `"${sha256(bytes)}"`, format);
      const digest = createHash('sha256').update(bytes).digest('base64');
      assert.equal(headers['repr-digest'], `sha-256=:${digest}:`);
      assert.equal(headers['accept-ranges'], 'bytes');
      assert.equal(headers['content-disposition'], `attachment; filename="trees.${format}"`);
      assert.equal(headers['content-length'], String(bytes.length));
    }
  });
  it('is listed with its size and checksum', async () => {
    const { data } = (await site.ask('/api/v1/datasets/trees/downloads')).json<{
      data: { url: string; bytes: number; sha256: string }[];
    }>();
    assert.equal(data.length, 5);
    for (const link of data) {
      const { bytes } = await site.ask(new URL(link.url).pathname);
      assert.deepEqual([link.bytes, link.sha256], [bytes.length, sha256(bytes)]);
    }
  });
  it('comes in each ready coding with a tag and digest of its own', async () => {
    const plain = await site.ask(url('csv'));
    const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
    const tags = new Set([plain.headers.etag]);
    for (const [coding, decode] of Object.entries(decoders)) {
      const coded = await site.ask({ url: url('csv'), headers: { 'accept-encoding': coding } });
      assert.equal(coded.headers['content-encoding'], coding);
      assert.equal(sha256(decode(coded.bytes)), sha256(plain.bytes));
      assert.equal(
        coded.headers['repr-digest'],
        `sha-256=:${createHash('sha256').update(coded.bytes).digest('base64')}:`,
      );
      tags.add(coded.headers.etag);
      const same = await site.ask({
        url: url('csv'),
        headers: { 'accept-encoding': coding, 'if-none-match': String(coded.headers.etag) },
      });
      assert.equal(same.status, 304);
      const part = await site.ask({ url: url('csv'), headers: { 'accept-encoding': coding, range: 'bytes=10-19' } });
      assert.deepEqual([part.status, part.bytes], [206, coded.bytes.subarray(10, 20)]);
    }
    assert.equal(tags.size, 4);
  });
  it('answers ranges, and the whole when the range is not of these bytes', async () => {
    const whole = await site.ask(url('csv'));
    const { length } = whole.bytes;
    const get = (headers: Record<string, string>) => site.ask({ url: url('csv'), headers });
    const first = await get({ range: 'bytes=0-99' });
    assert.deepEqual(
      [first.status, first.headers['content-range'], first.bytes],
      [206, `bytes 0-99/${length}`, whole.bytes.subarray(0, 100)],
    );
    assert.deepEqual((await get({ range: 'bytes=-7' })).bytes, whole.bytes.subarray(-7));
    assert.deepEqual((await get({ range: `bytes=${length - 5}-` })).bytes, whole.bytes.subarray(-5));
    const beyond = await get({ range: `bytes=${length}-` });
    assert.deepEqual(
      [beyond.status, beyond.headers['content-range'], beyond.json()['code']],
      [416, `bytes */${length}`, 'range-not-satisfiable'],
    );
    assert.equal((await get({ range: 'bytes=0-9', 'if-range': String(whole.headers.etag) })).status, 206);
    assert.equal((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).status, 200);
    assert.equal((await get({ range: 'bytes=0-1,4-5' })).status, 200);
    assert.equal((await get({ 'if-match': '"other"' })).status, 412);
    assert.equal((await get({ 'if-modified-since': String(whole.headers['last-modified']) })).status, 304);
  });
  it('HEAD tells the size without the bytes', async () => {
    const [get, head] = [await site.ask(url('csv')), await site.ask({ method: 'HEAD', url: url('csv') })];
    assert.deepEqual(
      [head.status, head.body, head.headers['content-length'], head.headers.etag],
      [200, '', get.headers['content-length'], get.headers.etag],
    );
  });
  it('of a revision never changes and says so', async () => {
    const answer = await site.ask('/datasets/trees/revisions/1/download.csv');
    assert.match(String(answer.headers['cache-control']), /immutable/u);
    assert.equal(sha256(answer.bytes), sha256((await site.ask(url('csv'))).bytes));
  });
  it('of no places has no GeoJSON, and of no format nothing', async () => {
    await site.publish('a\n1\n', { id: 'plain' });
    assert.equal((await site.ask('/datasets/plain/download.geojson')).json()['code'], 'not-acceptable');
    assert.equal((await site.ask('/datasets/plain/download.exe')).status, 400);
    assert.equal((await site.ask('/datasets/none/download.csv')).json()['code'], 'dataset-not-found');
  });
});

describe('over a socket', () => {
  it('curl goes on where a cut connection stopped', async () => {
    const address = await site.listen();
    const whole = await site.ask(url('csv'));
    const path = join(site.config.dataDir, 'resumed.csv');
    await writeFile(path, whole.bytes.subarray(0, 12_345));
    const run = promisify(execFile);
    await run('curl', ['--silent', '--fail', '--continue-at', '-', '--output', path, `${address}${url('csv')}`]);
    assert.equal(sha256(await readFile(path)), sha256(whole.bytes));
  });
});

describe('a stored file with a flipped bit', () => {
  it('is found before a byte of it is served', async () => {
    await site.publish('a,b\n1,2\n3,4\n', { id: 'flipped' });
    await site.portal.publisher.deriveMissing();
    const { sha256: name } = site.portal.catalogue
      .view('flipped')!
      .current.downloads.find(({ format }) => format === 'csv')!;
    const path = await site.portal.store.localPath(name);
    const bytes = await readFile(path);
    bytes[4]! ^= 1;
    await chmod(path, 0o600);
    await writeFile(path, bytes);
    const answer = await site.ask('/datasets/flipped/download.csv');
    assert.deepEqual([answer.status, answer.json()['code']], [503, 'stored-file-damaged']);
  });
});
