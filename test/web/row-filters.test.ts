// A person's filters become the condition that the API is asked: of the right type, and never another than was meant.

import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { PortalError } from '../../src/base/errors.ts';
import { parseCql2Text } from '../../src/dialects/language/cql2.ts';
import { toWhere, type RowFilter } from '../../src/pages/row-filters.ts';
import type { Column } from '../../src/query/column.ts';
import type { Expression } from '../../src/query/query.ts';

const base = { description: null, unit: null, meaning: null, sourceFormat: null, derivedFrom: null };
const columns: readonly Column[] = [
  { ...base, name: 'ward', title: 'Ward', type: { kind: 'integer' } },
  { ...base, name: 'status', title: 'Status', type: { kind: 'text' } },
  { ...base, name: 'issued', title: 'Issued', type: { kind: 'date' } },
  { ...base, name: 'open', title: 'Open', type: { kind: 'boolean' } },
  { ...base, name: 'order', title: 'Order', type: { kind: 'text' } },
];

function written(column: string, operator: RowFilter['operator'], value: string): string {
  return toWhere({ filters: [{ column, operator, value }], where: '' }, columns);
}

test('a filter becomes CQL2 text of the right type', () => {
  assert.equal(written('ward', 'eq', ' 3 '), 'ward = 3');
  assert.equal(written('ward', 'ge', '-1.5e3'), 'ward >= -1.5e3', 'digits stay as they were typed');
  assert.equal(written('ward', 'eq', 'three'), "ward = 'three'", 'the API says what is wrong with it');
  assert.equal(written('status', 'ne', "it's"), "status <> 'it''s'");
  assert.equal(written('status', 'eq', '3'), "status = '3'", 'text stays text');
  assert.equal(written('issued', 'lt', '2026-01-01'), "issued < '2026-01-01'");
  assert.equal(written('open', 'eq', 'TRUE'), 'open = true');
  assert.equal(written('status', 'empty', ''), 'status IS NULL');
  assert.equal(written('status', 'filled', ''), 'status IS NOT NULL');
  assert.equal(written('order', 'gt', 'a'), '"order" > \'a\'', 'a column named like a keyword is quoted');
  assert.equal(written('status', 'contains', '50%_'), "CASEI(status) LIKE CASEI('%50\\%\\_%')");
});

test('a backslash means itself, at the end of a value too', () => {
  assert.equal(written('status', 'eq', 'C:\\new'), "status = 'C:\\\\new'");
  assert.equal(written('status', 'eq', 'C:\\'), "status = 'C:\\\\'");
  assert.deepEqual(read(written('status', 'contains', '\\')), {
    kind: 'call',
    name: 'like',
    args: [
      { kind: 'call', name: 'casei', args: [{ kind: 'column', name: 'status' }] },
      { kind: 'call', name: 'casei', args: [{ kind: 'literal', value: '%\\\\%' }] },
    ],
  });
});

test('filters and a hand-written condition are all required', () => {
  const filters: readonly RowFilter[] = [
    { column: 'ward', operator: 'eq', value: '3' },
    { column: 'status', operator: 'filled', value: '' },
  ];
  assert.equal(toWhere({ filters, where: '' }, columns), 'ward = 3 AND status IS NOT NULL');
  assert.equal(toWhere({ filters, where: 'a OR b' }, columns), '(a OR b) AND ward = 3 AND status IS NOT NULL');
  assert.equal(toWhere({ filters: [], where: 'a  OR b' }, columns), 'a  OR b', 'as it was written');
  assert.equal(toWhere({ filters: [], where: '' }, columns), '');
});

test('a hand-written condition cannot reach over its end', () => {
  const filters: readonly RowFilter[] = [{ column: 'ward', operator: 'eq', value: '3' }];
  for (const where of ['a = 1) OR (b = 2', 'a = ']) {
    assert.throws(
      () => toWhere({ filters, where }, columns),
      (error) => error instanceof PortalError && error.code === 'syntax-error' && error.details.text === where,
    );
  }
});

test('whatever stands in an address, a filter is one comparison of its column with its value', () => {
  const hostile = fc.constantFrom(
    "' OR 1=1 --",
    'a" = 1 OR "b',
    '\\',
    "\\'",
    '\n',
    'ward = 1 OR ward',
    '',
    'null',
    '😀',
  );
  const text = fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 12 })).filter((each) => !each.includes('\0'));
  fc.assert(
    fc.property(text, fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), text, (column, operator, value) => {
      assert.deepEqual(read(written(column, operator, value)), {
        kind: 'call',
        name: operator,
        args: [
          { kind: 'column', name: column },
          { kind: 'literal', value },
        ],
      });
    }),
    { numRuns: 1_000 },
  );
});

function read(text: string): Expression {
  return withoutSpans(parseCql2Text({ parameter: 'where', text }));
}

function withoutSpans(expression: Expression): Expression {
  const { span: _, ...rest } = expression;
  return rest.kind === 'call' ? { ...rest, args: rest.args.map(withoutSpans) } : rest;
}
