// Socrata's system fields (:id, :version, :created_at, :updated_at) as this portal can tell them, and opaque row ids.
// It must not invent: a revision is written whole and never changed, so its rows are as old as it is.

import type { Revision } from '../../catalogue/dataset.ts';
import { rowIdColumn } from '../../query/column.ts';
import type { Expression, SelectItem } from '../../query/query.ts';

/** `row-xxxx.xxxx~xxxx`: twelve base-36 digits that hold the row's number. */
const rowIdForm = /^row-([0-9a-z]{4})[.-]([0-9a-z]{4})[~_]([0-9a-z]{4})$/;

/** The row's number in an opaque id, or in plain digits; null when it is neither. */
export function readRowId(text: string): number | null {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const parts = rowIdForm.exec(text);
  if (parts === null) return null;
  const value = Number.parseInt(parts.slice(1).join(''), 36);
  return Number.isSafeInteger(value) ? value : null;
}

/** SQL that writes the number in `sql` as an opaque id. */
export function rowIdSql(sql: string): string {
  const digits = `lower(to_base(CAST(${sql} AS BIGINT), 36, 12))`;
  return `('row-' || ${digits}[1:4] || '.' || ${digits}[5:8] || '~' || ${digits}[9:12])`;
}

/** What `:*` selects. */
export function systemItems(revision: Revision): readonly SelectItem[] {
  const names = [rowIdColumn, ':version', ':created_at', ':updated_at'];
  return names.map((name) => {
    const expression = replaceSystemFields({ kind: 'column', name }, revision);
    return { expression, as: name === rowIdColumn ? null : name };
  });
}

/** `:version`, `:created_at` and `:updated_at` as values, opaque row ids as numbers. */
export function replaceSystemFields(expression: Expression, revision: Revision): Expression {
  switch (expression.kind) {
    case 'literal':
      return expression;
    case 'column':
      return toValue(expression, revision);
    case 'call': {
      const args = expression.args.map((argument) => replaceSystemFields(argument, revision));
      const filter =
        expression.filter === undefined ? {} : { filter: replaceSystemFields(expression.filter, revision) };
      const isAboutId = args.some((argument) => argument.kind === 'column' && argument.name === rowIdColumn);
      return { ...expression, args: isAboutId ? args.map(toRowNumber) : args, ...filter };
    }
  }
}

function toValue(column: Expression & { kind: 'column' }, revision: Revision): Expression {
  const { span } = column;
  switch (column.name) {
    case ':version':
      return {
        kind: 'literal',
        value: `rv-${revision.id.slice(0, 4)}.${revision.id.slice(4, 8)}~${revision.id.slice(8, 12)}`,
        span,
      };
    case ':created_at':
    case ':updated_at':
      return { kind: 'literal', value: revision.publishedAt, type: 'instant', span };
    default:
      return column;
  }
}

function toRowNumber(argument: Expression): Expression {
  if (argument.kind !== 'literal' || typeof argument.value !== 'string') return argument;
  const value = readRowId(argument.value);
  return value === null ? argument : { ...argument, value };
}
