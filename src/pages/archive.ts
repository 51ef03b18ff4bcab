// The public archive for pages: what they may ask, answered in process for one request's actor.
// It must decide nothing: records/archive asks the permissions and says what is public.

import type { Actor } from '../base/actor.ts';
import type { FormValues } from '../base/form.ts';
import { actByForm } from '../people/act.ts';
import { isAllowed } from '../people/permissions.ts';
import { archiveActs, draftActs } from '../records/archive/acts.ts';
import type { ArchiveResult, PublicPage, ArchiveQuery } from '../records/archive/archive-entry.ts';
import type { Finding } from '../records/archive/check.ts';
import { isTable } from '../records/archive/dataset-drafts.ts';
import type { DatasetDraft } from '../records/archive/dataset-drafts.ts';
import type { Demand } from '../records/archive/demand.ts';
import type { StaffPage } from '../records/archive/reading.ts';
import { longestArchiveQuery, parseArchiveFacets } from '../records/archive/search.ts';
import type { Portal } from '../serve/portal.ts';

export type * from '../records/archive/archive-entry.ts';
export type { Finding } from '../records/archive/check.ts';
export type { DatasetDraft } from '../records/archive/dataset-drafts.ts';
export type { Demand } from '../records/archive/demand.ts';
export type { StaffPage } from '../records/archive/reading.ts';

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
  publish(number: string, form: FormValues): Promise<void>;
  hide(number: string, form: FormValues): Promise<void>;
  publishFile(number: string, form: FormValues): Promise<void>;
  /** Answers the id of the draft. */
  makeDraft(number: string, form: FormValues): Promise<string>;
  drafts(): Promise<readonly DatasetDraft[]>;
  draft(id: string): Promise<DatasetDraft & { readonly mayPublish: boolean }>;
  /** Answers the id of the dataset. */
  publishDraft(id: string, form: FormValues): Promise<string>;
  discardDraft(id: string, form: FormValues): Promise<void>;
  demand(): Promise<Demand>;
};

const pageLength = 20;
const besideShown = 3;

export function toArchivePages({ archive }: Pick<Portal, 'archive'>, actor: Actor): ArchivePages {
  return {
    search: ({ q, after, ...facets }) =>
      archive.search({ q: toWords(q), ...parseArchiveFacets(facets), limit: pageLength, after }),
    async beside(q) {
      const words = toWords(q);
      if (words === null) return { hits: [], total: 0 };
      const query: ArchiveQuery = { q: words, department: [], year: [], outcome: [], limit: besideShown, after: null };
      return archive.search(query);
    },
    page: (number) => archive.page(number),
    async staffPage(number) {
      const page = await archive.staffPage(actor, number);
      return { ...page, tables: page.files.filter(isTable).map(({ id }) => id) };
    },
    check: async (number, form) => (await actByForm(archiveActs.check, archive, actor, number, form)).data,
    publish: (number, form) => actByForm(archiveActs.publish, archive, actor, number, form),
    hide: (number, form) => actByForm(archiveActs.hide, archive, actor, number, form),
    publishFile: (number, form) => actByForm(archiveActs.file, archive, actor, number, form),
    makeDraft: async (number, form) => (await actByForm(archiveActs.draft, archive, actor, number, form)).id,
    drafts: () => archive.drafts.list(actor),
    async draft(id) {
      const draft = await archive.drafts.read(actor, id);
      const departments = [draft.department.id];
      return { ...draft, mayPublish: isAllowed(actor, 'dataset.publish', { departments }) };
    },
    publishDraft: async (id, form) => (await actByForm(draftActs.publish, archive, actor, id, form)).dataset,
    discardDraft: (id, form) => actByForm(draftActs.discard, archive, actor, id, form),
    demand: () => archive.demand(actor),
  };
}

function toWords(q: string | null): string | null {
  return q?.trim().slice(0, longestArchiveQuery) || null;
}
