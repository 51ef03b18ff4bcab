// Holds a new file against the columns of the revision before it: what was added, what is gone, what changed its type,
// and which values do not fit a type that nearly all of the column keeps. It must not change what the file says.

import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Column, ColumnType, Schema } from '../../query/column.ts';
import type { Build } from './build.ts';
import type { Findings } from './findings.ts';
import type { ColumnSample } from './sample.ts';
import { isMarker, shapes, shapesOfKind, type Shape } from './shapes.ts';
import type { Fault, PlannedColumn } from './planned.ts';
import { proveShapes, toValue, type Candidate } from './type-proof.ts';
import type { TypedColumn } from './types.ts';

export type Fitted = { readonly columns: readonly PlannedColumn[]; readonly faults: readonly Fault[] };

/** A declared type is kept, and the misfits quarantined, while at least this share of the values fits it. */
const keptShare = 0.9;

export async function fitDeclared(
  build: Build,
  typed: readonly TypedColumn[],
  declared: Schema,
  findings: Findings,
): Promise<Fitted> {
  const before = new Map(
    declared.filter(({ derivedFrom }) => derivedFrom === null).map((column) => [column.name, column]),
  );
  const columns: PlannedColumn[] = [];
  const faults: Fault[] = [];
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
    const fitted = await fitColumn(build, one, old);
    if (fitted.fault !== null) faults.push(fitted.fault);
    if (fitted.kept) columns.push(withWords(fitted, old));
    else {
      sayChanged(one.column, old, findings);
      columns.push(withWords(one, old));
    }
  }
  for (const gone of before.values()) {
    if (gone.type.kind === 'geometry') continue;
    findings.add('unknown-column', 'warning', say('publish.column-gone', { title: gone.title }), {
      column: gone.name,
    });
  }
  return { columns, faults };
}

type FittedColumn = PlannedColumn & { readonly kept: boolean; readonly fault: Fault | null };

async function fitColumn(build: Build, one: TypedColumn, old: Column): Promise<FittedColumn> {
  const { column, sql, raw, sample } = one;
  const kept = (type: ColumnType, value: string): FittedColumn => ({
    column: { ...column, type },
    sql: value,
    kept: true,
    fault: null,
  });
  const [is, was] = [column.type, old.type];
  if (was.kind === 'text') return is.kind === 'json' ? { ...one, kept: false, fault: null } : kept(was, raw);
  if (is.kind === was.kind && is.kind !== 'decimal') return { ...one, kept: true, fault: null };
  if (was.kind === 'decimal' && (is.kind === 'integer' || is.kind === 'decimal')) {
    const scale = Math.max(was.scale, is.kind === 'decimal' ? is.scale : 0);
    const wide =
      was.precision > 18 || scale > was.scale || is.kind === 'integer' || (is.kind === 'decimal' && is.precision > 18);
    const precision = wide ? 38 : 18;
    return kept({ kind: 'decimal', precision, scale }, `(${sql})::decimal(${precision},${scale})`);
  }
  if (was.kind === 'number' && is.kind === 'integer') return await widened(build, one, was);
  // Nothing given at all fits every type.
  if (sample.values.length === 0) return kept(was, `null::${toSqlType(was)}`);
  return await mostly(build, one, old);
}

/** An integer column in place of a number column: only when no integer is too long for a double. */
async function widened(build: Build, one: TypedColumn, was: ColumnType): Promise<FittedColumn> {
  const candidate = { raw: one.raw, shape: shapes.number, withMarkers: true };
  const [proof] = await proveShapes(build, [candidate]);
  const fits = proof !== undefined && proof.fitting + proof.markers === proof.given;
  return {
    column: { ...one.column, type: fits ? was : one.column.type },
    sql: fits ? toValue(candidate) : one.sql,
    kept: fits,
    fault: null,
  };
}

/** Most values still fit the declared type: the others are faults of their rows. */
async function mostly(build: Build, one: TypedColumn, old: Column): Promise<FittedColumn> {
  const unfit: FittedColumn = { ...one, kept: false, fault: null };
  const shape = likeliest(old, one.sample);
  if (shape === null) return unfit;
  const candidate: Candidate = { raw: one.raw, shape, withMarkers: true };
  const [proof] = await proveShapes(build, [candidate]);
  if (proof === undefined || proof.given === 0 || proof.fitting === 0) return unfit;
  if ((proof.fitting + proof.markers) / proof.given < keptShare) return unfit;
  const c = one.raw;
  return {
    column: { ...one.column, type: shape.type, sourceFormat: shape.sourceFormat },
    sql: toValue(candidate),
    kept: true,
    fault: {
      predicate: `${c} is not null and not ${isMarker(c)} and not coalesce(${shape.proof(c)}, false)`,
      code: 'value-invalid',
      reason: (value) =>
        say('publish.value-of-other-type', { title: one.column.title, value, type: kindWords[old.type.kind] }),
      value: c,
    },
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

const kindWords: Readonly<Record<ColumnType['kind'], Sentence>> = {
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

function sayChanged(now: Column, old: Column, findings: Findings): void {
  findings.add(
    'type-mismatch',
    'warning',
    say('publish.type-changed', { title: now.title, before: kindWords[old.type.kind], now: kindWords[now.type.kind] }),
    { column: now.name },
  );
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
