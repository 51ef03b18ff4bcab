// A person's filters on rows, as conditions in the words of the API.
// It must not judge values: the API answers with the place of what is wrong, and the page shows that.

import { printCql2Text } from '../dialects/language/cql2-print.ts';
import { parseCql2Text } from '../dialects/language/cql2.ts';
import type { Column, TypeKind } from '../query/column.ts';
import type { Expression } from '../query/query.ts';

export type FilterOperator = 'eq' | 'ne' | 'contains' | 'gt' | 'ge' | 'lt' | 'le' | 'empty' | 'filled';

export type RowFilter = { readonly column: string; readonly operator: FilterOperator; readonly value: string };

export type RowConditions = {
  readonly filters: readonly RowFilter[];
  /** CQL2 text written by hand. */
  readonly where: string;
};

/**
 * All of them as the `where` of the API, empty when there is none; a condition that stands alone stays as it was
 * written. Throws as the API does for one that cannot be read.
 */
export function toWhere({ filters, where }: RowConditions, columns: readonly Column[]): string {
  if (filters.length === 0) return where;
  const written = where === '' ? [] : [parseCql2Text({ parameter: 'where', text: where })];
  const all = [...written, ...filters.map((filter) => toCondition(filter, columns))];
  const [only] = all;
  return printCql2Text(all.length === 1 && only !== undefined ? only : call('and', ...all));
}

/** A column that the dataset does not have is named all the same, so that the API can say so. */
export function toCondition({ column: name, operator, value }: RowFilter, columns: readonly Column[]): Expression {
  const kind = columns.find((each) => each.name === name)?.type.kind ?? 'text';
  const column: Expression = { kind: 'column', name };
  switch (operator) {
    case 'empty':
      return call('is_null', column);
    case 'filled':
      return call('is_not_null', column);
    case 'contains':
      return call('like', call('casei', column), call('casei', { kind: 'literal', value: toPattern(value) }));
    default:
      return call(operator, column, toLiteral(value, kind));
  }
}

function call(name: string, ...args: readonly Expression[]): Expression {
  return { kind: 'call', name, args };
}

const numeric: ReadonlySet<TypeKind> = new Set(['integer', 'number', 'decimal']);

/** Digits go to the reader as they were typed; it says what number they are. */
function toLiteral(value: string, kind: TypeKind): Expression {
  const trimmed = value.trim();
  if (numeric.has(kind) && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/u.test(trimmed)) {
    return { kind: 'literal', value: trimmed, type: 'decimal' };
  }
  const word = trimmed.toLowerCase();
  if (kind === 'boolean' && (word === 'true' || word === 'false')) return { kind: 'literal', value: word === 'true' };
  return { kind: 'literal', value };
}

/** `%`, `_` and `\` are wildcards of LIKE; a person who types them means the characters. */
function toPattern(value: string): string {
  return `%${value.replace(/[\\%_]/gu, '\\$&')}%`;
}
