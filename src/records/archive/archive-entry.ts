// What the public sees of a request and its records: plain data, with nothing of who asked in it.
// It must hold no logic, and never a field that is not public.

import type { CitedWithholding } from '../release/installment.ts';
import type { CityDate, Outcome } from '../requests/request.ts';

/** An open request has no outcome yet. */
export type ArchiveOutcome = Outcome | 'open';

/** A stretch of public text; `isMatch` where a word that was looked for stands. */
export type SnippetPart = { readonly text: string; readonly isMatch: boolean };

/** Why a request was found: where the words stand. */
export type ArchiveReason =
  | { readonly field: 'number' }
  | { readonly field: 'title' | 'text'; readonly parts: readonly SnippetPart[] }
  | {
      readonly field: 'record';
      readonly title: string;
      readonly page: number;
      readonly parts: readonly SnippetPart[];
    };

export type ArchiveHit = {
  readonly number: string;
  readonly title: string;
  readonly text: string; // its beginning
  readonly receivedOn: CityDate;
  readonly closedOn: CityDate | null;
  readonly outcome: ArchiveOutcome;
  readonly department: { readonly id: string; readonly name: string } | null;
  readonly files: number;
  readonly reasons: readonly ArchiveReason[];
};

export type ArchiveFacet = {
  readonly value: string;
  readonly label: string;
  readonly count: number;
  readonly selected: boolean;
};

export type ArchiveFacets = {
  readonly department: readonly ArchiveFacet[];
  readonly year: readonly ArchiveFacet[];
  readonly outcome: readonly ArchiveFacet[];
};

export type ArchiveQuery = {
  readonly q: string | null;
  readonly department: readonly string[];
  readonly year: readonly number[];
  readonly outcome: readonly ArchiveOutcome[];
  readonly limit: number;
  readonly after: string | null;
};

export type ArchiveResult = {
  readonly total: number;
  readonly hits: readonly ArchiveHit[];
  readonly facets: ArchiveFacets;
  /** The cursor of what comes next; null at the end. */
  readonly next: string | null;
};

export type PublicFile = {
  readonly id: string;
  readonly title: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly pages: number | null;
  readonly sha256: string;
  readonly installment: number;
  readonly releasedOn: CityDate;
  /** What is missing of it, and why: RCW 42.56.070(1). */
  readonly withheld: readonly Omit<CitedWithholding, 'document'>[];
};

export type PublicPage = {
  readonly number: string;
  readonly title: string;
  readonly text: string;
  readonly receivedOn: CityDate;
  readonly closedOn: CityDate | null;
  readonly outcome: ArchiveOutcome;
  readonly department: { readonly id: string; readonly name: string } | null;
  readonly publishedAt: string;
  readonly files: readonly PublicFile[];
};
