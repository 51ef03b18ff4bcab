// Both stores under the same tests: adopting, reading, listing; damage found before use; full disks; what a crash
// leaves. It must damage real files and real answers, not pretend to.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { BlobSettings } from '../../src/base/config.ts';
import { systemClock } from '../../src/base/clock.ts';
import { PortalError } from '../../src/base/errors.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { type OpenedStore, openStore } from '../../src/store/open.ts';
import { startTestS3, type TestS3, testKeys } from './s3-server.ts';

const isRoot = process.getuid?.() === 0;
const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

type Bench = {
  folder: string;
  store: OpenedStore;
  events: PortalEvent[];
  s3: TestS3 | null;
  reopen(): Promise<OpenedStore>;
};

async function openBench(t: TestContext, kind: BlobSettings['kind']): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'portal-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const s3 = kind === 's3' ? await startTestS3('city') : null;
  if (s3 !== null) t.after(() => s3.stop());
  const blobs: BlobSettings =
    s3 === null
      ? { kind: 'folder', path: join(folder, 'blobs') }
      : {
          kind: 's3',
          bucket: 'city',
          prefix: 'a b/c/',
          endpoint: s3.endpoint,
          region: 'us-west-2',
          ...testKeys,
          cachePath: join(folder, 'cache'),
        };
  const events: PortalEvent[] = [];
  const reopen = async (): Promise<OpenedStore> => {
    const store = await openStore({ blobs }, { clock: systemClock, observe: (event) => void events.push(event) });
    t.after(() => store.close());
    return store;
  };
  return { folder, store: await reopen(), events, s3, reopen };
}

function write(folder: string, bytes: Buffer | string, name = `up-${randomBytes(4).toString('hex')}`): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

function flipBit(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

for (const kind of ['folder', 's3'] as const) {
  test(`${kind}: a file is taken over, found, read whole and in part, listed, removed`, async (t) => {
    const { folder, store } = await openBench(t, kind);
    const bytes = randomBytes(3_000_000);
    const path = write(folder, bytes);
    const blob = await store.adopt(path);
    assert.deepEqual(blob, { sha256: sha(bytes), bytes: 3_000_000 });
    assert.equal(existsSync(path), false);
    assert.equal(await store.has(blob.sha256), true);
    assert.equal(await store.size(blob.sha256), 3_000_000);
    assert.ok((await buffer(await store.read(blob.sha256))).equals(bytes));
    assert.ok((await buffer(await store.read(blob.sha256, { start: 10, end: 19 }))).equals(bytes.subarray(10, 20)));
    assert.ok(readFileSync(await store.localPath(blob.sha256)).equals(bytes));
    const others = await Promise.all(['', 'b', 'c', 'd'].map((text) => store.adopt(write(folder, text))));
    const listed = await Array.fromAsync(store.list());
    assert.deepEqual(listed.map((one) => one.sha256).sort(), [blob, ...others].map((one) => one.sha256).sort());
    assert.equal(listed.find((one) => one.sha256 === blob.sha256)?.bytes, 3_000_000);
    await store.remove(blob.sha256);
    assert.equal(await store.has(blob.sha256), false);
    assert.equal(await store.size(blob.sha256), null);
    assert.equal(await store.verify(blob.sha256), false);
    await assert.rejects(store.read(blob.sha256), hasCode('not-found'));
    await assert.rejects(store.localPath(blob.sha256), hasCode('not-found'));
    await assert.rejects(async () => store.localPath('../../etc/passwd'), hasCode('not-found'));
  });

  test(`${kind}: the same bytes twice are one file`, async (t) => {
    const { folder, store } = await openBench(t, kind);
    const both = await Promise.all([store.adopt(write(folder, 'same')), store.adopt(write(folder, 'same'))]);
    assert.deepEqual(both[0], both[1]);
    assert.equal((await Array.fromAsync(store.list())).length, 1);
    assert.equal(readFileSync(await store.localPath(sha('same')), 'utf8'), 'same');
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('up-')),
      [],
    );
  });
}

test('folder: files are read-only, sharded, and a bit that flips is found before the file is used', async (t) => {
  const { folder, store, events, reopen } = await openBench(t, 'folder');
  const bytes = randomBytes(200_000);
  const { sha256 } = await store.adopt(write(folder, bytes));
  const path = await store.localPath(sha256);
  assert.equal(path, join(folder, 'blobs', sha256.slice(0, 2), sha256));
  assert.equal(statSync(path).mode & 0o777, 0o444);
  assert.equal(await store.verify(sha256), true);
  flipBit(path, 123_456);
  await assert.rejects(store.localPath(sha256), hasCode('stored-file-damaged'));
  assert.equal(await store.verify(sha256), false);
  assert.ok(events.some((event) => event.kind === 'stored-file-damaged' && event.sha256 === sha256));
  await assert.rejects((await reopen()).localPath(sha256), hasCode('stored-file-damaged'));
  // Publishing the same bytes again heals it.
  await store.adopt(write(folder, bytes));
  assert.ok(readFileSync(await store.localPath(sha256)).equals(bytes));
});

test('folder: damage under an unchanged size and time is found by the next process and by verify', async (t) => {
  const { folder, store, reopen } = await openBench(t, 'folder');
  const { sha256 } = await store.adopt(write(folder, randomBytes(5000)));
  const path = await store.localPath(sha256);
  const { atime, mtime } = statSync(path);
  flipBit(path, 7);
  utimesSync(path, atime, mtime);
  assert.equal(await store.verify(sha256), false);
  await assert.rejects((await reopen()).localPath(sha256), hasCode('stored-file-damaged'));
});

test('folder: two hundred flipped, cut and zeroed files, every one found', async (t) => {
  const { folder, store, reopen } = await openBench(t, 'folder');
  const names: string[] = [];
  for (let i = 0; i < 200; i += 1) {
    const { sha256 } = await store.adopt(write(folder, randomBytes(1000 + i * 50)));
    const path = join(folder, 'blobs', sha256.slice(0, 2), sha256);
    const size = statSync(path).size;
    if (i % 3 === 0) flipBit(path, (i * 7919) % size);
    else {
      chmodSync(path, 0o644);
      writeFileSync(path, i % 3 === 1 ? readFileSync(path).subarray(0, size - 1 - i) : Buffer.alloc(size));
    }
    names.push(sha256);
  }
  const fresh = await reopen();
  for (const name of names) await assert.rejects(fresh.localPath(name), hasCode('stored-file-damaged'));
});

test('folder: a file from another disk is copied, synced and renamed', { skip: !isRoot && 'not root' }, async (t) => {
  const { folder, store } = await openBench(t, 'folder');
  const other = mkdtempSync(join(tmpdir(), 'portal-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', other]).status !== 0)
    return t.skip('no tmpfs may be mounted here');
  t.after(() => {
    spawnSync('umount', ['-l', other]);
    rmSync(other, { recursive: true, force: true });
  });
  const path = write(other, randomBytes(100_000));
  const { sha256 } = await store.adopt(path);
  assert.equal(existsSync(path), false);
  assert.equal(await store.verify(sha256), true);
  assert.deepEqual(readdirSync(join(folder, 'blobs/parts')), []);
});

test(
  'folder: a full disk is said as such, leaves no part, keeps what was there',
  { skip: !isRoot && 'not root' },
  async (t) => {
    const parent = mkdtempSync(join(tmpdir(), 'portal-disk-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', parent]).status !== 0)
      return t.skip('no tmpfs may be mounted here');
    t.after(() => {
      spawnSync('umount', ['-l', parent]);
      rmSync(parent, { recursive: true, force: true });
    });
    const effects = { clock: systemClock, observe: () => undefined };
    const store = await openStore({ blobs: { kind: 'folder', path: join(parent, 'blobs') } }, effects);
    t.after(() => store.close());
    const uploads = mkdtempSync(join(tmpdir(), 'portal-up-'));
    t.after(() => rmSync(uploads, { recursive: true, force: true }));
    const kept = await store.adopt(write(uploads, randomBytes(500_000)));
    const refused = write(uploads, randomBytes(700_000));
    await assert.rejects(store.adopt(refused), hasCode('disk-full'));
    assert.equal(existsSync(refused), true);
    assert.deepEqual(readdirSync(join(parent, 'blobs/parts')), []);
    assert.equal((await Array.fromAsync(store.list())).length, 1);
    assert.equal(await store.verify(kept.sha256), true);
  },
);

test('folder: what a crash left unfinished is removed once it is a day old', async (t) => {
  const { folder, reopen } = await openBench(t, 'folder');
  const parts = join(folder, 'blobs/parts');
  const [old, young] = [write(parts, 'x', 'old'), write(parts, 'y', 'young')];
  utimesSync(old, 1_700_000_000, 1_700_000_000);
  await reopen();
  assert.equal(existsSync(old), false);
  assert.equal(existsSync(young), true);
});

test('folder: hashing a large file does not hold up anything else', async (t) => {
  const { folder, store } = await openBench(t, 'folder');
  const path = write(folder, Buffer.alloc(200_000_000, 7));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  await store.adopt(path);
  clearInterval(timer);
  t.diagnostic(`other work had ${turns} turns while 200 MB were hashed`);
  assert.ok(turns >= 10, `${turns} turns`);
});

test('s3: wrong keys or no such bucket stop the start with a sentence', async (t) => {
  const { s3, folder } = await openBench(t, 's3');
  assert.ok(s3);
  const base = {
    kind: 's3',
    prefix: '',
    endpoint: s3.endpoint,
    region: 'us-west-2',
    cachePath: join(folder, 'c2'),
  } as const;
  const effects = { clock: systemClock, observe: () => undefined };
  const attempt = (blobs: BlobSettings): Promise<unknown> => openStore({ blobs }, effects);
  await assert.rejects(attempt({ ...base, bucket: 'city', ...testKeys, secretAccessKey: 'no' }), /keys may not use it/);
  await assert.rejects(attempt({ ...base, bucket: 'town', ...testKeys }), /no such bucket/);
  await assert.rejects(
    attempt({ ...base, bucket: 'city', ...testKeys, endpoint: 'http://127.0.0.1:1' }),
    hasCode('setting-invalid'),
  );
});

test('s3: a damaged cached file is fetched again; a damaged object is handed to nobody', async (t) => {
  const { folder, store, s3, events } = await openBench(t, 's3');
  assert.ok(s3);
  const bytes = randomBytes(50_000);
  const { sha256 } = await store.adopt(write(folder, bytes));
  const key = `a b/c/${sha256.slice(0, 2)}/${sha256}`;
  const path = await store.localPath(sha256);
  flipBit(path, 77);
  assert.ok(readFileSync(await store.localPath(sha256)).equals(bytes));
  const damaged = Buffer.from(bytes);
  damaged[5] = (damaged[5] ?? 0) ^ 4;
  s3.objects.set(key, damaged);
  assert.equal(await store.verify(sha256), false);
  rmSync(path);
  await assert.rejects(store.localPath(sha256), hasCode('stored-file-damaged'));
  assert.equal(existsSync(path), false);
  assert.ok(events.some((event) => event.kind === 'stored-file-damaged'));
});

test('s3: readers that come at once share one fetch; large files go up in parts', async (t) => {
  const { folder, store, s3 } = await openBench(t, 's3');
  assert.ok(s3);
  const { sha256 } = await store.adopt(write(folder, randomBytes(10_000)));
  rmSync(join(folder, 'cache', sha256.slice(0, 2), sha256));
  s3.requests.length = 0;
  await Promise.all(Array.from({ length: 20 }, () => store.localPath(sha256)));
  assert.equal(s3.requests.filter((request) => request.startsWith('GET')).length, 1);
  const { openS3Store } = await import('../../src/store/s3.ts');
  const { openHasher } = await import('../../src/store/hashing.ts');
  const hasher = openHasher();
  t.after(() => hasher.close());
  const settings = {
    kind: 's3',
    bucket: 'city',
    prefix: '',
    endpoint: s3.endpoint,
    region: 'us-west-2',
    ...testKeys,
  } as const;
  mkdirSync(join(folder, 'c3'));
  const small = await openS3Store(
    { ...settings, cachePath: join(folder, 'c3'), singlePutBytes: 5 * 1024 ** 2 },
    hasher,
    { clock: systemClock, observe: () => undefined },
  );
  const large = await small.adopt(write(folder, randomBytes(12_000_000)));
  assert.equal(await small.verify(large.sha256), true);
  assert.ok(s3.requests.filter((request) => request.startsWith('PUT')).length >= 3);
  await small.close();
});
