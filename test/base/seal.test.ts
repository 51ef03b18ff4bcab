// What is sealed opens again and nothing else does: values, blind indexes, files of every size, keys that change.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TestContext } from 'node:test';

import fc from 'fast-check';

import { PortalError } from '../../src/base/errors.ts';
import { readSealKeys, requireSealKeys, sealKeyPath } from '../../src/base/seal-key.ts';
import { openSeal } from '../../src/base/seal.ts';
import type { Seal } from '../../src/base/seal.ts';

const seal = openSeal(randomBytes(32));
const isDamaged = (error: unknown) => error instanceof PortalError && error.code === 'stored-file-damaged';
const isSetting = (error: unknown) => error instanceof PortalError && error.code === 'setting-invalid';
const piece = 65_536;
const head = 39;

async function all(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const kept: Buffer[] = [];
  for await (const part of pieces) kept.push(part);
  return Buffer.concat(kept);
}

test('any JSON value comes back as it was, and its bytes do not show it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(seal.open(seal.seal(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  const bytes = seal.seal({ email: 'ada@example.org' });
  assert.ok(!bytes.toString('latin1').includes('ada'));
  assert.notDeepEqual(bytes, seal.seal({ email: 'ada@example.org' }));
});

test('a value does not open when a bit was changed, for another purpose, with another key, or cut', () => {
  const bytes = seal.seal('ada@example.org', 'letters.address');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = changed[at]! ^ 1;
    assert.throws(() => seal.open(changed, 'letters.address'), isDamaged, `byte ${at}`);
  }
  assert.throws(() => seal.open(bytes, 'records.requester'), isDamaged);
  assert.throws(() => openSeal(randomBytes(32)).open(bytes, 'letters.address'), isDamaged);
  for (const length of [0, 1, 13, 29, bytes.length - 1]) {
    assert.throws(() => seal.open(bytes.subarray(0, length), 'letters.address'), isDamaged);
  }
  assert.throws(() => seal.seal(undefined), TypeError);
});

test('a blind index is the same for the same text and purpose, and for no other', () => {
  const index = seal.blindIndex('ada@example.org');
  assert.equal(index.length, 32);
  assert.deepEqual(index, seal.blindIndex('ada@example.org'));
  assert.notDeepEqual(index, seal.blindIndex('ada@example.com'));
  assert.notDeepEqual(index, seal.blindIndex('ada@example.org', 'name'));
  assert.notDeepEqual(index, openSeal(randomBytes(32)).blindIndex('ada@example.org'));
});

test('a new key seals, the old one still opens, and blind indexes stay', () => {
  const [old, young] = [
    { id: 1, key: randomBytes(32) },
    { id: 2, key: randomBytes(32) },
  ];
  const before = openSeal([old]);
  const after = openSeal([old, young]);
  assert.equal(after.open(before.seal('x')), 'x');
  assert.equal(after.seal('x')[1], 2);
  assert.throws(() => before.open(after.seal('x')), isDamaged);
  assert.deepEqual(after.blindIndex('a'), before.blindIndex('a'));
  for (const keys of [[], [old, old], [{ id: 0, key: old.key }], [{ id: 1, key: Buffer.alloc(16) }]]) {
    assert.throws(() => openSeal(keys), isSetting);
  }
});

test('files of every length around a piece come back whole, in pieces of any size', async () => {
  for (const length of [0, 1, piece - 1, piece, piece + 1, 3 * piece, 3 * piece + 17]) {
    const plain = randomBytes(length);
    const sealed = await all(seal.sealPieces(cut(plain, 10_007)));
    assert.equal(sealed.length, head + length + 16 * Math.max(1, Math.ceil(length / piece)));
    assert.ok((await all(seal.openPieces(cut(sealed, 4_099)))).equals(plain), `${length} bytes`);
  }
});

test('a file that was cut, lengthened, reordered, changed or meant for something else does not open', async () => {
  const plain = randomBytes(3 * piece);
  const sealed = await all(seal.sealPieces([plain], 'original 7'));
  const size = piece + 16;
  const part = (number: number) => sealed.subarray(head + number * size, head + (number + 1) * size);
  const start = sealed.subarray(0, head);
  const other = await all(seal.sealPieces([plain], 'original 7'));
  const wrong: Readonly<Record<string, Buffer>> = {
    nothing: Buffer.alloc(0),
    'the head alone': start,
    'half a head': start.subarray(0, 20),
    'cut at a piece': sealed.subarray(0, head + 2 * size),
    'cut within a piece': sealed.subarray(0, head + 2 * size + 100),
    'cut within a tag': sealed.subarray(0, sealed.length - 3),
    lengthened: Buffer.concat([sealed, Buffer.from('x')]),
    'last piece twice': Buffer.concat([sealed, part(2)]),
    'pieces swapped': Buffer.concat([start, part(1), part(0), part(2)]),
    'piece left out': Buffer.concat([start, part(0), part(2)]),
    'pieces of another file': Buffer.concat([start, other.subarray(head)]),
    'key number changed': Buffer.concat([start.subarray(0, 6), Buffer.from([9]), sealed.subarray(7)]),
  };
  for (const [how, bytes] of Object.entries(wrong)) {
    await assert.rejects(all(seal.openPieces(cut(bytes, 50_000), 'original 7')), isDamaged, how);
  }
  await assert.rejects(all(seal.openPieces([sealed], 'original 8')), isDamaged);
  for (let at = 0; at < sealed.length; at += 9_973) {
    const changed = Buffer.from(sealed);
    changed[at] = changed[at]! ^ 0x40;
    await assert.rejects(all(seal.openPieces([changed], 'original 7')), isDamaged, `byte ${at}`);
  }
});

test('a sealed file on disk is whole, owned alone, and never written over', async (t) => {
  const folder = await tempFolder(t);
  const [from, to] = [join(folder, 'plain'), join(folder, 'sealed')];
  const plain = randomBytes(2 * piece + 5);
  await writeFile(from, plain);
  await seal.sealFile(from, to, 'original 1');
  assert.ok((await all(seal.openFile(to, 'original 1'))).equals(plain));
  assert.equal((await stat(to)).mode & 0o777, 0o600);
  await assert.rejects(seal.sealFile(from, to, 'original 1'), { code: 'EEXIST' });
});

test('the first start makes a key that only its owner can read; later starts keep it', async (t) => {
  const folder = await tempFolder(t);
  const made = await Promise.all([1, 2, 3].map(() => requireSealKeys(folder, null)));
  assert.deepEqual(made[0], made[1]);
  assert.deepEqual(made[0], made[2]);
  assert.equal((await stat(sealKeyPath(folder))).mode & 0o777, 0o600);
  const before = await readFile(sealKeyPath(folder), 'utf8');
  const again: Seal = openSeal(await requireSealKeys(folder, null));
  assert.equal(await readFile(sealKeyPath(folder), 'utf8'), before);
  assert.equal(again.open(openSeal(made[0]!).seal('x')), 'x');
});

test('a key file that is missing, open to others or not readable stops the start with a sentence', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'keys');
  await assert.rejects(requireSealKeys(folder, path), isSetting);
  const key = randomBytes(32).toString('base64url');
  for (const text of ['', `1 ${key.slice(1)}\n`, `1 ${key}\n1 ${key}\n`, `0 ${key}\n`, `256 ${key}\n`, key]) {
    await writeFile(path, text, { mode: 0o600 });
    await assert.rejects(readSealKeys(path), isSetting, text);
  }
  await writeFile(path, `1 ${key}\n\n2 ${randomBytes(32).toString('base64url')}\n`);
  assert.equal((await readSealKeys(path)).length, 2);
  await chmod(path, 0o644);
  await assert.rejects(readSealKeys(path), /0600/u);
});

function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'portal-seal-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
