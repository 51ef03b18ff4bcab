// Pass: what a query may weigh. Bounds on depth, nodes, lists and page sizes, before anything costs time.
// It must not know columns or types.

import { PortalError } from '../base/errors.ts';
import { queryLimits, type Expression, type Query } from './query.ts';
import type { PlanLimits } from './plan.ts';

/** All clauses together, after aliases have been put in. */
const totalNodes = 4 * queryLimits.nodes;

/** Throws query-too-large when an expression is too deep, has too many nodes or too long a list. */
export function requireSize(query: Query): void {
  if (query.select.length > Math.max(queryLimits.selectItems, 2_000)) throw tooLarge('columns selected', 2_000);
  const expressions = [
    ...query.select.map((item) => item.expression),
    ...query.group,
    ...query.order.map((item) => item.expression),
    ...[query.where, query.having].filter((expression) => expression !== null),
  ];
  let total = 0;
  for (const expression of expressions) {
    if (expression.kind === 'column') continue;
    total += requireExpressionSize(expression);
    if (total > totalNodes) throw tooLarge('parts in all expressions', totalNodes);
  }
}

/** The number of nodes of an expression that is not too large. Throws query-too-large. */
export function requireExpressionSize(expression: Expression): number {
  const nodes = countNodes(expression, 1);
  if (nodes > queryLimits.nodes) throw tooLarge('parts in one expression', queryLimits.nodes);
  return nodes;
}

function countNodes(expression: Expression, depth: number): number {
  if (depth > 2 * queryLimits.depth) throw tooLarge('levels of nesting', queryLimits.depth);
  if (expression.kind !== 'call') return 1;
  const { args, filter } = expression;
  if (args.length > queryLimits.listItems + 1) throw tooLarge('items in one list', queryLimits.listItems);
  const isList = expression.name === 'in' || expression.name.startsWith('caseless_');
  const counted = isList ? args.filter((arg) => arg.kind !== 'literal') : args;
  let nodes = filter === undefined ? 1 : 1 + countNodes(filter, depth + 1);
  for (const arg of counted) {
    nodes += countNodes(arg, depth + 1);
    if (nodes > totalNodes) return nodes;
  }
  return nodes;
}

/** The page size that holds. Throws bad-request for numbers that are none, query-too-large beyond the most allowed. */
export function requireLimits(query: Query, limits: PlanLimits): number | null {
  requireCount(query.offset, 'offset');
  if (query.limit === null) return limits.defaultLimit;
  requireCount(query.limit, 'limit');
  if (limits.maxLimit !== null && query.limit > limits.maxLimit)
    throw tooLarge('rows asked for at once', limits.maxLimit);
  return query.limit;
}

function requireCount(value: number, parameter: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new PortalError('bad-request', {
    detail: `${parameter} must be a whole number, 0 or more.`,
    extra: { parameter },
  });
}

function tooLarge(what: string, limit: number): PortalError {
  return new PortalError('query-too-large', {
    detail: `The query has too many ${what}: at most ${limit.toLocaleString('en-US')}.`,
    extra: { limit },
  });
}
