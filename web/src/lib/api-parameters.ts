// The parameters of the native API's rows, with an example of each for the very dataset. It must name only its columns.

import type { Dataset } from '../../../src/catalogue/dataset.ts';
import { quoteName, toCondition } from './row-filters.ts';
import { isNumeric, profileOf, tellingGroups } from './values.ts';
import type { WordKey } from './words.ts';

export type ApiParameter = { readonly name: string; readonly about: WordKey; readonly example: string };

/**
 * A condition that finds rows: the most frequent value of the first column that has one, else any column that is
 * filled.
 */
function exampleCondition(dataset: Dataset): string {
  const { columns, profile } = dataset.current;
  for (const column of columns) {
    const value = profileOf(profile, column.name)?.top?.[0]?.value;
    if (value !== undefined && value.length <= 40)
      return toCondition({ column: column.name, operator: 'eq', value }, columns);
  }
  const first = columns[0];
  return first === undefined ? '' : toCondition({ column: first.name, operator: 'filled', value: '' }, columns);
}

export function apiParameters(dataset: Dataset): readonly ApiParameter[] {
  const { columns } = dataset.current;
  const plain = columns.filter((column) => column.type.kind !== 'geometry' && column.type.kind !== 'json');
  const names = plain.map((column) => quoteName(column.name));
  const sorted = plain.find((column) => isNumeric(column.type)) ?? plain[0];
  const order = sorted === undefined ? ':id' : `${quoteName(sorted.name)} desc`;
  const group = tellingGroups(plain, dataset.current.profile) ?? plain[0];
  return [
    { name: 'select', about: 'parameter.select', example: names.slice(0, 3).join(',') },
    { name: 'where', about: 'parameter.where', example: exampleCondition(dataset) },
    { name: 'order', about: 'parameter.order', example: order },
    { name: 'limit', about: 'parameter.limit', example: '1000' },
    { name: 'after', about: 'parameter.after', example: '…' },
    { name: 'q', about: 'parameter.q', example: 'park' },
    { name: 'group', about: 'parameter.group', example: group === undefined ? '' : quoteName(group.name) },
    { name: 'as_of', about: 'parameter.as_of', example: String(dataset.current.number) },
  ];
}
