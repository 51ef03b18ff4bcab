// Small pictures, code runs and the reference reader: what they make of good input and of odd input.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ColumnProfile } from '../../src/catalogue/dataset.ts';
import type { Column } from '../../src/query/column.ts';
import { areValues, toBins } from '../../web/src/lib/bins.ts';
import { toBarPath, toBars, toGrid } from '../../web/src/lib/chart.ts';
import { highlightJson } from '../../web/src/lib/highlight.ts';
import { toReference } from '../../web/src/lib/openapi.ts';
import { distributionSentence } from '../../web/src/lib/sentences.ts';
import { readable, rounded, tellingColumn } from '../../web/src/lib/values.ts';
import { openWords } from '../../web/src/lib/words.ts';

const words = openWords('en', 'America/Los_Angeles');
const frame = { width: 100, height: 40, left: 0, bottom: 0, top: 0 };
const base = { description: null, unit: null, meaning: null, sourceFormat: null, derivedFrom: null };
const cost: Column = { ...base, name: 'cost', title: 'Cost', type: { kind: 'number' } };
const issued: Column = { ...base, name: 'issued', title: 'Issued', type: { kind: 'date' } };
const year: Column = { ...base, name: 'built_year', title: 'Built', type: { kind: 'integer' } };
const parcel: Column = { ...base, name: 'parcel', title: 'Parcel', type: { kind: 'integer' }, meaning: 'identifier' };

function profileOf(name: string, histogram: ColumnProfile['histogram']): ColumnProfile {
  const none = {
    distinct: null,
    distinctApproximate: false,
    min: null,
    max: null,
    mean: null,
    median: null,
    top: null,
  };
  return { name, nulls: 0, ...none, histogram };
}

test('bars stay inside their frame and none that counts is invisible', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 60 }), (counts) => {
      const bars = toBars(counts, frame);
      assert.equal(bars.length, counts.length);
      bars.forEach((bar, index) => {
        assert.ok(bar.x >= 0 && bar.x + bar.width <= frame.width + 0.6, `bar ${index} leaves the frame`);
        assert.ok(bar.y >= -0.01 && bar.y + bar.height <= frame.height + 0.02);
        assert.equal(bar.height > 0, (counts[index] ?? 0) > 0);
      });
    }),
    { numRuns: 200 },
  );
});

test('bars are one path, and an empty distribution draws nothing', () => {
  assert.equal(toBarPath(toBars([1, 0, 2], frame)).match(/M/g)?.length, 2);
  assert.equal(toBarPath(toBars([0, 0], frame)), '');
  assert.ok(toGrid([3, 5, 8], frame).every((line) => Number.isInteger(line.value)));
});

test('a distribution is said in words', () => {
  const said = (column: Column, profile: ColumnProfile) => distributionSentence(words, column, toBins(column, profile));
  const of = (edges: string[], counts: number[], min: string, max: string) => ({
    ...profileOf('cost', { edges, counts }),
    min,
    max,
  });
  assert.equal(
    said(cost, of(['0', '50', '100'], [2, 7], '0.25', '99.75')),
    'Cost from 0.25 to 99.75. Most rows lie between 50 and 99.75 (7).',
  );
  const ward = { ...cost, title: 'Ward', type: { kind: 'integer' } } as const;
  assert.equal(
    said(ward, of(['1', '2', '3', '4'], [2, 7, 1], '1', '3')),
    'Ward from 1 to 3. The most frequent is 2 (7).',
  );
  assert.equal(said(ward, of(['4', '5'], [9], '4', '4')), 'Ward is 4 in all 9 rows that have a value.');
});

test('a histogram ends with the data, whatever the edges of its bins are', () => {
  const grade: Column = { ...base, name: 'grade', title: 'Grade', type: { kind: 'integer' } };
  const bins = (column: Column, edges: string[], counts: number[], min: string, max: string) =>
    toBins(column, { histogram: { edges, counts }, min, max }).map(({ from, to, closed }) => [from, to, closed]);
  // Seven districts once read “1 … 8”.
  assert.deepEqual(bins(grade, ['1', '2', '3'], [4, 5], '1', '2'), [
    ['1', '1', true],
    ['2', '2', true],
  ]);
  assert.deepEqual(bins(grade, ['1900', '1906', '1912'], [4, 5], '1901', '1909'), [
    ['1901', '1905', true],
    ['1906', '1909', true],
  ]);
  assert.deepEqual(bins(issued, ['2026-02-20', '2026-03-01', '2026-03-10'], [1, 1], '2026-02-20', '2026-03-04'), [
    ['2026-02-20', '2026-02-28', true],
    ['2026-03-01', '2026-03-04', true],
  ]);
  assert.deepEqual(bins(cost, ['0', '0.5', '1'], [1, 1], '0', '0.9999999999999999'), [
    ['0', '0.5', false],
    ['0.5', '0.9999999999999999', true],
  ]);
  const years = { edges: ['1900', '1950', '2026', '2026'], counts: [1, 2, 3], values: true } as const;
  const apart = toBins(grade, { histogram: years, min: '1900', max: '2026' });
  assert.deepEqual(
    apart.map(({ from, to, count }) => [from, to, count]),
    [
      ['1900', '1900', 1],
      ['1950', '1950', 2],
      ['2026', '2026', 3],
    ],
  );
  assert.ok(areValues(toBins(grade, { histogram: { edges: ['1', '2', '3'], counts: [4, 5] }, min: '1', max: '2' })));
  assert.deepEqual(toBins(grade, { histogram: null, min: null, max: null }), []);
});

test('every digit of a number is written', () => {
  const paid: Column = { ...base, name: 'paid', title: 'Paid', type: { kind: 'decimal', precision: 38, scale: 2 } };
  assert.equal(readable(words, paid, '9794320.47'), '9,794,320.47');
  assert.equal(readable(words, paid, '1971.30'), '1,971.30');
  assert.equal(readable(words, paid, '-0.05'), '-0.05');
  assert.equal(
    readable(words, paid, '123456789012345678901234567890123456.78'),
    '123,456,789,012,345,678,901,234,567,890,123,456.78',
  );
  assert.equal(readable(words, cost, '1e21'), '1e21');
  assert.equal(readable(words, cost, '0.30000000000000004'), '0.30000000000000004');
  assert.equal(rounded(words, cost, '3.4499999999999997'), '3.45', 'the middle of an axis');
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 37n), 10n ** 37n), fc.nat({ max: 12 }), (value, scale) => {
      const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
      const at = digits.length - scale;
      const text = `${value < 0n ? '-' : ''}${digits.slice(0, at)}${scale === 0 ? '' : `.${digits.slice(at)}`}`;
      assert.equal(readable(words, paid, text).replaceAll(',', ''), text);
    }),
    { numRuns: 200 },
  );
});

test('values read by their meaning: years and identifiers are not measured', () => {
  assert.equal(readable(words, cost, '1250000'), '1,250,000');
  assert.equal(readable(words, year, '1998'), '1998');
  assert.equal(readable(words, parcel, '7262000123'), '7262000123');
  assert.equal(readable(words, issued, '2026-02-21'), 'Feb 21, 2026');
  assert.equal(readable(words, cost, ''), '');
});

test('the telling column is a date first, a measurement next, never an identifier', () => {
  const histogram = { edges: ['0', '1', '2', '3'], counts: [1, 2, 3] };
  const profiles = ['cost', 'issued', 'built_year', 'parcel'].map((name) => profileOf(name, histogram));
  assert.equal(tellingColumn([parcel, cost, issued], profiles)?.name, 'issued');
  assert.equal(tellingColumn([parcel, cost], profiles)?.name, 'cost');
  assert.equal(tellingColumn([parcel, year], profiles), null);
  assert.equal(
    tellingColumn([cost], [profileOf('cost', { edges: ['0', '1'], counts: [9] })]),
    null,
    'one bar says nothing',
  );
});

test('highlighted JSON is the same text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, space) => {
      const text = JSON.stringify(value, null, space);
      assert.equal(
        highlightJson(text)
          .map((run) => run.text)
          .join(''),
        text,
      );
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(
    highlightJson('{"a": [1, "b", null]}').filter((run) => run.kind !== null),
    [
      { text: '"a"', kind: 'token-function' },
      { text: '1', kind: 'token-constant' },
      { text: '"b"', kind: 'token-string' },
      { text: 'null', kind: 'token-keyword' },
    ],
  );
});

test('the reference reads an OpenAPI document: references, arrays, choices, examples', () => {
  const reference = toReference({
    info: { version: '1.2' },
    tags: [{ name: 'Rows', description: 'Rows of a dataset.' }, { name: 'Empty' }],
    components: {
      schemas: { Row: { type: 'object', required: ['ward'], properties: { ward: { type: 'integer', enum: [1, 2] } } } },
      parameters: { Limit: { name: 'limit', in: 'query', schema: { type: 'integer', default: 100 } } },
    },
    paths: {
      '/rows/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: {
          tags: ['Rows'],
          summary: 'Rows',
          parameters: [{ $ref: '#/components/parameters/Limit' }],
          responses: {
            200: {
              description: 'Found.',
              content: {
                'application/json': {
                  schema: { type: 'array', items: { $ref: '#/components/schemas/Row' } },
                  examples: { one: { value: [{ ward: 1 }] } },
                },
              },
            },
          },
        },
      },
    },
  });
  assert.equal(reference.version, '1.2');
  assert.deepEqual(
    reference.groups.map((group) => group.tag),
    ['Rows'],
    'a tag without operations is not shown',
  );
  const operation = reference.groups[0]?.operations[0];
  assert.ok(operation);
  assert.equal(operation.anchor, 'get-rows-id');
  assert.deepEqual(
    operation.parameters.map(({ name, required, type, initial }) => [name, required, type, initial]),
    [
      ['id', true, 'string', null],
      ['limit', false, 'integer', '100'],
    ],
  );
  const body = operation.responses[0]?.bodies[0];
  assert.equal(body?.schema?.type, 'object[]');
  assert.deepEqual(body?.schema?.fields[0]?.schema.allowed, ['1', '2']);
  assert.equal(body?.schema?.fields[0]?.required, true);
  assert.deepEqual(JSON.parse(body?.example ?? ''), [{ ward: 1 }]);
});

test('the reference never fails on a document that is not one, nor on one that refers to itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => void toReference(value)),
    { numRuns: 200 },
  );
  const loop = {
    components: { schemas: { Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } } } },
    paths: {
      '/t': {
        get: {
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } } } },
        },
      },
    },
  };
  assert.equal(toReference(loop).groups.length, 1);
});
