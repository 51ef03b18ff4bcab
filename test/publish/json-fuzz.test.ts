// Whatever bytes are called JSON: they are rows and quarantined rows, or refused in words; nothing else is ever thrown.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { PortalError } from '../../src/base/errors.ts';
import { createFindings } from '../../src/publish/read/findings.ts';
import { toRawMembers, walkJson } from '../../src/publish/read/json-file.ts';
import { openJson } from '../../src/publish/read/json-source.ts';
import { openQuarantine } from '../../src/publish/read/quarantine.ts';
import { bytesOf, damaged, toSeed } from '../fuzz.ts';

const folder = await mkdtemp(join(tmpdir(), 'portal-json-'));
after(() => rm(folder, { recursive: true, force: true }));

const pieces = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '\n', ' ', '\t', '1', '-', 'null', 'true', '\\u00', '\0', '\u00a0'],
  ...['"a":1', '{"a":1}', '"type":"Feature"', '"geometry":null', '"crs":', '"features":[', '"type":', '"q\\q":'],
];
const feature = { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] }, properties: { a: 'x, "y"' } };
const value = fc.jsonValue({ maxDepth: 2 });
const whole = fc
  .oneof(
    fc.array(fc.dictionary(fc.string({ maxLength: 4 }), value, { maxKeys: 3 }), { maxLength: 5 }),
    fc.constant({
      type: 'FeatureCollection',
      crs: { properties: { name: 'EPSG:4326' } },
      features: [feature, feature],
    }),
    fc.constant({ note: 'x', rows: [{ a: 1 }, { a: '2' }] }),
    value,
  )
  .map((each) => Buffer.from(JSON.stringify(each)));
const lines = fc
  .array(value, { minLength: 1, maxLength: 4 })
  .map((items) => Buffer.from(items.map((item) => JSON.stringify(item)).join('\n')));
const files = fc.oneof(bytesOf(pieces, 30), whole, damaged(whole), damaged(lines));

/** A key, a type and a coordinate system that are no JSON, in an object whose brackets match. */
const broken = ['{"q\\q":1}', '{"type":"Feature"x,"geometry":null}', '{"crs":{:},"features":[]}'];

type Read =
  { readonly rows: number; readonly quarantined: number; readonly columns: number } | { readonly refused: string };

async function read(bytes: Buffer): Promise<Read> {
  const work = await mkdtemp(join(folder, 'read-'));
  const path = join(work, 'file.json');
  await writeFile(path, bytes);
  const quarantine = openQuarantine(join(work, 'quarantine.csv'));
  const text = { path, encoding: 'utf-8', start: 0, undecodable: null } as const;
  try {
    const source = await openJson(text, join(work, 'table.csv'), quarantine, createFindings());
    return { rows: source.rows, quarantined: quarantine.count(), columns: source.columns.length };
  } catch (error) {
    assert.ok(error instanceof PortalError && error.status < 500, error instanceof Error ? error.stack : String(error));
    return { refused: error.message };
  } finally {
    await quarantine.close();
  }
}

test('whatever is called JSON is rows and quarantined rows, or is refused in words', async (t) => {
  await fc.assert(
    fc.asyncProperty(files, async (bytes) => {
      const found = await read(bytes);
      if ('refused' in found) assert.match(found.refused, /^[A-Z“].*[.?]$/su);
      else assert.ok(found.rows >= 0 && found.columns >= 1);
    }),
    { numRuns: 400, seed: toSeed(t), examples: broken.map((text): [Buffer] => [Buffer.from(text)]) },
  );
});

test('every object of a list or of lines is one row, whatever blanks stand between them', async (t) => {
  const blanks = fc.constantFrom('', ' ', '\n', ' '.repeat(5_000), '\n'.repeat(70_000));
  const objects = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c "\\'), value, { minKeys: 1 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(objects, blanks, blanks, fc.boolean(), async (given, before, between, isList) => {
      const texts = given.map((each) => JSON.stringify(each));
      const text = isList ? `${before}[${texts.join(`,${between}`)}]` : `${texts.join(`\n${between}`)}${before}`;
      const found = await read(Buffer.from(text));
      if ('refused' in found) assert.fail(found.refused);
      // One object alone may be a list in wrapping paper: its only list of objects is the table then.
      if (isList || given.length > 1) assert.equal(found.rows + found.quarantined, given.length);
    }),
    { numRuns: 100, seed: toSeed(t) },
  );
});

test('items are handed over whole, in order, and without the blanks around them', async (t) => {
  const path = join(folder, 'list.json');
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 6 }), fc.constantFrom('', ' ', '\n\t'), async (items, blank) => {
      const texts = items.map((item) => JSON.stringify(item));
      await writeFile(path, `[${texts.map((text) => `${blank}${text}${blank}`).join(',')}]`);
      const seen: string[] = [];
      const walk = { from: 1, line: 1, close: ']', whole: true } as const;
      const end = await walkJson(path, walk, (item) => {
        assert.equal(item.bytes.length, item.end - item.start);
        seen.push(item.bytes.toString('utf8'));
      });
      assert.deepEqual(seen, texts);
      assert.notEqual(end, null);
    }),
    { numRuns: 150, seed: toSeed(t) },
  );
});

test('members are cut out of an object as they were written', (t) => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 5 }), value),
      fc.constantFrom(undefined, 1, '\t'),
      (object, space) => {
        const members = toRawMembers(JSON.stringify(object, null, space));
        assert.deepEqual(
          Object.fromEntries([...members].map(([key, raw]) => [key, JSON.parse(raw) as unknown])),
          JSON.parse(JSON.stringify(object)),
        );
      },
    ),
    { numRuns: 200, seed: toSeed(t) },
  );
});
