// What the catalogue holds, as plain data: datasets with the fields of DCAT-US 3.0, their revisions, departments.
// A field the publisher left out is null and reads "not specified"; nothing here invents a value.

import type { Recipe } from './recipe.ts';
import type { Sentence } from '../base/say.ts';
import type { Column } from '../query/column.ts';

export type Contact = {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly url: string | null;
};

export type Department = {
  readonly id: string; // readable: `city-clerk`
  readonly name: string;
  readonly description: string | null;
  readonly contact: Contact | null;
  readonly datasets: number;
};

/** dcterms:accrualPeriodicity in words a publisher chooses from; docs/settings and the CLI list them. */
export const cadences = [
  'continuous',
  'hourly',
  'daily',
  'weekly',
  'biweekly',
  'monthly',
  'bimonthly',
  'quarterly',
  'semiannual',
  'annual',
  'biennial',
  'irregular',
  'never',
] as const;
export type Cadence = (typeof cadences)[number];

export type Licence = { readonly id: string | null; readonly name: string; readonly url: string | null };

/** What the publisher says of a dataset. DCAT-US 3.0 names in comments where they differ. */
export type DatasetMetadata = {
  readonly title: string;
  readonly description: string | null;
  readonly keywords: readonly string[]; // dcat:keyword
  readonly theme: string | null; // dcat:theme
  readonly licence: Licence | null; // dcterms:license
  readonly rights: string | null; // dcterms:rights — terms in words
  readonly accessLevel: 'public';
  readonly cadence: Cadence | null; // dcterms:accrualPeriodicity
  readonly contact: Contact | null; // dcat:contactPoint; null: the department's
  readonly temporal: { readonly start: string | null; readonly end: string | null } | null; // dcterms:temporal
  readonly spatial: string | null; // dcterms:spatial, in words
  readonly bbox: readonly [west: number, south: number, east: number, north: number] | null;
  readonly language: string | null;
  readonly landingPage: string | null;
  readonly source: string | null; // dcterms:source — where the data comes from
  readonly sourceUrl: string | null;
  readonly conformsTo: string | null;
  readonly purpose: string | null;
  readonly methodology: string | null; // dcterms:provenance
  readonly rowMeaning: string | null; // what one row is
  readonly limitations: string | null;
  /**
   * Visible mark on every page and in every description: null, or a sentence such as "sample, generated — not city
   * records".
   */
  readonly notice: string | null;
};

/** A publisher who has said nothing but the title. */
export const emptyMetadata: Omit<DatasetMetadata, 'title'> = Object.freeze({
  description: null,
  keywords: [],
  theme: null,
  licence: null,
  rights: null,
  accessLevel: 'public',
  cadence: null,
  contact: null,
  temporal: null,
  spatial: null,
  bbox: null,
  language: null,
  landingPage: null,
  source: null,
  sourceUrl: null,
  conformsTo: null,
  purpose: null,
  methodology: null,
  rowMeaning: null,
  limitations: null,
  notice: null,
});

export type Download = {
  readonly format: 'csv' | 'json' | 'ndjson' | 'geojson' | 'parquet';
  readonly sha256: string;
  readonly bytes: number;
  /** Ready-made encodings of the same bytes: encoding → its own blob. */
  readonly encodings: Readonly<
    Partial<Record<'zstd' | 'br' | 'gzip', { readonly sha256: string; readonly bytes: number }>>
  >;
};

/** One value per column, computed once at publish over all rows. */
export type ColumnProfile = {
  readonly name: string;
  readonly nulls: number;
  readonly distinct: number | null; // exact up to a bound, else approximate with `distinctApproximate`
  readonly distinctApproximate: boolean;
  readonly min: string | null; // canonical text of the value
  readonly max: string | null;
  readonly mean: number | null;
  readonly median: number | null;
  /** Equal-width bins for numbers and times, by canonical text of their edges; null for other types. */
  /** With `values` every bin is one value, and the last edge is the last value again. */
  readonly histogram: {
    readonly edges: readonly string[];
    readonly counts: readonly number[];
    readonly values?: true;
  } | null;
  readonly top: readonly { readonly value: string; readonly count: number }[] | null;
};

export type Finding = {
  readonly code: string; // a permanent code of base/errors.ts
  readonly severity: 'error' | 'warning' | 'note';
  readonly sentence: string;
  /** The same with its key, for pages in another language; what was published before sentences had keys has none. */
  readonly said?: Pick<Sentence, 'key' | 'values'>;
  readonly row: number | null; // 1-based record number in the file, header not counted
  readonly line: number | null;
  readonly column: string | null;
};

/** What happened to the file: `rowsInFile = rowsPublished + rowsQuarantined`, always. */
export type IngestReport = {
  readonly fileName: string;
  readonly fileBytes: number;
  readonly fileSha256: string;
  readonly format: 'csv' | 'json' | 'ndjson' | 'geojson' | 'parquet';
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly rowsInFile: number;
  readonly rowsPublished: number;
  readonly rowsQuarantined: number;
  readonly findings: readonly Finding[]; // at most 1,000; `findingsTotal` counts all
  readonly findingsTotal: number;
  /** What the publisher said of the file; it is said of the next one as well. Null, or not there, when nothing was. */
  readonly recipe?: Recipe | null;
};

export type Revision = {
  readonly id: string; // sha256 of the canonical Parquet, shortened to the first 16 hex digits in addresses
  readonly number: number; // 1, 2, 3 … within the dataset
  readonly publishedAt: string; // ISO instant
  readonly publishedBy: string;
  readonly note: string | null;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly parquet: { readonly sha256: string; readonly bytes: number };
  readonly serving: { readonly sha256: string; readonly bytes: number } | null; // null until derived again
  readonly source: { readonly sha256: string; readonly bytes: number; readonly name: string } | null; // as received
  readonly quarantine: { readonly sha256: string; readonly bytes: number; readonly rows: number } | null; // CSV
  readonly downloads: readonly Download[]; // fills up after release
  readonly profile: readonly ColumnProfile[];
  readonly report: IngestReport;
};

export type Dataset = {
  readonly id: string; // readable: `building-permits`
  readonly code: string; // `xxxx-xxxx`
  readonly department: Department;
  readonly metadata: DatasetMetadata;
  readonly hasGeometry: boolean;
  readonly createdAt: string;
  readonly metadataChangedAt: string;
  readonly current: Revision;
};
