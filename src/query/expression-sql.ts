// Typed expression → SQL text with numbered parameters. Every value is a parameter; every name comes from the schema.
// It must not build clauses.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { valueSql, type Binder } from './binder.ts';
import { functionTable } from './functions.ts';
import { toBoxWkt } from './geometry-literal.ts';
import { castSql, quoteName, type TypedExpression } from './value-type.ts';

export function expressionSql(expression: TypedExpression, binder: Binder): string {
  switch (expression.kind) {
    case 'value':
      return valueSql(expression.type, expression.value, binder);
    case 'column':
      return quoteName(expression.name);
    case 'cast':
      return castSql(expression.argument.type, expression.type, expressionSql(expression.argument, binder));
    case 'call':
      return callSql(expression, binder);
  }
}

type Call = Extract<TypedExpression, { kind: 'call' }>;

function callSql(call: Call, binder: Binder): string {
  const entry = functionTable.get(call.name);
  const types = call.args.map((arg) => arg.type);
  const overload = entry?.overloads[call.overload];
  if (entry === undefined || overload === undefined) throw new Error(`no form ${call.overload} of ${call.name}`);
  const args = call.args.map((arg) => expressionSql(arg, binder));
  const clause = call.filter === null ? '' : ` FILTER (WHERE ${expressionSql(call.filter, binder)})`;
  const given = call.distinct ? args.map((arg, index) => (index === 0 ? `DISTINCT ${arg}` : arg)) : args;
  const exact = requireLength(overload.sql(given, types, clause));
  if (entry.needsBoxes === undefined) return exact;
  const boxes = boxesSql(entry.needsBoxes, call, args, binder);
  return boxes === null ? exact : `(${boxes} AND ${exact})`;
}

/**
 * Many times what a readable condition needs; the longest that a request can bring without nesting is a quarter of it.
 */
const longestSql = 262_144;

/** A function may use an argument several times, so nested ones double with every level: that ends here. */
function requireLength(sql: string): string {
  if (sql.length <= longestSql) return sql;
  throw new PortalError('query-too-large', say('query.nested-too-deeply'));
}

/** The cheap test before the exact one, when one side is known beforehand: do the boxes meet? */
function boxesSql(kind: 'meet' | 'circle' | 'box', call: Call, args: readonly string[], binder: Binder): string | null {
  const [a, b] = args;
  if (a === undefined || b === undefined) return null;
  if (kind === 'meet') return call.args.some((arg) => arg.kind === 'value') ? `${a} && ${b}` : null;
  const numbers = call.args.slice(1).map(toNumber);
  const wkt = numbers.some((number) => number === null)
    ? null
    : kind === 'circle'
      ? circleBox(numbers)
      : corners(numbers);
  return wkt === null ? null : `${a} && ${valueSql({ kind: 'geometry', shape: 'Geometry' }, wkt, binder)}`;
}

function toNumber(expression: TypedExpression): number | null {
  if (expression.kind === 'cast') return toNumber(expression.argument);
  if (expression.kind === 'call' && expression.name === 'neg' && expression.args[0] !== undefined) {
    const value = toNumber(expression.args[0]);
    return value === null ? null : -value;
  }
  return expression.kind === 'value' && typeof expression.value === 'string' ? Number(expression.value) : null;
}

function corners([north = null, west = null, south = null, east = null]: readonly (number | null)[]): string | null {
  return toBoxWkt(west ?? NaN, south ?? NaN, east ?? NaN, north ?? NaN);
}

/** Shortest lengths of a degree on the ellipsoid, so that the box is never too small. */
const metresPerLatitude = 110_500;
const metresPerLongitude = 111_000;

/** null near the poles and across the 180th meridian, where a box of degrees is no bound. */
function circleBox([lat = null, lon = null, metres = null]: readonly (number | null)[]): string | null {
  if (lat === null || lon === null || metres === null || !(metres >= 0)) return null;
  const up = metres / metresPerLatitude + 1e-9;
  const edge = Math.abs(lat) + up;
  if (edge >= 89) return null;
  const side = metres / (metresPerLongitude * Math.cos((edge * Math.PI) / 180)) + 1e-9;
  if (lon - side < -180 || lon + side > 180) return null;
  return toBoxWkt(lon - side, lat - up, lon + side, lat + up);
}
