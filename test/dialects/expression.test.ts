// The precedence parser as a whole: what is written is what is read, hostile text is refused, cheaply.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { PortalError } from '../../src/base/errors.ts';
import { parseWholeExpression } from '../../src/dialects/language/expression.ts';
import { parseCql2Json } from '../../src/dialects/language/cql2-json.ts';
import { cql2, parseCql2Text } from '../../src/dialects/language/cql2.ts';
import { parseQueryJson } from '../../src/dialects/native/parse.ts';
import { soql } from '../../src/dialects/soda/soql.ts';
import { parseStatement } from '../../src/dialects/soda/statement.ts';
import type { Expression } from '../../src/query/query.ts';
import { leastProcessorMs } from '../processor.ts';
import { dataset, toPlain } from './fixture.ts';
import { printSoql } from './print.ts';

const languages = { cql2, soda: soql } as const;

function parse(language: keyof typeof languages, text: string): Expression {
  return parseWholeExpression(languages[language], { parameter: 'where', text });
}

const call = (name: string, args: readonly Expression[]): Expression => ({ kind: 'call', name, args });

function soqlExpressions(): fc.Arbitrary<Expression> {
  const names = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);
  const column = names.map((name): Expression => ({ kind: 'column', name }));
  const literal = fc.oneof(
    fc.constantFrom<Expression>(
      { kind: 'literal', value: null },
      { kind: 'literal', value: true },
      { kind: 'literal', value: false },
      { kind: 'literal', value: 9007199254740993n },
      { kind: 'literal', value: '0.12345678901234567890', type: 'decimal' },
    ),
    fc.integer().map((value): Expression => ({ kind: 'literal', value: value === 0 ? 0 : value })),
    fc
      .integer({ min: -1e9, max: 1e9 })
      .map((value): Expression => ({ kind: 'literal', value: value === 0 ? 0 : value / 1000 })),
    fc
      .string({ maxLength: 12, unit: 'grapheme' })
      .filter(hasNoNul)
      .map((value): Expression => ({ kind: 'literal', value })),
  );
  const operators = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'like', 'add', 'sub', 'mul', 'div', 'mod', 'pow'];
  return fc.letrec<{ node: Expression }>((tie) => {
    const node = tie('node');
    const nodes = (min: number, max: number) => fc.array(node, { minLength: min, maxLength: max });
    return {
      node: fc.oneof(
        { depthSize: 'small', maxDepth: 5 },
        fc.oneof(column, literal),
        fc.tuple(fc.constantFrom(...operators), node, node).map(([name, a, b]) => call(name, [a, b])),
        fc.tuple(fc.constantFrom('and', 'or'), nodes(2, 4)).map(([name, args]) => call(name, args)),
        node.map((argument) => call('not', [argument])),
        node.filter((argument) => argument.kind !== 'literal').map((argument) => call('neg', [argument])),
        fc.tuple(fc.constantFrom('is_null', 'is_not_null'), node).map(([name, a]) => call(name, [a])),
        nodes(3, 3).map((args) => call('between', args)),
        nodes(2, 5).map((args) => call('in', args)),
        fc.tuple(fc.constantFrom('lower', 'coalesce', 'concat'), nodes(2, 3)).map(([name, args]) => call(name, args)),
      ),
    };
  }).node;
}

function hasNoNul(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

test('soda: an expression that is printed is read back as itself', () => {
  fc.assert(
    fc.property(soqlExpressions(), (expression) => {
      const text = printSoql(expression);
      try {
        assert.deepEqual(toPlain(parse('soda', text)), toPlain(expression));
      } catch (error) {
        if (error instanceof PortalError && error.code === 'query-too-large') return;
        throw error;
      }
    }),
    { numRuns: 3_000 },
  );
});

for (const language of ['cql2', 'soda'] as const) {
  test(`${language}: any text is an expression or a PortalError`, () => {
    const words = fc.constantFrom(
      ...["'", '"', '`', '(', ')', ',', '\\', '--', '/*', '*/', '::', ':', '.', '|>', '[', ']', '@', '?', '\0', '\n'],
      ...['and', 'or', 'not', 'in', 'is', 'null', 'between', 'like', 'case', 'when', 'then', 'end', 'date', 'interval'],
      ...['polygon', 'bbox', 't_after', 'a', '1', '1e999', '0x1', '-', '+', '^', '=', '<', 'constructor', '__proto__'],
      ...['toString(', 'count(*)', '😀', '\ud800', 'é', '\u2028', '%', 'lower(', 'filter', 'where', 'distinct'],
    );
    const grammar = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' '));
    const joined = fc.array(words, { maxLength: 40 }).map((parts) => parts.join(''));
    const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data).toString('latin1'));
    fc.assert(
      fc.property(fc.oneof(grammar, joined, bytes, fc.string({ unit: 'binary', maxLength: 100 })), (text) => {
        onlyPortalErrors(() => parse(language, text));
        onlyPortalErrors(() => parseStatement({ parameter: '$query', text }));
      }),
      { numRuns: 5_000 },
    );
  });

  test(`${language}: too deep, too many, too long is refused at once`, () => {
    const hostile: Readonly<Record<string, string>> = {
      parentheses: '('.repeat(1_600) + 'a' + ')'.repeat(1_600),
      not: `${'not '.repeat(1_600)}a`,
      minus: `${'- '.repeat(1_600)}a`,
      calls: 'lower('.repeat(1_600) + 'a' + ')'.repeat(1_600),
      powers: `a${' ^ a'.repeat(1_600)}`,
      lists: 'a in ('.repeat(1_600),
      megabyte: 'a'.repeat(1_048_576),
      'megabyte string': `'${'a'.repeat(1_048_576)}'`,
      'sums of 600': `a${' + a'.repeat(600)}`,
      'or of 600 likes': Array.from({ length: 600 }, () => "a like 'x'").join(' or '),
      'list of 1,100': `a in (${'1,'.repeat(1_099)}1)`,
    };
    for (const [name, text] of Object.entries(hostile)) {
      const tookMs = leastProcessorMs(() =>
        assert.throws(
          () => parse(language, text),
          (error) => error instanceof PortalError && error.code === 'query-too-large',
          name,
        ),
      );
      assert.ok(tookMs <= 20, `${name} took ${tookMs.toFixed(1)} ms`);
    }
  });

  test(`${language}: what fits the limits is read`, () => {
    assert.equal(parse(language, '('.repeat(32) + 'a' + ')'.repeat(32)).kind, 'column');
    assert.equal(parse(language, `a in (${'1,'.repeat(999)}1)`).kind, 'call');
    const alternatives = Array.from({ length: 100 }, () => "a like 'x%'").join(' or ');
    const read = parse(language, alternatives);
    assert.equal(read.kind === 'call' ? read.args.length : 0, 100);
  });
}

function onlyPortalErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    assert.ok(error.status === 400, `${error.code} is a client's error`);
    const { position, text } = error.details;
    if (position === undefined) return;
    assert.ok(position.start >= 0 && position.start <= position.end);
    assert.ok(text === undefined || position.end <= text.length);
  }
}

test('cql2-json: nesting of 1,600 levels is refused without trouble', () => {
  let value: unknown = true;
  for (let level = 0; level < 1_600; level++) value = { op: 'not', args: [value] };
  const body: unknown = JSON.parse(JSON.stringify({ where: value }));
  const tookMs = leastProcessorMs(() =>
    assert.throws(
      () => parseQueryJson(body, dataset),
      (error) => error instanceof PortalError && error.code === 'query-too-large',
    ),
  );
  assert.ok(tookMs <= 20, `${tookMs.toFixed(1)} ms`);
});

test('cql2-json: geometry nested 5,000 levels is refused without trouble', () => {
  let coordinates: unknown = 1;
  for (let level = 0; level < 5_000; level++) coordinates = [coordinates];
  assert.throws(
    () => parseCql2Json({ type: 'Polygon', coordinates }, ''),
    (error) => error instanceof PortalError && error.code === 'bad-literal',
  );
});

test('cql2-json: any JSON is an expression or a PortalError', () => {
  const keys = fc.constantFrom(
    'op',
    'args',
    'property',
    'date',
    'interval',
    'bbox',
    'type',
    'coordinates',
    '__proto__',
  );
  const leaf = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'and',
      '=',
      'in',
      'like',
      't_after',
      'interval',
      'count',
      'constructor',
      '..',
      '2020-01-01',
      'Point',
    ),
  );
  const value = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(keys, tie('node'), { maxKeys: 4 }),
      fc.record({ op: leaf, args: fc.array(tie('node'), { maxLength: 4 }) }),
    ),
  })).node;
  fc.assert(
    fc.property(value, (given) => {
      onlyPortalErrors(() => parseCql2Json(given, '/where'));
      onlyPortalErrors(() => parseQueryJson({ where: given, select: given, order: given }, dataset));
      onlyPortalErrors(() => parseQueryJson(given, dataset));
    }),
    { numRuns: 3_000 },
  );
});

test('text and JSON of one condition mean the same', () => {
  const pairs: readonly (readonly [string, unknown])[] = [
    ['ward = 3', { op: '=', args: [{ property: 'ward' }, 3] }],
    ["name not like 'x%'", { op: 'not', args: [{ op: 'like', args: [{ property: 'name' }, 'x%'] }] }],
    ['ward in (1, 2)', { op: 'in', args: [{ property: 'ward' }, [1, 2]] }],
    [
      "t_during(issued, INTERVAL('2020-01-01', '..'))",
      { op: 't_during', args: [{ property: 'issued' }, { interval: ['2020-01-01', '..'] }] },
    ],
    [
      's_intersects(place, POINT(1 2))',
      { op: 's_intersects', args: [{ property: 'place' }, { type: 'Point', coordinates: [1, 2] }] },
    ],
    ['s_within(place, BBOX(1,2,3,4))', { op: 's_within', args: [{ property: 'place' }, { bbox: [1, 2, 3, 4] }] }],
  ];
  for (const [text, json] of pairs) {
    const fromText = toPlain(parseCql2Text({ parameter: 'where', text }));
    assert.deepEqual(toPlain(parseCql2Json(json, '')), fromText, text);
  }
});

test('prototype names are no functions, casts or fields', () => {
  for (const text of ['constructor(a)', '__proto__(a)', 'toString()', 'hasOwnProperty(a)']) {
    for (const language of ['cql2', 'soda'] as const) {
      assert.throws(
        () => parse(language, text),
        (error) => error instanceof PortalError && error.code === 'unknown-function',
        `${language} ${text}`,
      );
    }
  }
});
