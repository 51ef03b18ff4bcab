// Golden files: requests and the queries they mean, or the errors they get. UPDATE_GOLDEN=1 writes them anew.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import { PortalError } from '../../src/base/errors.ts';
import { parseCql2Json } from '../../src/dialects/language/cql2-json.ts';
import { parseCql2Text } from '../../src/dialects/language/cql2.ts';
import { parseNativeParameters } from '../../src/dialects/native/parse.ts';
import { readParameters } from '../../src/dialects/language/parameters.ts';
import { parseSodaParameters } from '../../src/dialects/soda/parse.ts';
import type { Query } from '../../src/query/query.ts';
import { toPointer } from '../../src/serve/http/problem.ts';
import { dataset, revision, toSentence, toShort } from './fixture.ts';

const folder = resolve(import.meta.dirname, '../golden');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

type Read = (lines: readonly string[]) => string;

const readers: Readonly<Record<string, Read>> = {
  cql2: (lines) => toSentence(parseCql2Text({ parameter: 'where', text: lines.join('\n') })),
  'cql2-json': (lines) => toSentence(parseCql2Json(JSON.parse(lines.join('\n')), '/where')),
  native: (lines) => showQuery(parseNativeParameters(toParameters(lines), dataset)),
  soda: (lines) => showQuery(parseSodaParameters(toParameters(lines), revision)),
};

/** One parameter a line; a line without `=` at its beginning goes on with the one before. */
function toParameters(lines: readonly string[]): ReadonlyMap<string, string> {
  const raw: Record<string, string | string[]> = {};
  let last = '';
  for (const line of lines) {
    const parts = /^([$:@\w]+)=(.*)$/s.exec(line);
    if (parts === null) {
      raw[last] = `${String(raw[last])}\n${line}`;
      continue;
    }
    const [, name = '', value = ''] = parts;
    raw[name] = name in raw ? [String(raw[name]), value] : value;
    last = name;
  }
  return readParameters(raw);
}

function showQuery(query: Query): string {
  const short = toShort(query);
  const lines = Object.keys(short).map((name) => `${name}: ${showMember(query, name as keyof Query)}`);
  return lines.length === 0 ? 'every row' : lines.join('\n');
}

function showMember(query: Query, name: keyof Query): string {
  switch (name) {
    case 'select':
      return query.select
        .map(({ expression, as }) => `${toSentence(expression)}${as === null ? '' : ` as ${as}`}`)
        .join(', ');
    case 'where':
    case 'having': {
      const condition = query[name];
      return condition === null ? 'none' : toSentence(condition);
    }
    case 'group':
      return query.group.map(toSentence).join(', ');
    case 'order':
      return query.order
        .map((item) => `${toSentence(item.expression)} ${item.descending ? 'desc' : 'asc'} nulls ${item.nulls}`)
        .join(', ');
    default:
      return JSON.stringify(query[name]);
  }
}

function answer(read: Read, lines: readonly string[], texts: string): string {
  try {
    return read(lines);
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    const { position, text } = error.details;
    const pointer = position === undefined ? '' : `\n${toPointer(text ?? texts, position)}`;
    const where = position?.parameter === undefined ? '' : ` [${position.parameter}]`;
    return `${error.code}${where}: ${error.message}${pointer}`.replaceAll('\n', '\n! ').replace(/^/, '! ');
  }
}

/** A file is cases with a blank line between: lines of the request begin with `> `, comments with `#`, the rest is the answer. */
function rewrite(file: string, read: Read): string {
  const cases = file.trimEnd().split(/\n{2,}/);
  const written = cases.map((block) => {
    const lines = block.split('\n');
    const comments = lines.filter((line) => line.startsWith('#'));
    const request = lines.filter((line) => line.startsWith('>')).map((line) => line.slice(2));
    if (request.length === 0) return comments.join('\n');
    const result = answer(read, request, request.join('\n'));
    return [...comments, ...request.map((line) => `> ${line}`), result].join('\n');
  });
  return `${written.join('\n\n')}\n`;
}

for (const kind of Object.keys(readers)) {
  const read = readers[kind];
  assert.ok(read !== undefined);
  for (const name of readdirSync(resolve(folder, kind))) {
    test(`golden ${kind}/${name}`, () => {
      const path = resolve(folder, kind, name);
      const file = readFileSync(path, 'utf8');
      assert.match(file, /^> /m, 'a golden file has at least one request');
      const written = rewrite(file, read);
      if (isUpdate) writeFileSync(path, written);
      assert.equal(isUpdate ? written : file, written);
    });
  }
}
