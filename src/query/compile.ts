// Plan → SQL text and parameters for the engine. Values are always parameters, names always the schema's own, quoted.
// It must not know formats: a row's bytes are the caller's SQL over the identifiers it is given.

import { geojsonColumn, rowIdColumn, type Column } from './column.ts';
import { openBinder, type Binder, type BoundText } from './binder.ts';
import { expressionSql } from './expression-sql.ts';
import { afterSql } from './keyset.ts';
import { isRowId } from './order.ts';
import type { Plan, PlanKey, PlanOutput } from './plan.ts';
import { searchSql } from './search.ts';
import { quoteName, toTextSql, type TypedExpression, type ValueType } from './value-type.ts';

/** An output as a row expression may use it. formats/format.ts has the same shape as SqlOutput. */
export type CompiledOutput = {
  readonly column: { readonly name: string; readonly type: Column['type']; readonly source: Column | null };
  readonly sql: string;
  readonly geojson: string | null;
};

export type Compiled = {
  readonly text: string;
  readonly params: readonly BoundText[];
  readonly keyColumns: number;
  readonly maxRows: number | null;
  readonly estimatedRows: number;
  /** Every row of the table is looked at once, as it lies in the file: nothing is sorted, grouped or cut. */
  readonly passesOnce: boolean;
};

/** Pages up to this size are put in order even where file order is the order; larger ones stream in file order. */
const largestSortedPage = 10_000;

/**
 * The page of the plan: one column of row text, then the texts of the order's keys. Rows are picked first and written
 * afterwards, so only rows of the page are formatted. One more row is asked for, to know whether there is more.
 */
export function compileRows(plan: Plan, rowSql: (outputs: readonly CompiledOutput[]) => string): Compiled {
  const binder = openBinder();
  const picked = pickSql(plan, binder);
  const row = rowSql(toCompiledOutputs(plan));
  const keys = plan.keys.map((key, index) => `, ${toTextSql(key.expression.type, keyName(index))}`);
  return {
    text: `SELECT ${row} AS row${keys.join('')} FROM (${picked}) AS page`,
    params: binder.values,
    keyColumns: plan.keys.length,
    maxRows: plan.limit,
    estimatedRows: estimateRows(plan),
    passesOnce: plan.limit === null && isPlainOrder(plan),
  };
}

/** The page as a table with the outputs' own names and types, for file formats that the engine writes itself. */
export function compileTable(plan: Plan): Omit<Compiled, 'keyColumns' | 'maxRows' | 'passesOnce'> {
  const binder = openBinder();
  const picked = pickSql(plan, binder, 0);
  const columns = plan.outputs.map((output, index) => `${outputName(index)} AS ${quoteName(output.name)}`);
  const text = `SELECT ${columns.join(', ')} FROM (${picked}) AS page`;
  return { text, params: binder.values, estimatedRows: estimateRows(plan) };
}

/** How many rows the plan answers over all its pages: one row of text. Limit, offset and cursor do not count. */
export function compileCount(plan: Plan): Compiled {
  const binder = openBinder();
  const isPlain = plan.kind === 'rows';
  const from = isPlain ? `data${whereSql(plan, binder, null)}` : `(${groupedSql(plan, binder)}) AS grouped`;
  return {
    text: `SELECT CAST(count(*) AS VARCHAR) AS row FROM ${from}`,
    params: binder.values,
    keyColumns: 0,
    maxRows: null,
    estimatedRows: isPlain && isUnfiltered(plan) ? 1 : plan.tableRows,
    passesOnce: false,
  };
}

/** What the outputs are, for headers and formats. */
export function toOutputColumns(plan: Plan): readonly CompiledOutput['column'][] {
  return plan.outputs.map(({ name, type, source }) => ({ name, type: toColumnType(type), source }));
}

function toCompiledOutputs(plan: Plan): readonly CompiledOutput[] {
  const columns = toOutputColumns(plan);
  return plan.outputs.map((output, index) => {
    const column = columns[index] ?? { name: output.name, type: toColumnType(output.type), source: output.source };
    const geojson = output.type.kind === 'geometry' ? geojsonName(index) : null;
    return { column, sql: outputName(index), geojson };
  });
}

function toColumnType(type: ValueType): Column['type'] {
  return type.kind === 'null' || type.kind === 'interval' ? { kind: 'text' } : type;
}

function outputName(index: number): string {
  return quoteName(`:o${index}`);
}

function geojsonName(index: number): string {
  return quoteName(`:g${index}`);
}

function keyName(index: number): string {
  return quoteName(`:k${index}`);
}

/** Rows of the page (and `beyond` more) with all outputs `:oN`, their GeoJSON `:gN` and the keys `:kN`. */
function pickSql(plan: Plan, binder: Binder, beyond = 1): string {
  return plan.kind === 'rows' ? pickRowsSql(plan, binder, beyond) : pickGroupsSql(plan, binder, beyond);
}

function pickRowsSql(plan: Plan, binder: Binder, beyond: number): string {
  const names = new Set(plan.outputs.flatMap((output) => readNames(output.expression)));
  const geojson = plan.outputs.flatMap(({ source }) => (source === null ? [] : [source])).filter(isGeometry);
  const raw = [...names, ...new Set(geojson.map((column) => geojsonColumn(column.name)))].map(quoteName);
  const keys = plan.keys.map((key, index) => `${expressionSql(key.expression, binder)} AS ${keyName(index)}`);
  const where = whereSql(plan, binder, rowKeySql(binder));
  const chosen = `SELECT ${[...raw, ...keys].join(', ')} FROM data${where}${tailSql(plan, beyond)}`;
  const outputs = plan.outputs.flatMap((output, index) => [
    `${expressionSql(output.expression, binder)} AS ${outputName(index)}`,
    ...geojsonSql(output, index, binder, (name) => name),
  ]);
  return `SELECT ${[...outputs, ...plan.keys.map((_, index) => keyName(index))].join(', ')} FROM (${chosen}) AS chosen`;
}

function isGeometry(column: Column): boolean {
  return column.type.kind === 'geometry';
}

function geojsonSql(
  output: PlanOutput,
  index: number,
  binder: Binder,
  pick: (name: string) => string,
): readonly string[] {
  if (output.type.kind !== 'geometry') return [];
  const sql =
    output.source === null
      ? `geo_geojson(ST_AsWKB(${expressionSql(output.expression, binder)}))`
      : pick(quoteName(geojsonColumn(output.source.name)));
  return [`${sql} AS ${geojsonName(index)}`];
}

function pickGroupsSql(plan: Plan, binder: Binder, beyond: number): string {
  const inner = groupedSql(plan, binder);
  const after = plan.after === null ? '' : ` WHERE ${seenSql(plan, plan.after, binder, (_, index) => keyName(index))}`;
  return `SELECT * FROM (${inner}) AS grouped${after}${tailSql(plan, beyond)}`;
}

/** Groups or different rows, all of them. */
function groupedSql(plan: Plan, binder: Binder): string {
  const isGrouped = plan.kind === 'groups';
  const outputs = plan.outputs.flatMap((output, index) => [
    `${expressionSql(output.expression, binder)} AS ${outputName(index)}`,
    ...geojsonSql(output, index, binder, (name) => (isGrouped ? `min(${name})` : name)),
  ]);
  const keys = plan.keys.map((key, index) => `${expressionSql(key.expression, binder)} AS ${keyName(index)}`);
  const where = whereSql(plan, binder, null);
  const group = plan.group.map((expression) => expressionSql(expression, binder));
  const grouping = group.length === 0 ? '' : ` GROUP BY ${group.join(', ')}`;
  const having = plan.having === null ? '' : ` HAVING ${expressionSql(plan.having, binder)}`;
  const distinct = isGrouped ? '' : 'DISTINCT ';
  return `SELECT ${distinct}${[...outputs, ...keys].join(', ')} FROM data${where}${grouping}${having}`;
}

type KeySql = (key: PlanKey, index: number) => string;

function rowKeySql(binder: Binder): KeySql {
  return (key) => expressionSql(key.expression, binder);
}

function seenSql(plan: Plan, after: readonly (string | null)[], binder: Binder, sql: KeySql): string {
  const seen = plan.keys.map((key, index) => ({ key, sql: sql(key, index), value: after[index] ?? null }));
  return afterSql(seen, binder);
}

/** WHERE of filter, search and cursor. `keySql` is null where the cursor does not count or is looked at outside. */
export function whereSql(plan: Plan, binder: Binder, keySql: KeySql | null): string {
  const conditions = [
    ...(plan.where === null ? [] : [expressionSql(plan.where, binder)]),
    ...(plan.search === null
      ? []
      : [searchSql(plan.search, plan.schema, (value) => `CAST(${binder.bind(value)} AS VARCHAR)`)]),
    ...(keySql === null || plan.after === null ? [] : [seenSql(plan, plan.after, binder, keySql)]),
  ];
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** ORDER BY, LIMIT, OFFSET. Rows lie in the file in `:id` order, so a large answer in that order needs no sort. */
function tailSql(plan: Plan, beyond: number): string {
  const isSmall = plan.limit !== null && plan.limit + plan.offset <= largestSortedPage;
  const isFileOrder = isPlainOrder(plan) && !isSmall;
  const terms = plan.keys.map((key, index) => {
    const direction = key.descending ? ' DESC' : '';
    const nulls = isRowId(key.expression) ? '' : ` NULLS ${key.nulls.toUpperCase()}`;
    return `${keyName(index)}${direction}${nulls}`;
  });
  const order = isFileOrder || terms.length === 0 ? '' : ` ORDER BY ${terms.join(', ')}`;
  const limit = plan.limit === null ? '' : ` LIMIT ${plan.limit + beyond}`;
  return `${order}${limit}${plan.offset === 0 ? '' : ` OFFSET ${plan.offset}`}`;
}

/** `:id` upwards and nothing else. */
function isPlainOrder(plan: Plan): boolean {
  const [key] = plan.keys;
  return plan.kind === 'rows' && key !== undefined && isRowId(key.expression) && !key.descending;
}

function isUnfiltered(plan: Plan): boolean {
  return plan.where === null && plan.search === null;
}

/** Rows that the engine must look at: the page in plain `:id` order, one row for `:id = n`, else the whole table. */
function estimateRows(plan: Plan): number {
  if (plan.kind === 'rows' && plan.where !== null && asksOneRow(plan.where)) return 1;
  const isPage = isPlainOrder(plan) && isUnfiltered(plan) && plan.limit !== null;
  return isPage ? Math.min(plan.tableRows, plan.offset + (plan.limit ?? 0) + 1) : plan.tableRows;
}

function asksOneRow(where: TypedExpression): boolean {
  if (where.kind !== 'call') return false;
  if (where.name === 'and') return where.args.some(asksOneRow);
  const hasRowId = where.args.some((arg) => arg.kind === 'column' && arg.name === rowIdColumn);
  return where.name === 'eq' && hasRowId && where.args.some((arg) => arg.kind === 'value');
}

function readNames(expression: TypedExpression): readonly string[] {
  switch (expression.kind) {
    case 'value':
      return [];
    case 'column':
      return [expression.name];
    case 'cast':
      return readNames(expression.argument);
    case 'call':
      return expression.args.flatMap(readNames);
  }
}
