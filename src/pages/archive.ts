// The public archive for pages: what they may ask, answered in process for one request's actor.
// It must decide nothing: records/archive asks the permissions and says what is public.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { isTicked, textOf, versionOf } from '../base/form.ts';
import type { FormValues } from '../base/form.ts';
import { isAllowed } from '../people/permissions.ts';
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
  /** `what`: publish, hide, file, draft. Answers where to go. */
  act(number: string, what: string, form: FormValues): Promise<string>;
  drafts(): Promise<readonly DatasetDraft[]>;
  draft(id: string): Promise<DatasetDraft & { readonly mayPublish: boolean }>;
  /** `what`: publish, discard. Answers where to go. */
  actOnDraft(id: string, what: string, form: FormValues): Promise<string>;
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
    check: (number, form) => archive.check(actor, number, { title: textOf(form, 'title'), text: textOf(form, 'text') }),
    act: (number, what, form) => act(archive, actor, number, what, form),
    drafts: () => archive.drafts.list(actor),
    async draft(id) {
      const draft = await archive.drafts.read(actor, id);
      const departments = [draft.department.id];
      return { ...draft, mayPublish: isAllowed(actor, 'dataset.publish', { departments }) };
    },
    actOnDraft: (id, what, form) => actOnDraft(archive, actor, id, what, form),
    demand: () => archive.demand(actor),
  };
}

function toWords(q: string | null): string | null {
  return q?.trim().slice(0, longestArchiveQuery) || null;
}

async function act(
  archive: Portal['archive'],
  actor: Actor,
  number: string,
  what: string,
  form: FormValues,
): Promise<string> {
  const back = `/staff/requests/${number}/publish`;
  switch (what) {
    case 'publish': {
      const looked = isTicked(form, 'looked') ? Number(textOf(form, 'looked')) : 0;
      const words = { title: textOf(form, 'title'), text: textOf(form, 'text') };
      await archive.publishPage(actor, number, { version: versionOf(form), looked, ...words });
      return back;
    }
    case 'hide':
      await archive.hidePage(actor, number, { version: versionOf(form) });
      return back;
    case 'file': {
      const given = { file: textOf(form, 'file'), isPublic: textOf(form, 'isPublic') === 'yes' };
      await archive.publishFile(actor, number, given);
      return `${back}#files`;
    }
    case 'draft':
      return `/staff/drafts/${await archive.drafts.create(actor, { request: number, file: textOf(form, 'file') })}`;
    default:
      throw new PortalError('bad-request', 'There is no such action.');
  }
}

async function actOnDraft(
  archive: Portal['archive'],
  actor: Actor,
  id: string,
  what: string,
  form: FormValues,
): Promise<string> {
  const version = versionOf(form);
  if (what === 'discard') {
    await archive.drafts.discard(actor, id, { version });
    return '/staff/drafts';
  }
  const dataset = await archive.drafts.publish(actor, id, {
    version,
    dataset: textOf(form, 'dataset'),
    title: textOf(form, 'title'),
    description: textOf(form, 'description'),
    isNoList: isTicked(form, 'isNoList'),
  });
  return `/datasets/${dataset}`;
}
