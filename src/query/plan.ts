// A Query made sure of: names resolved, types checked, bounded, in a total order, with its place in the walk.
// planQuery is a list of named passes; the Plan is plain serializable data that compile.ts turns into SQL.

import { readAggregation } from './aggregation.ts';
import { readOutputs } from './outputs.ts';
import type { Column, Schema } from './column.ts';
import { readCursor } from './cursor.ts';
import { checkExpression } from './check-expression.ts';
import { readOrder } from './order.ts';
import type { Query } from './query.ts';
import { resolveNames } from './resolve.ts';
import { rewriteQuery } from './rewrite.ts';
import { readSearch } from './search.ts';
import { requireLimits, requireSize } from './size.ts';
import type { TypedExpression, ValueType } from './value-type.ts';

export type PlanTarget = {
  readonly datasetId: string;
  readonly revisionId: string;
  /** The columns that this reader may know of. A column that is not here is unknown to every clause. */
  readonly schema: Schema;
  readonly rows: number;
};

export type PlanLimits = {
  /** Rows when the query names no limit; null: all. */
  readonly defaultLimit: number | null;
  readonly maxLimit: number | null;
};

export type PlanOutput = {
  readonly name: string;
  readonly type: ValueType;
  readonly expression: TypedExpression;
  /** The dataset's column that it passes through unchanged. */
  readonly source: Column | null;
};

/** One part of the total order; its values make the cursor. */
export type PlanKey = {
  readonly expression: TypedExpression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
};

export type Plan = {
  readonly datasetId: string;
  readonly revisionId: string;
  readonly schema: Schema;
  /** Rows of the whole table. */
  readonly tableRows: number;
  /** `groups`: one row for each group (or one for all); `distinct`: different rows of the outputs only. */
  readonly kind: 'rows' | 'groups' | 'distinct';
  readonly outputs: readonly PlanOutput[];
  readonly where: TypedExpression | null;
  /** Folded words that all must be found in the row; null: no search. */
  readonly search: readonly string[] | null;
  readonly group: readonly TypedExpression[];
  readonly having: TypedExpression | null;
  /** Parts of the order that the client asked for. */
  readonly asked: number;
  readonly keys: readonly PlanKey[];
  readonly limit: number | null;
  readonly offset: number;
  /** Values of `keys` in the last row of the page before; null: the beginning. */
  readonly after: readonly (string | null)[] | null;
};

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
