// The public archive for pages, in process for one request's actor: forms in, plain data out.
// It must decide nothing: the functions of records/archive ask the permissions and say what is public.

import type { Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { isAllowed } from '../people/permissions.ts';
import type { ArchiveQuery } from '../records/archive/archive-entry.ts';
import { isTable } from '../records/archive/dataset-drafts.ts';
import { longestArchiveQuery, parseArchiveFacets } from '../records/archive/search.ts';
import type { ArchivePages } from './pages-archive.ts';
import type { FormValues } from './pages-work.ts';
import type { Portal } from './portal.ts';
import { versionOf } from './release-pages.ts';

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

function textOf(form: FormValues, name: string): string {
  return form[name]?.[0]?.trim() ?? '';
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
      const looked = form['looked'] === undefined ? 0 : Number(textOf(form, 'looked'));
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
    isNoList: form['isNoList'] !== undefined,
  });
  return `/datasets/${dataset}`;
}
