// The figures of every column over all rows: nulls, distinct values, range, mean, histogram, most frequent values.
// It must read the written revision, not the upload: the figures describe what was published.

import { dayMs, toInstant } from '../base/clock.ts';
import type { ColumnProfile } from '../catalogue/dataset.ts';
import type { Column, TypeKind } from '../query/column.ts';
import { readOne, toBatches, toNumber, toSqlName, toText, type Build } from './read/build.ts';

const histogramBins = 20;
const topValues = 10;
/** Up to so many distinct values, or so many values at all, they are counted exactly, and the most frequent listed. */
const exactDistinct = 10_000;
const exactGiven = 200_000;
const columnsAtOnce = 16;
/** Of wider tables only so many columns get a histogram and their most frequent values: nobody looks at more. */
const detailedColumns = 500;
/** Exact medians hold their column in memory: so many values at a time. */
const cellsAtOnce = 30_000_000;

const numeric: ReadonlySet<TypeKind> = new Set(['integer', 'number', 'decimal']);
const temporal: ReadonlySet<TypeKind> = new Set(['date', 'timestamp', 'instant']);

/** `table` is SQL, e.g. `serving.data`. In the order of `columns`; three statements for every sixteen of them. */
export async function profileColumns(
  build: Build,
  table: string,
  columns: readonly Column[],
  rows: number,
): Promise<ColumnProfile[]> {
  const atOnce = Math.max(1, Math.min(columnsAtOnce, Math.floor(cellsAtOnce / Math.max(1, rows))));
  const profiles: ColumnProfile[] = [];
  for (const batch of toBatches(columns, atOnce)) {
    const basics = await readBasics(build, table, batch);
    const detailed = profiles.length < detailedColumns ? batch : [];
    const tops = await readTops(build, table, detailed, basics);
    const values = await readValueCounts(build, table, detailed, tops);
    const binned = basics.map((basic, index) => (values.has(index) ? { ...basic, low: null } : basic));
    const histograms = await readHistograms(build, table, detailed, binned);
    for (const [index, { name }] of batch.entries()) {
      const basic = basics[index] as Basic;
      const top = tops.get(index) ?? null;
      profiles.push({
        name,
        nulls: rows - basic.given,
        distinct: top?.distinct ?? basic.distinct,
        distinctApproximate: top === null && basic.distinct !== null,
        min: basic.min,
        max: basic.max,
        mean: basic.mean,
        median: basic.median,
        histogram: values.get(index) ?? histograms.get(index) ?? null,
        top: top?.top ?? null,
      });
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
  readonly median: number | null;
  /** Range on the axis of the histogram; null for other types and for columns without a value. */
  readonly low: number | null;
  readonly high: number | null;
};

async function readBasics(build: Build, table: string, batch: readonly Column[]): Promise<Basic[]> {
  const figures = await readOne(build, `select ${batch.map(toFigures).join(', ')} from ${table}`);
  return batch.map((_, index) => {
    const number = (key: string) => (figures[`${key}${index}`] === null ? null : toNumber(figures[`${key}${index}`]));
    const given = number('n') ?? 0;
    const distinct = number('d'); // approximate, so it may come out greater than the number of values
    return {
      given,
      distinct: distinct === null ? null : Math.min(distinct, given),
      min: toText(figures[`lo${index}`]),
      max: toText(figures[`hi${index}`]),
      mean: number('a'),
      median: number('md'),
      low: number('x'),
      high: number('y'),
    };
  });
}

/** SQL of a value's canonical text. */
function toCanonical(sql: string, kind: TypeKind): string {
  if (kind === 'timestamp') return `replace((${sql})::varchar, ' ', 'T')`;
  if (kind === 'instant') return `replace(replace((${sql})::varchar, ' ', 'T'), '+00', 'Z')`;
  if (kind === 'number') {
    return `case when isnan(${sql}) then 'NaN' when isinf(${sql}) then if(${sql} > 0, 'Infinity', '-Infinity') else (${sql})::varchar end`;
  }
  return kind === 'text' ? `left(${sql}, 200)` : `(${sql})::varchar`;
}

/** SQL of the column's value where it is one of the axis: NaN and the infinities are values, and lie nowhere. */
function toFinite({ name, type }: Column): string {
  const c = toSqlName(name);
  return type.kind === 'number' ? `case when isfinite(${c}) then ${c} end` : c;
}

function toFigures(column: Column, index: number): string {
  const c = toSqlName(column.name);
  const finite = toFinite(column);
  const { kind } = column.type;
  const isPlain = kind !== 'geometry' && kind !== 'json';
  const ordered = isPlain && kind !== 'boolean';
  const onAxis = numeric.has(kind) || temporal.has(kind);
  const when = (yes: boolean, sql: string) => (yes ? sql : 'null');
  return [
    `count(${c}) as n${index}`,
    `${when(isPlain, `approx_count_distinct(${c})`)} as d${index}`,
    `${when(ordered, toCanonical(`min(${finite})`, kind))} as lo${index}`,
    `${when(ordered, toCanonical(`max(${finite})`, kind))} as hi${index}`,
    `${when(numeric.has(kind), `avg(${finite})::double`)} as a${index}`,
    `${when(numeric.has(kind), `median(${finite})::double`)} as md${index}`,
    `${when(onAxis, `min(${toPosition(column)})`)} as x${index}`,
    `${when(onAxis, `max(${toPosition(column)})`)} as y${index}`,
  ].join(', ');
}

type Top = { readonly distinct: number; readonly top: ColumnProfile['top'] };

/** Exact, for columns whose approximate count says that the values are few enough to count one by one. */
async function readTops(
  build: Build,
  table: string,
  batch: readonly Column[],
  basics: readonly Basic[],
): Promise<Map<number, Top>> {
  const parts: string[] = [];
  for (const [index, { name, type }] of batch.entries()) {
    const { distinct, given } = basics[index] as Basic;
    if (distinct === null || given === 0 || (distinct > exactDistinct && given > exactGiven)) continue;
    const c = toSqlName(name);
    parts.push(
      `(select ${index} as at, ${toCanonical('v', type.kind)} as value, n, count(*) over () as groups from ` +
        `(select ${c} as v, count(*) as n from ${table} where ${c} is not null group by 1) order by n desc, v limit ${topValues})`,
    );
  }
  const found = new Map<number, { distinct: number; values: { value: string; count: number }[] }>();
  if (parts.length === 0) return new Map();
  for (const row of await build.run(parts.join(' union all '))) {
    const at = toNumber(row['at']);
    const entry = found.get(at) ?? { distinct: toNumber(row['groups']), values: [] };
    entry.values.push({ value: toText(row['value']) ?? '', count: toNumber(row['n']) });
    found.set(at, entry);
  }
  return new Map(
    [...found].map(([at, { distinct, values }]) => [at, { distinct, top: worthShowing(distinct, values) }]),
  );
}

/** A list of values that occur once each says nothing. */
function worthShowing(distinct: number, values: { value: string; count: number }[]): ColumnProfile['top'] {
  const top = values.toSorted((left, right) => right.count - left.count);
  return (top[0]?.count ?? 0) > 1 || distinct <= topValues ? top : null;
}

type Bins = { readonly low: number; readonly width: number; readonly edges: readonly number[] };
type Histogram = NonNullable<ColumnProfile['histogram']>;

/** Whole numbers of few values are values and not bins: each has a bar of its own, however far apart they lie. */
async function readValueCounts(
  build: Build,
  table: string,
  batch: readonly Column[],
  tops: ReadonlyMap<number, Top>,
): Promise<Map<number, Histogram>> {
  const few = [...tops].filter(([index, { distinct }]) => {
    return (batch[index] as Column).type.kind === 'integer' && distinct > 0 && distinct <= histogramBins;
  });
  if (few.length === 0) return new Map();
  const parts = few.map(([index]) => {
    const c = toSqlName((batch[index] as Column).name);
    return `(select ${index} as at, ${c}::varchar as value, count(*) as n from ${table} where ${c} is not null group by ${c} order by ${c})`;
  });
  const found = new Map<number, { edges: string[]; counts: number[]; values: true }>();
  for (const row of await build.run(parts.join(' union all '))) {
    const at = toNumber(row['at']);
    const entry = found.get(at) ?? { edges: [], counts: [], values: true as const };
    entry.edges.push(toText(row['value']) ?? '');
    entry.counts.push(toNumber(row['n']));
    found.set(at, entry);
  }
  for (const entry of found.values()) entry.edges.push(entry.edges.at(-1) ?? '');
  return found;
}

async function readHistograms(build: Build, table: string, batch: readonly Column[], basics: readonly Basic[]) {
  const bins = new Map<number, Bins>();
  for (const [index, { type }] of batch.entries()) {
    const { low, high } = basics[index] as Basic;
    const found = low === null || high === null ? null : toBins(low, high, type.kind);
    if (found !== null) bins.set(index, found);
  }
  const parts = [...bins].map(([index, { low, width, edges }]) => {
    const column = batch[index] as Column;
    const bin =
      width === 0 ? '0' : `least(${edges.length - 2}, floor((${toPosition(column)} - (${low})) / ${width}))::integer`;
    return `select ${index} as at, ${bin} as bin, count(*) as n from ${table} where ${toFinite(column)} is not null group by 2`;
  });
  const counts = new Map([...bins].map(([index, { edges }]) => [index, edges.slice(1).map(() => 0)]));
  if (parts.length > 0) {
    for (const row of await build.run(parts.join(' union all '))) {
      const list = counts.get(toNumber(row['at']));
      if (list !== undefined) list[toNumber(row['bin'])] = toNumber(row['n']);
    }
  }
  return new Map(
    [...bins].map(([index, { edges }]) => [
      index,
      { edges: edges.map((edge) => toEdge(edge, (batch[index] as Column).type.kind)), counts: counts.get(index) ?? [] },
    ]),
  );
}

function toBins(low: number, high: number, kind: TypeKind): Bins | null {
  const span = high - low;
  if (!Number.isFinite(span)) return null;
  if (span === 0) return { low, width: 0, edges: [low, high] };
  // Whole numbers get bins of whole width: each value falls into one bin only, the last one included.
  const whole = (kind === 'integer' || kind === 'date') && span < Number.MAX_SAFE_INTEGER;
  const wanted = whole ? Math.min(histogramBins, span + 1) : histogramBins;
  const width = whole ? Math.ceil((span + 1) / wanted) : span / wanted;
  const used = whole ? Math.ceil((span + 1) / width) : wanted;
  const edges = Array.from({ length: used + 1 }, (_, index) => low + index * width);
  if (!whole) edges[used] = high;
  return { low, width, edges };
}

/** SQL of the value as a double on the axis: numbers as they are, dates in days, times in milliseconds. */
function toPosition(column: Column): string {
  const c = toSqlName(column.name);
  const { type } = column;
  if (type.kind === 'date') return `(${c} - date '1970-01-01')::double`;
  if (type.kind === 'timestamp' || type.kind === 'instant') return `epoch_ms(${c})::double`;
  return `(${toFinite(column)})::double`;
}

function toEdge(position: number, kind: TypeKind): string {
  if (kind === 'date') return toInstant(position * dayMs).slice(0, 10);
  if (kind === 'timestamp') return toInstant(position).slice(0, 19);
  if (kind === 'instant') return `${toInstant(position).slice(0, 19)}Z`;
  return String(position);
}
