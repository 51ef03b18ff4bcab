// Decides the type of every column from all of its values: the sample proposes, a pass over every row proves, or it
// stays text. It must not give a type that would lose anything any value says.

import { say } from '../../base/say.ts';
import { toBareColumn } from '../../query/column.ts';
import type { Sentence } from '../../base/say.ts';
import type { Column, ColumnType } from '../../query/column.ts';
import { readOne, toNumber, type Build } from './build.ts';
import type { Findings } from './findings.ts';
import type { Fault } from './planned.ts';
import { isPostal, toCommas, toQueue, type QueueOptions, type RawColumn } from './queue.ts';
import type { Recipe } from '../../catalogue/recipe.ts';
import { mainShape, sampleColumns, type ColumnSample } from './sample.ts';
import { isMarker, shapes, type Shape } from './shapes.ts';
import { firstMisfit, firstRewritten, isProven, proveShapes, toMisfit, toValue } from './type-proof.ts';
import type { Candidate, Proof } from './type-proof.ts';

export type TypedColumn = {
  readonly raw: string;
  readonly column: Column;
  /** SQL of the typed value, over `raw`. */
  readonly sql: string;
  readonly sample: ColumnSample;
  /** The publisher says what the column holds: the revision before has no say. */
  readonly isSaid?: boolean;
  /** Of a column whose kind the publisher says: rows whose values are of another. */
  readonly fault?: Fault;
};

export type TypeOptions = {
  readonly rows: number;
  readonly recipe: Recipe;
  /** What separates the fields of the file; null where nothing does. */
  readonly delimiter: string | null;
  /** Columns of the revision before: what they settled, such as the order of day and month, is not asked again. */
  readonly declared: readonly Column[];
  /** Decides m/d/Y against d/m/Y where every value of a column can be read both ways. */
  readonly locale: string;
  /** Record number in the file of a loaded row. */
  readonly toRecord: (index: number) => number;
};

type Open = {
  readonly column: RawColumn;
  readonly sample: ColumnSample;
  readonly queue: Candidate[];
  readonly isUnclear: boolean;
  readonly isSaid: boolean;
};

/** In the order of `columns`. */
export async function decideTypes(
  build: Build,
  columns: readonly RawColumn[],
  options: TypeOptions,
  findings: Findings,
): Promise<readonly TypedColumn[]> {
  const open = await openQueues(build, columns, options);
  const decided = new Map<string, TypedColumn>();
  let waiting = open.filter(({ queue }) => queue.length > 0);
  while (waiting.length > 0) {
    const proofs = await proveShapes(
      build,
      waiting.map(({ queue }) => queue[0] as Candidate),
    );
    for (const [index, { column, sample, queue, isSaid }] of waiting.entries()) {
      const candidate = queue.shift() as Candidate;
      const proof = proofs[index] as Proof;
      const isForced = isSaid && queue.length === 0;
      const verdict = await judge(build, column, { candidate, proof, isForced }, options, findings);
      if (verdict === 'text') {
        queue.length = 0;
      } else if (verdict === 'accepted') {
        const typed = { ...toTyped(column, sample, candidate.shape, toValue(candidate)), isSaid };
        decided.set(column.raw, isProven(proof) ? typed : { ...typed, fault: toFault(column.title, candidate) });
        queue.length = 0;
      } else if (!candidate.withMarkers && column.hint === 'any') {
        queue.unshift({ ...candidate, withMarkers: true });
      }
    }
    waiting = waiting.filter(({ queue }) => queue.length > 0);
  }
  for (const { column, sample, isUnclear, isSaid } of open) {
    if (decided.has(column.raw)) continue;
    if (isUnclear) sayUnclear(column, sample, findings);
    else if (column.hint === 'any' && !isSaid) await sayMixed(build, column, sample, options, findings);
    decided.set(column.raw, { ...toTyped(column, sample, null, toTextValue(column)), isSaid });
  }
  return columns.map(({ raw }) => decided.get(raw) as TypedColumn);
}

async function openQueues(build: Build, columns: readonly RawColumn[], options: TypeOptions): Promise<Open[]> {
  const samples = await sampleColumns(
    build,
    columns.map(({ raw }) => raw),
    options.rows,
  );
  const { recipe, delimiter, declared } = options;
  const known: QueueOptions = { recipe, delimiter, before: new Map(declared.map((column) => [column.name, column])) };
  const commas = toCommas(samples, known);
  const open: Open[] = [];
  for (const [index, column] of columns.entries()) {
    const sample = samples[index] as ColumnSample;
    const { candidates, isUnclear, isSaid } = await toQueue(build, column, sample, commas, known);
    open.push({ column, sample, queue: candidates, isUnclear, isSaid });
  }
  return open;
}

/** The rows whose value is no value of the column's kind. */
export function toFault(title: string, candidate: Candidate): Fault {
  const type = kindWords[candidate.shape.type.kind];
  return {
    predicate: toMisfit(candidate),
    code: 'value-invalid',
    reason: (value) => say('publish.value-of-other-type', { title, value, type }),
    value: candidate.raw,
  };
}

export const kindWords: Readonly<Record<ColumnType['kind'], Sentence>> = {
  text: say('publish.type.text'),
  integer: say('publish.type.integer'),
  number: say('publish.type.number'),
  decimal: say('publish.type.decimal'),
  boolean: say('publish.type.boolean'),
  date: say('publish.type.date'),
  time: say('publish.type.time'),
  timestamp: say('publish.type.timestamp'),
  instant: say('publish.type.instant'),
  json: say('publish.type.json'),
  geometry: say('publish.type.geometry'),
};

/** A candidate, and what the pass over every row says of it. */
type Trial = {
  readonly candidate: Candidate;
  readonly proof: Proof;
  /** Accepted whatever the proof says, for the publisher has said so. */
  readonly isForced: boolean;
};

async function judge(
  build: Build,
  { name, title, raw }: RawColumn,
  { candidate, proof, isForced }: Trial,
  options: TypeOptions,
  findings: Findings,
): Promise<'accepted' | 'refuted' | 'text'> {
  const { shape, withMarkers } = candidate;
  if (!isForced && (!isProven(proof) || proof.fitting === 0)) return 'refuted';
  const isBare = shape.type.kind === 'boolean' && shape.id !== 'boolean-true';
  if (isBare && !isForced && !(await hasBothWords(build, raw))) return 'refuted';
  const shown = title || name;
  const isSettled = isForced || candidate.isKept === true || options.recipe.dateOrder !== undefined;
  if (shape.rival !== null && proof.rival === proof.fitting && !isSettled) {
    const monthFirst = options.locale === 'en-US';
    const key = monthFirst ? 'publish.dates-month-first' : 'publish.dates-left-text';
    findings.add('value-invalid', 'note', say(key, { title: shown }), { column: name });
    if (!monthFirst) return 'text';
  }
  if (withMarkers && proof.markers > 0) await sayMarkers(build, name, shown, raw, findings);
  if (proof.spaced > 0) {
    const sentence = say('publish.blanks-around-numbers', { values: proof.spaced, title: shown });
    findings.add('value-invalid', 'note', sentence, { column: name });
  }
  if (proof.rewritten > 0) {
    const [written, printed] = await firstRewritten(build, candidate);
    const sentence = say('publish.values-rewritten', { values: proof.rewritten, title: shown, written, printed });
    findings.add('value-invalid', 'note', sentence, { column: name });
  }
  if (/^(grouped|comma)-/.test(shape.id) && shape.meaning !== 'money') {
    const key = shape.id.startsWith('comma') ? 'publish.commas-decimal' : 'publish.commas-thousands';
    findings.add('value-invalid', 'note', say(key, { title: shown }), { column: name });
  }
  return 'accepted';
}

/** Commas between three digits at the end: a thousand times as much, or not. */
function sayUnclear({ name, title }: RawColumn, { values }: ColumnSample, findings: Findings): void {
  const value = values.find((each) => /[,.]/.test(each)) ?? values[0] ?? '';
  const sentence = say('publish.commas-unclear', { title: title || name, value });
  findings.add('type-mismatch', 'warning', sentence, { column: name });
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
  if (proof === undefined || proof.fitting < proof.given / 2) return;
  if (isProven(proof)) {
    if (shape.type.kind === 'number') await sayKeptText(build, column, findings);
    return;
  }
  const misfits = proof.given - proof.fitting - proof.markers;
  const at = await firstMisfit(build, candidate);
  const key = shape.type.kind === 'number' ? 'publish.mixed-plain-numbers' : 'publish.mixed-dates';
  findings.add(
    'type-mismatch',
    'warning',
    say(key, { title: column.title || column.name, misfits, given: proof.given }),
    {
      column: column.name,
      row: at === null ? null : options.toRecord(at),
    },
  );
}

/** Numbers of whose writing a number would lose something: `1.10` among `1.5`, `12E4`. */
async function sayKeptText(build: Build, { raw, name, title }: RawColumn, findings: Findings): Promise<void> {
  const misfit = toMisfit({ raw, shape: shapes.shortNumber, withMarkers: true });
  const found = await readOne(build, `select count(*) as values, first(${raw}) as written from raw where ${misfit}`);
  const values = { title: title || name, values: toNumber(found['values']), written: String(found['written']) };
  findings.add('type-mismatch', 'warning', say('publish.numbers-kept-text', values), { column: name });
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
