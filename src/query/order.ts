// Pass: the total order of the answer, so that no two rows can change places between two pages.
// It must not know cursors.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import { findAggregate, requireGrouped } from './aggregation.ts';
import { checkExpression } from './check-expression.ts';
import { rowIdColumn } from './column.ts';
import type { Plan, PlanKey } from './plan.ts';
import type { Query } from './query.ts';
import { toPosition } from './resolve.ts';
import { expressionKey, isOrdered, type TypedExpression } from './value-type.ts';

const rowId: TypedExpression = { kind: 'column', name: rowIdColumn, type: { kind: 'integer' } };

/** What was asked for, then `:id` for rows, the group's own values for groups, every output for distinct rows. */
export function readOrder(plan: Plan, query: Query): Plan {
  const asked = withoutRepeats(
    query.order.map((item): PlanKey => {
      const expression = checkExpression(item.expression, plan.schema, 'any');
      requireOrdered(expression, plan);
      return { expression, descending: item.descending, nulls: item.nulls };
    }),
  );
  const at = asked.findIndex((key) => plan.kind === 'rows' && isRowId(key.expression));
  const kept = at === -1 ? asked : asked.slice(0, at + 1);
  const added = at === -1 ? tieBreakers(plan) : [];
  return { ...plan, asked: kept.length, keys: withoutRepeats([...kept, ...added]) };
}

export function isRowId(expression: TypedExpression): boolean {
  return expression.kind === 'column' && expression.name === rowIdColumn;
}

function requireOrdered(expression: TypedExpression, plan: Plan): void {
  const position = expression.kind === 'column' || expression.kind === 'call' ? toPosition(expression.span) : undefined;
  if (!isOrdered(expression.type)) {
    throw new PortalError('type-mismatch', {
      detail: say('query.no-order', { kind: expression.type.kind }),
      position,
    });
  }
  if (plan.kind === 'groups') return requireGrouped(expression, plan.group);
  if (findAggregate(expression) !== null) {
    throw new PortalError('aggregate-not-allowed', {
      detail: say('query.order-by-aggregate'),
      position,
    });
  }
  const isSelected = plan.outputs.some((output) => expressionKey(output.expression) === expressionKey(expression));
  if (plan.kind === 'distinct' && !isSelected) {
    throw new PortalError('not-grouped', {
      detail: say('query.order-not-selected'),
      position,
    });
  }
}

function tieBreakers(plan: Plan): readonly PlanKey[] {
  switch (plan.kind) {
    case 'rows':
      return [toKey(rowId)];
    case 'groups':
      return plan.group.map((expression) => toKey(toOrderable(expression)));
    case 'distinct':
      return plan.outputs.map(({ expression }) => toKey(toOrderable(expression)));
  }
}

function toKey(expression: TypedExpression): PlanKey {
  return { expression, descending: false, nulls: 'last' };
}

function toOrderable(expression: TypedExpression): TypedExpression {
  if (isOrdered(expression.type)) return expression;
  return {
    kind: 'call',
    name: 'to_text',
    overload: 0,
    args: [expression],
    type: { kind: 'text' },
    distinct: false,
    filter: null,
  };
}

function withoutRepeats(keys: readonly PlanKey[]): readonly PlanKey[] {
  const seen = new Set<string>();
  return keys.filter(({ expression }) => {
    const key = expressionKey(expression);
    if (seen.has(key) || expression.kind === 'value') return false;
    seen.add(key);
    return true;
  });
}
