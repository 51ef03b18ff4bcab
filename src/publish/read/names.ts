// From the headers of a file to the permanent API names of its columns.
// It must give every column a name of its own, and the same headers the same names every time.

import { say } from '../../base/say.ts';
import type { Findings } from './findings.ts';

/** Names with a meaning of their own in one of the query languages, so that no column has to be quoted anywhere. */
const reserved = new Set(
  (
    'all and any as asc avg between bool_and bool_or both by case cast collate column count cross current_date current_time ' +
    'current_timestamp data date default desc distinct else end escape except exists false first following for from full ' +
    'group having id in inner intersect interval into is join last lateral left like limit max min natural not null nulls ' +
    'offset on only or order outer over partition preceding query right row rows search select some sum system table then ' +
    'time timestamp to trailing true union unique user using values when where window with within'
  ).split(' '),
);

/** Those of the list above that are common headers and that every dialect here reads as a plain name. */
const allowed = new Set([
  'id',
  'date',
  'time',
  'timestamp',
  'count',
  'data',
  'first',
  'last',
  'system',
  'user',
  'column',
  'row',
]);

/**
 * API names, in order: `^[a-z_][a-z0-9_]{0,62}$`, unique. Adds a duplicate-column warning that names both places when
 * two columns have one header.
 */
export function toColumnNames(headers: readonly string[], findings: Findings | null = null): readonly string[] {
  const used = new Set<string>();
  const firstPlace = new Map<string, number>();
  return headers.map((header, index) => {
    const place = index + 1;
    const base = toSnakeCase(header) || `column_${place}`;
    let name = base;
    for (let number = 2; used.has(name); number++) name = withNumber(base, number);
    used.add(name);
    const first = firstPlace.get(header);
    if (first === undefined) {
      firstPlace.set(header, place);
    } else if (header !== '') {
      findings?.add(
        'duplicate-column',
        'warning',
        say('publish.headed-twice', { first, second: place, header, name }),
        { column: name },
      );
    }
    return name;
  });
}

function withNumber(base: string, number: number): string {
  const ending = `_${number}`;
  return base.slice(0, 63 - ending.length) + ending;
}

/** `Avg. Flow (cfs)` → `avg_flow_cfs`; `zipCode` → `zip_code`; `Straße` → `strasse`; empty when nothing is left. */
function toSnakeCase(header: string): string {
  const words = header
    .replaceAll('ß', 'ss')
    .replaceAll(/[Øø]/g, 'o')
    .replaceAll(/[Ææ]/g, 'ae')
    .replaceAll('%', ' percent ')
    .replaceAll('#', ' number ')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (words === '') return '';
  const safe = /^[0-9]/.test(words) ? `_${words}` : words;
  const name = safe.slice(0, 63).replace(/_+$/, '');
  return reserved.has(name) && !allowed.has(name) ? `${name}_` : name;
}
