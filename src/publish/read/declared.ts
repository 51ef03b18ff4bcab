// Holds a new file against the columns of the revision before it: what was added, what is gone, what changed its kind
// or form, and which values are torn. It must not change what the file says.

import { say } from '../../base/say.ts';
import type { Column, ColumnType, Schema } from '../../query/column.ts';
import { keptForms, leastPlacesForm } from '../../query/written-forms.ts';
import { readOne, toNumber, type Build } from './build.ts';
import type { Findings } from './findings.ts';
import type { ColumnSample } from './sample.ts';
import { isMarker, shapes, shapesOfKind, type Shape } from './shapes.ts';
import type { Fault, PlannedColumn } from './planned.ts';
import { firstMisfit, proveShapes, toMisfit, toValue, type Candidate } from './type-proof.ts';
import { kindWords, toFault, type TypedColumn } from './types.ts';

export type Fitted = {
  readonly columns: readonly PlannedColumn[];
  readonly faults: readonly Fault[];
  /** Names of the columns that have another kind or form now, or are gone. */
  readonly changed: readonly string[];
};

export async function fitDeclared(
  build: Build,
  typed: readonly TypedColumn[],
  declared: Schema,
  toRecord: (index: number) => number,
  findings: Findings,
): Promise<Fitted> {
  const before = new Map(
    declared.filter(({ derivedFrom }) => derivedFrom === null).map((column) => [column.name, column]),
  );
  const columns: PlannedColumn[] = [];
  const faults: Fault[] = [];
  const changed: string[] = [];
  for (const one of typed) {
    const old = before.get(one.column.name);
    if (old === undefined) {
      findings.add('unknown-column', 'note', say('publish.column-new', { title: one.column.title }), {
        column: one.column.name,
      });
      columns.push(one);
      continue;
    }
    before.delete(old.name);
    const said = one.isSaid === true ? { ...one, fault: one.fault ?? null } : null;
    const fitted = said ?? (await fitColumn(build, one, old));
    if (fitted.fault !== null) faults.push(fitted.fault);
    if (await sayChanges(build, { one, fitted, old }, toRecord, findings)) changed.push(old.name);
    columns.push(withWords(fitted, old));
  }
  for (const gone of before.values()) {
    if (gone.type.kind === 'geometry') continue;
    changed.push(gone.name);
    findings.add('unknown-column', 'warning', say('publish.column-gone', { title: gone.title }), {
      column: gone.name,
    });
  }
  return { columns, faults, changed };
}

type FittedColumn = PlannedColumn & { readonly fault: Fault | null };

/**
 * The kind that the file itself has, unless the column of the revision before holds all of it: what does not fit makes
 * a column wider, and no row is set aside for it.
 */
async function fitColumn(build: Build, one: TypedColumn, old: Column): Promise<FittedColumn> {
  const { column, sql, raw, sample } = one;
  const kept = (type: ColumnType, value: string, form = column.sourceFormat): FittedColumn => ({
    column: { ...column, type, sourceFormat: form },
    sql: value,
    fault: null,
  });
  const [is, was] = [column.type, old.type];
  if (was.kind === 'text') return is.kind === 'json' ? { ...one, fault: null } : kept(was, raw);
  if (is.kind === was.kind && is.kind !== 'decimal') return { ...one, fault: null };
  if (was.kind === 'decimal' && (is.kind === 'integer' || is.kind === 'decimal')) {
    const scale = Math.max(was.scale, is.kind === 'decimal' ? is.scale : 0);
    const wide =
      was.precision > 18 || scale > was.scale || is.kind === 'integer' || (is.kind === 'decimal' && is.precision > 18);
    const precision = wide ? 38 : 18;
    const own = is.kind === 'integer' ? keptForms.shortNumbers : leastPlacesForm(is.scale);
    const form = column.sourceFormat ?? (is.kind === 'decimal' && is.scale === scale ? null : own);
    return kept({ kind: 'decimal', precision, scale }, `(${sql})::decimal(${precision},${scale})`, form);
  }
  if (was.kind === 'number' && is.kind === 'integer') return await widened(build, one, was);
  if (sample.values.length === 0 && (await isEmpty(build, raw))) return kept(was, `null::${toSqlType(was)}`);
  return is.kind === 'text' ? await withoutTorn(build, one, old) : { ...one, fault: null };
}

/** Nothing given at all fits every type. The column may be of any kind: Parquet's are typed before they come here. */
async function isEmpty(build: Build, raw: string): Promise<boolean> {
  const row = await readOne(build, `select count_if(not ${isMarker(`${raw}::varchar`)}) as given from raw`);
  return toNumber(row['given']) === 0;
}

/** An integer column in place of a number column: only when no integer is too long for a double. */
async function widened(build: Build, one: TypedColumn, was: ColumnType): Promise<FittedColumn> {
  const candidate = { raw: one.raw, shape: shapes.shortNumber, withMarkers: true };
  const [proof] = await proveShapes(build, [candidate]);
  const fits = proof !== undefined && proof.fitting + proof.markers === proof.given;
  if (!fits) return { ...one, fault: null };
  return {
    column: { ...one.column, type: was, sourceFormat: shapes.shortNumber.sourceFormat },
    sql: toValue(candidate),
    fault: null,
  };
}

/** Broken characters, control characters, and what a spreadsheet writes in place of a result: no value of any kind. */
const torn = (c: string): string =>
  `(regexp_matches(${c}, '[\\x00-\\x08\\x0e-\\x1f]') or contains(${c}, chr(65533)) or ` +
  `regexp_full_match(${c}, '#(REF!|VALUE!|DIV/0!|NAME\\?|NUM!|NULL!|SPILL!|CALC!)'))`;

/** The column keeps its kind where all that does not fit is torn: text would only carry the damage on. */
async function withoutTorn(build: Build, one: TypedColumn, old: Column): Promise<FittedColumn> {
  const unfit: FittedColumn = { ...one, fault: null };
  const shape = likeliest(old, one.sample);
  if (shape === null) return unfit;
  const candidate: Candidate = { raw: one.raw, shape, withMarkers: true };
  const [proof] = await proveShapes(build, [candidate]);
  if (proof === undefined || proof.fitting === 0) return unfit;
  const misfit = toMisfit(candidate);
  const counts = `count(*) as misfits, count_if(${torn(one.raw)}) as torn`;
  const row = await readOne(build, `select ${counts} from raw where ${misfit}`);
  const misfits = toNumber(row['misfits']);
  // Without a misfit the file has a reason of its own for text: it is not overruled.
  if (misfits === 0 || toNumber(row['torn']) < misfits) return unfit;
  return {
    column: { ...one.column, type: shape.type, sourceFormat: shape.sourceFormat },
    sql: toValue(candidate),
    fault: toFault(one.column.title, candidate),
  };
}

/** Of the shapes of the declared kind, the one that the old column had, or that most of the sample has. */
function likeliest(old: Column, sample: ColumnSample): Shape | null {
  const share = (shape: Shape) => sample.values.filter((value) => shape.pattern.test(value)).length;
  const ofKind = shapesOfKind(old.type.kind);
  const same = ofKind.find(({ sourceFormat }) => sourceFormat === old.sourceFormat);
  const ranked = ofKind.toSorted((left, right) => share(right) - share(left));
  const best = ranked[0] ?? null;
  return same !== undefined && best !== null && share(same) >= share(best) ? same : best;
}

type Change = { readonly one: TypedColumn; readonly fitted: FittedColumn; readonly old: Column };

/**
 * Every change of a column's kind or form is told, with what made it: whoever reads the dataset has to know. True when
 * there is one.
 */
async function sayChanges(
  build: Build,
  { one, fitted, old }: Change,
  toRecord: (index: number) => number,
  findings: Findings,
): Promise<boolean> {
  const { column } = fitted;
  const where = { column: column.name };
  const words = { title: column.title, before: kindWords[old.type.kind], now: kindWords[column.type.kind] };
  if (column.type.kind === old.type.kind) {
    const [before, now] = [old.sourceFormat, column.sourceFormat];
    const isOther = before !== null && now !== null && before !== now;
    if (isOther)
      findings.add('type-mismatch', 'warning', say('publish.form-changed', { ...words, before, now }), where);
    return isOther;
  }
  const shape = column.type.kind === 'text' ? likeliest(old, one.sample) : null;
  const candidate = shape === null ? null : { raw: one.raw, shape, withMarkers: true };
  const [proof] = candidate === null ? [] : await proveShapes(build, [candidate]);
  const misfits = proof === undefined ? 0 : proof.given - proof.fitting - proof.markers;
  if (candidate === null || misfits === 0) {
    findings.add('type-mismatch', 'warning', say('publish.type-changed', words), where);
    return true;
  }
  const at = await firstMisfit(build, candidate);
  const record = at === null ? null : toRecord(at);
  const sentence = say('publish.type-widened', { ...words, misfits, given: proof?.given ?? 0, row: record ?? 0 });
  findings.add('type-mismatch', 'warning', sentence, { ...where, row: record });
  return true;
}

/** The words that people wrote about the column outlive a revision. */
function withWords({ column, sql }: PlannedColumn, old: Column): PlannedColumn {
  return {
    sql,
    column: { ...column, description: old.description, unit: old.unit, meaning: old.meaning ?? column.meaning },
  };
}

function toSqlType(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
      return 'varchar';
    case 'integer':
      return 'bigint';
    case 'number':
      return 'double';
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'instant':
      return 'timestamptz';
    case 'boolean':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'json':
    case 'geometry':
      return type.kind;
  }
}
