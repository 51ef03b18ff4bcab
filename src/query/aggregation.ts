// Pass: where aggregates may stand, and that whatever is not aggregated is grouped. It must not check types.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { rowIdColumn } from './column.ts';
import { functionTable } from './functions.ts';
import type { Plan } from './plan.ts';
import type { Query } from './query.ts';
import { toPosition } from './resolve.ts';
import { expressionKey, type TypedExpression } from './value-type.ts';

/** Decides the plan's kind. Throws not-grouped, aggregate-not-allowed. */
export function readAggregation(plan: Plan, query: Query): Plan {
  if (plan.where !== null) forbidAggregates(plan.where, say('query.place.where'));
  for (const expression of plan.group) forbidAggregates(expression, say('query.place.group'));
  for (const { expression } of plan.outputs) forbidNesting(expression);
  if (plan.having !== null) forbidNesting(plan.having);
  const isGrouped =
    plan.group.length > 0 ||
    plan.having !== null ||
    plan.outputs.some(({ expression }) => findAggregate(expression) !== null);
  if (!isGrouped) return { ...plan, kind: query.distinct ? 'distinct' : 'rows' };
  const grouped = withoutRowId(plan, query);
  for (const { expression } of grouped.outputs) requireGrouped(expression, grouped.group);
  if (plan.having !== null) requireGrouped(plan.having, grouped.group);
  return grouped;
}

/** A group has no row number, even when the dialect asks for one by habit. */
function withoutRowId(plan: Plan, query: Query): Plan {
  const outputs = query.withRowId ? plan.outputs.filter(({ name }) => name !== rowIdColumn) : plan.outputs;
  return { ...plan, kind: 'groups', outputs };
}

export function findAggregate(expression: TypedExpression): TypedExpression | null {
  if (expression.kind === 'cast') return findAggregate(expression.argument);
  if (expression.kind !== 'call') return null;
  if (functionTable.get(expression.name)?.kind === 'aggregate') return expression;
  for (const arg of expression.args) {
    const found = findAggregate(arg);
    if (found !== null) return found;
  }
  return null;
}

function forbidAggregates(expression: TypedExpression, place: Sentence): void {
  const found = findAggregate(expression);
  if (found === null) return;
  throw notAllowed(found, say('query.no-aggregate-here', { place }));
}

function forbidNesting(expression: TypedExpression): void {
  if (expression.kind === 'cast') forbidNesting(expression.argument);
  if (expression.kind !== 'call') return;
  const isAggregate = functionTable.get(expression.name)?.kind === 'aggregate';
  const inside = [...expression.args, ...(expression.filter === null ? [] : [expression.filter])];
  for (const arg of inside) {
    const nested = isAggregate ? findAggregate(arg) : null;
    if (nested !== null) throw notAllowed(nested, say('query.aggregate-inside'));
    forbidNesting(arg);
  }
}

function notAllowed(found: TypedExpression, detail: Sentence): PortalError {
  return new PortalError('aggregate-not-allowed', {
    detail,
    position: found.kind === 'call' ? toPosition(found.span) : undefined,
    extra: { function: found.kind === 'call' ? found.name : '' },
  });
}

/** Throws not-grouped for a column outside aggregates and groups. */
export function requireGrouped(expression: TypedExpression, group: readonly TypedExpression[]): void {
  const keys = new Set(group.map(expressionKey));
  const visit = (part: TypedExpression): void => {
    if (keys.has(expressionKey(part)) || part.kind === 'value') return;
    if (part.kind === 'cast') return visit(part.argument);
    if (part.kind === 'call') {
      if (functionTable.get(part.name)?.kind === 'aggregate') return;
      return part.args.forEach(visit);
    }
    throw new PortalError('not-grouped', {
      detail: say('query.not-grouped', { name: part.name }),
      position: toPosition(part.span),
      extra: { column: part.name },
    });
  };
  visit(expression);
}
