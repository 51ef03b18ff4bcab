// A person's filters on rows, as conditions in the words of the API.
// It must not judge values: the API answers with the place of what is wrong, and the page shows that.

import type { Column, TypeKind } from '../query/column.ts';
import type { Expression } from '../query/query.ts';

export type FilterOperator = 'eq' | 'ne' | 'contains' | 'gt' | 'ge' | 'lt' | 'le' | 'empty' | 'filled';

export type RowFilter = { readonly column: string; readonly operator: FilterOperator; readonly value: string };

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
