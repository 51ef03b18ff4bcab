// What the planner refuses, with which code and where; what it takes for the same; the SQL it makes of known queries.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PortalError, type ErrorCode } from '../../src/base/errors.ts';
import { compileCount, compileRows } from '../../src/query/compile.ts';
import { toCursor } from '../../src/query/cursor.ts';
import { describePlan } from '../../src/query/describe.ts';
import type { Plan } from '../../src/query/plan.ts';
import { planQuery } from '../../src/query/passes.ts';
import { planKey } from '../../src/query/plan-key.ts';
import type { Expression, Query } from '../../src/query/query.ts';
import { compileStatistics, type ColumnStatistics } from '../../src/query/statistics.ts';
import { ask, call, column, openPermits, value, type TestTable } from './table.ts';

let table: TestTable;
before(async () => {
  table = await openPermits();
});
after(() => table.close());

const limits = { defaultLimit: 10, maxLimit: 1_000 };
const c = column;
const v = value;
const at = (expression: Expression, start: number, end: number): Expression => ({
  ...expression,
  span: { parameter: 'where', start, end },
});
const as = (expression: Expression, name: string | null = null) => ({ expression, as: name });
const by = (expression: Expression, descending = false) => ({ expression, descending, nulls: 'last' as const });

function planOf(parts: Partial<Query>): Plan {
  return planQuery(ask(parts), table.target, limits);
}

function nest(depth: number): Expression {
  return depth === 0 ? c('is_open') : call('not', nest(depth - 1));
}

const refusals: readonly [string, Partial<Query>, ErrorCode, RegExp][] = [
  [
    'a column that is not there',
    { where: call('eq', at(c('wrad'), 3, 7), v(1)) },
    'unknown-column',
    /Did you mean ward\?/u,
  ],
  [
    'a function that is not there',
    { where: at(call('lowr', c('name')), 0, 9) },
    'unknown-function',
    /Did you mean lower\?/u,
  ],
  [
    'too few arguments',
    { where: at(call('starts_with', c('name')), 0, 5) },
    'wrong-arity',
    /takes 2 arguments, not 1/u,
  ],
  [
    'text against a number',
    { where: at(call('eq', c('name'), v(98032)), 0, 9) },
    'type-mismatch',
    /'98032' in quotes/u,
  ],
  [
    'a literal that is no number',
    { where: call('eq', c('ward'), at(v('three'), 5, 12)) },
    'bad-literal',
    /'three' cannot be read as a whole number/u,
  ],
  [
    'a day that is none',
    { where: call('eq', c('day'), at(v('2023-02-29'), 1, 2)) },
    'bad-literal',
    /cannot be read as a date/u,
  ],
  [
    'a typed literal that is none',
    { where: call('eq', c('day'), at(v('soon', 'date'), 1, 2)) },
    'bad-literal',
    /'soon' cannot be read as a date/u,
  ],
  ['a condition that is none', { where: at(c('ward'), 0, 4) }, 'type-mismatch', /must be true or false/u],
  [
    'geometry that is none',
    { where: call('s_within', c('place'), at(v('POLYGON ((0 0, 1 1))'), 1, 2)) },
    'bad-literal',
    /geometry/u,
  ],
  [
    'geometry compared',
    { where: at(call('eq', c('place'), c('place')), 1, 2) },
    'type-mismatch',
    /of one type that can be compared/u,
  ],
  [
    'a time zone that is none',
    { where: call('eq', call('to_timestamp', c('sent'), at(v('Mars/Olympus'), 3, 9)), v('2024-01-01')) },
    'bad-literal',
    /time zone/u,
  ],
  ['an aggregate in where', { where: call('gt', at(call('count'), 0, 8), v(1)) }, 'aggregate-not-allowed', /having/u],
  [
    'an aggregate in an aggregate',
    { select: [as(call('sum', at(call('count'), 0, 1)))] },
    'aggregate-not-allowed',
    /inside another/u,
  ],
  [
    'an aggregate in a group',
    { select: [as(call('count'))], group: [at(call('count'), 0, 1)] },
    'aggregate-not-allowed',
    /group/u,
  ],
  [
    'distinct on a scalar',
    {
      select: [
        as({
          kind: 'call',
          name: 'lower',
          args: [c('name')],
          distinct: true,
          span: { parameter: 'select', start: 0, end: 1 },
        }),
      ],
    },
    'aggregate-not-allowed',
    /not an aggregate/u,
  ],
  [
    'a column beside an aggregate',
    { select: [as(at(c('ward'), 0, 4)), as(call('count'))] },
    'not-grouped',
    /ward is neither grouped/u,
  ],
  [
    'order by what is not grouped',
    { select: [as(c('ward'))], group: [c('ward')], order: [by(at(c('cost'), 1, 2))] },
    'not-grouped',
    /cost/u,
  ],
];

for (const [about, parts, code, sentence] of refusals) {
  test(`refused with ${code}: ${about}`, () => {
    assert.throws(
      () => planOf(parts),
      (error: unknown) => {
        assert.ok(error instanceof PortalError);
        assert.equal(error.code, code);
        assert.match(error.message, sentence);
        assert.equal(typeof error.details.position?.start, 'number', 'no position');
        return true;
      },
    );
  });
}

const refusalsWithoutPlace: readonly [string, Partial<Query>, ErrorCode][] = [
  ['two columns of one alias', { select: [as(c('ward'), 'a'), as(c('cost'), 'A')] }, 'duplicate-alias'],
  ['an alias of itself', { select: [as(call('add', c('x'), v(1)), 'x')] }, 'unknown-column'],
  ['an alias with a quote', { select: [as(c('ward'), 'a"b')] }, 'bad-request'],
  ['a limit below zero', { limit: -1 }, 'bad-request'],
  ['a limit that is no number', { limit: Number.NaN }, 'bad-request'],
  ['a limit beyond the most', { limit: 1_001 }, 'query-too-large'],
  ['an offset with a fraction', { offset: 0.5 }, 'bad-request'],
  ['nesting without end', { where: nest(100) }, 'query-too-large'],
  [
    'a list without end',
    { where: call('in', c('ward'), ...Array.from({ length: 1_001 }, (_, i) => v(i))) },
    'query-too-large',
  ],
  [
    'parts without end',
    { where: call('and', ...Array.from({ length: 400 }, () => call('not', c('is_open')))) },
    'query-too-large',
  ],
  ['a search without end', { search: Array.from({ length: 17 }, (_, i) => `w${i}`).join(' ') }, 'query-too-large'],
  ['order by geometry', { order: [by(c('place'))] }, 'type-mismatch'],
  [
    'different rows in the order of another column',
    { select: [as(c('ward'))], distinct: true, order: [by(c('cost'))] },
    'not-grouped',
  ],
];

for (const [about, parts, code] of refusalsWithoutPlace) {
  test(`refused with ${code}: ${about}`, () => {
    assert.throws(() => planOf(parts), { code });
  });
}

test('aliases that double themselves are stopped before they are compiled', () => {
  const names = Array.from({ length: 20 }, (_, index) => `a${index}`);
  const select = names.map((name, index) =>
    as(index === 0 ? c('name') : call('concat', c(`a${index - 1}`), c(`a${index - 1}`)), name),
  );
  assert.throws(() => planOf({ select }), { code: 'query-too-large' });
});

const same: readonly [Partial<Query>, Partial<Query>][] = [
  [{ where: call('gt', c('ward'), v(1)) }, { where: call('lt', v(1), c('WARD')) }],
  [{ where: call('gt', c('cost'), v('1')) }, { where: call('gt', c('cost'), v(1)) }],
  [
    { where: call('and', call('eq', c('ward'), v(1)), call('eq', c('is_open'), v(true)), call('is_null', c('day'))) },
    {
      where: call(
        'and',
        call('and', call('is_null', c('day')), call('eq', v('true'), c('is_open'))),
        call('eq', v(1), c('ward')),
      ),
    },
  ],
  [{ where: call('in', c('ward'), v(1), v(2), v(1)) }, { where: call('in', c('ward'), v(2), v(1)) }],
  [
    { where: call('between', c('ward'), v(1), v(2)) },
    { where: call('and', call('ge', c('ward'), v(1)), call('le', c('ward'), v(2))) },
  ],
  [
    { where: call('eq', c('sent'), v('2024-01-01T08:30:00+01:00')) },
    { where: call('eq', c('sent'), v('2024-01-01T07:30Z', 'instant')) },
  ],
  [{ search: 'oak street' }, { search: 'Street  OAK' }],
  [{ limit: 10 }, {}],
];

test('one meaning has one key, another meaning another', () => {
  for (const [a, b] of same) assert.equal(planKey(planOf(a)), planKey(planOf(b)), JSON.stringify(a));
  const keys = same.map(([a]) => planKey(planOf(a)));
  assert.equal(new Set(keys).size, keys.length);
  const other = planQuery(ask({}), { ...table.target, revisionId: 'f'.repeat(16) }, limits);
  assert.notEqual(planKey(other), planKey(planOf({})));
});

test('a plan is plain data', () => {
  const plan = planOf({ where: call('eq', c('ward'), v(3n)), order: [by(c('day'))] });
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), JSON.parse(JSON.stringify(structuredClone(plan))));
  assert.equal(planKey(JSON.parse(JSON.stringify(plan)) as Plan), planKey(plan));
});

const first = (outputs: readonly { sql: string }[]): string => outputs[0]?.sql ?? '';
const ward = { select: [as(c('ward'))] };

test('a page of rows in :id order is a plain range of the file', () => {
  const begin = compileRows(planOf(ward), first);
  const begun = toCursor(planOf(ward), ['10']);
  const next = compileRows(planOf({ ...ward, after: begun }), first);
  const outer = 'SELECT ":o0" AS row, CAST(":k0" AS VARCHAR) FROM (SELECT "ward" AS ":o0", ":k0" FROM ';
  assert.equal(
    begin.text,
    `${outer}(SELECT "ward", ":id" AS ":k0" FROM data ORDER BY ":k0" LIMIT 11) AS chosen) AS page`,
  );
  assert.equal(
    next.text,
    `${outer}(SELECT "ward", ":id" AS ":k0" FROM data WHERE ":id" > CAST($1 AS BIGINT) ` +
      `ORDER BY ":k0" LIMIT 11) AS chosen) AS page`,
  );
  assert.deepEqual([next.params, next.keyColumns, next.maxRows, next.estimatedRows], [['10'], 1, 10, 11]);
});

test('an answer without a page is streamed in file order, without a sort', async () => {
  const plan = planQuery(ask(ward), table.target, { defaultLimit: null, maxLimit: null });
  const compiled = compileRows(plan, first);
  assert.ok(!compiled.text.includes('ORDER BY') && !compiled.text.includes('LIMIT'), compiled.text);
  const ids = (await table.run(compiled.text, compiled.params)).map((row) => Number(row[1]));
  assert.deepEqual(
    ids,
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
});

test('a filter binds its values and puts the boxes before the exact predicate', () => {
  const square = v('POLYGON((0 0,1 0,1 1,0 0))', 'geometry');
  const where = call('or', call('eq', c('name'), v("O'Neil")), call('s_within', c('place'), square));
  const { text, params } = compileCount(planOf({ where }));
  assert.equal(
    text,
    'SELECT CAST(count(*) AS VARCHAR) AS row FROM data WHERE (("name" = CAST($1 AS VARCHAR)) OR ' +
      '("place" && CAST($2 AS GEOMETRY) AND geo_within(ST_AsWKB("place"), ST_AsWKB(CAST($2 AS GEOMETRY)))))',
  );
  assert.deepEqual(params, ["O'Neil", 'POLYGON ((0 0, 1 0, 1 1, 0 0))']);
});

test('groups are put in order by their own values after what was asked', () => {
  const parts = {
    select: [as(c('ward')), as(call('count'), 'n')],
    group: [c('ward')],
    order: [by(c('n'), true)],
    having: call('gt', c('n'), v(1)),
  };
  const { text, params, keyColumns } = compileRows(planOf(parts), first);
  assert.equal(
    text,
    'SELECT ":o0" AS row, CAST(":k0" AS VARCHAR), CAST(":k1" AS VARCHAR) FROM (SELECT * FROM (' +
      'SELECT "ward" AS ":o0", ' +
      'count(*) AS ":o1", count(*) AS ":k0", "ward" AS ":k1" FROM data GROUP BY "ward" ' +
      'HAVING (count(*) > CAST($1 AS BIGINT))) AS grouped ' +
      'ORDER BY ":k0" DESC NULLS LAST, ":k1" NULLS LAST LIMIT 11) AS page',
  );
  assert.deepEqual([params, keyColumns], [['1'], 2]);
});

test('names that were not given are made as SODA makes them', () => {
  const select = [
    as(call('max', c('cost'))),
    as(call('count')),
    as(call('sub', c('cost'), c('ward'))),
    as(call('max', c('cost'))),
  ];
  const plan = planOf({ select: select.slice(0, 2) });
  assert.deepEqual(
    plan.outputs.map(({ name }) => name),
    ['max_cost', 'count'],
  );
  const rows = planOf({ select: [as(call('sub', c('cost'), c('ward'))), as(call('sub', c('cost'), c('ward')))] });
  assert.deepEqual(
    rows.outputs.map(({ name }) => name),
    ['cost_ward', 'cost_ward_1'],
  );
});

async function count(parts: Partial<Query>): Promise<number> {
  const { text, params } = compileCount(planOf(parts));
  return Number((await table.run(text, params))[0]?.[0]);
}

const searches: readonly [string, number][] = [
  ['oak', 42],
  ['OAK ST', 42],
  ['cafe', 9],
  ['Cafés', 9],
  ['ak', 0],
  ['oak cafe', 0],
  ['"', 0],
  ['  ', 60],
];

test('a search finds the beginnings of words in any case and accent, every word of it', async () => {
  for (const [search, expected] of searches) assert.equal(await count({ search }), expected, search);
});

const sentences: readonly [Partial<Query>, string][] = [
  [{}, 'Permits'],
  [
    { where: call('and', call('eq', c('ward'), v(3)), call('ge', c('cost'), v(1000))), order: [by(c('day'), true)] },
    'Permits where Ward is 3 and Cost is at least 1,000, newest Issued first',
  ],
  [
    { where: call('or', call('is_null', c('day')), call('and', c('is_open'), call('lt', c('day'), v('2024-02-01')))) },
    'Permits where Issued is missing or (Open is true and Issued is before 2024-02-01)',
  ],
  [{ where: call('not', call('in', c('ward'), v(1), v(2))) }, 'Permits where Ward is not 1 or 2'],
  [
    {
      select: [as(c('ward')), as(call('sum', c('cost')))],
      group: [c('ward')],
      order: [by(call('sum', c('cost')), true)],
    },
    'Permits: total Cost for each Ward, highest total Cost first',
  ],
  [{ select: [as(c('name'))], distinct: true }, 'Permits: different values of Name'],
  [{ search: 'oak' }, 'Permits with words beginning with “oak”'],
  [
    { where: call('within_circle', c('place'), v(47.4), v(-122.3), v(500)) },
    'Permits where Place lies within 500 m of 47.4, -122.3',
  ],
];

test('a query is told in English', () => {
  for (const [parts, sentence] of sentences) assert.equal(describePlan(planOf(parts), 'Permits'), sentence);
});

async function statistics(name: string, parts: Partial<Query> = {}): Promise<ColumnStatistics> {
  const { text, params } = compileStatistics(planOf(parts), name, { bins: 4, top: 2 });
  return JSON.parse((await table.run(text, params))[0]?.[0] ?? '') as ColumnStatistics;
}

test('statistics of a number: counts, range, middle, common values and bins under a filter', async () => {
  assert.deepEqual(await statistics('ward', { where: call('le', c(':id'), v(10)) }), {
    column: 'ward',
    rows: 10,
    nulls: 2,
    distinct: 4,
    min: '0',
    max: '3',
    mean: 1.5,
    median: 1.5,
    top: [
      { value: '0', count: 2 },
      { value: '1', count: 2 },
    ],
    histogram: { edges: ['0.0', '0.75', '1.5', '2.25', '3.0'], counts: [2, 2, 2, 2] },
  });
});

test('statistics of every type are whole: bins count every value there is', async () => {
  for (const { name, type } of table.target.schema) {
    const figures = await statistics(name);
    assert.equal(figures.rows, 60, name);
    if (figures.histogram === null) continue;
    assert.ok(['integer', 'decimal', 'number', 'date', 'timestamp', 'instant'].includes(type.kind));
    const sum = figures.histogram.counts.reduce((total, bin) => total + bin, 0);
    assert.equal(sum, figures.rows - figures.nulls, name);
    assert.equal(figures.histogram.edges.length, 5);
  }
  const days = await statistics('day');
  assert.deepEqual(
    [days.min, days.histogram?.edges[0], days.histogram?.edges[4]],
    ['2024-01-28', '2024-01-28', days.max],
  );
  const empty = await statistics('cost', { where: v(false) });
  assert.deepEqual([empty.rows, empty.min, empty.mean, empty.top, empty.histogram], [0, null, null, [], null]);
  assert.throws(() => compileStatistics(planOf({}), 'nothing', { bins: 4, top: 2 }), { code: 'unknown-column' });
});

test('an alias is meant before a column of its name, but not an aggregate in where', async () => {
  const month = [as(call('date_trunc_ym', c('day')), 'day'), as(call('count'), 'n')];
  const grouped = planOf({ select: month, group: [c('day')] });
  const { text, params } = compileRows(grouped, first);
  assert.equal((await table.run(text, params)).length, 3);
  const sums = [as(call('sum', c('cost')), 'cost')];
  assert.equal(planOf({ select: sums, where: call('gt', c('cost'), v(100)) }).kind, 'groups');
});
