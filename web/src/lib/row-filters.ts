// What is asked of the rows page, as it stands in its address.
// It must not write the query language: src/pages/row-filters.ts makes conditions of filters.

import type { FilterOperator, RowFilter } from '../../../src/pages/row-filters.ts';

export const filterOperators = [
  'eq',
  'ne',
  'contains',
  'gt',
  'ge',
  'lt',
  'le',
  'empty',
  'filled',
] as const satisfies readonly FilterOperator[];

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
  /** The revision that is asked: its number, id or an instant; empty: the current one. */
  readonly asOf: string;
};

/** The API reads these too; this page does not, and says so. */
export const unreadParameters = ['select', 'group'] as const;

export const pageSizes = [25, 50, 100] as const;

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
    asOf: (parameters.get('as_of') ?? '').trim(),
  };
}

/** The state as a query string, `?` included when it is not empty; what is at its default is left out. */
export function toRowsSearch(state: Partial<RowsState>): string {
  const parameters = new URLSearchParams();
  if (state.q) parameters.set('q', state.q);
  for (const filter of state.filters ?? []) parameters.append('filter', toFilterText(filter));
  if (state.where) parameters.set('where', state.where);
  if (state.order) parameters.set('order', state.order);
  if (state.asOf) parameters.set('as_of', state.asOf);
  if (state.limit !== undefined && state.limit !== 50) parameters.set('limit', String(state.limit));
  if (state.after) parameters.set('after', state.after);
  if (state.after && state.from !== undefined && state.from > 1) parameters.set('from', String(state.from));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The parameters that the native API is asked with for this state; `where` is that of all its conditions. */
export function toApiParameters(state: RowsState, where: string): Record<string, string> {
  return {
    ...(where === '' ? {} : { where }),
    ...(state.q === '' ? {} : { q: state.q }),
    ...(state.order === '' ? {} : { order: state.order }),
    ...(state.after === '' ? {} : { after: state.after }),
    ...(state.asOf === '' ? {} : { as_of: state.asOf }),
    limit: String(state.limit),
  };
}
