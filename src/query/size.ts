// Pass: what a query may weigh. Bounds on depth, nodes, lists and page sizes, before anything costs time.
// It must not know columns or types.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { queryLimits, type Expression, type Query } from './query.ts';
import type { PlanLimits } from './plan.ts';

/** All clauses together, after aliases have been put in. */
const totalNodes = 4 * queryLimits.nodes;

/** Throws query-too-large when an expression is too deep, has too many nodes or too long a list. */
export function requireSize(query: Query): void {
  if (query.select.length > Math.max(queryLimits.selectItems, 2_000))
    throw tooLarge(say('query.too-many.columns'), 2_000);
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
    if (total > totalNodes) throw tooLarge(say('query.too-many.parts-of-all'), totalNodes);
  }
}

/** The number of nodes of an expression that is not too large. Throws query-too-large. */
export function requireExpressionSize(expression: Expression): number {
  const nodes = countNodes(expression, 1);
  if (nodes > queryLimits.nodes) throw tooLarge(say('query.too-many.parts'), queryLimits.nodes);
  return nodes;
}

function countNodes(expression: Expression, depth: number): number {
  if (depth > 2 * queryLimits.depth) throw tooLarge(say('query.too-many.levels'), queryLimits.depth);
  if (expression.kind !== 'call') return 1;
  const { args, filter } = expression;
  if (args.length > queryLimits.listItems + 1) throw tooLarge(say('query.too-many.items'), queryLimits.listItems);
  if (countWildcards(expression) > queryLimits.wildcards)
    throw tooLarge(say('query.too-many.wildcards'), queryLimits.wildcards);
  const isList = expression.name === 'in' || expression.name.startsWith('caseless_');
  const counted = isList ? args.filter((arg) => arg.kind !== 'literal') : args;
  let nodes = filter === undefined ? 1 : 1 + countNodes(filter, depth + 1);
  for (const arg of counted) {
    nodes += countNodes(arg, depth + 1);
    if (nodes > totalNodes) return nodes;
  }
  return nodes;
}

/** Of a pattern that is written out; `%` after a backslash means itself. */
function countWildcards({ name, args }: Extract<Expression, { kind: 'call' }>): number {
  const pattern = args[1];
  if (name !== 'like' || pattern === undefined) return 0;
  // `casei(…)` and its like may stand around it.
  const inner = pattern.kind === 'call' ? pattern.args[0] : pattern;
  if (inner?.kind !== 'literal' || typeof inner.value !== 'string') return 0;
  return inner.value.replaceAll(/\\./gsu, '').split('%').length - 1;
}

/** The page size that holds. Throws bad-request for numbers that are none, query-too-large beyond the most allowed. */
export function requireLimits(query: Query, limits: PlanLimits): number | null {
  requireCount(query.offset, 'offset');
  if (query.limit === null) return limits.defaultLimit;
  requireCount(query.limit, 'limit');
  if (limits.maxLimit !== null && query.limit > limits.maxLimit)
    throw tooLarge(say('query.too-many.rows'), limits.maxLimit);
  return query.limit;
}

function requireCount(value: number, parameter: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new PortalError('bad-request', {
    detail: say('query.not-whole-from-0', { parameter }),
    extra: { parameter },
  });
}

function tooLarge(what: Sentence, limit: number): PortalError {
  return new PortalError('query-too-large', {
    detail: say('query.too-many', { what, limit }),
    extra: { limit },
  });
}
