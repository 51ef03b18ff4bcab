// The filters of the rows page: what stands in its address, and the CQL2 text that the API is asked with.
// It must not judge values: the API answers with the place of what is wrong, and the page shows that.

import type { Column, TypeKind } from '../../../src/query/column.ts';

export const filterOperators = ['eq', 'ne', 'contains', 'gt', 'ge', 'lt', 'le', 'empty', 'filled'] as const;
export type FilterOperator = (typeof filterOperators)[number];

export type RowFilter = { readonly column: string; readonly operator: FilterOperator; readonly value: string };

export type RowsState = {
  readonly q: string;
  readonly filters: readonly RowFilter[];
  /** CQL2 text written by hand. */
  readonly where: string;
  readonly order: string;
  readonly limit: number;
  readonly after: string;
  /** Number of the first row shown, for the sentence above the table. */
  readonly from: number;
};

export const pageSizes = [25, 50, 100] as const;

const symbols = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
const numeric: ReadonlySet<TypeKind> = new Set(['integer', 'number', 'decimal']);

/** Words that CQL2 reads as its own; a column of such a name is quoted. */
const reserved = new Set(
  (
    'and or not like in between is null true false casei accenti div mod bbox date timestamp interval asc desc nulls first ' +
    'last as distinct count sum avg min max filter where select order by group having limit point linestring polygon ' +
    'multipoint multilinestring multipolygon geometrycollection'
  ).split(' '),
);

export function quoteName(name: string): string {
  return reserved.has(name) ? `"${name}"` : name;
}

function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function toLiteral(value: string, kind: TypeKind): string {
  const trimmed = value.trim();
  if (numeric.has(kind) && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed)) return trimmed;
  if (kind === 'boolean' && /^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase();
  return quoteText(value);
}

/** `%`, `_` and `\` are wildcards of LIKE; a person who types them means the characters. */
function toPattern(value: string): string {
  return quoteText(`%${value.replace(/[\\%_]/g, '\\$&')}%`);
}

/** One filter as CQL2 text. A column that the dataset does not have is written as given, so that the API can say so. */
export function toCondition(filter: RowFilter, columns: readonly Column[]): string {
  const kind = columns.find((column) => column.name === filter.column)?.type.kind ?? 'text';
  const name = quoteName(filter.column);
  switch (filter.operator) {
    case 'empty':
      return `${name} IS NULL`;
    case 'filled':
      return `${name} IS NOT NULL`;
    case 'contains':
      return `CASEI(${name}) LIKE CASEI(${toPattern(filter.value)})`;
    default:
      return `${name} ${symbols[filter.operator]} ${toLiteral(filter.value, kind)}`;
  }
}

/** All filters and the hand-written condition as one CQL2 text; empty when there is none. */
export function toWhere(state: Pick<RowsState, 'filters' | 'where'>, columns: readonly Column[]): string {
  const conditions = state.filters.map((filter) => toCondition(filter, columns));
  if (state.where === '') return conditions.join(' AND ');
  if (conditions.length === 0) return state.where;
  return `(${state.where}) AND ${conditions.join(' AND ')}`;
}

function isOperator(text: string): text is FilterOperator {
  return (filterOperators as readonly string[]).includes(text);
}

/** `column~operator~value`; null when it is not that. */
export function parseFilter(text: string): RowFilter | null {
  const [column = '', operator = '', ...rest] = text.split('~');
  return column !== '' && isOperator(operator) ? { column, operator, value: rest.join('~') } : null;
}

export function toFilterText(filter: RowFilter): string {
  return `${filter.column}~${filter.operator}~${filter.value}`;
}

/** The state in the address; the fields of the add-a-filter form become one more filter. */
export function parseRowsState(url: URL): RowsState {
  const parameters = url.searchParams;
  const given = parameters.getAll('filter').map(parseFilter);
  const column = parameters.get('column') ?? '';
  const operator = parameters.get('operator') ?? '';
  const value = parameters.get('value') ?? '';
  const needsValue = operator !== 'empty' && operator !== 'filled';
  const added =
    column !== '' && isOperator(operator) && !(needsValue && value === '') ? [{ column, operator, value }] : [];
  const limit = Number(parameters.get('limit') ?? 50);
  const from = Number(parameters.get('from') ?? 1);
  return {
    q: (parameters.get('q') ?? '').trim(),
    filters: [...given.filter((filter) => filter !== null), ...added],
    where: (parameters.get('where') ?? '').trim(),
    order: (parameters.get('order') ?? '').trim(),
    limit: pageSizes.find((size) => size === limit) ?? 50,
    after: parameters.get('after') ?? '',
    from: Number.isSafeInteger(from) && from > 0 ? from : 1,
  };
}

/** The state as a query string, `?` included when it is not empty; what is at its default is left out. */
export function toRowsSearch(state: Partial<RowsState>): string {
  const parameters = new URLSearchParams();
  if (state.q) parameters.set('q', state.q);
  for (const filter of state.filters ?? []) parameters.append('filter', toFilterText(filter));
  if (state.where) parameters.set('where', state.where);
  if (state.order) parameters.set('order', state.order);
  if (state.limit !== undefined && state.limit !== 50) parameters.set('limit', String(state.limit));
  if (state.after) parameters.set('after', state.after);
  if (state.after && state.from !== undefined && state.from > 1) parameters.set('from', String(state.from));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The parameters that the native API is asked with for this state. */
export function toApiParameters(state: RowsState, columns: readonly Column[]): Record<string, string> {
  const where = toWhere(state, columns);
  return {
    ...(where === '' ? {} : { where }),
    ...(state.q === '' ? {} : { q: state.q }),
    ...(state.order === '' ? {} : { order: state.order }),
    ...(state.after === '' ? {} : { after: state.after }),
    limit: String(state.limit),
  };
}

/**
 * What sorting by a column's heading asks for next, and how the table stands now. Only the first column of an order
 * counts.
 */
export function sortOf(
  order: string,
  name: string,
): { readonly now: 'ascending' | 'descending' | null; readonly next: string } {
  const [first = ''] = order.split(',');
  const match = /^\s*"?([a-z_][a-z0-9_]*)"?\s*(asc|desc)?\s*$/i.exec(first);
  const quoted = quoteName(name);
  if (match?.[1] !== name) return { now: null, next: quoted };
  const descending = match[2]?.toLowerCase() === 'desc';
  return { now: descending ? 'descending' : 'ascending', next: descending ? quoted : `${quoted} desc` };
}
