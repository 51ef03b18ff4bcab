// Pass: names. Every column gets the dataset's own spelling, every alias is replaced by what it stands for.
// It must not know types.

import { PortalError, type Position } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { rowIdColumn, type Schema } from './column.ts';
import type { Expression, Query, SelectItem, Span } from './query.ts';
import { functionTable } from './functions.ts';
import { requireExpressionSize } from './size.ts';
import { nearestName } from './spelling.ts';

type Lookup = (name: string) => Expression | null;

/**
 * Outside `select` an alias is taken before a column of the same name, as SoQL does (an alias of an aggregate only
 * where aggregates may stand); inside `select` it is the other way round. Throws unknown-column.
 */
export function resolveNames(query: Query, schema: Schema): Query {
  const columns = readColumns(schema);
  const select = resolveItems(query.select, columns);
  const aliases = new Map(
    select.flatMap((item) => (item.as === null ? [] : ([[item.as.toLowerCase(), item.expression]] as const))),
  );
  const known = [...schema.map((column) => column.name), ...aliases.keys()];
  const resolve = (expression: Expression, acceptsAggregates: boolean): Expression =>
    replaceNames(expression, known, (name) => {
      const alias = aliases.get(name.toLowerCase());
      const column = columns(name);
      if (alias === undefined || (!acceptsAggregates && column !== null && hasAggregate(alias))) return column;
      return alias;
    });
  return {
    ...query,
    select,
    where: query.where === null ? null : resolve(query.where, false),
    group: query.group.map((expression) => resolve(expression, false)),
    having: query.having === null ? null : resolve(query.having, true),
    order: query.order.map((item) => ({ ...item, expression: resolve(item.expression, true) })),
  };
}

function readColumns(schema: Schema): Lookup {
  const exact = new Map([...schema.map((column) => column.name), rowIdColumn].map((name) => [name, name]));
  const folded = new Map([...exact.keys()].map((name) => [name.toLowerCase(), name]));
  return (name) => {
    const found = exact.get(name) ?? folded.get(name.toLowerCase());
    return found === undefined ? null : { kind: 'column', name: found };
  };
}

/** Every alias is written out once and shared, and none may outgrow the limit: aliases of aliases could double. */
function resolveItems(items: readonly SelectItem[], columns: Lookup): readonly SelectItem[] {
  const known = items.flatMap((other) => (other.as === null ? [] : [other.as]));
  const resolved = new Map<number, Expression>();
  const resolve = (at: number, open: readonly number[]): Expression => {
    const done = resolved.get(at);
    const item = items[at];
    if (done !== undefined || item === undefined) return done ?? { kind: 'literal', value: null };
    const expression = replaceNames(item.expression, known, (name) => {
      const column = columns(name);
      if (column !== null) return column;
      const next = items.findIndex((other) => other.as?.toLowerCase() === name.toLowerCase());
      if (next < 0) return null;
      if (!open.includes(next)) return resolve(next, [...open, next]);
      throw new PortalError('unknown-column', {
        detail: say('query.alias-circular', { name }),
        extra: { column: name },
      });
    });
    requireExpressionSize(expression);
    resolved.set(at, expression);
    return expression;
  };
  return items.map((item, at) => ({ ...item, expression: resolve(at, [at]) }));
}

function replaceNames(expression: Expression, known: readonly string[], lookup: Lookup): Expression {
  if (expression.kind === 'literal') return expression;
  if (expression.kind === 'column') {
    const found = lookup(expression.name);
    if (found === null) throw unknownColumn(expression.name, known, expression.span);
    return found.kind === 'column' ? { ...found, span: expression.span } : found;
  }
  return {
    ...expression,
    args: expression.args.map((arg) => replaceNames(arg, known, lookup)),
    filter: expression.filter === undefined ? undefined : replaceNames(expression.filter, known, lookup),
  };
}

function hasAggregate(expression: Expression): boolean {
  if (expression.kind !== 'call') return false;
  return functionTable.get(expression.name)?.kind === 'aggregate' || expression.args.some(hasAggregate);
}

/** The error for a name that is no column, with the nearest one that is. */
export function unknownColumn(name: string, known: readonly string[], span: Span | undefined): PortalError {
  const suggestion = nearestName(name, known);
  const shown = name.slice(0, 100);
  return new PortalError('unknown-column', {
    detail:
      suggestion === null
        ? say('query.no-column', { name: shown })
        : say('query.no-column-but', { name: shown, suggestion }),
    position: toPosition(span),
    extra: { column: shown, suggestion },
  });
}

export function toPosition(span: Span | undefined): Position | undefined {
  return span === undefined ? undefined : { parameter: span.parameter, start: span.start, end: span.end };
}
