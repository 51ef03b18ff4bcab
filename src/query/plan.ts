// What a plan is: a Query made sure of, names resolved, types checked, bounded, in a total order,
// with its place in the walk.
// It must hold types alone: passes.ts makes a plan, compile.ts turns it into SQL.

import type { Column, Schema } from './column.ts';
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
