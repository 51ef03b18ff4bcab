// What a catalogue search asks and answers, as plain data.

export type SearchQuery = {
  readonly q: string | null;
  readonly department: readonly string[];
  readonly theme: readonly string[];
  readonly format: readonly string[];
  readonly licence: readonly string[]; // 'not-specified' is a value
  readonly cadence: readonly string[]; // 'not-specified' is a value
  readonly map: boolean | null;
  readonly sort: 'relevance' | 'updated' | 'title' | 'rows';
  readonly limit: number;
  readonly offset: number;
  /**
   * True: no part of a word counts and no spelling is forgiven, and of several words at least two must be there. For
   * what nobody searched for.
   */
  readonly careful?: boolean;
};

/** What nothing narrows down. */
export const unnarrowed: Omit<SearchQuery, 'sort' | 'limit'> = Object.freeze({
  q: null,
  department: [],
  theme: [],
  format: [],
  licence: [],
  cadence: [],
  map: null,
  offset: 0,
});

export type FacetName = 'department' | 'theme' | 'format' | 'licence' | 'cadence' | 'map';
export type FacetValue = {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly selected: boolean;
};

/** Why a hit matched: the field, the words of it that did, and how. */
export type MatchReason = {
  readonly field: 'title' | 'description' | 'keyword' | 'department' | 'column' | 'id';
  readonly text: string; // the field's own text, shortened around the match
  readonly how: 'words' | 'partial' | 'similar';
};

export type SearchHit = {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly description: string | null;
  readonly department: { readonly id: string; readonly name: string };
  readonly theme: string | null;
  readonly keywords: readonly string[];
  readonly licence: string | null;
  readonly cadence: string | null;
  readonly dataUpdatedAt: string;
  readonly rows: number;
  readonly formats: readonly string[];
  readonly hasGeometry: boolean;
  readonly notice: string | null;
  readonly reasons: readonly MatchReason[];
};

export type SearchResult = {
  readonly total: number;
  readonly hits: readonly SearchHit[];
  readonly facets: Readonly<Record<FacetName, readonly FacetValue[]>>;
  /** A spelling that finds more, when the words as typed found nothing exactly. */
  readonly didYouMean: string | null;
  /** Whether the hits hold all words, words spelled like them, or only some of them. */
  readonly match: 'all' | 'similar' | 'some';
};
