// The gate that every dialect comes through: each function of the allow-list is spelled or refused,
// with words that no other has.
// It must find dialects by their folders, so that a new one cannot be forgotten.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { sharedSpellings } from '../../src/dialects/language/shared-spellings.ts';
import type { SpellingTable } from '../../src/dialects/language/spellings.ts';
import { nativeSpellingTable } from '../../src/dialects/native/spellings.ts';
import { sodaSpellingTable } from '../../src/dialects/soda/spellings.ts';
import { functionTable } from '../../src/query/functions.ts';
import { root } from '../source.ts';

const folder = join(root, 'src', 'dialects');
const dialects = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'language')
  .map(({ name }) => name);

const tables: Readonly<Record<string, SpellingTable>> = {
  native: nativeSpellingTable,
  soda: sodaSpellingTable,
};

test('every dialect is looked at', () => {
  assert.deepEqual(Object.keys(tables).toSorted(), dialects.toSorted());
});

test('words are shared while two dialects at least write them; another may write its own', () => {
  assert.ok(Object.keys(sharedSpellings).length > 50);
  const alone = Object.entries(sharedSpellings).filter(([name, words]) => {
    const alike = dialects.filter((dialect) => JSON.stringify(tables[dialect]?.[name]) === JSON.stringify(words));
    return alike.length < 2;
  });
  assert.deepEqual(alone, []);
});

for (const dialect of dialects) {
  test(`${dialect} has the files that every dialect has`, () => {
    const files = readdirSync(join(folder, dialect));
    for (const name of ['routes', 'parse', 'respond', 'metadata', 'schemas', 'spellings']) {
      assert.ok(files.includes(`${name}.ts`), `src/dialects/${dialect}/${name}.ts`);
    }
  });

  test(`${dialect} spells or refuses every function, and nothing else`, () => {
    const table = tables[dialect] ?? {};
    assert.deepEqual(Object.keys(table).toSorted(), [...functionTable.keys()].toSorted());
    for (const [name, spelled] of Object.entries(table)) {
      if ('notSpelled' in spelled) assert.match(spelled.notSpelled, /^[A-Z].{15,}\.$/u, `why ${name} has no words`);
      else assert.ok(spelled.length > 0 && spelled.every((word) => word !== ''), `${name} is spelled`);
    }
  });

  test(`no word of ${dialect} means two functions`, () => {
    const words = Object.values(tables[dialect] ?? {}).flatMap((spelled) =>
      'notSpelled' in spelled ? [] : [...new Set(spelled.map((word) => word.toLowerCase()))],
    );
    const twice = words.filter((word, at) => words.indexOf(word) !== at);
    // The minus sign stands before a number and between two.
    assert.deepEqual(
      twice.filter((word) => !['-', '+'].includes(word)),
      [],
    );
  });
}
