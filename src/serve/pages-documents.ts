// What pages may ask of responsive records: types alone, for pages and for documents-pages.ts that answers them.
// It must not hold anything that runs.

import type { Exemption } from '../records/law/law.ts';
import type { DetectorKind, Suggestion } from '../records/documents/detectors.ts';
import type { DocumentRecord } from '../records/documents/document.ts';
import type { RequestRecord } from '../records/requests/request.ts';
import type { DocumentView, PageView } from '../records/documents/reading.ts';
import type { Hit } from '../records/documents/search.ts';
import type { FormValues } from './pages-work.ts';

export type { DetectorKind, Suggestion } from '../records/documents/detectors.ts';
export type { Box, DocumentPage, DocumentRecord, HiddenItem, Redaction } from '../records/documents/document.ts';
export type { IndexLine } from '../records/documents/withholding.ts';
export type { Hit } from '../records/documents/search.ts';

export type ExemptionOption = Pick<Exemption, 'id' | 'cite' | 'title'>;

export type DocumentsMay = {
  readonly upload: boolean;
  readonly see: boolean;
  readonly redact: boolean;
  readonly approve: boolean;
};

/** A document of the list; `parentNumber`: what it was attached to. */
export type ListedDocument = DocumentRecord & { readonly parentNumber: number | null };

export type DocumentsList = {
  readonly request: RequestRecord;
  readonly today: string;
  readonly documents: readonly ListedDocument[];
  readonly may: DocumentsMay;
  readonly greatestBytes: number;
  /** What was wrong with a file that a form just sent, in words. */
  readonly problem: string | null;
};

/** Something to tick: a hit of a search or a suggestion, with the version of its page. */
export type Tickable = Hit & { readonly value: string; readonly kind: DetectorKind | null; readonly isMarked: boolean };

export type ReviewPage = {
  readonly number: string;
  readonly view: Omit<DocumentView, 'request'>;
  readonly may: DocumentsMay;
  readonly exemptions: readonly ExemptionOption[];
  /** The page that is shown; null for a document that has none. */
  readonly page:
    | (Omit<PageView, 'suggestions'> & { readonly suggestions: readonly (Suggestion & { readonly value: string })[] })
    | null;
  readonly search: {
    readonly text: string;
    readonly found: readonly Tickable[];
    readonly more: boolean;
    readonly unread: number;
  } | null;
  readonly problem: string | null;
};

export type DocumentsPages = {
  list(number: string, problem: string | null): Promise<DocumentsList>;
  /** `page` from 1; `find` searches, or with `suggest` lists what may be personal. */
  review(
    number: string,
    document: string,
    asked: { readonly page: string | null; readonly find: string | null; readonly suggest: boolean },
  ): Promise<ReviewPage>;
  /** What a form of the review page asks for; answers where to go next. Throws PortalError. */
  act(number: string, document: string, what: string, form: FormValues): Promise<string>;
};
