// One text for all spellings of a plan: for ETags, caches and cursors. It must not depend on the client's own text.

import type { Plan } from './plan.ts';
import { expressionKey, type TypedExpression } from './value-type.ts';

/** Everything that decides the rows and their bytes, before format and dialect. */
export function planKey(plan: Plan): string {
  return JSON.stringify([
    planShape(plan),
    plan.revisionId,
    plan.outputs.map((output) => [output.name, normalKey(output.expression)]),
    plan.limit,
    plan.offset,
    plan.after,
  ]);
}

/** What a cursor is bound to: which rows, in which order. Page size and, for rows, the selected columns may change. */
export function planShape(plan: Plan): string {
  return JSON.stringify([
    plan.datasetId,
    plan.kind,
    plan.where === null ? null : normalKey(plan.where),
    plan.search === null ? null : [...plan.search].sort(),
    plan.group.map(normalKey).sort(),
    plan.having === null ? null : normalKey(plan.having),
    plan.keys.map((key) => [normalKey(key.expression), key.descending, key.nulls]),
    plan.kind === 'distinct' ? plan.outputs.map((output) => normalKey(output.expression)) : null,
  ]);
}

function normalKey(expression: TypedExpression): string {
  return expressionKey(normalize(expression));
}

const mirrored: ReadonlyMap<string, string> = new Map([
  ['gt', 'lt'],
  ['ge', 'le'],
]);

/** AND and OR without order, repeats and nesting; `a > b` as `b < a`; lists sorted; `between` as two comparisons. */
function normalize(expression: TypedExpression): TypedExpression {
  if (expression.kind === 'cast') return { ...expression, argument: normalize(expression.argument) };
  if (expression.kind !== 'call') return expression;
  const args = expression.args.map(normalize);
  const filter = expression.filter === null ? null : normalize(expression.filter);
  const call = { ...expression, args, filter };
  const [first, ...rest] = args;
  switch (call.name) {
    case 'and':
    case 'or':
      return joinParts(call);
    case 'eq':
    case 'ne':
      return { ...call, args: sortParts(args) };
    case 'gt':
    case 'ge':
      return { ...call, name: mirrored.get(call.name) ?? call.name, args: [...args].reverse() };
    case 'in':
      return first === undefined ? call : { ...call, args: [first, ...sortParts(rest)] };
    case 'between':
      return normalizeBetween(call);
    default:
      return call;
  }
}

type Call = Extract<TypedExpression, { kind: 'call' }>;

function normalizeBetween(call: Call): TypedExpression {
  const [value, low, high] = call.args;
  if (value === undefined || low === undefined || high === undefined) return call;
  const parts = [
    { ...call, name: 'le', args: [low, value] },
    { ...call, name: 'le', args: [value, high] },
  ];
  return joinParts({ ...call, name: 'and', args: parts });
}

function joinParts(call: Call): TypedExpression {
  const flat = call.args.flatMap((arg) => (arg.kind === 'call' && arg.name === call.name ? arg.args : [arg]));
  const sorted = sortParts(flat);
  return sorted.length === 1 && sorted[0] !== undefined ? sorted[0] : { ...call, args: sorted };
}

function sortParts(parts: readonly TypedExpression[]): readonly TypedExpression[] {
  const byKey = new Map(parts.map((part) => [expressionKey(part), part]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}
