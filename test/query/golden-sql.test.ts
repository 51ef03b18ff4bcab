// Golden files of the SQL: what a request is compiled to, with its values and the first rows that a real engine
// answers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Dataset, Revision } from '../../src/catalogue/dataset.ts';
import { parseNativeParameters } from '../../src/dialects/native/parse.ts';
import { sodaFormat, sodaFormatNames } from '../../src/dialects/soda/formats.ts';
import { parseSodaParameters } from '../../src/dialects/soda/parse.ts';
import { cellsFormat } from '../../src/formats/cells.ts';
import { toCsvFormat } from '../../src/formats/csv.ts';
import type { RowFormat } from '../../src/formats/format.ts';
import { formatTable } from '../../src/formats/formats.ts';
import { compileCount, compileRows, compileTable } from '../../src/query/compile.ts';
import { toCursor } from '../../src/query/cursor.ts';
import type { Overload, Parameter } from '../../src/query/function-spec.ts';
import { functionGroups } from '../../src/query/functions.ts';
import type { Plan, PlanLimits } from '../../src/query/plan.ts';
import { planQuery } from '../../src/query/passes.ts';
import { compileStatistics } from '../../src/query/statistics.ts';
import type { ValueType } from '../../src/query/value-type.ts';
import { toParameters } from '../dialects/fixture.ts';
import { checkGolden, checkGoldenCases, goldenNames } from '../golden-file.ts';
import { printSql } from './print-sql.ts';
import { openPermits, permitSchema, type TestTable } from './table.ts';

let table: TestTable;
before(async () => {
  table = await openPermits();
});
after(() => table.close());

const page: PlanLimits = { defaultLimit: 10, maxLimit: 1_000 };
const everything: PlanLimits = { defaultLimit: null, maxLimit: null };
const shownRows = 2;

const current = {
  id: '0123456789abcdef0123',
  number: 1,
  publishedAt: '2026-01-02T03:04:05.000Z',
  rows: 60,
  columns: permitSchema,
} as unknown as Revision;
const dataset = { id: 'permits', code: 'ab12-cd34', current } as unknown as Dataset;

const nativeFormats: Readonly<Record<string, RowFormat>> = {
  ...Object.fromEntries(
    Object.values(formatTable).flatMap(({ id, rows }): [string, RowFormat][] => (rows === null ? [] : [[id, rows]])),
  ),
  cells: cellsFormat,
  spreadsheet: toCsvFormat({ header: 'titles', spreadsheet: true, byteOrderMark: true }),
};
const sodaFormats: Readonly<Record<string, RowFormat>> = Object.fromEntries(
  sodaFormatNames.map((name) => [name, sodaFormat(name, false)]),
);

type Sql = { readonly text: string; readonly params: readonly (string | boolean)[] };

/**
 * `native csv`, `soda json`, `native count`, `native table` or `native statistics of cost`, and `all` for an export
 * without pages; then the parameters. `seen=["a",null]` continues after the row with these values of the order's keys.
 */
function compile(lines: readonly string[]): Sql {
  const [head = '', ...rest] = lines;
  const [language, what = '', ...more] = head.split(' ');
  const parameters = new Map(toParameters(rest));
  const seen = parameters.get('seen');
  parameters.delete('seen');
  const limits = more.includes('all') ? everything : page;
  const read = (): Plan => {
    const query =
      language === 'soda' ? parseSodaParameters(parameters, current) : parseNativeParameters(parameters, dataset);
    return planQuery(query, table.target, limits);
  };
  if (seen !== undefined) parameters.set('after', toCursor(read(), JSON.parse(seen) as (string | null)[]));
  const plan = read();
  if (what === 'count') return compileCount(plan);
  if (what === 'table') return compileTable(plan);
  if (what === 'statistics') return compileStatistics(plan, more.at(-1) ?? '', { bins: 3, top: 2 });
  const format = (language === 'soda' ? sodaFormats : nativeFormats)[what];
  assert.ok(format !== undefined, `no format ${what}`);
  return compileRows(plan, (outputs) => format.row(outputs));
}

const withoutBlanks = (text: string): string => text.replaceAll(/\s+/gu, '');

function showCell(cell: string | null | undefined): string {
  return cell === null || cell === undefined ? 'no value' : cell.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

async function answer(lines: readonly string[]): Promise<string> {
  const { text, params } = compile(lines);
  const laidOut = printSql(text);
  assert.equal(withoutBlanks(laidOut), withoutBlanks(text), 'the layout changes nothing');
  const values = params.map((value, index) => `$${index + 1} = ${JSON.stringify(value)}`);
  const rows = await table.run(text, params);
  const first = rows.slice(0, shownRows).map((row) => `→ ${row.map(showCell).join(' | ')}`);
  const rest = rows.length > shownRows ? [`→ ${rows.length - shownRows} more`] : [];
  return [laidOut, ...values, ...(rows.length === 0 ? ['→ no rows'] : first), ...rest].join('\n');
}

for (const name of goldenNames('sql').filter((each) => each !== 'functions.txt')) {
  test(`golden sql/${name}`, () => checkGoldenCases(`sql/${name}`, answer));
}

function toType(parameter: Parameter): ValueType {
  switch (parameter) {
    case 'decimal':
      return { kind: 'decimal', precision: 12, scale: 2 };
    case 'geometry':
      return { kind: 'geometry', shape: 'Geometry' };
    case 'point':
      return { kind: 'geometry', shape: 'Point' };
    case 'numeric':
      return { kind: 'integer' };
    case 'any':
    case 'same':
    case 'ordered':
    case 'plain':
    case 'zone':
      return { kind: 'text' };
    case 'moment':
      return { kind: 'timestamp' };
    default:
      return { kind: parameter };
  }
}

function showOverload(name: string, overload: Overload, clause: string): string {
  const { params, repeat = [], tail } = overload;
  const kinds = [...params, ...repeat, ...(tail === undefined ? [] : [tail])];
  const letters = kinds.map((_, index) => String.fromCharCode('a'.charCodeAt(0) + index));
  const further = [
    ...(repeat.length === 0 ? [] : [`${repeat.join(', ')} …`]),
    ...(tail === undefined ? [] : [`${tail}?`]),
  ];
  const sql = overload.sql(letters, kinds.map(toType), clause);
  return `${name}(${[...params, ...further].join(', ')}) = ${sql === '' ? 'rewritten before it is compiled' : sql}`;
}

test('golden sql/functions.txt: every form of every function', () => {
  const groups = functionGroups.map(({ title, functions }) => {
    const lines = functions.flatMap(({ name, kind, overloads }) =>
      overloads.map((overload) => showOverload(name, overload, kind === 'aggregate' ? ' FILTER (WHERE z)' : '')),
    );
    return `# ${title}\n${lines.join('\n')}\n`;
  });
  checkGolden('sql/functions.txt', groups.join('\n'));
});
