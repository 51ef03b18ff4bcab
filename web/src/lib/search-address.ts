// The address of a catalogue search: query string → SearchQuery and back, and what to try when nothing was found.
// It must not ask the catalogue.

import type { FacetName, SearchQuery } from '../../../src/catalogue/search-types.ts';

export const facetNames = ['department', 'theme', 'format', 'licence', 'cadence', 'map'] as const satisfies FacetName[];
export const sorts = ['relevance', 'updated', 'title', 'rows'] as const satisfies SearchQuery['sort'][];
export const pageLength = 20;

const listFacets = ['department', 'theme', 'format', 'licence', 'cadence'] as const;

/** `map` is a box that is ticked or not: any value but `false` and nothing means yes. */
function parseMap(values: readonly string[]): boolean | null {
  if (values.length !== 1) return null;
  return values[0] !== 'false';
}

/** The search that an address asks for. Unknown sorts and pages read as the default: an old link keeps working. */
export function parseSearch(url: URL): SearchQuery {
  const parameters = url.searchParams;
  const list = (name: string) => [...new Set(parameters.getAll(name).filter((value) => value !== ''))].slice(0, 50);
  const q = (parameters.get('q') ?? '').trim().slice(0, 500);
  const page = Number(parameters.get('page') ?? 1);
  const sort = sorts.find((name) => name === parameters.get('sort'));
  const number = Number.isSafeInteger(page) && page > 0 && page <= 100_000 ? page : 1;
  return {
    q: q === '' ? null : q,
    department: list('department'),
    theme: list('theme'),
    format: list('format'),
    licence: list('licence'),
    cadence: list('cadence'),
    map: parseMap(list('map')),
    sort: sort ?? (q === '' ? 'updated' : 'relevance'),
    limit: pageLength,
    offset: (number - 1) * pageLength,
  };
}

/** The address of a search, from `/search`; defaults are left out. */
export function toSearchAddress(search: Partial<SearchQuery>): string {
  const parameters = new URLSearchParams();
  if (search.q) parameters.set('q', search.q);
  for (const name of listFacets) for (const value of search[name] ?? []) parameters.append(name, value);
  if (search.map !== null && search.map !== undefined) parameters.set('map', String(search.map));
  if (search.sort && search.sort !== (search.q ? 'relevance' : 'updated')) parameters.set('sort', search.sort);
  if (search.offset) parameters.set('page', String(search.offset / pageLength + 1));
  const text = parameters.toString();
  return text === '' ? '/search' : `/search?${text}`;
}

export type ChosenFacet = { readonly facet: FacetName; readonly value: string; readonly without: string };

/** The facet values that are set, each with the address of the search without it. */
export function chosenFacets(search: SearchQuery): readonly ChosenFacet[] {
  const chosen: ChosenFacet[] = [];
  for (const facet of listFacets) {
    for (const value of search[facet]) {
      const rest = search[facet].filter((other) => other !== value);
      chosen.push({ facet, value, without: toSearchAddress({ ...search, [facet]: rest, offset: 0 }) });
    }
  }
  if (search.map !== null) {
    chosen.push({
      facet: 'map',
      value: String(search.map),
      without: toSearchAddress({ ...search, map: null, offset: 0 }),
    });
  }
  return chosen;
}

/** Wider searches for when nothing was found: each word of the search by itself, longest first. */
export function widerTerms(q: string | null): readonly string[] {
  const words = [...new Set((q ?? '').split(/\s+/).filter((word) => word.length > 2))];
  return words.length < 2 ? [] : words.sort((a, b) => b.length - a.length).slice(0, 4);
}

/** Page numbers around the current one; null stands for a gap. */
export function pageNumbers(current: number, last: number): readonly (number | null)[] {
  const wanted = new Set([1, last, current - 1, current, current + 1].filter((page) => page >= 1 && page <= last));
  const sorted = [...wanted].sort((a, b) => a - b);
  return sorted.flatMap((page, index) => {
    const before = sorted[index - 1];
    return before !== undefined && page - before > 1 ? [null, page] : [page];
  });
}
