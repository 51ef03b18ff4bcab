// Whatever text is called a query: tokens that cover it, then a query, or an error in words that points into the text.
// Tokens looked at are counted: reading a text must not look at one of them without bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PortalError } from '../../src/base/errors.ts';
import { parseCql2Json } from '../../src/dialects/language/cql2-json.ts';
import { cql2 } from '../../src/dialects/language/cql2.ts';
import { parseNativeParameters, parseQueryJson } from '../../src/dialects/native/parse.ts';
import { openParser, parseExpression, type Language } from '../../src/dialects/language/expression.ts';
import { parseSodaParameters } from '../../src/dialects/soda/parse.ts';
import { soql } from '../../src/dialects/soda/soql.ts';
import { readTokens, type SourceText, type Token } from '../../src/dialects/language/tokens.ts';
import { planQuery } from '../../src/query/passes.ts';
import { queryLimits } from '../../src/query/query.ts';
import { toSeed } from '../fuzz.ts';
import { columns, dataset, revision } from './fixture.ts';

const words = [
  ...[
    'ward',
    'name',
    'place',
    'seen',
    'NOT',
    'and',
    'OR',
    'BETWEEN',
    'IN',
    'IS',
    'NULL',
    'LIKE',
    'CASE',
    'WHEN',
    'THEN',
  ],
  ...[
    'ELSE',
    'END',
    'AS',
    'DESC',
    'SELECT',
    'WHERE',
    'GROUP',
    'BY',
    'count',
    'lower',
    'DATE',
    'POINT',
    'BBOX',
    'FILTER',
  ],
  ...[
    '(',
    ')',
    ',',
    '+',
    '-',
    '*',
    '/',
    '^',
    '%',
    '=',
    '<>',
    '<',
    '::',
    '.',
    '||',
    '[',
    ':*',
    '|>',
    '@',
    '?',
    ';',
    '$1',
  ],
  ...[
    "'a'",
    "'",
    '"',
    '`',
    '"b"',
    '\\',
    '\\u00',
    '\\uD800',
    '1',
    '2.5',
    '1e9',
    '1e999',
    '9'.repeat(40),
    '--',
    '/*',
    '*/',
  ],
  ...[
    '\0',
    '\n',
    ' ',
    '\u00a0',
    'é',
    '😀',
    '\ud800',
    'T_DURING',
    'INTERVAL',
    "'2024-01-01'",
    'DISTINCT',
    'EXCEPT',
    'div',
  ],
];
const soup = fc
  .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom('', ' ')), { maxLength: 40 })
  .map((parts) => parts.flat().join(''));
const texts = fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 60 }));
const languages: fc.Arbitrary<Language> = fc.constantFrom(cql2, soql);
const limits = { defaultLimit: 10, maxLimit: 1_000 };
const target = { datasetId: 'permits', revisionId: '0123456789abcdef', schema: columns, rows: 10 };

/** What `read` answers, or null where it refuses the text in words and with a place that lies in it. */
function orRefused<T>(text: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    assert.ok(
      error instanceof PortalError && error.status === 400,
      error instanceof Error ? error.stack : String(error),
    );
    const { position } = error.details;
    if (position !== undefined) {
      assert.ok(position.start >= 0 && position.start <= position.end, JSON.stringify(position));
      assert.ok(position.end <= Math.max(text.length, (error.details.text ?? '').length), JSON.stringify(position));
    }
    return null;
  }
}

test('tokens cover the text in its order; between them are blanks and comments only', (t) => {
  fc.assert(
    fc.property(texts, languages, (text, language) => {
      const tokens = orRefused(text, () => readTokens(language.lexicon, { parameter: 'where', text }));
      if (tokens === null) return;
      let at = 0;
      for (const { kind, start, end, text: written } of tokens) {
        assert.ok(start >= at && end >= start && (kind === 'end' || end > start));
        assert.equal(text.slice(start, end), written);
        assert.match(text.slice(at, start), /^(?:\s|--[^\n]*|\/\*[\s\S]*?\*\/)*$/u);
        at = end;
      }
      assert.equal(at, text.length);
    }),
    { numRuns: 1_000, seed: toSeed(t) },
  );
});

test('whatever is called a query is one that can be planned, or is refused in words', (t) => {
  fc.assert(
    fc.property(texts, fc.constantFrom('select', 'where', 'group', 'having', 'order', 'query'), (text, clause) => {
      const native = orRefused(text, () => parseNativeParameters(new Map([[clause, text]]), dataset));
      const soda = orRefused(text, () => parseSodaParameters(new Map([[`$${clause}`, text]]), revision));
      for (const query of [native, soda]) if (query !== null) orRefused(text, () => planQuery(query, target, limits));
    }),
    { numRuns: 1_500, seed: toSeed(t) },
  );
});

const json = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 1, 1e300, 'a', '..', '2024-01-01', [], {}),
    fc.record({ property: fc.constantFrom('ward', 'name', 'none') }),
    fc.record({
      op: fc.constantFrom('and', '=', 'in', 'not', '-', 'count', 'lower', 's_within', '__proto__', 7),
      args: tie('list'),
    }),
    fc.record({ interval: tie('list') }),
    fc.record({ type: fc.constantFrom('Point', 'Polygon'), coordinates: tie('list') }),
    fc.record({ bbox: tie('list') }),
    fc.record({ op: fc.constant('sum'), args: tie('list'), distinct: tie('node'), filter: tie('node') }),
  ),
  list: fc.oneof(fc.array(tie('node'), { maxLength: 3 }), tie('node')),
}));

test('whatever is called CQL2 in JSON is a condition, or is refused in words', (t) => {
  fc.assert(
    fc.property(json.node, fc.constantFrom('select', 'where', 'group', 'order', 'limit', 'q'), (value, member) => {
      orRefused('', () => parseCql2Json(value, '/where'));
      const query = orRefused('', () => parseQueryJson({ [member]: value }, dataset));
      if (query !== null) orRefused('', () => planQuery(query, target, limits));
    }),
    { numRuns: 1_000, seed: toSeed(t) },
  );
});

/** The texts that nest: one sign repeated for as long as a text may be. */
const endless = [
  '(',
  'NOT ',
  '-',
  '+ ',
  'lower(',
  'CASE WHEN ',
  '1^',
  '1+',
  "'a'||",
  'a AND ',
  '1 IN (',
  'a.year.',
  'a::text',
];

test('no text is nested too deep for the parser', () => {
  for (const language of [cql2, soql]) {
    for (const sign of endless) {
      const text = sign.repeat(Math.floor(queryLimits.textBytes / sign.length));
      orRefused(text, () => parseExpression(openParser(language, { parameter: 'where', text }), 0));
    }
  }
});

/** How often a token is looked at while the text is read. */
function countLooks(language: Language, source: SourceText): number {
  const parser = openParser(language, source);
  let looks = 0;
  const tokens = new Proxy(parser.tokens as Token[], {
    get(list, name) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1;
      return Reflect.get(list, name, list) as unknown;
    },
  });
  orRefused(source.text, () => parseExpression({ ...parser, tokens }, 0));
  return looks / parser.tokens.length;
}

/** Many times what the longest rule looks ahead; twice as many tokens must not make it more. */
const mostLooks = 60;

test('a token is looked at a bounded number of times, whatever the text repeats', (t) => {
  const fragments = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 })
    .map((parts) => `${parts.join(' ')} `);
  fc.assert(
    fc.property(fragments, languages, (fragment, language) => {
      const source = { parameter: 'where', text: fragment.repeat(Math.floor(4_000 / fragment.length)) };
      if (orRefused(source.text, () => readTokens(language.lexicon, source)) === null) return;
      assert.ok(countLooks(language, source) <= mostLooks);
    }),
    { numRuns: 500, seed: toSeed(t) },
  );
});
