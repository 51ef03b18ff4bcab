// The figures of every column over all rows: nulls, distinct values, range, mean, histogram, most frequent values.
// It must read the written revision, not the upload: the figures describe what was published.

import { toInstant } from '../base/clock.ts';
import type { ColumnProfile } from '../catalogue/dataset.ts';
import type { Column, TypeKind } from '../query/column.ts';
import { readOne, toBatches, toNumber, toSqlName, toText, type Build } from './build.ts';

const histogramBins = 20;
const topValues = 10;
/** Up to so many distinct values they are counted exactly, and the most frequent listed. */
const exactDistinct = 10_000;
const columnsAtOnce = 100;

const numeric: ReadonlySet<TypeKind> = new Set(['integer', 'number', 'decimal']);
const temporal: ReadonlySet<TypeKind> = new Set(['date', 'timestamp', 'instant']);

/** `table` is SQL, e.g. `serving.data`. In the order of `columns`. */
export async function profileColumns(
  build: Build,
  table: string,
  columns: readonly Column[],
  rows: number,
): Promise<ColumnProfile[]> {
  const profiles: ColumnProfile[] = [];
  for (const batch of toBatches(columns, columnsAtOnce)) {
    const figures = await readOne(build, `select ${batch.map(toFigures).join(', ')} from ${table}`);
    for (const [index, column] of batch.entries()) {
      const read = (key: string) => figures[`${key}${index}`];
      const basic = {
        given: toNumber(read('n')),
        distinct: read('d') === null ? null : toNumber(read('d')),
        min: toText(read('lo')),
        max: toText(read('hi')),
        mean: read('a') === null ? null : toNumber(read('a')),
      };
      profiles.push(await toProfile(build, table, column, rows, basic));
    }
  }
  return profiles;
}

type Basic = {
  readonly given: number;
  readonly distinct: number | null;
  readonly min: string | null;
  readonly max: string | null;
  readonly mean: number | null;
};

/** SQL of a value's canonical text. */
function toCanonical(sql: string, kind: TypeKind): string {
  if (kind === 'timestamp') return `replace((${sql})::varchar, ' ', 'T')`;
  if (kind === 'instant') return `replace(replace((${sql})::varchar, ' ', 'T'), '+00', 'Z')`;
  return `(${sql})::varchar`;
}

function toFigures({ name, type }: Column, index: number): string {
  const c = toSqlName(name);
  const { kind } = type;
  const ordered = kind !== 'geometry' && kind !== 'json' && kind !== 'boolean';
  const bounded = (sql: string) => (kind === 'text' ? `left(${sql}, 200)` : toCanonical(sql, kind));
  return [
    `count(${c}) as n${index}`,
    `${kind === 'geometry' || kind === 'json' ? 'null' : `approx_count_distinct(${c})`} as d${index}`,
    `${ordered ? bounded(`min(${c})`) : 'null'} as lo${index}`,
    `${ordered ? bounded(`max(${c})`) : 'null'} as hi${index}`,
    `${numeric.has(kind) ? `avg(${c})::double` : 'null'} as a${index}`,
  ].join(', ');
}

async function toProfile(
  build: Build,
  table: string,
  column: Column,
  rows: number,
  basic: Basic,
): Promise<ColumnProfile> {
  const { kind } = column.type;
  const isNumber = numeric.has(kind);
  const top = await readTop(build, table, column, basic);
  const median = isNumber && basic.given > 0 ? await readMedian(build, table, column) : null;
  return {
    name: column.name,
    nulls: rows - basic.given,
    distinct: top?.distinct ?? basic.distinct,
    distinctApproximate: top === null && basic.distinct !== null,
    min: basic.min,
    max: basic.max,
    mean: basic.mean,
    median,
    histogram: isNumber || temporal.has(kind) ? await readHistogram(build, table, column, basic.given) : null,
    top: top?.top ?? null,
  };
}

async function readMedian(build: Build, table: string, { name }: Column): Promise<number | null> {
  const row = await readOne(build, `select median(${toSqlName(name)})::double as value from ${table}`);
  return row['value'] === null ? null : toNumber(row['value']);
}

type Top = { readonly distinct: number; readonly top: ColumnProfile['top'] };

/** Exact, when the approximate count says that the values are few enough to count one by one. */
async function readTop(build: Build, table: string, { name, type }: Column, basic: Basic): Promise<Top | null> {
  if (basic.distinct === null || basic.distinct > exactDistinct) return null;
  const c = toSqlName(name);
  const value = type.kind === 'text' ? `left(${c}, 200)` : toCanonical(c, type.kind);
  const rows = await build.run(
    `select ${value} as value, count, count(*) over () as groups from ` +
      `(select ${c}, count(*) as count from ${table} where ${c} is not null group by 1) order by count desc, 1 limit ${topValues}`,
  );
  // A list of values that occur once each says nothing.
  const top = rows.map((row) => ({ value: toText(row['value']) ?? '', count: toNumber(row['count']) }));
  const distinct = toNumber(rows[0]?.['groups'] ?? 0);
  return { distinct, top: (top[0]?.count ?? 0) > 1 || distinct <= topValues ? top : null };
}

async function readHistogram(
  build: Build,
  table: string,
  column: Column,
  given: number,
): Promise<ColumnProfile['histogram']> {
  if (given === 0) return null;
  const x = toPosition(column);
  const where = `from ${table} where ${toSqlName(column.name)} is not null`;
  const range = await readOne(build, `select min(${x}) as low, max(${x}) as high ${where}`);
  const [low, high] = [toNumber(range['low']), toNumber(range['high'])];
  const span = high - low;
  if (!Number.isFinite(span)) return null;
  const whole = column.type.kind === 'integer' || column.type.kind === 'date';
  const bins = span === 0 ? 1 : whole ? Math.min(histogramBins, span + 1) : histogramBins;
  // Whole numbers get bins of whole width: each value falls into one bin only, the last one included.
  const width = span === 0 ? 0 : whole ? Math.ceil((span + 1) / bins) : span / bins;
  const used = whole && width > 0 ? Math.ceil((span + 1) / width) : bins;
  const bin = width === 0 ? '0' : `least(${used - 1}, floor((${x} - ${low}) / ${width}))::integer`;
  const counts = Array.from({ length: used }, () => 0);
  for (const row of await build.run(`select ${bin} as bin, count(*) as count ${where} group by 1`)) {
    counts[toNumber(row['bin'])] = toNumber(row['count']);
  }
  const edges = Array.from({ length: used + 1 }, (_, index) => (width === 0 ? low : low + index * width));
  if (!whole && width > 0) edges[used] = high;
  return { edges: edges.map((edge) => toEdge(edge, column.type.kind)), counts };
}

/** SQL of the value as a double on the axis: numbers as they are, dates in days, times in milliseconds. */
function toPosition({ name, type }: Column): string {
  const c = toSqlName(name);
  if (type.kind === 'date') return `(${c} - date '1970-01-01')::double`;
  if (type.kind === 'timestamp' || type.kind === 'instant') return `epoch_ms(${c})::double`;
  return `${c}::double`;
}

function toEdge(position: number, kind: TypeKind): string {
  if (kind === 'date') return toInstant(position * 86_400_000).slice(0, 10);
  if (kind === 'timestamp') return toInstant(position).slice(0, 19);
  if (kind === 'instant') return `${toInstant(position).slice(0, 19)}Z`;
  return String(position);
}
