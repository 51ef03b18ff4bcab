// Pass: relations between times (t_…) and boxes become plain comparisons and geometry literals.
// It must not check types; what it makes is checked like anything the client wrote.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Schema } from './column.ts';
import { toBoxWkt } from './geometry-literal.ts';
import type { Expression, Query, Span } from './query.ts';
import { toPosition } from './resolve.ts';

type Call = Extract<Expression, { kind: 'call' }>;
type End = Expression | 'earliest' | 'latest';
type Period = { readonly start: End; readonly end: End };

export function rewriteQuery(query: Query, schema: Schema): Query {
  const rewrite = (expression: Expression): Expression => rewriteExpression(expression, schema);
  return {
    ...query,
    select: query.select.map((item) => ({ ...item, expression: rewrite(item.expression) })),
    where: query.where === null ? null : rewrite(query.where),
    group: query.group.map(rewrite),
    having: query.having === null ? null : rewrite(query.having),
    order: query.order.map((item) => ({ ...item, expression: rewrite(item.expression) })),
  };
}

function rewriteExpression(expression: Expression, schema: Schema): Expression {
  if (expression.kind !== 'call') return expression;
  const args = expression.args.map((arg) => rewriteExpression(arg, schema));
  const filter = expression.filter === undefined ? undefined : rewriteExpression(expression.filter, schema);
  const call: Call = { ...expression, args, filter };
  if (call.name === 'bbox') return toBox(call);
  const relation = relations.get(call.name);
  if (relation === undefined) return call;
  requireArity(call, 2);
  const [a, b] = toPeriods(call, schema);
  return relation(a, b, call.span);
}

function requireArity(call: Call, count: number): void {
  if (call.args.length === count) return;
  throw new PortalError('wrong-arity', {
    detail: say('query.takes-arguments', { name: call.name, counts: count, given: call.args.length }),
    position: toPosition(call.span),
    extra: { function: call.name },
  });
}

function toBox(call: Call): Expression {
  const numbers = call.args.map(toNumber);
  const [west, south, east, north] = numbers.length === 6 ? [0, 1, 3, 4].map((at) => numbers[at]) : numbers;
  if (numbers.length !== 6) requireArity(call, 4);
  const isKnown = numbers.every((number) => number !== null);
  const wkt = isKnown ? toBoxWkt(west ?? NaN, south ?? NaN, east ?? NaN, north ?? NaN) : null;
  if (wkt !== null) return { kind: 'literal', value: wkt, type: 'geometry', span: call.span };
  throw new PortalError('bad-literal', {
    detail: say('query.box'),
    position: toPosition(call.span),
  });
}

function toNumber(expression: Expression): number | null {
  if (expression.kind === 'call' && expression.name === 'neg' && expression.args.length === 1) {
    const value = expression.args[0] === undefined ? null : toNumber(expression.args[0]);
    return value === null ? null : -value;
  }
  return expression.kind === 'literal' && typeof expression.value === 'number' ? expression.value : null;
}

/** A date compares as its whole day as soon as the other side has a time of day (OGC 21-065r2 §7.8.2). */
function toPeriods(call: Call, schema: Schema): [Period, Period] {
  const sides = call.args.map((arg) => (arg.kind === 'call' && arg.name === 'interval' ? [...arg.args] : [arg, arg]));
  const ends = sides.flat();
  const hasTime = ends.some((end) => !isDate(end, schema) && !isOpen(end));
  const periods = sides.map((side): Period => {
    const [start, end] = side;
    if (start === undefined || end === undefined || side.length !== 2) {
      throw new PortalError('wrong-arity', {
        detail: say('query.interval-arguments'),
        position: toPosition(call.span),
        extra: { function: 'interval' },
      });
    }
    return {
      start: isOpen(start) ? 'earliest' : start,
      end: isOpen(end) ? 'latest' : hasTime && isDate(end, schema) ? endOfDay(end) : end,
    };
  });
  return [periods[0] as Period, periods[1] as Period];
}

function isOpen(end: Expression): boolean {
  return end.kind === 'literal' && (end.value === '..' || end.value === '' || end.value === null);
}

function isDate(end: Expression, schema: Schema): boolean {
  if (end.kind === 'column') return schema.find((column) => column.name === end.name)?.type.kind === 'date';
  if (end.kind !== 'literal') return end.name === 'to_date';
  return end.type === 'date' || (end.type === undefined && /^\d{4}-\d{2}-\d{2}$/u.test(String(end.value)));
}

function endOfDay(day: Expression): Expression {
  const typed: Expression = day.kind === 'literal' ? { ...day, type: 'date' } : day;
  const next: Expression = call('add', [typed, { kind: 'literal', value: 'P1D' }], day.span);
  return call('sub', [next, { kind: 'literal', value: 'PT0.000001S' }], day.span);
}

function call(name: string, args: readonly Expression[], span: Span | undefined): Expression {
  return { kind: 'call', name, args, span };
}

type Comparison = 'eq' | 'lt' | 'le' | 'gt' | 'ge';

function compare(name: Comparison, left: End, right: End, span: Span | undefined): Expression {
  const rank = (end: End): number => (end === 'earliest' ? -1 : end === 'latest' ? 1 : 0);
  if (typeof left !== 'string' && typeof right !== 'string') return call(name, [left, right], span);
  const difference = rank(left) - rank(right);
  const holds = {
    eq: difference === 0,
    lt: difference < 0,
    le: difference <= 0,
    gt: difference > 0,
    ge: difference >= 0,
  };
  return { kind: 'literal', value: holds[name], span };
}

type Relation = (a: Period, b: Period, span: Span | undefined) => Expression;

/** Allen's relations as CQL2 names them; every part must hold. */
function all(...parts: readonly [Comparison, (a: Period, b: Period) => readonly [End, End]][]): Relation {
  return (a, b, span) => {
    const checks = parts.map(([name, ends]) => compare(name, ...ends(a, b), span));
    return checks.length === 1 && checks[0] !== undefined ? checks[0] : call('and', checks, span);
  };
}

const starts = (a: Period, b: Period): readonly [End, End] => [a.start, b.start];
const endings = (a: Period, b: Period): readonly [End, End] => [a.end, b.end];
const startToEnd = (a: Period, b: Period): readonly [End, End] => [a.start, b.end];
const endToStart = (a: Period, b: Period): readonly [End, End] => [a.end, b.start];

const intersects = all(['le', startToEnd], ['ge', endToStart]);

const relations: ReadonlyMap<string, Relation> = new Map(
  Object.entries({
    t_after: all(['gt', startToEnd]),
    t_before: all(['lt', endToStart]),
    t_contains: all(['lt', starts], ['gt', endings]),
    t_disjoint: (a, b, span) => call('not', [intersects(a, b, span)], span),
    t_during: all(['gt', starts], ['lt', endings]),
    t_equals: all(['eq', starts], ['eq', endings]),
    t_finishedby: all(['lt', starts], ['eq', endings]),
    t_finishes: all(['gt', starts], ['eq', endings]),
    t_intersects: intersects,
    t_meets: all(['eq', endToStart]),
    t_metby: all(['eq', startToEnd]),
    t_overlappedby: all(['gt', starts], ['lt', startToEnd], ['gt', endings]),
    t_overlaps: all(['lt', starts], ['gt', endToStart], ['lt', endings]),
    t_startedby: all(['eq', starts], ['gt', endings]),
    t_starts: all(['eq', starts], ['lt', endings]),
  } satisfies Record<string, Relation>),
);
