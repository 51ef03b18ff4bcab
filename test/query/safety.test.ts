// Random queries of every shape: what reaches the engine parses, names allowed functions only and holds no client text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { PortalError } from '../../src/base/errors.ts';
import { compileCount, compileRows } from '../../src/query/compile.ts';
import { describePlan } from '../../src/query/describe.ts';
import { functionTable } from '../../src/query/functions.ts';
import { planQuery } from '../../src/query/passes.ts';
import { planKey } from '../../src/query/plan-key.ts';
import type { Expression, Query } from '../../src/query/query.ts';
import { ask, column, openPermits, type TestTable } from './table.ts';

const limits = { defaultLimit: 20, maxLimit: 1_000 };

let table: TestTable;
before(async () => {
  table = await openPermits();
});
after(() => table.close());

/** A mark that no SQL of the portal contains, so that finding it means a client's text got through. */
const mark = 'zqxj';
const hostile = [
  `${mark}'; DROP TABLE data; --`,
  `${mark}" OR 1=1`,
  `${mark}$1`,
  `${mark}\\`,
  `%${mark}_`,
  `'${mark}''`,
];

type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'time' | 'timestamp' | 'instant' | 'interval' | 'zone';

const literals: Readonly<Record<Kind, readonly (string | number | boolean | bigint | null)[]>> = {
  text: [...hostile, 'Oak St 1', 'a b c', '%', 'UTC', `${mark}\u0000`, null],
  integer: [0, 1, -7, 3, 2n ** 62n, '12'],
  number: [0, 2.5, -0.125, 1e300, '1.5e3', 2n ** 70n],
  boolean: [true, false, 'true', null],
  date: ['2024-01-30', '2024-02-29'],
  time: ['10:00', '23:59:59.5'],
  timestamp: ['2024-01-30T10:00:00', '2024-01-30'],
  instant: ['2024-01-30T10:00:00Z', '2024-01-30T10:00:00+05:30'],
  interval: ['P1M', 'PT36H', '-P1Y'],
  zone: ['UTC', 'America/Los_Angeles', 'Europe/Kyiv', mark],
};

const columns: Readonly<Record<Kind, readonly string[]>> = {
  text: ['name'],
  integer: ['ward', ':id'],
  number: ['ward', 'cost', 'share'],
  boolean: ['is_open'],
  date: ['day'],
  time: ['hour'],
  timestamp: ['seen', 'day'],
  instant: ['sent', 'seen'],
  interval: [],
  zone: [],
};

const kinds = Object.keys(literals) as Kind[];
const isSelectable = (kind: Kind): boolean => kind !== 'interval' && kind !== 'zone';

/** Of a place or a result of the table, the kinds that the generator can put there. */
function kindsOf(place: unknown): readonly Kind[] {
  if (typeof place === 'function' || place === 'numeric') return ['number'];
  if (place === 'zone') return ['zone'];
  if (place === 'any') return ['text', 'integer', 'number', 'date', 'instant', 'boolean'];
  return kinds.filter((kind) => kind === place);
}

type Form = { readonly name: string; readonly places: readonly unknown[]; readonly result: unknown };

/** Geometry has a library and tests of its own. */
const forms: readonly Form[] = [...functionTable.values()]
  .filter((entry) => entry.kind === 'scalar' && entry.isRewritten !== true)
  .flatMap((entry) =>
    entry.overloads.map(({ params, repeat = [], result }) => ({
      name: entry.name,
      places: [...params, ...repeat],
      result,
    })),
  )
  .filter(({ places, result }) => ![...places, result].some((place) => place === 'geometry' || place === 'point'));

const shared: readonly unknown[] = ['same', 'ordered', 'plain'];

function leafOf(kind: Kind): fc.Arbitrary<Expression> {
  const values = literals[kind].map((value): Expression => ({ kind: 'literal', value }));
  return fc.constantFrom(...columns[kind].map(column), ...columns[kind].map(column), ...values);
}

function expressionOf(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  if (depth === 0) return leafOf(kind);
  const fitting = forms.filter(({ result, places }) =>
    result === 'same'
      ? isSelectable(kind)
      : result === 'first'
        ? kind === 'number' && places.length > 0
        : kindsOf(result).includes(kind),
  );
  if (fitting.length === 0) return leafOf(kind);
  const call = fc.constantFrom(...fitting).chain((form) => callOf(form, kind, depth));
  return fc.oneof({ weight: 1, arbitrary: leafOf(kind) }, { weight: 3, arbitrary: call });
}

function callOf(form: Form, kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const orderedKinds = kinds.filter((candidate) => isSelectable(candidate));
  const sharedKind = form.result === 'same' ? fc.constant(kind) : fc.constantFrom(...orderedKinds);
  const args = sharedKind.chain((common) =>
    fc.tuple(
      ...form.places.map((place) =>
        shared.includes(place)
          ? expressionOf(common, depth - 1)
          : fc.constantFrom(...kindsOf(place)).chain((wanted) => expressionOf(wanted, depth - 1)),
      ),
    ),
  );
  return args.map((given): Expression => ({ kind: 'call', name: form.name, args: given }));
}

const condition = expressionOf('boolean', 3);
const expression = fc
  .constantFrom(...kinds.filter((kind) => isSelectable(kind)))
  .chain((kind) => expressionOf(kind, 2));

const selects = fc.array(
  expression.map((part) => ({ expression: part, as: null })),
  { minLength: 1, maxLength: 3 },
);
const orders = fc.array(
  fc.record({ expression, descending: fc.boolean(), nulls: fc.constantFrom('first' as const, 'last' as const) }),
  { maxLength: 2 },
);
const searches = fc.constantFrom(`${mark} oak`, "o'k", '"', '%', 'permits', null);
const rowQueries = fc.record({ where: condition, select: selects, order: orders, search: searches });

/** Grouped by whatever is selected, with an aggregate of each kind beside. */
const groupQueries = fc
  .record({
    where: condition,
    group: fc.array(expression, { minLength: 1, maxLength: 2 }),
    part: expressionOf('number', 2),
    filter: condition,
  })
  .map(({ where, group, part, filter }) => {
    const figures = ['sum', 'median', 'count'].map((name) => ({
      expression: { kind: 'call' as const, name, args: [part], filter },
      as: name,
    }));
    return { where, group, select: [...group.map((key, index) => ({ expression: key, as: `g${index}` })), ...figures] };
  });

const distinctQueries = selects.map((select) => ({ select, distinct: true }));

const query: fc.Arbitrary<Query> = fc
  .oneof<fc.Arbitrary<Partial<Query>>[]>(rowQueries, groupQueries, distinctQueries)
  .map((parts) => ask({ limit: 5, ...parts }));

/** Names that the compiler writes by itself, besides those of the table. */
const own = [
  'concat_ws',
  'lower',
  'strip_accents',
  'contains',
  'regexp_matches',
  'timezone',
  'replace',
  'st_astext',
  'geo_geojson',
  'st_aswkb',
  'min',
];
const allowed = new Set([
  ...own,
  ...[...functionTable.values()].flatMap((entry) => entry.uses.map((name) => name.toLowerCase())),
]);

function functionsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(functionsIn);
  const called = 'function_name' in node && typeof node.function_name === 'string' ? [node.function_name] : [];
  return [...called, ...Object.values(node).flatMap(functionsIn)];
}

/** What a row's value may make of a valid query: an error of evaluation, with a sentence of the engine's. */
const evaluationErrors = new RegExp(
  [
    'division by zero|larger than the maximum|width_bucket|Out of Range|Conversion Error|[Oo]verflow',
    'escape character|out of range|logarithm|square root|Invalid Input Error',
  ].join('|'),
  'u',
);

test('random queries run, name allowed functions only and never carry a value in their text', async () => {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(query, async (asked) => {
      let plan;
      try {
        plan = planQuery(asked, table.target, limits);
      } catch (error) {
        assert.ok(error instanceof PortalError, String(error));
        assert.ok(error.status === 400, error.message);
        return;
      }
      planned += 1;
      assert.equal(planKey(plan), planKey(planQuery(asked, table.target, limits)));
      assert.notEqual(describePlan(plan, 'Permits'), '');
      const first = (outputs: readonly { sql: string }[]): string => outputs[0]?.sql ?? `''`;
      for (const { text, params } of [compileRows(plan, first), compileCount(plan)]) {
        assert.ok(!text.includes(mark), text);
        assert.ok(params.every((param) => typeof param === 'string' || typeof param === 'boolean'));
        const parsed = JSON.parse(
          (await table.run('SELECT json_serialize_sql($1::VARCHAR)', [text]))[0]?.[0] ?? '{}',
        ) as { error: boolean; statements?: unknown[] };
        assert.equal(parsed.error, false, text);
        assert.equal(parsed.statements?.length, 1);
        const foreign = functionsIn(parsed).filter((name) => !allowed.has(name.toLowerCase()));
        assert.deepEqual(foreign, [], text);
        await table.run(text, params).catch((error: Error) => {
          assert.match(error.message, evaluationErrors, `${text} ${JSON.stringify(params)}`);
        });
      }
    }),
    { numRuns: 600 },
  );
  assert.ok(planned > 300, `only ${planned} queries were valid`);
});

test('names of functions and columns that mean something to JavaScript are unknown names', () => {
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'read_csv',
    'repeat',
    'query',
    'row_number',
    'range',
  ]) {
    const asked = ask({ where: { kind: 'call', name, args: [] } });
    assert.throws(() => planQuery(asked, table.target, limits), { code: 'unknown-function' }, name);
    const named = ask({ where: { kind: 'column', name } });
    assert.throws(() => planQuery(named, table.target, limits), { code: 'unknown-column' }, name);
  }
});
