// Expression → CQL2 text: what is written is read back as itself, without needless parentheses, whatever the names and
// texts are; what CQL2 text cannot say is refused.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { PortalError } from '../../src/base/errors.ts';
import { parseCql2Json } from '../../src/dialects/language/cql2-json.ts';
import { printCql2Text } from '../../src/dialects/language/cql2-print.ts';
import { cql2SpellingTable } from '../../src/dialects/language/cql2-spellings.ts';
import { cql2, parseCql2Text } from '../../src/dialects/language/cql2.ts';
import { readTokens } from '../../src/dialects/language/tokens.ts';
import { functionTable } from '../../src/query/functions.ts';
import { readGeometryLiteral } from '../../src/query/geometry-literal.ts';
import { queryLimits, type Expression } from '../../src/query/query.ts';
import { goldenNames } from '../golden-file.ts';

const call = (name: string, ...args: readonly Expression[]): Expression => ({ kind: 'call', name, args });
const column = (name: string): Expression => ({ kind: 'column', name });
const value = (literal: string | number | bigint | boolean | null): Expression => ({ kind: 'literal', value: literal });

function parse(text: string): Expression {
  return withoutSpans(parseCql2Text({ parameter: 'where', text }));
}

function withoutSpans(expression: Expression): Expression {
  const { span: _, ...rest } = expression;
  if (rest.kind !== 'call') return rest;
  const filter = rest.filter === undefined ? {} : { filter: withoutSpans(rest.filter) };
  return { ...rest, args: rest.args.map(withoutSpans), ...filter };
}

/** Null for text that is no expression, which other tests are about. */
function tryParse(read: () => Expression): Expression | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof PortalError) return null;
    throw error;
  }
}

// Examples

/** The requests of a folder of golden files: the lines of each case that begin with `> `. */
function requestsOf(kind: string): readonly (readonly string[])[] {
  return goldenNames(kind).flatMap((name) =>
    readFileSync(resolve(import.meta.dirname, '..', 'golden', kind, name), 'utf8')
      .split(/\n{2,}/u)
      .map((block) => block.split('\n').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : [])))
      .filter((lines) => lines.length > 0),
  );
}

const conditions = [...requestsOf('native'), ...requestsOf('sql').filter(([first]) => first?.startsWith('native'))]
  .flat()
  .flatMap((line) => /^(?:where|having)=(.*)$/su.exec(line)?.[1] ?? []);
const examples = [...requestsOf('cql2').map((lines) => lines.join('\n')), ...conditions];

test('every example of CQL2 text is printed as what is read as the same expression', () => {
  const read = examples.flatMap((text) => tryParse(() => parse(text)) ?? []);
  assert.ok(read.length > 80, `${read.length} examples`);
  for (const expression of read) {
    const text = printCql2Text(expression);
    assert.deepEqual(parse(text), expression, text);
    assert.equal(printCql2Text(parse(text)), text, 'printed once more it is the same text');
  }
});

test('every example of CQL2 as JSON is printed as what means the same', () => {
  const texts = requestsOf('cql2-json').map((lines) => lines.join('\n'));
  const read = texts.flatMap((text) => tryParse(() => withoutSpans(parseCql2Json(JSON.parse(text), ''))) ?? []);
  assert.ok(read.length > 10, `${read.length} examples`);
  for (const expression of read) assert.deepEqual(parse(printCql2Text(expression)), expression);
});

test('parentheses, quotes, signs and words stand only where they are needed', () => {
  const same = [
    'a = 1 OR b = 2 AND NOT c = 3 OR d <> 4',
    '(a OR b) AND c',
    '(a AND b) AND c',
    'a AND (b AND c)',
    'a - b - c + (d - e)',
    'a / (b * c) % d div e',
    '(a + b) * -c',
    '-a ^ 2',
    '(-a) ^ -2',
    '(-5) ^ 2',
    '(2 ^ 3) ^ 2 ^ 3',
    '- -a',
    '-5 - -5',
    '(a = b) = c',
    'a IS NULL = b',
    'a IN (1, 2) IS NOT NULL',
    '(a LIKE b) IS NULL',
    'a = NOT b AND c',
    '(NOT a) = b',
    '(a + NOT b) * c',
    'NOT NOT a',
    "a NOT LIKE 'x%' AND b NOT BETWEEN -1 AND 2 + 3 AND c NOT IN (4)",
    'NOT a IS NULL',
    'a BETWEEN (b = c) AND d IS NULL',
    "CASEI(name) LIKE CASEI('50\\%\\_\\\\\\%')",
    "name = 'it''s \\\\'''",
    '"order" = 1 AND "we ""ird" = größe AND "Date" = ns:prop.x AND "" = :id',
    'a = 1e+20 AND b = 9007199254740993 AND c = -0.12345678901234567890 AND d = -0 AND e = 1.5e-7',
    'a = true OR b = false OR c = null',
    'count(*) FILTER (WHERE a = 1) > 2 AND count(DISTINCT b) > 1 AND round() = 0',
    "T_INTERSECTS(INTERVAL('..', '2020-01-01T00:00:00Z'), INTERVAL(opened, '2020-01-31'))",
    "a = DATE('2020-02-29') AND b < TIMESTAMP('2020-01-31T10:00:00.5')",
    'S_WITHIN(place, POLYGON ((0 0, 1 0, 1 1, 0 0))) OR S_EQUALS(place, POINT Z (1 2 3))',
  ];
  for (const text of same) assert.equal(printCql2Text(parse(text)), text);
});

test('every function of the allow-list is printed or refused with the reason', () => {
  const counts: Readonly<Record<string, number>> = { not: 1, neg: 1, is_null: 1, is_not_null: 1, between: 3 };
  for (const name of functionTable.keys()) {
    const expression = call(name, ...['a', 'b', 'c'].slice(0, counts[name] ?? 2).map(column));
    const spelled = cql2SpellingTable[name];
    if (name === 'bbox') continue; // the reader makes a geometry of it: the test below
    if (spelled !== undefined && 'notSpelled' in spelled) {
      assert.throws(
        () => printCql2Text(expression),
        (error) => error instanceof PortalError && error.message.endsWith(spelled.notSpelled),
      );
    } else {
      assert.deepEqual(parse(printCql2Text(expression)), expression);
    }
  }
});

test('what the reader folds is printed as folded', () => {
  const box = [-122.3, 47.3, -122.1, 47.5].map(value);
  assert.equal(printCql2Text(call('bbox', ...box)), 'BBOX(-122.3, 47.3, -122.1, 47.5)');
  assert.equal(printCql2Text(call('neg', value(5))), '-5');
  assert.equal(printCql2Text(call('neg', value(-5n))), '5');
  assert.equal(printCql2Text(call('neg', { kind: 'literal', value: '-0.5', type: 'decimal' })), '0.5');
  assert.equal(printCql2Text(call('pow', call('neg', value(5)), value(2))), '(-5) ^ 2');
});

test('what CQL2 text cannot say is refused, with its place', () => {
  const span = { parameter: 'where', start: 3, end: 9 };
  const typed = (
    type: 'date' | 'time' | 'timestamp' | 'instant' | 'geometry' | 'decimal',
    text: string,
  ): Expression => {
    return { kind: 'literal', value: text, type, span };
  };
  const refused: readonly (readonly [Expression, string])[] = [
    [{ kind: 'call', name: 'caseless_eq', args: [], span }, 'unknown-function'],
    [{ kind: 'call', name: 'no_such_function', args: [], span }, 'unknown-function'],
    [{ kind: 'call', name: '__proto__', args: [], span }, 'unknown-function'],
    [{ kind: 'call', name: 'constructor', args: [], span }, 'unknown-function'],
    [{ kind: 'call', name: 'and', args: [column('a')], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'eq', args: [column('a')], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'eq', args: ['a', 'b', 'c'].map(column), span }, 'wrong-arity'],
    [{ kind: 'call', name: 'not', args: [], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'neg', args: ['a', 'b'].map(column), span }, 'wrong-arity'],
    [{ kind: 'call', name: 'is_null', args: ['a', 'b'].map(column), span }, 'wrong-arity'],
    [{ kind: 'call', name: 'in', args: [column('a')], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'between', args: ['a', 'b'].map(column), span }, 'wrong-arity'],
    [{ kind: 'call', name: 'interval', args: [column('a')], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'interval', args: [{ ...value('2020'), span }, value(null)] }, 'bad-literal'],
    [{ kind: 'call', name: 'bbox', args: [], span }, 'wrong-arity'],
    [{ kind: 'call', name: 'bbox', args: ['a', 'b', 'c', 'd'].map(column), span }, 'bad-literal'],
    [{ kind: 'call', name: 'eq', args: ['a', 'b'].map(column), distinct: true, span }, 'wrong-arity'],
    [{ kind: 'call', name: 'not', args: [column('a')], filter: column('b'), span }, 'wrong-arity'],
    [typed('time', '10:00:00'), 'bad-literal'],
    [typed('date', '2020-02-30'), 'bad-literal'],
    [typed('date', '2020-01-01T00:00:00'), 'bad-literal'],
    [typed('instant', '2020-01-01T00:00:00'), 'bad-literal'],
    [typed('timestamp', "2020-01-01'); x('"), 'bad-literal'],
    [typed('geometry', 'POLYGON EMPTY'), 'bad-literal'],
    [typed('geometry', 'no place'), 'bad-literal'],
    [typed('decimal', '1 OR 1=1'), 'bad-literal'],
    [typed('decimal', '-'), 'bad-literal'],
    [{ ...value(Number.NaN), span }, 'bad-literal'],
    [{ ...value(Number.NEGATIVE_INFINITY), span }, 'bad-literal'],
    [{ ...value('a\0b'), span }, 'bad-literal'],
    [{ ...column('a\0b'), span }, 'bad-literal'],
  ];
  for (const [expression, code] of refused) {
    assert.throws(
      () => printCql2Text(expression),
      (error) => {
        assert.ok(error instanceof PortalError, String(error));
        assert.equal(error.code, code);
        assert.deepEqual(error.details.position, span, error.message);
        return true;
      },
    );
  }
});

// Any expression

const hostile = [
  ...["'", "''", "\\'", '\\', '\\\\', '\\n', '\n', '\r\n', '\t', '"', '""', '\u2028', '\ud800', '😀', '%', '\\%'],
  ...['..', '2020-01-01', 'null', ') OR (1=1', '--', '/*', 'DATE(', ' ', '\u00a0', '\ufeff', '1', '-1', 'a b'],
];
const names = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/u),
  fc.constantFrom(...hostile),
  fc.constantFrom(...cql2.reserved, ...cql2.prefix.keys(), ...cql2.infix.keys(), ...functionTable.keys()),
  fc.constantFrom('filter', 'Where', 'distinct', 'Z', ':id', 'größe', 'ıs', 'diſtinct', 'ns:prop.x', '_', 'e1', '1e'),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.array(fc.constantFrom(...hostile, ...'abtnvfr'), { maxLength: 6 }).map((parts) => parts.join('')),
);
const hasNoNul = (text: string): boolean => !text.includes('\0');

/** Numbers as the reader makes them: doubles of up to 15 digits, 64-bit integers and exact decimals beyond them. */
const numbers: fc.Arbitrary<Expression> = fc.oneof(
  fc.integer().map(value),
  fc.double({ min: -1e300, max: 1e300, noNaN: true }).map((double) => value(Number(double.toPrecision(15)))),
  fc
    .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -300, max: 300 }))
    .map(([digits, power]) => value(Number(`${digits}e${power}`))),
  fc.bigInt({ min: 10n ** 15n, max: 2n ** 63n - 1n }).map(value),
  fc.bigInt({ min: 1n - 2n ** 63n, max: -(10n ** 15n) }).map(value),
  fc
    .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^[1-9][0-9]{15,30}$/u), fc.constantFrom('.0', '.25', '.5e-7'))
    .map(([sign, digits, rest]): Expression => ({ kind: 'literal', value: sign + digits + rest, type: 'decimal' })),
);

const moments: fc.Arbitrary<Expression> = fc
  .tuple(
    fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.constantFrom('date' as const, 'timestamp' as const, 'instant' as const),
  )
  .map(([date, type]) => {
    const text = date.toISOString();
    const written = { date: text.slice(0, 10), timestamp: text.slice(0, -1), instant: text };
    return { kind: 'literal', value: written[type], type };
  });

const corner = fc.oneof(fc.integer({ min: -180, max: 180 }), fc.double({ min: -90, max: 90, noNaN: true }));
const point = fc.tuple(corner, corner);
const shapes: fc.Arbitrary<unknown> = fc.oneof(
  fc.oneof(point, fc.tuple(corner, corner, corner)).map((coordinates) => ({ type: 'Point', coordinates })),
  fc.array(point, { minLength: 2, maxLength: 4 }).map((coordinates) => ({ type: 'LineString', coordinates })),
  fc.array(point, { minLength: 1, maxLength: 4 }).map((coordinates) => ({ type: 'MultiPoint', coordinates })),
  fc.tuple(point, point, point).map(([a, b, c]) => ({ type: 'Polygon', coordinates: [[a, b, c, a]] })),
  fc.tuple(point, point, point).map(([a, b, c]) => ({ type: 'MultiPolygon', coordinates: [[[a, b, c, a]]] })),
);
const places: fc.Arbitrary<Expression> = fc
  .oneof(
    shapes,
    fc
      .array(fc.oneof(shapes, fc.constant({ type: 'Polygon', coordinates: [] })), { minLength: 1, maxLength: 3 })
      .map((geometries) => ({ type: 'GeometryCollection', geometries })),
  )
  .map((shape) => {
    const wkt = readGeometryLiteral(JSON.stringify(shape));
    assert.ok(wkt !== null);
    return { kind: 'literal', value: wkt, type: 'geometry' };
  });

const leaves = fc.oneof(
  { weight: 3, arbitrary: names.filter(hasNoNul).map(column) },
  { weight: 3, arbitrary: texts.filter(hasNoNul).map(value) },
  { weight: 2, arbitrary: numbers },
  moments,
  places,
  fc.constantFrom(true, false, null).map(value),
);

const binaryNames = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'like', 'add', 'sub', 'mul', 'div', 'mod', 'int_div', 'pow'];
const callNames = [...functionTable.keys()].filter((name) => {
  const spelled = cql2SpellingTable[name];
  const word = spelled === undefined || 'notSpelled' in spelled ? '' : (spelled[0] ?? '');
  return /^\w+$/u.test(word) && !cql2.infix.has(word.toUpperCase()) && !['not', 'interval', 'bbox'].includes(name);
});
const isNumber = (part: Expression): boolean =>
  part.kind === 'literal' &&
  (part.type === 'decimal' || typeof part.value === 'number' || typeof part.value === 'bigint');
const isText = (part: Expression): boolean =>
  part.kind === 'literal' && part.type === undefined && typeof part.value === 'string';

/** Every expression that CQL2 text can say, deeper or longer than the reader's limits only by chance. */
const expressions: fc.Arbitrary<Expression> = fc.letrec<{ node: Expression }>((tie) => {
  const node = tie('node');
  const nodes = (minLength: number, maxLength: number) => fc.array(node, { minLength, maxLength });
  const written = fc.record(
    { args: nodes(0, 3), distinct: fc.constant(true), filter: node },
    { requiredKeys: ['args'], noNullPrototype: true },
  );
  return {
    node: fc.oneof(
      { depthSize: 'small', maxDepth: 6 },
      leaves,
      fc.tuple(fc.constantFrom(...binaryNames), node, node).map(([name, a, b]) => call(name, a, b)),
      fc.tuple(fc.constantFrom('and', 'or'), nodes(2, 4)).map(([name, args]) => call(name, ...args)),
      node.map((argument) => call('not', argument)),
      node.filter((argument) => !isNumber(argument)).map((argument) => call('neg', argument)),
      fc.tuple(fc.constantFrom('is_null', 'is_not_null'), node).map(([name, a]) => call(name, a)),
      nodes(3, 3).map((args) => call('between', ...args)),
      nodes(2, 5).map((args) => call('in', ...args)),
      fc
        .array(
          fc.oneof(
            moments,
            node.filter((end) => !isText(end)),
          ),
          { minLength: 2, maxLength: 2 },
        )
        .map((ends) => {
          return call('interval', ...ends);
        }),
      fc
        .tuple(fc.constantFrom(...callNames), written)
        .map(([name, rest]): Expression => ({ kind: 'call', name, ...rest })),
    ),
  };
}).node;

test('any expression that is printed is read back as itself', () => {
  let tooLarge = 0;
  const runs = 4_000;
  const check = (expression: Expression): void => {
    const text = printCql2Text(expression);
    try {
      assert.deepEqual(parse(text), expression, text);
    } catch (error) {
      if (!(error instanceof PortalError && error.code === 'query-too-large')) throw error;
      tooLarge += 1;
    }
  };
  fc.assert(fc.property(expressions, check), { numRuns: runs });
  assert.ok(tooLarge < runs / 20, `${tooLarge} of ${runs} were beyond the limits of the reader`);
});

test('whatever CQL2 text is read can be printed', () => {
  const words = fc.constantFrom(
    ...['a', '"b c"', "'x'", "'it''s'", '1', '-', '+', '.5', '1e20', '9007199254740993', '(', ')', ',', '=', '<', '^'],
    ...['AND', 'OR', 'NOT', 'IS NULL', 'IS NOT NULL', 'BETWEEN', 'IN (', 'LIKE', '*', 'div', 'true', 'null', 'mod('],
    ...['lower(', 'count(*)', 'count(', 'DISTINCT', 'FILTER (WHERE', "DATE('2020-01-01')", 'INTERVAL(', "'..',"],
    ...['BBOX(1, 2, 3, 4)', 'POINT(1 2)', 'GEOMETRYCOLLECTION(POINT EMPTY)', 'casei('],
  );
  let read = 0;
  const check = (text: string): void => {
    const expression = tryParse(() => parse(text));
    if (expression === null) return;
    read += 1;
    assert.deepEqual(parse(printCql2Text(expression)), expression, text);
  };
  const grammar = fc.array(words, { maxLength: 7 }).map((parts) => parts.join(' '));
  fc.assert(fc.property(grammar, check), { numRuns: 20_000 });
  assert.ok(read > 500, `${read} texts were expressions`);
});

/** Conditions as people write them: comparisons of terms, joined. */
const joined: fc.Arbitrary<Expression> = fc.letrec<{ condition: Expression; term: Expression }>((tie) => {
  const [condition, term] = [tie('condition'), tie('term')];
  const limits = { depthSize: 'small', maxDepth: 4 } as const;
  const terms = (count: number) => fc.array(term, { minLength: count, maxLength: count });
  return {
    term: fc.oneof(
      limits,
      leaves,
      fc
        .tuple(fc.constantFrom('add', 'sub', 'mul', 'div', 'mod', 'int_div', 'pow'), terms(2))
        .map(([name, args]) => call(name, ...args)),
      term.filter((argument) => !isNumber(argument)).map((argument) => call('neg', argument)),
    ),
    condition: fc.oneof(
      limits,
      fc.tuple(fc.constantFrom('eq', 'lt', 'like', 'in'), terms(2)).map(([name, args]) => call(name, ...args)),
      fc.tuple(fc.constantFrom('is_null', 'is_not_null'), term).map(([name, argument]) => call(name, argument)),
      terms(3).map((args) => call('between', ...args)),
      condition.map((argument) => call('not', argument)),
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(condition, { minLength: 2, maxLength: 3 }))
        .map(([name, args]) => call(name, ...args)),
    ),
  };
}).condition;

test('any pair of parentheses that is taken away makes it another expression, or none', () => {
  const check = (expression: Expression): void => {
    const text = printCql2Text(expression);
    if (text.length > queryLimits.textBytes / 4) return;
    for (const [open, close] of groupings(text)) {
      const without = `${text.slice(0, open)} ${text.slice(open + 1, close)} ${text.slice(close + 1)}`;
      assert.notDeepEqual(
        tryParse(() => parse(without)),
        expression,
        text,
      );
    }
  };
  fc.assert(fc.property(joined, check), { numRuns: 1_000 });
});

/** Pairs of parentheses that are no part of a call or a list: after a sign, or a word that is an operator. */
function groupings(text: string): readonly (readonly [number, number])[] {
  const tokens = readTokens(cql2.lexicon, { parameter: 'where', text });
  const opened: { readonly start: number; readonly isGrouping: boolean }[] = [];
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1];
    if (token.text === '(' && token.kind === 'symbol') {
      const isOperator = before?.kind === 'word' && (cql2.infix.has(before.upper) || before.upper === 'NOT');
      opened.push({ start: token.start, isGrouping: before?.kind !== 'word' || (isOperator && before.upper !== 'IN') });
    }
    const pair = token.text === ')' && token.kind === 'symbol' ? opened.pop() : undefined;
    return pair?.isGrouping === true ? [[pair.start, token.start] as const] : [];
  });
}
