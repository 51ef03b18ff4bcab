// docs/functions.md and the allow-list say the same, both ways. Run with UPDATE_DOCS=1 to write the page again.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FunctionSpec, Overload, Parameter } from '../../src/query/function-spec.ts';
import { functionGroups, functionTable } from '../../src/query/functions.ts';
import { cql2Spellings } from '../../src/dialects/language/cql2-spellings.ts';
import { sodaSpellings } from '../../src/dialects/soda/spellings.ts';

const path = new URL('../../docs/functions.md', import.meta.url);
const begin = '<!-- prettier-ignore-start -->';
const end = '<!-- prettier-ignore-end -->';

const placeNames: Readonly<Partial<Record<Parameter, string>>> = {
  integer: 'whole number',
  numeric: 'number',
  boolean: 'true/false',
  interval: 'duration',
  any: 'anything',
  same: 'value',
  ordered: 'value',
  plain: 'value',
  zone: 'time zone',
};

function writeForm({ params, repeat, tail }: Overload): string {
  const places = params.map((place) => placeNames[place] ?? place);
  const more = repeat === undefined ? [] : ['…'];
  const last = tail === undefined ? [] : [`[${placeNames[tail] ?? tail}]`];
  return `(${[...places, ...more, ...last].join(', ')})`;
}

function writeResult(overload: Overload): string {
  if (typeof overload.result === 'function') return 'number';
  if (overload.result === 'same' || overload.result === 'first') return 'its own type';
  return overload.result === 'point' ? 'geometry' : (placeNames[overload.result] ?? overload.result);
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (words: readonly string[]): string =>
  words.length === 0 ? '–' : words.map((word) => `\`${cell(word)}\``).join(' ');

function writeRow(entry: FunctionSpec): string {
  const forms = entry.overloads.map((overload) => `${writeForm(overload)} → ${writeResult(overload)}`).join('<br>');
  return `| \`${entry.name}\` | ${code(sodaSpellings.of(entry.name))} | ${code(cql2Spellings.of(entry.name))} | ${forms} | ${cell(entry.about)} |`;
}

function writeTables(): string {
  return functionGroups
    .map(({ title, functions }) => {
      const head = '| name | SoQL | CQL2 | takes → gives | what it does |\n|---|---|---|---|---|';
      return `### ${title}\n\n${head}\n${functions.map(writeRow).join('\n')}`;
    })
    .join('\n\n');
}

function readPage(): { before: string; tables: string; after: string } {
  const page = readFileSync(path, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  assert.ok(from > 0 && to > from, 'the marks of the table are missing');
  return {
    before: page.slice(0, from + begin.length),
    tables: page.slice(from + begin.length, to).trim(),
    after: page.slice(to),
  };
}

test('docs/functions.md is the table of the allow-list', () => {
  const { before, tables, after } = readPage();
  if (process.env.UPDATE_DOCS === '1') writeFileSync(path, `${before}\n\n${writeTables()}\n\n${after}`);
  else assert.equal(tables, writeTables());
});

test('every function that docs/functions.md names is there, and every one that is there is named', () => {
  const named = [...readPage().tables.matchAll(/^\| `([a-z0-9_]+)` \|/gmu)].map(([, name]) => name ?? '');
  assert.deepEqual(named, [...functionTable.keys()]);
  assert.equal(new Set(named).size, named.length);
});
