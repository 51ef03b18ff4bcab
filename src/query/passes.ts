// From a Query to its Plan: a list of named passes, each a function of plan and query.
// It must not know SQL or a dialect: a Plan is plain serializable data.

import { readAggregation } from './aggregation.ts';
import { readOutputs } from './outputs.ts';
import { readCursor } from './cursor.ts';
import { checkExpression } from './check-expression.ts';
import { readOrder } from './order.ts';
import type { Plan, PlanLimits, PlanTarget } from './plan.ts';
import type { Query } from './query.ts';
import { resolveNames } from './resolve.ts';
import { rewriteQuery } from './rewrite.ts';
import { readSearch } from './search.ts';
import { requireLimits, requireSize } from './size.ts';

/**
 * Checks a query against a dataset's columns. Pure. Throws unknown-column, unknown-function, type-mismatch,
 * wrong-arity, bad-literal, not-grouped, aggregate-not-allowed, duplicate-alias, query-too-large, bad-request,
 * bad-cursor, each with the position in the client's text where there is one.
 */
export function planQuery(query: Query, target: PlanTarget, limits: PlanLimits): Plan {
  requireSize(query);
  const limit = requireLimits(query, limits);
  const resolved = resolveNames(query, target.schema);
  requireSize(resolved);
  const rewritten = rewriteQuery(resolved, target.schema);
  const passes = [checkTypes, readAggregation, readOrder, readCursor];
  const begun = begin(rewritten, target, limit);
  return passes.reduce((plan, pass) => pass(plan, rewritten), begun);
}

function begin(query: Query, target: PlanTarget, limit: number | null): Plan {
  return {
    datasetId: target.datasetId,
    revisionId: target.revisionId,
    schema: target.schema,
    tableRows: target.rows,
    kind: 'rows',
    outputs: [],
    where: null,
    search: readSearch(query.search),
    group: [],
    having: null,
    asked: 0,
    keys: [],
    limit,
    offset: query.offset,
    after: null,
  };
}

function checkTypes(plan: Plan, query: Query): Plan {
  const { schema } = plan;
  return {
    ...plan,
    outputs: readOutputs(query, schema),
    where: query.where === null ? null : checkExpression(query.where, schema, 'boolean'),
    group: query.group.map((expression) => checkExpression(expression, schema, 'any')),
    having: query.having === null ? null : checkExpression(query.having, schema, 'boolean'),
  };
}
