// The condition "after this row" in a total order, with nulls first or last and both directions.
// It must not know where the values come from.

import type { PlanKey } from './plan.ts';
import type { Binder } from './binder.ts';
import { valueSql } from './binder.ts';
import { isRowId } from './order.ts';

/** One key of the order: its SQL, its direction and the value that it had in the last row seen. */
export type SeenKey = { readonly key: PlanKey; readonly sql: string; readonly value: string | null };

/**
 * `k0 ≥ v0 AND (k0 ≠ v0 OR (k1 ≥ v1 AND …))`, the last one strictly after. The outer comparison is a plain one, so that
 * the engine can skip whole blocks by it.
 */
export function afterSql(keys: readonly SeenKey[], binder: Binder): string {
  const [first, ...rest] = keys;
  if (first === undefined) return 'false';
  if (rest.length === 0) return beyond(first, binder, true) ?? 'false';
  const reached = beyond(first, binder, false);
  const further = afterSql(rest, binder);
  const changed = hasChanged(first, binder);
  if (changed === null) return reached === null ? further : `(${reached} AND ${further})`;
  const next = `(${changed} OR ${further})`;
  return reached === null ? next : `(${reached} AND ${next})`;
}

/** Strictly after the value, or at it. null stands for "true" (at) and "false" (strictly). */
function beyond({ key, sql, value }: SeenKey, binder: Binder, isStrict: boolean): string | null {
  const isNullsLast = key.nulls === 'last';
  if (value === null) {
    if (isNullsLast) return isStrict ? null : `${sql} IS NULL`;
    return isStrict ? `${sql} IS NOT NULL` : null;
  }
  const symbol = `${key.descending ? '<' : '>'}${isStrict ? '' : '='}`;
  const comparison = `${sql} ${symbol} ${valueSql(key.expression.type, value, binder)}`;
  const mayBeNull = isNullsLast && !isRowId(key.expression);
  return mayBeNull ? `(${comparison} OR ${sql} IS NULL)` : comparison;
}

/** "The key is no longer at the value"; null when it cannot have changed once it was reached. */
function hasChanged({ key, sql, value }: SeenKey, binder: Binder): string | null {
  if (value === null) return key.nulls === 'last' ? null : `${sql} IS NOT NULL`;
  return `${sql} IS DISTINCT FROM ${valueSql(key.expression.type, value, binder)}`;
}
