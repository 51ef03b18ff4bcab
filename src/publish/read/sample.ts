// Takes a sample of the loaded rows, spread over the whole file, and says which shapes every sampled value has.
// It must not decide: what it says is a hypothesis that type-proof.ts proves or refutes on every row.

import { toBatches, toText, type Build } from './build.ts';
import { decimalPlaces, fixedShape, groupedShape, isMarkerText, shapes, type Shape } from './shapes.ts';
import type { ColumnHint } from './table-source.ts';

export type ColumnSample = {
  /** Given values that are not null markers. */
  readonly values: readonly string[];
  readonly hasMarkers: boolean;
};

const cellsSampled = 150_000;
const rowsSampled = 1_000;
const columnsAtOnce = 500;

export async function sampleColumns(build: Build, raws: readonly string[], rows: number): Promise<ColumnSample[]> {
  const wanted = Math.min(rowsSampled, Math.max(40, Math.floor(cellsSampled / Math.max(1, raws.length))));
  const step = Math.max(1, Math.floor(rows / wanted));
  const cells = new Map<string, string[]>(raws.map((raw) => [raw, []]));
  for (const batch of toBatches(raws, columnsAtOnce)) {
    // A value of some megabytes is text whatever it says.
    const list = batch.map((raw) => `left(${raw}, 200) as ${raw}`).join(', ');
    const found = await build.run(`select ${list} from raw where rowid % ${step} = 0 limit ${wanted}`);
    for (const row of found) for (const raw of batch) keep(cells, raw, toText(row[raw]));
  }
  const samples: ColumnSample[] = [];
  for (const raw of raws) {
    const values = cells.get(raw) ?? [];
    const enough = values.filter((value) => !isMarkerText(value)).length >= Math.min(20, rows);
    samples.push(toSample(enough ? values : [...values, ...(await sampleGiven(build, raw))]));
  }
  return samples;
}

function keep(cells: Map<string, string[]>, raw: string, value: string | null): void {
  if (value !== null) cells.get(raw)?.push(value);
}

/** For columns that are mostly empty. */
async function sampleGiven(build: Build, raw: string): Promise<string[]> {
  const rows = await build.run(
    `select left(${raw}, 200) as value from raw where ${raw} is not null and trim(${raw}) <> '' limit 200`,
  );
  return rows.map(({ value }) => String(value));
}

function toSample(values: readonly string[]): ColumnSample {
  const given = values.filter((value) => !isMarkerText(value));
  return { values: given, hasMarkers: given.length < values.length };
}

/** The shapes that every sampled value has, in the order they should be tried. */
export function candidateShapes(sample: ColumnSample, hint: ColumnHint, title = ''): readonly Shape[] {
  const { values } = sample;
  if (values.length === 0) return [];
  const all = (shape: Shape) => values.every((value) => shape.pattern.test(value));
  if (hint === 'number') return shapes.numbers.filter(all);
  if (hint === 'boolean') return shapes.booleans.slice(0, 1);
  if (hint === 'text') return shapes.times.filter((shape) => shape.id.startsWith('iso-') && all(shape));
  if (hint !== 'any') return [];
  const numbers = shapes.numbers.filter(all);
  const times = shapes.times.filter((shape) => all(shape) && shape.id !== 'ymd-compact');
  // Eight digits are a day only where the header says so.
  const compact = /(^|[^a-z])(date|day|datum)([^a-z]|$)/i.test(title)
    ? shapes.times.filter((shape) => shape.id === 'ymd-compact' && all(shape))
    : [];
  return [
    ...compact,
    ...numbers.filter(({ type }) => type.kind === 'integer'),
    ...fixedCandidates(values),
    ...numbers.filter(({ type }) => type.kind !== 'integer'),
    ...[shapes.percent, ...shapes.booleans].filter(all),
    ...times,
  ];
}

/** Decimals all written with one scale. */
function fixedCandidates(values: readonly string[]): Shape[] {
  const scale = (values[0] ?? '').split('.')[1]?.length ?? 0;
  if (scale === 0 || scale > 30) return [];
  return ([18, 38] as const)
    .filter((precision) => scale < precision)
    .map((precision) => fixedShape(precision, scale))
    .filter((shape) => values.every((value) => shape.pattern.test(value)));
}

/** `$1,234.50` and `1,234` need the whole column's scale first. */
export function looksGrouped(sample: ColumnSample): 'money' | 'grouped' | null {
  const { values } = sample;
  if (values.length === 0 || !values.every((value) => groupedShape(0, false, false).pattern.test(value))) return null;
  if (values.some((value) => value.includes('$'))) return 'money';
  return values.some((value) => value.includes(',')) ? 'grouped' : null;
}

/** SQL of the figures that a decimal type needs: most places, and most digits before the point. */
export function decimalFigures(c: string): string {
  const whole = `strlen(regexp_replace(regexp_extract(${c}, '^([^.]*)', 1), '[^0-9]', '', 'g'))`;
  return `max(${decimalPlaces(c)}) as places, max(${whole}) as whole`;
}

/** The shape that most sampled values have, when more than half do: what a mixed column is a mix of. */
export function mainShape(sample: ColumnSample): Shape | null {
  const { values } = sample;
  if (values.length < 3) return null;
  let best: Shape | null = null;
  let most = values.length / 2;
  for (const shape of [shapes.number, ...shapes.times]) {
    const count = values.filter((value) => shape.pattern.test(value)).length;
    if (count > most && count < values.length + 1) [best, most] = [shape, count];
  }
  return best;
}
