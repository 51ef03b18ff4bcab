// Takes a sample of the loaded rows, spread over the whole file, and says which shapes every sampled value has.
// It must not decide: what it says is a hypothesis that type-proof.ts proves or refutes on every row.

import { toBatches, toText, type Build } from './build.ts';
import {
  decimalPlaces,
  fixedShape,
  groupedShape,
  leastPlacesShape,
  isMarkerText,
  shapes,
  type Shape,
} from './shapes.ts';
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
  if (hint === 'number') return shapes.jsonNumbers.filter(all);
  if (hint === 'boolean') return shapes.booleans.slice(0, 1);
  if (hint === 'text') return shapes.times.filter((shape) => shape.id.startsWith('iso-') && all(shape));
  if (hint !== 'any') return [];
  const times = shapes.times.filter((shape) => all(shape) && shape.id !== 'ymd-compact' && isClock(shape, title));
  // Eight digits are a day only where the header says so.
  const compact = /(^|[^a-z])(date|day|datum)([^a-z]|$)/i.test(title)
    ? shapes.times.filter((shape) => shape.id === 'ymd-compact' && all(shape))
    : [];
  const withSigns = hasBothSigns(values) ? shapes.signed : [];
  return [
    ...compact,
    ...[...shapes.integers.slice(0, 1)].filter(all),
    ...fixedCandidates(values),
    ...[
      ...shapes.integers.slice(1),
      ...shapes.numbers,
      ...placesCandidates(values),
      ...withSigns,
      shapes.percent,
      ...shapes.booleans,
    ].filter(all),
    ...times,
  ];
}

function placesCandidates(values: readonly string[]): Shape[] {
  const least = Math.min(...values.map((value) => value.trim().split('.')[1]?.length ?? 0));
  return least > 1 && least < 16 ? [leastPlacesShape(least)] : [];
}

const clockTitle =
  /(^|[^a-z])(time|clock|hour|hours|start|starts|end|ends|begin|begins|open|opens|close|closes|from|to|until|arrival|departure|sunrise|sunset|at)([^a-z]|$)/i;
const durationTitle =
  /(^|[^a-z])(duration|elapsed|response|travel|wait|waiting|lap|pace|length|interval|minutes|min|mins|seconds|sec|mm ?: ?ss)([^a-z]|$)/i;

/** `12:45` is a time of day where the header says so; it may be minutes and seconds, and then stays text. */
function isClock(shape: Shape, title: string): boolean {
  if (shape.id !== 'time-minutes') return true;
  const words = title.replaceAll(/[_-]|(?<=[a-z])(?=[A-Z])/g, ' ');
  return clockTitle.test(words) && !durationTitle.test(words);
}

function hasBothSigns(values: readonly string[]): boolean {
  return values.some((value) => value.startsWith('+')) && values.some((value) => value.startsWith('-'));
}

/** Decimals all written with one scale. */
function fixedCandidates(values: readonly string[]): Shape[] {
  const scale = (values[0] ?? '').trim().split('.')[1]?.length ?? 0;
  if (scale === 0 || scale > 30) return [];
  return ([18, 38] as const)
    .filter((precision) => scale < precision)
    .map((precision) => fixedShape(precision, scale))
    .filter((shape) => values.every((value) => shape.pattern.test(value)));
}

/** What the file as a whole says of commas in numbers. */
export type Commas = {
  /** Another column shows that this file writes decimal commas, or the publisher says so. */
  readonly areDecimal: boolean;
  /** The publisher, or decimal points in another column, says that they are not. */
  readonly areThousands: boolean;
  readonly delimiter: string | null;
};

export type CommaReading = 'money' | 'thousands' | 'decimal' | 'unclear' | null;

const commaNumber = /^ *-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)? *$/;
/** `0,125`, `1,5`, `1234,567`, `1.234,5`: no reader of thousands can have written them. */
const certainDecimal = /^ *-?(0+,\d+|\d+,(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}(\.\d{3})+,\d+) *$/;
/** `1,234,567`, `1,234.5`: no decimal comma. */
const certainThousands = /,\d{3},\d{3}|,\d{3}\.\d/;

/** `379` and `1.613`: a point between thousands, or a decimal point. */
const pointGroups = /^ *-?(\d{1,3}|[1-9]\d{0,2}(\.\d{3})+) *$/;
/** `1.5`, `0.125`, `1234.567`: no point between thousands. */
const certainPoint = /^ *-?(\d+\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+) *$/;

/** A column's own commas: a group of thousands never begins with a zero, and none has another length than three. */
export function saysDecimalComma({ values }: ColumnSample): boolean {
  return values.every((value) => commaNumber.test(value)) && values.some((value) => certainDecimal.test(value));
}

export function saysDecimalPoint({ values }: ColumnSample): boolean {
  return values.some((value) => certainPoint.test(value)) && values.every((value) => /^ *-?\d+(\.\d+)? *$/.test(value));
}

/** How numbers with commas, or with dollar signs, are to be read; null where the column has none. */
export function readCommas(sample: ColumnSample, commas: Commas): CommaReading {
  const { values } = sample;
  if (values.length === 0) return null;
  const isGrouped = values.every((value) => groupedShape(0, false, false).pattern.test(value));
  if (isGrouped && values.some((value) => value.includes('$'))) return 'money';
  const isComma = values.every((value) => commaNumber.test(value));
  const pointed = values.some((value) => value.includes('.')) && values.every((value) => pointGroups.test(value));
  if (pointed && (commas.areDecimal || (commas.delimiter === ';' && !commas.areThousands))) {
    return values.some((value) => /\.\d{3}\./.test(value)) ? 'decimal' : 'unclear';
  }
  if (!values.some((value) => value.includes(','))) return null;
  if (isComma && !commas.areThousands && (saysDecimalComma(sample) || commas.areDecimal)) return 'decimal';
  if (!isGrouped) return null;
  if (commas.areThousands || values.some((value) => certainThousands.test(value))) return 'thousands';
  return commas.delimiter === ';' ? 'unclear' : 'thousands';
}

/** The number of places after the comma, when all values have the same; else null. */
export function commaScale({ values }: ColumnSample): number | null {
  const places = new Set(values.map((value) => value.trim().split(',')[1]?.length ?? 0));
  const [only] = places;
  return places.size === 1 && only !== undefined && only > 0 && only < 18 ? only : null;
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
