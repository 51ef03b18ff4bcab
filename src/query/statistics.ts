// One column's figures under a filter as one JSON document: counts, range, middle, common values, bins.
// It must not look at the page, order or select of the plan; only which rows it finds.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { rowIdColumn, type Column } from './column.ts';
import type { Compiled } from './compile.ts';
import { whereSql } from './compile.ts';
import { openBinder } from './binder.ts';
import type { Plan } from './plan.ts';
import { unknownColumn } from './resolve.ts';
import { isNumeric, isOrdered, quoteName, toTextSql } from './value-type.ts';

export type StatisticsOptions = {
  /** Bins of equal width between the smallest and the largest value, 1 to 100. */
  readonly bins: number;
  /** How many of the most common values, 0 to 100. */
  readonly top: number;
};

/** As `/columns/{name}/statistics` answers it. Values are canonical text; counts are numbers. */
export type ColumnStatistics = {
  readonly column: string;
  readonly rows: number;
  readonly nulls: number;
  readonly distinct: number | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly mean: number | null;
  readonly median: number | null;
  readonly top: readonly { readonly value: string; readonly count: number }[];
  readonly histogram: { readonly edges: readonly string[]; readonly counts: readonly number[] } | null;
};

/** The statement whose one row is the text of a ColumnStatistics. Throws unknown-column, bad-request. */
export function compileStatistics(plan: Plan, columnName: string, options: StatisticsOptions): Compiled {
  const column = plan.schema.find((candidate) => candidate.name === columnName.toLowerCase());
  if (column === undefined) {
    throw unknownColumn(
      columnName,
      plan.schema.map((candidate) => candidate.name),
      undefined,
    );
  }
  requireRange('bins', options.bins, 1, 100);
  requireRange('top', options.top, 0, 100);
  const binder = openBinder();
  const chosen = `SELECT ${quoteName(column.name)} AS v FROM data${whereSql(plan, binder, null)}`;
  const parts = [`chosen AS MATERIALIZED (${chosen})`, `figures AS (${figuresSql(column)})`];
  const histogram = binsSql(column, options.bins);
  const text =
    `WITH ${[...parts, ...histogram.parts].join(', ')} SELECT concat(` +
    `'{"column":', ${sqlName(column.name)}, ',"rows":', figures.row_count, ',"nulls":', figures.null_count, ` +
    `',"distinct":', coalesce(CAST(figures.distinct_count AS VARCHAR), 'null'), ` +
    `',"min":', coalesce(CAST(to_json(figures.low) AS VARCHAR), 'null'), ` +
    `',"max":', coalesce(CAST(to_json(figures.high) AS VARCHAR), 'null'), ` +
    `',"mean":', ${numberSql('figures.mean')}, ',"median":', ${numberSql('figures.middle')}, ` +
    `',"top":', ${topSql(column, options.top)}, ',"histogram":', ${histogram.json}, '}') AS row FROM figures`;
  return {
    text,
    params: binder.values,
    keyColumns: 0,
    maxRows: null,
    estimatedRows: plan.tableRows,
    passesOnce: false,
  };
}

function requireRange(parameter: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new PortalError('bad-request', {
    detail: say('query.not-whole-between', { parameter, least, most }),
    extra: { parameter },
  });
}

/** The name as JSON text inside an SQL string; names are the schema's own (`^[a-z_][a-z0-9_]*$` or `:id`). */
function sqlName(name: string): string {
  return `'"${name.replaceAll("'", "''")}"'`;
}

function numberSql(sql: string): string {
  return `coalesce(CASE WHEN isfinite(${sql}) THEN CAST(to_json(${sql}) AS VARCHAR) END, 'null')`;
}

function figuresSql(column: Column): string {
  const { type } = column;
  const nothing = 'CAST(NULL AS DOUBLE)';
  const edge = (name: string): string =>
    isOrdered(type) && type.kind !== 'json' ? toTextSql(type, `${name}(v)`) : 'CAST(NULL AS VARCHAR)';
  const finite = type.kind === 'number' ? ' FILTER (WHERE isfinite(v))' : '';
  const [mean, middle] = isNumeric(type) ? [`avg(v)${finite}`, `median(CAST(v AS DOUBLE))${finite}`] : [];
  const distinct = type.kind === 'geometry' ? 'CAST(NULL AS BIGINT)' : 'count(DISTINCT v)';
  return (
    `SELECT count(*) AS row_count, count(*) - count(v) AS null_count, ${distinct} AS distinct_count, ` +
    `${edge('min')} AS low, ${edge('max')} AS high, ` +
    `${mean ?? nothing} AS mean, ${middle ?? nothing} AS middle FROM chosen`
  );
}

/** The most common values with their counts, ties by value, as a JSON array. */
function topSql(column: Column, count: number): string {
  if (count === 0 || column.type.kind === 'geometry' || column.name === rowIdColumn) return `'[]'`;
  const text = toTextSql(column.type, 'v');
  const entry = `concat('{"value":', CAST(to_json(${text}) AS VARCHAR), ',"count":', n, '}')`;
  const common = `SELECT v, count(*) AS n FROM chosen WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT ${count}`;
  return `(SELECT concat('[', string_agg(${entry}, ',' ORDER BY n DESC, v), ']') FROM (${common}) AS common)`;
}

/** A number that grows with the value, and the value of such a number as text. */
function toScale(column: Column): { readonly number: string; readonly text: (sql: string) => string } | null {
  const moment = (sql: string): string => `make_timestamp(CAST(round(${sql}) AS BIGINT))`;
  switch (column.type.kind) {
    case 'integer':
    case 'decimal':
    case 'number':
      return { number: 'CAST(v AS DOUBLE)', text: (sql) => `CAST(to_json(${sql}) AS VARCHAR)` };
    case 'date':
      return {
        number: `CAST(v - DATE '1970-01-01' AS DOUBLE)`,
        text: (sql) => `CAST(DATE '1970-01-01' + CAST(round(${sql}) AS INTEGER) AS VARCHAR)`,
      };
    case 'timestamp':
      return { number: 'CAST(epoch_us(v) AS DOUBLE)', text: (sql) => toTextSql({ kind: 'timestamp' }, moment(sql)) };
    case 'instant':
      return {
        number: 'CAST(epoch_us(v) AS DOUBLE)',
        text: (sql) => `(${toTextSql({ kind: 'timestamp' }, moment(sql))} || 'Z')`,
      };
    default:
      return null;
  }
}

function binsSql(column: Column, bins: number): { readonly parts: readonly string[]; readonly json: string } {
  const scale = toScale(column);
  if (scale === null) return { parts: [], json: `'null'` };
  const finite = isNumeric(column.type) ? 'isfinite(CAST(v AS DOUBLE))' : 'isfinite(v)';
  const at = `least(CAST(floor((x - low) / width) AS BIGINT), ${bins - 1})`;
  const parts = [
    `scaled AS (SELECT ${scale.number} AS x FROM chosen WHERE v IS NOT NULL AND ${finite})`,
    `bounds AS (SELECT min(x) AS low, max(x) AS high, (max(x) - min(x)) / ${bins} AS width FROM scaled)`,
    `counted AS (SELECT CASE WHEN width > 0 THEN ${at} ELSE 0 END AS bin, count(*) AS n ` +
      `FROM scaled, bounds GROUP BY bin)`,
    `numbers AS (SELECT unnest([${Array.from({ length: bins + 1 }, (_, index) => index).join(', ')}]) AS bin)`,
  ];
  const edge = `to_json(${scale.text(`CASE WHEN bin = ${bins} THEN high ELSE low + bin * width END`)})`;
  const edges = `SELECT string_agg(CAST(${edge} AS VARCHAR), ',' ORDER BY bin) FROM numbers, bounds`;
  const counts =
    `SELECT string_agg(CAST(coalesce(n, 0) AS VARCHAR), ',' ORDER BY numbers.bin) ` +
    `FROM numbers LEFT JOIN counted ON counted.bin = numbers.bin WHERE numbers.bin < ${bins}`;
  const some = `(SELECT low IS NOT NULL FROM bounds)`;
  const object = `concat('{"edges":[', (${edges}), '],"counts":[', (${counts}), ']}')`;
  const json = `(CASE WHEN ${some} THEN ${object} ELSE 'null' END)`;
  return { parts, json };
}
