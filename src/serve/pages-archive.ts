// What the pages of the public archive may ask of the portal: types alone.
// It must not hold anything that runs.

import type { ArchiveResult, PublicPage } from '../records/archive/archive-entry.ts';
import type { Finding } from '../records/archive/check.ts';
import type { DatasetDraft } from '../records/archive/dataset-drafts.ts';
import type { Demand } from '../records/archive/demand.ts';
import type { StaffPage } from '../records/archive/reading.ts';
import type { FormValues } from './pages-work.ts';

export type * from '../records/archive/archive-entry.ts';
export type { Finding } from '../records/archive/check.ts';
export type { DatasetDraft } from '../records/archive/dataset-drafts.ts';
export type { Demand } from '../records/archive/demand.ts';
export type { StaffFile, StaffPage } from '../records/archive/reading.ts';

/** The address of a search: `q`, `department`, `year`, `outcome`, `after`. */
export type ArchiveAddress = {
  readonly q: string | null;
  readonly department: readonly string[];
  readonly year: readonly string[];
  readonly outcome: readonly string[];
  readonly after: string | null;
};

export type ArchivePages = {
  /** Throws bad-request, bad-cursor. */
  search(address: ArchiveAddress): Promise<ArchiveResult>;
  /** A few public requests for the words of a catalogue search; none without words. */
  beside(q: string | null): Promise<Pick<ArchiveResult, 'hits' | 'total'>>;
  page(number: string): Promise<PublicPage>;
  staffPage(number: string): Promise<StaffPage & { readonly tables: readonly string[] }>;
  check(number: string, form: FormValues): Promise<readonly Finding[]>;
  /** `what`: publish, hide, file, draft. Answers where to go. */
  act(number: string, what: string, form: FormValues): Promise<string>;
  drafts(): Promise<readonly DatasetDraft[]>;
  draft(id: string): Promise<DatasetDraft & { readonly mayPublish: boolean }>;
  /** `what`: publish, discard. Answers where to go. */
  actOnDraft(id: string, what: string, form: FormValues): Promise<string>;
  demand(): Promise<Demand>;
};
