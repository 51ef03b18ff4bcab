// The types of values inside an expression, which of them may stand for which, and their SQL names.
// It must not know functions or queries.

import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { ColumnType } from './column.ts';
import type { Span } from './query.ts';

/** A column's type, or one that only exists inside an expression. */
export type ValueType = ColumnType | { readonly kind: 'interval' } | { readonly kind: 'null' };

export type ValueKind = ValueType['kind'];

/** A checked expression: plain data, every name resolved, every literal in the canonical text of its type. */
export type TypedExpression =
  | { readonly kind: 'value'; readonly type: ValueType; readonly value: string | boolean | null }
  | { readonly kind: 'column'; readonly name: string; readonly type: ValueType; readonly span?: Span }
  | { readonly kind: 'cast'; readonly type: ValueType; readonly argument: TypedExpression }
  | {
      readonly kind: 'call';
      readonly name: string;
      /** Which form of the function its argument types chose: an index into its overloads. */
      readonly overload: number;
      readonly args: readonly TypedExpression[];
      readonly type: ValueType;
      readonly distinct: boolean;
      readonly filter: TypedExpression | null;
      readonly span?: Span;
    };

/** The same text for the same meaning of the expression, wherever the client wrote it: spans are left out. */
export function expressionKey(expression: TypedExpression): string {
  return JSON.stringify(expression, (name, value: unknown) => (name === 'span' ? undefined : value));
}

const names: Readonly<Record<ValueKind, Sentence>> = {
  text: say('query.type.text'),
  integer: say('query.type.integer'),
  number: say('query.type.number'),
  decimal: say('query.type.decimal'),
  boolean: say('query.type.boolean'),
  date: say('query.type.date'),
  time: say('query.type.time'),
  timestamp: say('query.type.timestamp'),
  instant: say('query.type.instant'),
  json: say('query.type.json'),
  geometry: say('query.type.geometry'),
  interval: say('query.type.interval'),
  null: say('query.type.null'),
};

/** The type as a person calls it. */
export function typeName(type: ValueType): Sentence {
  return names[type.kind];
}

export function isNumeric(type: ValueType): boolean {
  return type.kind === 'integer' || type.kind === 'number' || type.kind === 'decimal';
}

export function isTemporal(type: ValueType): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'instant';
}

/** Whether two values of the type can be compared as smaller and larger. */
export function isOrdered(type: ValueType): boolean {
  return type.kind !== 'json' && type.kind !== 'geometry' && type.kind !== 'interval';
}

export function sqlType(type: ValueType): string {
  switch (type.kind) {
    case 'text':
    case 'json':
    case 'null':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'time':
      return 'TIME';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'instant':
      return 'TIMESTAMPTZ';
    case 'geometry':
      return 'GEOMETRY';
    case 'interval':
      return 'INTERVAL';
  }
}

/** The smallest decimal type that holds both exactly, as far as 38 digits go. */
export function widestDecimal(left: ValueType, right: ValueType): ValueType {
  const [a, b] = [toDecimal(left), toDecimal(right)];
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return { kind: 'decimal', precision: Math.min(38, whole + scale), scale };
}

function toDecimal(type: ValueType): { precision: number; scale: number } {
  return type.kind === 'decimal' ? type : { precision: 19, scale: 0 };
}

/**
 * SQL that turns a value into its canonical text: ISO dates, `T` between date and time, `Z` after instants, WKT.
 * The text of a number reads back as the same number.
 */
export function toTextSql(type: ValueType, sql: string): string {
  switch (type.kind) {
    case 'text':
      return sql;
    case 'timestamp':
      return `replace(CAST(${sql} AS VARCHAR), ' ', 'T')`;
    case 'instant':
      return `(replace(CAST(timezone('UTC', ${sql}) AS VARCHAR), ' ', 'T') || 'Z')`;
    case 'geometry':
      return `ST_AsText(${sql})`;
    default:
      return `CAST(${sql} AS VARCHAR)`;
  }
}

/** SQL that turns a value of one type into another of the same meaning; only widenings and UTC are asked of it. */
export function castSql(from: ValueType, to: ValueType, sql: string): string {
  if (from.kind === 'instant' && to.kind === 'timestamp') return `timezone('UTC', ${sql})`;
  if (to.kind === 'instant' && from.kind === 'timestamp') return `timezone('UTC', ${sql})`;
  if (to.kind === 'instant' && from.kind === 'date') return `timezone('UTC', CAST(${sql} AS TIMESTAMP))`;
  return `CAST(${sql} AS ${sqlType(to)})`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
