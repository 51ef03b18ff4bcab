// The shapes that a column may have, most particular first, from its sample and what is known beside it: the file's
// commas, the revision before, and what the publisher says. It must not decide: types.ts proves each over every row.

import type { Column } from '../../query/column.ts';
import { readOne, toNumber, type Build } from './build.ts';
import type { Recipe, RecipeKind } from '../../catalogue/recipe.ts';
import {
  candidateShapes,
  commaScale,
  decimalFigures,
  readCommas,
  saysDecimalComma,
  saysDecimalPoint,
  type ColumnSample,
  type Commas,
} from './sample.ts';
import {
  decimalCommaShape,
  exactShape,
  fixedShape,
  groupedShape,
  shapes as known,
  shapesOfKind,
  type Shape,
} from './shapes.ts';
import type { ColumnHint } from './table-source.ts';
import type { Candidate } from './type-proof.ts';

export type RawColumn = {
  /** The column's name in the table `raw`. */
  readonly raw: string;
  readonly name: string;
  readonly title: string;
  readonly hint: ColumnHint;
};

export type QueueOptions = {
  readonly recipe: Recipe;
  /** What separates the fields of the file; null where nothing does. */
  readonly delimiter: string | null;
  /** The columns of the revision before, by name. */
  readonly before: ReadonlyMap<string, Column>;
};

/** The commas of the file, from the samples of all its columns. */
export function toCommas(samples: readonly ColumnSample[], { recipe, delimiter }: QueueOptions): Commas {
  const areDecimal = recipe.decimal === 'comma' || (recipe.decimal !== 'point' && samples.some(saysDecimalComma));
  const areThousands = recipe.decimal === 'point' || (!areDecimal && samples.some(saysDecimalPoint));
  return { areDecimal, areThousands, delimiter };
}

export type Queue = {
  readonly candidates: Candidate[];
  /** The commas of the column can be read in two ways: it stays text, and that is told. */
  readonly isUnclear: boolean;
  /** The publisher said what the column holds: what does not fit is set aside. */
  readonly isSaid: boolean;
};

export async function toQueue(
  build: Build,
  column: RawColumn,
  sample: ColumnSample,
  commas: Commas,
  { recipe, before }: QueueOptions,
): Promise<Queue> {
  const said = recipe.types?.[column.name];
  const withMarkers = said !== undefined || (sample.hasMarkers && column.hint === 'any');
  const toCandidate = (shape: Shape): Candidate => ({ raw: column.raw, shape, withMarkers });
  const plain = { isUnclear: false, isSaid: false };
  if (said === 'text') return { candidates: [], isUnclear: false, isSaid: true };
  if (said === undefined && isPostal(column, sample)) return { candidates: [], ...plain };
  const old = before.get(column.name);
  const reading = column.hint === 'any' ? readCommas(sample, knownCommas(commas, old)) : null;
  const shapes = reading === 'unclear' ? [] : [...candidateShapes(sample, column.hint, column.title)];
  if (needsFigures(reading, shapes, sample)) shapes.push(...(await wideShapes(build, column.raw, sample, reading)));
  const kept = old === undefined ? [] : shapes.filter((shape) => isForm(shape, old));
  const ordered = [...kept, ...shapes.filter((shape) => !kept.includes(shape))].filter(byOrder(recipe));
  if (said !== undefined) {
    const ofKind = [...ordered, ...shapesOfKind(said), ...saidDecimal(said, sample)].filter(isKind(said));
    const likely = likeliestFirst(ofKind, sample).slice(0, 8);
    // The last one is what the rows are held against, when none is proven.
    const last = said === 'number' ? known.number : likely[0];
    const candidates = [...likely, ...(last === undefined ? [] : [last])].map(toCandidate);
    return { candidates, isUnclear: false, isSaid: true };
  }
  const candidates = ordered.map((shape) => ({ ...toCandidate(shape), isKept: kept.includes(shape) }));
  return { candidates, isUnclear: reading === 'unclear', isSaid: false };
}

/** What the commas of this very column were in the revision before settles them, where the file itself does not. */
function knownCommas(commas: Commas, old: Column | undefined): Commas {
  const form = old?.sourceFormat ?? '';
  if (form === '1234,5' || form === '1.234,5') return { ...commas, areDecimal: !commas.areThousands };
  return form.includes('1,234.50') && commas.delimiter === ';' ? { ...commas, delimiter: null } : commas;
}

function isForm({ type, sourceFormat }: Shape, old: Column): boolean {
  return sourceFormat !== null && sourceFormat === old.sourceFormat && type.kind === old.type.kind;
}

/** The other order of day and month is not tried where the publisher says which it is. */
function byOrder({ dateOrder }: Recipe): (shape: Shape) => boolean {
  const other = { 'month-first': 'dmy', 'day-first': 'mdy' } as const;
  return ({ id }) => dateOrder === undefined || !id.startsWith(other[dateOrder]);
}

function needsFigures(reading: ReturnType<typeof readCommas>, shapes: readonly Shape[], sample: ColumnSample): boolean {
  if (reading === 'money' || reading === 'thousands' || reading === 'decimal') return true;
  return shapes.some(({ id }) => id === 'short-number') && sample.values.some((value) => value.length > 16);
}

/** Shapes that need figures of the whole column first: how many places, how many digits before them. */
async function wideShapes(
  build: Build,
  raw: string,
  sample: ColumnSample,
  reading: ReturnType<typeof readCommas>,
): Promise<Shape[]> {
  if (reading === 'decimal') {
    const hasGroups = sample.values.some((value) => value.includes('.'));
    const scale = commaScale(sample);
    return scale === null
      ? [decimalCommaShape(null, hasGroups)]
      : [decimalCommaShape(scale, hasGroups), decimalCommaShape(null, hasGroups)];
  }
  const figures = await readOne(build, `select ${decimalFigures(raw)} from raw`);
  const [places, whole] = [toNumber(figures['places'] ?? 0), toNumber(figures['whole'] ?? 0)];
  if (places + whole > 38) return [];
  if (reading === 'unclear' || reading === null) return places > 0 ? [exactShape(places)] : [];
  return [groupedShape(places, reading === 'money', places + whole > 18)];
}

function isKind(kind: RecipeKind): (shape: Shape) => boolean {
  return ({ type }) => type.kind === kind;
}

/** Of a column that is said to be decimal: with the most places that its sample has. */
function saidDecimal(kind: RecipeKind, { values }: ColumnSample): Shape[] {
  if (kind !== 'decimal') return [];
  const places = Math.max(0, ...values.map((value) => value.trim().split('.')[1]?.length ?? 0));
  return places > 30 ? [] : [fixedShape(38, places)];
}

function likeliestFirst(shapes: readonly Shape[], { values }: ColumnSample): Shape[] {
  const share = (shape: Shape) => values.filter((value) => shape.pattern.test(value)).length;
  return shapes.toSorted((left, right) => share(right) - share(left));
}

const postalTitle = /(^|[^a-z])(zip|zip ?code|postal|postal ?code|post ?code)([^a-z]|$)/i;

export function isPostal(column: RawColumn, sample: ColumnSample): boolean {
  return (
    sample.values.length > 0 &&
    postalTitle.test(column.title.replaceAll(/[_-]/g, ' ')) &&
    sample.values.every((value) => /^ *\d{4,5}(-?\d{4})? *$/.test(value))
  );
}
