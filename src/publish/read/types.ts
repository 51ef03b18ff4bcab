// Decides the type of every column from all of its values: the sample proposes, a pass over every row proves, or it
// stays text. It must not give a type that would lose anything any value says.

import { say } from '../../base/say.ts';
import { toBareColumn } from '../../query/column.ts';
import type { Column } from '../../query/column.ts';
import { readOne, toNumber, type Build } from './build.ts';
import type { Findings } from './findings.ts';
import {
  candidateShapes,
  decimalFigures,
  looksGrouped,
  mainShape,
  sampleColumns,
  type ColumnSample,
} from './sample.ts';
import { exactShape, groupedShape, isMarker, type Shape } from './shapes.ts';
import type { ColumnHint } from './table-source.ts';
import { firstMisfit, isProven, proveShapes, toValue, type Candidate, type Proof } from './type-proof.ts';

export type RawColumn = {
  /** The column's name in the table `raw`. */
  readonly raw: string;
  readonly name: string;
  readonly title: string;
  readonly hint: ColumnHint;
};

export type TypedColumn = {
  readonly raw: string;
  readonly column: Column;
  /** SQL of the typed value, over `raw`. */
  readonly sql: string;
  readonly sample: ColumnSample;
};

export type TypeOptions = {
  readonly rows: number;
  /** Decides m/d/Y against d/m/Y where every value of a column can be read both ways. */
  readonly locale: string;
  /** Record number in the file of a loaded row. */
  readonly toRecord: (index: number) => number;
};

type Open = { readonly column: RawColumn; readonly sample: ColumnSample; readonly queue: Candidate[] };

/** In the order of `columns`. */
export async function decideTypes(
  build: Build,
  columns: readonly RawColumn[],
  options: TypeOptions,
  findings: Findings,
): Promise<readonly TypedColumn[]> {
  const samples = await sampleColumns(
    build,
    columns.map(({ raw }) => raw),
    options.rows,
  );
  const open: Open[] = [];
  for (const [index, column] of columns.entries()) {
    const sample = samples[index] as ColumnSample;
    open.push({ column, sample, queue: await toQueue(build, column, sample) });
  }
  const decided = new Map<string, TypedColumn>();
  let waiting = open.filter(({ queue }) => queue.length > 0);
  while (waiting.length > 0) {
    const proofs = await proveShapes(
      build,
      waiting.map(({ queue }) => queue[0] as Candidate),
    );
    for (const [index, { column, sample, queue }] of waiting.entries()) {
      const candidate = queue.shift() as Candidate;
      const proof = proofs[index] as Proof;
      const verdict = await judge(build, column, { candidate, proof }, options, findings);
      if (verdict === 'text') {
        queue.length = 0;
      } else if (verdict === 'accepted') {
        decided.set(column.raw, toTyped(column, sample, candidate.shape, toValue(candidate)));
        queue.length = 0;
      } else if (!candidate.withMarkers && column.hint === 'any') {
        queue.unshift({ ...candidate, withMarkers: true });
      }
    }
    waiting = waiting.filter(({ queue }) => queue.length > 0);
  }
  for (const { column, sample } of open) {
    if (decided.has(column.raw)) continue;
    if (column.hint === 'any') await sayMixed(build, column, sample, options, findings);
    decided.set(column.raw, toTyped(column, sample, null, toTextValue(column)));
  }
  return columns.map(({ raw }) => decided.get(raw) as TypedColumn);
}

const postalTitle = /(^|[^a-z])(zip|zip ?code|postal|postal ?code|post ?code)([^a-z]|$)/i;

/** Candidates for one column, most particular first. */
async function toQueue(build: Build, column: RawColumn, sample: ColumnSample): Promise<Candidate[]> {
  if (isPostal(column, sample)) return [];
  const shapes = [...candidateShapes(sample, column.hint, column.title)];
  const grouping = column.hint === 'any' ? looksGrouped(sample) : null;
  const last = shapes.at(-1);
  if (grouping !== null || (last?.id === 'number' && sample.values.some((value) => value.length > 16))) {
    const figures = await readOne(build, `select ${decimalFigures(column.raw)} from raw`);
    const places = toNumber(figures['places'] ?? 0);
    const whole = toNumber(figures['whole'] ?? 0);
    if (grouping !== null && places + whole <= 38)
      shapes.push(groupedShape(places, grouping === 'money', places + whole > 18));
    else if (grouping === null && places > 0 && places + whole <= 38) shapes.push(exactShape(places));
  }
  const withMarkers = sample.hasMarkers && column.hint === 'any';
  return shapes.map((shape) => ({ raw: column.raw, shape, withMarkers }));
}

function isPostal(column: RawColumn, sample: ColumnSample): boolean {
  return (
    sample.values.length > 0 &&
    postalTitle.test(column.title.replaceAll(/[_-]/g, ' ')) &&
    sample.values.every((value) => /^ *\d{4,5}(-?\d{4})? *$/.test(value))
  );
}

/** A candidate, and what the pass over every row says of it. */
type Trial = { readonly candidate: Candidate; readonly proof: Proof };

async function judge(
  build: Build,
  { name, title, raw }: RawColumn,
  { candidate: { shape, withMarkers }, proof }: Trial,
  options: TypeOptions,
  findings: Findings,
): Promise<'accepted' | 'refuted' | 'text'> {
  if (!isProven(proof) || proof.fitting === 0) return 'refuted';
  if (shape.type.kind === 'boolean' && shape.id !== 'boolean-true' && !(await hasBothWords(build, raw)))
    return 'refuted';
  if (shape.rival !== null && proof.rival === proof.fitting) {
    const monthFirst = options.locale === 'en-US';
    findings.add(
      'value-invalid',
      'note',
      say(monthFirst ? 'publish.dates-month-first' : 'publish.dates-left-text', { title }),
      { column: name },
    );
    if (!monthFirst) return 'text';
  }
  if (withMarkers && proof.markers > 0) await sayMarkers(build, name, title || name, raw, findings);
  if (proof.spaced > 0) {
    const sentence = say('publish.blanks-around-numbers', { values: proof.spaced, title });
    findings.add('value-invalid', 'note', sentence, { column: name });
  }
  return 'accepted';
}

/** `Y` alone may be a mark of another kind; two words that answer each other are a boolean. */
async function hasBothWords(build: Build, raw: string): Promise<boolean> {
  const row = await readOne(build, `select count(distinct lower(${raw})) as words from raw where not ${isMarker(raw)}`);
  return toNumber(row['words']) === 2;
}

async function sayMarkers(build: Build, name: string, title: string, raw: string, findings: Findings): Promise<void> {
  const rows = await build.run(
    `select trim(${raw}) as marker, count(*) as count from raw where ${raw} is not null and ${isMarker(raw)} group by 1 order by 2 desc, 1`,
  );
  for (const { marker, count } of rows) {
    const values = toNumber(count);
    const sentence =
      marker === ''
        ? say('publish.blanks-for-nothing', { values, title })
        : say('publish.marker-for-nothing', { values, title, marker: String(marker) });
    findings.add('value-invalid', 'note', sentence, { column: name });
  }
}

/** A column that is nearly of a type: how many values are not, and where the first one is. */
async function sayMixed(
  build: Build,
  column: RawColumn,
  sample: ColumnSample,
  options: TypeOptions,
  findings: Findings,
): Promise<void> {
  const shape = mainShape(sample);
  if (shape === null || isPostal(column, sample)) return;
  // Digits with leading zeros are identifiers, not numbers gone wrong.
  if (sample.values.every((value) => /^\d+$/.test(value)) && sample.values.some((value) => /^0\d/.test(value))) return;
  const candidate = { raw: column.raw, shape, withMarkers: true };
  const [proof] = await proveShapes(build, [candidate]);
  if (proof === undefined || proof.fitting < proof.given / 2 || isProven(proof)) return;
  const misfits = proof.given - proof.fitting - proof.markers;
  const at = await firstMisfit(build, candidate);
  const key = shape.type.kind === 'number' ? 'publish.mixed-plain-numbers' : 'publish.mixed-dates';
  findings.add('type-mismatch', 'warning', say(key, { title: column.title, misfits, given: proof.given }), {
    column: column.name,
    row: at === null ? null : options.toRecord(at),
  });
}

/** Text keeps every blank; JSON text is checked by the reader that made it. */
function toTextValue({ raw, hint }: RawColumn): string {
  return hint === 'json' ? `${raw}::json` : raw;
}

function toTyped(column: RawColumn, sample: ColumnSample, shape: Shape | null, sql: string): TypedColumn {
  const type = shape?.type ?? (column.hint === 'json' ? { kind: 'json' as const } : { kind: 'text' as const });
  return {
    raw: column.raw,
    sql,
    sample,
    column: {
      ...toBareColumn(column.name, column.title === '' ? column.name : column.title, type),
      meaning: shape?.meaning ?? toMeaning(column, sample, type.kind),
      sourceFormat: shape?.sourceFormat ?? null,
    },
  };
}

const identifierTitle = /(^|[^a-z])(id|fid|gid|oid|objectid|object id|guid|uuid|pin|parcel|key|no|number)$/i;
const moneyTitle = /(^|[^a-z])(price|cost|amount|valuation|salary|fee|budget|expenditure|revenue|payment)([^a-z]|$)/i;

/** What the values are beyond their type, from the sample: a hint for people and pages, never a promise. */
function toMeaning(column: RawColumn, sample: ColumnSample, kind: string): Column['meaning'] {
  const { values } = sample;
  if (values.length === 0) return null;
  const every = (pattern: RegExp) => values.every((value) => pattern.test(value));
  const title = column.title.replaceAll(/[_-]/g, ' ');
  if (kind === 'text') {
    if (isPostal(column, sample)) return 'postal-code';
    if (every(/^https?:\/\/\S+$/i)) return 'url';
    if (every(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)) return 'email';
    if (every(/^[A-Za-z0-9_-]*\d[A-Za-z0-9_-]*$/) && identifierTitle.test(title)) return 'identifier';
    if (every(/^\d+$/) && values.some((value) => /^0\d/.test(value))) return 'identifier';
    return null;
  }
  if (kind === 'integer')
    return identifierTitle.test(title) && /(id|fid|oid|objectid|pin)$/i.test(title) ? 'identifier' : null;
  return kind === 'decimal' && moneyTitle.test(title) ? 'money' : null;
}
