// The values of a compiled query: collected once each, named by number in the SQL.
// It must never write a value into the text.

import { sqlType, type ValueType } from './value-type.ts';

export type BoundText = string | boolean;

/** Collects parameters; the same value of the same kind is bound once, so that equal expressions have equal text. */
export type Binder = { readonly values: BoundText[]; bind(value: BoundText): string };

export function openBinder(): Binder {
  const values: BoundText[] = [];
  const bind = (value: BoundText): string => {
    const at = values.indexOf(value);
    return `$${at === -1 ? values.push(value) : at + 1}`;
  };
  return { values, bind };
}

export function valueSql(type: ValueType, value: string | boolean | null, binder: Binder): string {
  const target = sqlType(type);
  return value === null ? `CAST(NULL AS ${target})` : `CAST(${binder.bind(value)} AS ${target})`;
}
