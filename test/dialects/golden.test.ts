// Golden files: requests and the queries they mean, or the errors they get. UPDATE_GOLDEN=1 writes them anew.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PortalError } from '../../src/base/errors.ts';
import { parseCql2Json } from '../../src/dialects/language/cql2-json.ts';
import { parseCql2Text } from '../../src/dialects/language/cql2.ts';
import { parseNativeParameters } from '../../src/dialects/native/parse.ts';
import { parseSodaParameters } from '../../src/dialects/soda/parse.ts';
import type { Query } from '../../src/query/query.ts';
import { toPointer } from '../../src/serve/http/problem.ts';
import { checkGoldenCases, goldenNames } from '../golden-file.ts';
import { dataset, revision, toParameters, toSentence, toShort } from './fixture.ts';

type Read = (lines: readonly string[]) => string;

const readers: Readonly<Record<string, Read>> = {
  cql2: (lines) => toSentence(parseCql2Text({ parameter: 'where', text: lines.join('\n') })),
  'cql2-json': (lines) => toSentence(parseCql2Json(JSON.parse(lines.join('\n')), '/where')),
  native: (lines) => showQuery(parseNativeParameters(toParameters(lines), dataset)),
  soda: (lines) => showQuery(parseSodaParameters(toParameters(lines), revision)),
};

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

for (const kind of Object.keys(readers)) {
  const read = readers[kind];
  assert.ok(read !== undefined);
  for (const name of goldenNames(kind)) {
    test(`golden ${kind}/${name}`, () =>
      checkGoldenCases(`${kind}/${name}`, (lines) => answer(read, lines, lines.join('\n'))));
  }
}
