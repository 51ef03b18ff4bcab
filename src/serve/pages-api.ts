// What pages are given: the same functions that answer the API, called in process for one request.
// It must show a page nothing that the API would not give the same person.

import { LRUCache } from 'lru-cache';

import type { Actor } from '../base/actor.ts';
import { errorTable, PortalError } from '../base/errors.ts';
import type { Dataset } from '../catalogue/dataset.ts';
import type { SearchQuery } from '../catalogue/search-types.ts';
import { toSchemaOrg } from '../catalogue/standards.ts';
import type { OutputColumn } from '../formats/format.ts';
import type { Session, Visitor } from '../people/people.ts';
import type { Column } from '../query/column.ts';
import { rowIdColumn } from '../query/column.ts';
import type { Query } from '../query/query.ts';
import { answerCount, answerRows } from './answer.ts';
import { toArchivePages } from './archive-pages.ts';
import type { ReadAnswer, ReadRequest } from './answer.ts';
import { requireDataset } from './datasets.ts';
import { toDownloadLinks } from './downloads.ts';
import { toExamples } from './examples.ts';
import type { Highlight } from './examples.ts';
import { cellsFormat } from './formats.ts';
import { toLawPages } from './law-pages.ts';
import { toMoneyPages } from './money-pages.ts';
import { toMailPages } from './mail-pages.ts';
import type { CodeExample, PagesApi, RowsView } from './pages.ts';
import { toPeoplePages } from './people-pages.ts';
import { toReleasePages } from './release-pages.ts';
import { toRequestsPages } from './requests-pages.ts';
import { toDocumentsPages } from './documents-pages.ts';
import { toReportsPages } from './reports-pages.ts';
import { toRetentionPages } from './retention-pages.ts';
import { toWorkPages } from './work-pages.ts';
import { noteRefusal } from './hooks.ts';
import type { Portal } from './portal.ts';
import { toSite } from './site.ts';

export type PagesReader = {
  readonly actor: Actor;
  readonly session: Session | null;
  readonly visitor: Visitor;
  readonly signal: AbortSignal;
};

export type PagesParts = {
  /** The parameters of the native API's rows → Query. */
  readonly parseRows: (parameters: Readonly<Record<string, string>>, dataset: Pick<Dataset, 'current'>) => Query;
  readonly openapi: () => unknown;
  readonly highlight: Highlight;
  /** Examples by dataset and revision; made once. */
  readonly examples: LRUCache<string, readonly CodeExample[]>;
};

const newestShown = 6;
const examplesKept = 500;

export function openExamplesCache(): PagesParts['examples'] {
  return new LRUCache({ max: examplesKept });
}

/** The PagesApi of one request: its reader, its address, and the end of it. */
export function toPagesApi(portal: Portal, parts: PagesParts, reader: PagesReader): PagesApi {
  const { catalogue, city } = portal;
  const { publicUrl } = portal.config;
  const find = (id: string) => findDataset(portal, id, reader.actor);
  return {
    people: toPeoplePages(portal.people, reader),
    requests: toRequestsPages(portal, { actor: reader.actor, client: reader.visitor.client }),
    work: toWorkPages(portal, reader.actor),
    reports: toReportsPages(portal, reader.actor),
    retention: toRetentionPages(portal, reader.actor),
    documents: toDocumentsPages(portal, reader.actor),
    law: toLawPages(portal, reader.actor),
    money: toMoneyPages(portal, reader.actor),
    mail: toMailPages(portal, reader.actor),
    release: toReleasePages(portal, reader.actor),
    archive: toArchivePages(portal, reader.actor),
    city: () => city.profile,
    publicUrl: () => publicUrl,
    home: () => home(portal),
    search: (query) => catalogue.search(query),
    dataset: find,
    revisions: async (id) => catalogue.revisions((await requireDataset(portal, id, reader.actor)).id),
    downloads: async (id) => toDownloadLinks(publicUrl, await requireDataset(portal, id, reader.actor), null),
    rows: (id, parameters) => readRows(portal, parts, reader, id, parameters),
    examples: async (id) => examplesOf(portal, parts, await requireDataset(portal, id, reader.actor)),
    departments: async () => catalogue.departments(),
    async department(id) {
      const department = catalogue.department(id);
      if (department === null) return null;
      return { department, datasets: await catalogue.search({ ...everything, department: [id] }) };
    },
    guide: () => city.guide,
    guidePage: (slug) => city.guide.find((page) => page.slug === slug) ?? null,
    openapi: async () => parts.openapi(),
    errorCodes: () => Object.entries(errorTable).map(([code, [status, sentence]]) => ({ code, status, sentence })),
    schemaOrg: async (id) => toSchemaOrg(await requireDataset(portal, id, reader.actor), toSite(portal)),
    report(thrown, requestId, path) {
      if (thrown instanceof PortalError && thrown.status < 500)
        return noteRefusal(portal, thrown, { actor: reader.actor, path });
      portal.effects.observe({ kind: 'failure', where: `a page (request ${requestId ?? 'unknown'})`, error: thrown });
    },
  };
}

const everything: SearchQuery = {
  q: null,
  department: [],
  theme: [],
  format: [],
  licence: [],
  cadence: [],
  map: null,
  sort: 'updated',
  limit: 100,
  offset: 0,
};

async function findDataset(portal: Portal, id: string, actor: Actor): Promise<Dataset | null> {
  try {
    return await requireDataset(portal, id, actor);
  } catch (error) {
    if (error instanceof PortalError && error.code === 'dataset-not-found') return null;
    throw error;
  }
}

async function home(portal: Portal) {
  const { catalogue } = portal;
  const all = catalogue.list({ limit: Number.MAX_SAFE_INTEGER, after: null });
  const found = await catalogue.search({ ...everything, limit: newestShown });
  return {
    datasets: all.total,
    rows: all.datasets.reduce((sum, dataset) => sum + dataset.current.rows, 0),
    departments: catalogue.departments().filter((department) => department.datasets > 0).length,
    newest: found.hits.map((hit) => catalogue.view(hit.id)).filter((dataset) => dataset !== null),
    themes: found.facets.theme.map(({ value, count }) => ({ theme: value, datasets: count })),
  };
}

function examplesOf(portal: Portal, parts: PagesParts, dataset: Dataset): readonly CodeExample[] {
  const key = `${dataset.id} ${dataset.current.id} ${dataset.current.profile.length}`;
  const kept = parts.examples.get(key);
  if (kept !== undefined) return kept;
  const made = toExamples(portal.config.publicUrl, dataset, parts.highlight);
  parts.examples.set(key, made);
  return made;
}

const rowLimits = { defaultLimit: 50, maxLimit: 1_000 };

async function readRows(
  portal: Portal,
  parts: PagesParts,
  reader: PagesReader,
  id: string,
  parameters: Readonly<Record<string, string>>,
): Promise<RowsView> {
  const { as_of: asOf, ...query } = parameters;
  const parse: ReadRequest['parse'] = (_dataset, revision) => ({
    ...parts.parseRows(query, { current: revision }),
    withRowId: true,
  });
  const shared = {
    datasetId: id,
    asOf: asOf ?? null,
    actor: reader.actor,
    ifNoneMatch: null,
    client: null,
    signal: reader.signal,
  };
  let sentence = '';
  const page = answerRows(portal, {
    ...shared,
    parse,
    dialect: 'pages',
    format(context) {
      sentence = context.sentence();
      return cellsFormat;
    },
    limits: rowLimits,
    exportAll: false,
  });
  const [answer, counted] = await Promise.all([page, answerCount(portal, { ...shared, parse })]);
  if (answer.kind === 'not-modified') throw new Error('a page asks without a tag');
  const text = await readAll(answer);
  const end = answer.kind === 'bytes' ? answer.end : await answer.end;
  const total = JSON.parse(await readAll(counted)) as { count: number };
  return {
    ...toTable(answer.columns, JSON.parse(text) as (string | null)[][]),
    total: total.count,
    next: end.next,
    sentence,
    revision: answer.revision.id,
  };
}

async function readAll(answer: ReadAnswer): Promise<string> {
  if (answer.kind === 'bytes') return answer.body.toString('utf8');
  if (answer.kind === 'not-modified') return '';
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function toTable(
  outputs: readonly OutputColumn[],
  rows: readonly (readonly (string | null)[])[],
): Pick<RowsView, 'columns' | 'rows'> {
  const idAt = outputs.findIndex((output) => output.name === rowIdColumn);
  const shown = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => index !== idAt);
  return {
    columns: shown(outputs).map(toColumn),
    rows: rows.map((cells) => ({ id: idAt < 0 ? null : Number(cells[idAt]), cells: shown(cells) })),
  };
}

/** A computed column has no words of its publisher: its name is its title. */
function toColumn(output: OutputColumn): Column {
  if (output.source !== null) return { ...output.source, name: output.name };
  const { name, type } = output;
  return {
    name,
    title: name,
    description: null,
    type,
    unit: null,
    meaning: null,
    sourceFormat: null,
    derivedFrom: null,
  };
}
