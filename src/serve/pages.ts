// What pages may ask of the portal: the same functions that answer the API, in process, with plain data.
// web/src/lib/api.ts is the only place that uses it; it is handed to pages as `request.portal`.

import type { Dataset, Department, Revision } from '../catalogue/dataset.ts';
import type { SearchQuery, SearchResult } from '../catalogue/search-types.ts';
import type { GuidePage } from '../city/guide.ts';
import type { CityProfile } from '../city/profile.ts';
import type { Column } from '../query/column.ts';
import type { ArchivePages } from './pages-archive.ts';
import type { LawPages } from './pages-law.ts';
import type { MoneyPages } from './pages-money.ts';
import type { MailPages } from './pages-mail.ts';
import type { PeoplePages } from './pages-people.ts';
import type { ReleasePages } from './pages-release.ts';
import type { RequestsPages } from './pages-requests.ts';
import type { DocumentsPages } from './pages-documents.ts';
import type { ReportsPages } from './pages-reports.ts';
import type { RetentionPages } from './pages-retention.ts';
import type { WorkPages } from './pages-work.ts';

export type RowsView = {
  readonly columns: readonly Column[];
  /** Each cell as the text a person reads; null for no value. */
  readonly rows: readonly { readonly id: number | null; readonly cells: readonly (string | null)[] }[];
  readonly total: number; // rows that match, before paging
  readonly next: string | null; // cursor
  readonly sentence: string; // the query in English
  readonly revision: string;
};

export type CodeExample = {
  readonly title: string;
  readonly about: string;
  readonly url: string;
  readonly languages: readonly {
    readonly id: 'curl' | 'python' | 'r' | 'javascript';
    readonly label: string;
    readonly code: string;
    readonly html: string;
  }[];
};

/** A link to the whole dataset in one format, ready or made on the fly. */
export type DownloadLink = {
  readonly format: string;
  readonly label: string;
  readonly url: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
};

export type PagesApi = {
  readonly requests: RequestsPages;
  readonly law: LawPages;
  readonly money: MoneyPages;
  readonly mail: MailPages;
  readonly people: PeoplePages;
  readonly release: ReleasePages;
  readonly archive: ArchivePages;
  /** The clerk's desk. */
  readonly work: WorkPages;
  readonly reports: ReportsPages;
  readonly retention: RetentionPages;
  /** Responsive records and their redaction. */
  readonly documents: DocumentsPages;
  city(): CityProfile;
  publicUrl(): string;
  home(): Promise<{
    datasets: number;
    rows: number;
    departments: number;
    newest: readonly Dataset[];
    themes: readonly { theme: string; datasets: number }[];
  }>;
  search(query: SearchQuery): Promise<SearchResult>;
  /** By readable id or code; null when there is none. */
  dataset(id: string): Promise<Dataset | null>;
  revisions(id: string): Promise<readonly Omit<Revision, 'columns' | 'profile' | 'downloads' | 'report'>[]>;
  downloads(id: string): Promise<readonly DownloadLink[]>;
  /** The parameters of the native API's `rows` (where, order, select, q, limit, after, as_of). Throws PortalError as the API answers it. */
  rows(id: string, parameters: Readonly<Record<string, string>>): Promise<RowsView>;
  examples(id: string): Promise<readonly CodeExample[]>;
  departments(): Promise<readonly Department[]>;
  department(id: string): Promise<{ department: Department; datasets: SearchResult } | null>;
  guide(): readonly GuidePage[];
  guidePage(slug: string): GuidePage | null;
  openapi(): Promise<unknown>;
  errorCodes(): readonly { code: string; status: number; sentence: string }[];
  /** The dataset as schema.org JSON-LD, for search engines; left out of the page where it is not given. */
  schemaOrg?(id: string): Promise<unknown>;
  /** Records an error that a page met, with the request and the path it met it in; a refusal as such. */
  report?(thrown: unknown, requestId: string | null, path: string): void;
};
