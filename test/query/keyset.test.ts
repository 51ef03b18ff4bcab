// Walking pages by cursor must give exactly the rows of one full answer, in every order, with nulls and ties.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { compileRows } from '../../src/query/compile.ts';
import { cursorRevision, toCursor } from '../../src/query/cursor.ts';
import type { Plan } from '../../src/query/plan.ts';
import { planQuery } from '../../src/query/passes.ts';
import type { OrderItem, Query } from '../../src/query/query.ts';
import { PortalError } from '../../src/base/errors.ts';
import { ask, call, column, openPermits, value, type TestTable } from './table.ts';

const limits = { defaultLimit: 1_000, maxLimit: 1_000 };

let table: TestTable;
before(async () => {
  table = await openPermits();
});
after(() => table.close());

function planOf(query: Query): Plan {
  return planQuery(query, table.target, limits);
}

/** Rows as text with the cursor of the last of `limit` rows, or null when the page was the last. */
async function readPage(query: Query): Promise<{ rows: string[]; next: string | null }> {
  const plan = planOf(query);
  const asText = (sql: string): string => `coalesce(CAST(${sql} AS VARCHAR), '∅')`;
  const compiled = compileRows(
    plan,
    (outputs) => `concat_ws('|', ${outputs.map(({ sql }) => asText(sql)).join(', ')})`,
  );
  const found = await table.run(compiled.text, compiled.params);
  const shown = found.slice(0, compiled.maxRows ?? found.length);
  const last = shown.at(-1);
  const isMore = found.length > shown.length;
  return {
    rows: shown.map(([row]) => row ?? ''),
    next: isMore && last !== undefined ? toCursor(plan, last.slice(1)) : null,
  };
}

async function walk(query: Query, limit: number): Promise<string[]> {
  const rows: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 200; page += 1) {
    const answer = await readPage({ ...query, limit, after: cursor });
    rows.push(...answer.rows);
    cursor = answer.next;
    if (cursor === null) return rows;
  }
  throw new Error('the walk does not end');
}

const orderable = ['name', 'ward', 'cost', 'share', 'is_open', 'day', 'hour', 'seen', 'sent', ':id'];

function orderOver(names: readonly string[]): fc.Arbitrary<OrderItem[]> {
  const item = fc.record({
    expression: fc.constantFrom(...names).map(column),
    descending: fc.boolean(),
    nulls: fc.constantFrom('first' as const, 'last' as const),
  });
  return fc.array(item, { maxLength: 3 });
}

test('a walk over rows in any order gives each row once, in the order of the whole answer', async () => {
  const select = ['name', 'ward', 'day', ':id'].map((name) => ({ expression: column(name), as: null }));
  await fc.assert(
    fc.asyncProperty(
      orderOver(orderable),
      fc.integer({ min: 1, max: 25 }),
      fc.boolean(),
      async (order, limit, isFiltered) => {
        const where = isFiltered ? call('ne', column('ward'), value(2)) : null;
        const query = ask({ select, order, where });
        const whole = await readPage(query);
        assert.equal(whole.next, null);
        assert.equal(new Set(whole.rows).size, whole.rows.length);
        assert.deepEqual(await walk(query, limit), whole.rows);
      },
    ),
    { numRuns: 60 },
  );
});

test('a walk over groups gives each group once', async () => {
  const groupable = ['name', 'ward', 'is_open', 'day'];
  const groups = fc.uniqueArray(fc.constantFrom(...groupable), { minLength: 1, maxLength: 3 });
  const cases = groups.chain((names) =>
    fc.tuple(fc.constant(names), orderOver([...names, 'n']), fc.integer({ min: 1, max: 9 })),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([names, order, limit]) => {
      const figures = [
        { expression: call('count'), as: 'n' },
        { expression: call('sum', column('cost')), as: 'total' },
      ];
      const select = [...names.map((name) => ({ expression: column(name), as: null })), ...figures];
      const query = ask({ select, group: names.map(column), order });
      assert.deepEqual(await walk(query, limit), (await readPage(query)).rows);
    }),
    { numRuns: 40 },
  );
});

test('a walk over different rows gives each once, geometry among them', async () => {
  const select = ['ward', 'place', 'extra'].map((name) => ({ expression: column(name), as: null }));
  const query = ask({
    select,
    distinct: true,
    order: [{ expression: column('ward'), descending: true, nulls: 'first' }],
  });
  const whole = (await readPage(query)).rows;
  assert.equal(whole.length, 60);
  assert.deepEqual(await walk(query, 7), whole);
});

test('numbers that are none and the infinities have their place in a walk', async () => {
  const share = call(
    'case',
    call('eq', column('ward'), value(1)),
    call('to_number', value('nan')),
    call('eq', column('ward'), value(2)),
    call('to_number', value('-inf')),
    column('share'),
  );
  const select = [{ expression: column(':id'), as: null }];
  for (const descending of [true, false]) {
    const query = ask({ select, order: [{ expression: share, descending, nulls: 'first' }] });
    assert.deepEqual(await walk(query, 5), (await readPage(query)).rows);
  }
});

test('an offset is counted once, before the walk begins', async () => {
  const select = [{ expression: column(':id'), as: null }];
  const first = await readPage(ask({ select, limit: 3, offset: 10 }));
  assert.deepEqual(first.rows, ['11', '12', '13']);
  const second = await readPage(ask({ select, limit: 3, after: first.next }));
  assert.deepEqual(second.rows, ['14', '15', '16']);
});

test('a cursor of another query, of another revision or of nobody is refused', async () => {
  const { next } = await readPage(ask({ limit: 3 }));
  assert.equal(cursorRevision(next ?? ''), '0123456789abcdef');
  const isBad = (error: unknown): boolean => error instanceof PortalError && error.code === 'bad-cursor';
  const order = [{ expression: column('cost'), descending: false, nulls: 'last' as const }];
  assert.throws(() => planOf(ask({ after: next, order })), isBad);
  assert.throws(() => planOf(ask({ after: next, where: call('eq', column('ward'), value(1)) })), isBad);
  const target = { ...table.target, revisionId: 'fedcba9876543210' };
  assert.throws(() => planQuery(ask({ after: next }), target, limits), isBad);
  const forged = (parts: unknown): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const [version, shape, revision] = JSON.parse(Buffer.from(next ?? '', 'base64url').toString()) as string[];
  const hostile = [
    '',
    '!',
    'e30',
    forged({}),
    forged([1]),
    forged([version, shape, revision]),
    forged([version, shape, revision, '1; DROP']),
    forged([version, shape, revision, 7]),
    'A'.repeat(20_000),
  ];
  for (const cursor of hostile) assert.throws(() => planOf(ask({ after: cursor })), isBad, cursor.slice(0, 40));
});

test('the selected columns and the page size may change during a walk', async () => {
  const { next } = await readPage(ask({ limit: 3 }));
  const select = [{ expression: column(':id'), as: null }];
  assert.deepEqual((await readPage(ask({ select, limit: 2, after: next }))).rows, ['4', '5']);
});
