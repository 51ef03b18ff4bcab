// Reading the catalogue: datasets, search, departments, revisions, what was set aside, downloads, column statistics.
// It must not read rows; row-routes.ts does.

import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { cadences } from '../../catalogue/dataset.ts';
import type { Dataset, Revision } from '../../catalogue/dataset.ts';
import type { SearchQuery } from '../../catalogue/search-types.ts';
import { toAsker } from '../../serve/read/asker.ts';
import { toDownloadLinks } from '../../serve/read/downloads.ts';
import { sendDocument } from '../../serve/http/document.ts';
import type { Reader } from '../../serve/read/reader.ts';
import { exact } from '../../base/schemas.ts';
import { asOf, bodies, datasetId, datasetParams, json, problems } from '../../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../../serve/http/typed-app.ts';
import { readParameters, requireKnownParameters } from '../language/parameters.ts';
import {
  toDatasetDocument,
  toDepartmentDocument,
  toReportDocument,
  toRevisionDocument,
  toSummary,
  withLinks,
} from './metadata.ts';
import { parseNativeParameters } from './parse.ts';
import { queryParameters, readRefusals } from './row-routes.ts';

const mostListed = 100;

function changedAt(dataset: Dataset): string {
  const { metadataChangedAt, current } = dataset;
  return metadataChangedAt > current.publishedAt ? metadataChangedAt : current.publishedAt;
}

const binCount = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 100, description: 'Bins of the histogram; 20 when left out.', examples: [20] }),
);
const topCount = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: 100,
    description: 'Most common values to list; 10 when left out.',
    examples: [10],
  }),
);

const facet = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ maxLength: 200 }), {
      maxItems: 50,
      description: `${description} May be given more than once.`,
      examples: [[example]],
    }),
  );

const searchProperties = {
  q: Type.Optional(
    Type.String({
      maxLength: 1_000,
      description:
        'Words, parts of words, or words with a typo; titles, descriptions, keywords, departments and column names are searched.',
      examples: ['permits'],
    }),
  ),
  department: facet('Id of a department.', 'planning'),
  theme: facet('A theme.', 'Environment'),
  format: facet('A download format.', 'geojson'),
  licence: facet('A licence’s name or `not-specified`.', 'not-specified'),
  cadence: facet(`${cadences.join(', ')} or \`not-specified\`.`, 'daily'),
  map: Type.Optional(Type.Boolean({ description: 'Only datasets with places, or only those without.' })),
  sort: Type.Optional(
    Type.Unsafe<SearchQuery['sort']>(Type.String({ enum: ['relevance', 'updated', 'title', 'rows'] })),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: mostListed,
      description: 'Datasets of a page; 20 when left out.',
      examples: [20],
    }),
  ),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Datasets to leave out.' })),
};
const searchParameters = exact(searchProperties);
const listParameters = exact({
  ...searchProperties,
  after: Type.Optional(
    Type.String({ maxLength: 200, description: 'The `next` of the page before; lists every dataset by id.' }),
  ),
});

const revisionParams = exact({
  id: datasetId,
  rev: Type.String({ description: 'A revision’s number or id.', examples: ['1'] }),
});
const columnParams = exact({
  id: datasetId,
  name: Type.String({ description: 'Name of the column.', examples: ['cost'] }),
});
const statisticsParameters = exact({
  where: queryParameters.where,
  q: queryParameters.q,
  bins: binCount,
  top: topCount,
  as_of: asOf,
});
const departmentParams = exact({ id: Type.String({ examples: ['planning'] }) });

type AtDataset = { readonly params: typeof datasetParams };
type AtRevision = { readonly params: typeof revisionParams };
type AtColumn = { readonly params: typeof columnParams; readonly querystring: typeof statisticsParameters };
type SearchWords = Static<typeof searchParameters>;

function toSearchQuery(words: SearchWords): SearchQuery {
  const q = words.q?.trim() ?? '';
  return {
    q: q === '' ? null : q,
    department: words.department ?? [],
    theme: words.theme ?? [],
    format: words.format ?? [],
    licence: words.licence ?? [],
    cadence: words.cadence ?? [],
    map: words.map ?? null,
    sort: words.sort ?? (q === '' ? 'updated' : 'relevance'),
    limit: words.limit ?? 20,
    offset: words.offset ?? 0,
  };
}

/** The same address with some parameters changed. */
function withParameters(reader: Reader, request: FastifyRequest, changes: Readonly<Record<string, string>>): string {
  const url = new URL(request.url, reader.publicUrl);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  return `${reader.publicUrl}${url.pathname}${url.search}`;
}

async function search(reader: Reader, request: Asked<{ querystring: typeof searchParameters }>, reply: FastifyReply) {
  const { page, facets, didYouMean, match } = await findDatasets(reader, request, reply, request.query);
  const { data, total, next, links } = page;
  return sendDocument(request, reply, { data, total, facets, didYouMean, match, next, links });
}

/** Every dataset by id, with a keyset cursor; or, as soon as anything is asked for, what a search finds. */
async function list(reader: Reader, request: Asked<{ querystring: typeof listParameters }>, reply: FastifyReply) {
  const { after, limit = 20, ...words } = request.query;
  if (Object.keys(words).length > 0) {
    if (after !== undefined) throw new PortalError('bad-request', say('dialects.after-in-search'));
    return sendDocument(request, reply, (await findDatasets(reader, request, reply, { ...words, limit })).page);
  }
  const found = reader.catalogue.list({ limit, after: after ?? null });
  const links = pageLinks(reader, request, reply, found.next === null ? null : { after: found.next });
  const data = found.datasets.map((dataset) => toSummary(reader.publicUrl, dataset));
  return sendDocument(request, reply, { data, total: found.total, next: found.next, links });
}

async function findDatasets(reader: Reader, request: FastifyRequest, reply: FastifyReply, words: SearchWords) {
  const query = toSearchQuery(words);
  const found = await reader.catalogue.search(query);
  const reached = query.offset + found.hits.length;
  const next = found.hits.length > 0 && reached < found.total ? String(reached) : null;
  const links = pageLinks(reader, request, reply, next === null ? null : { offset: next });
  const data = found.hits.map((hit) => withLinks(reader.publicUrl, hit));
  const { facets, didYouMean, match } = found;
  return { page: { data, total: found.total, next, links }, facets, didYouMean, match };
}

/** This page and the next, in the body and in the Link header. */
function pageLinks(
  reader: Reader,
  request: FastifyRequest,
  reply: FastifyReply,
  further: Record<string, string> | null,
) {
  const next = further === null ? null : withParameters(reader, request, further);
  if (next !== null) reply.header('link', `<${next}>; rel="next"`);
  return { self: withParameters(reader, request, {}), next };
}

async function readDataset(reader: Reader, request: Asked<AtDataset>, reply: FastifyReply) {
  const { id } = request.params;
  const dataset = await reader.dataset(id, request.actor);
  return sendDocument(request, reply, toDatasetDocument(reader.publicUrl, dataset), {
    changedAt: changedAt(dataset),
  });
}

async function readRevisions(reader: Reader, request: Asked<AtDataset>, reply: FastifyReply) {
  const { id } = request.params;
  const dataset = await reader.dataset(id, request.actor);
  const revisions = await reader.catalogue.revisions(dataset.id);
  const data = revisions.map((revision) => toRevisionDocument(reader.publicUrl, dataset.id, revision));
  return sendDocument(request, reply, { data }, { changedAt: dataset.current.publishedAt });
}

async function findRevision(
  reader: Reader,
  request: Asked<AtRevision>,
): Promise<{ dataset: Dataset; revision: Revision }> {
  const { id, rev } = request.params;
  const dataset = await reader.dataset(id, request.actor);
  return { dataset, revision: await reader.revision(dataset, rev) };
}

async function readRevision(reader: Reader, request: Asked<AtRevision>, reply: FastifyReply) {
  const { dataset, revision } = await findRevision(reader, request);
  const { publicUrl } = reader;
  return sendDocument(
    request,
    reply,
    {
      ...toRevisionDocument(publicUrl, dataset.id, revision),
      columns: revision.columns,
      report: toReportDocument(revision.report),
      downloads: toDownloadLinks(publicUrl, dataset, revision),
    },
    { changedAt: revision.publishedAt },
  );
}

async function readQuarantine(reader: Reader, request: Asked<AtRevision>, reply: FastifyReply) {
  const { dataset, revision } = await findRevision(reader, request);
  if (revision.quarantine === null) {
    throw new PortalError('not-found', say('dialects.no-quarantine', { revision: revision.number }));
  }
  return reader.sendStored(request, reply, {
    sha256: revision.quarantine.sha256,
    bytes: revision.quarantine.bytes,
    encodings: {},
    mediaType: 'text/csv; charset=utf-8; header=present',
    fileName: `${dataset.id}-revision-${revision.number}-quarantine.csv`,
    lastModified: revision.publishedAt,
    immutable: true,
    revisionId: revision.id,
  });
}

async function readDownloads(reader: Reader, request: Asked<AtDataset>, reply: FastifyReply) {
  const { id } = request.params;
  const dataset = await reader.dataset(id, request.actor);
  return sendDocument(request, reply, { data: toDownloadLinks(reader.publicUrl, dataset, null) });
}

async function readStatistics(reader: Reader, request: Asked<AtColumn>, reply: FastifyReply) {
  const { id, name } = request.params;
  const { bins, top } = request.query;
  const parameters = readParameters(request.query);
  const answer = await reader.statistics({
    datasetId: id,
    column: name,
    bins: bins ?? 20,
    top: top ?? 10,
    asOf: parameters.get('as_of') ?? null,
    ...toAsker(request, reply),
    parse: (_dataset, revision) => parseNativeParameters(parameters, { current: revision }),
  });
  return reader.send(request, reply, answer);
}

async function readDepartments(reader: Reader, request: FastifyRequest, reply: FastifyReply) {
  const departments = reader.catalogue.departments();
  const data = departments.map((department) => toDepartmentDocument(reader.publicUrl, department));
  return sendDocument(request, reply, { data });
}

async function readDepartment(
  reader: Reader,
  request: Asked<{ params: typeof departmentParams }>,
  reply: FastifyReply,
) {
  const { id } = request.params;
  const department = reader.catalogue.department(id);
  if (department === null) {
    throw new PortalError(
      'department-not-found',
      say('dialects.no-department', { department: id.slice(0, 100).toWellFormed() }),
    );
  }
  return sendDocument(request, reply, toDepartmentDocument(reader.publicUrl, department));
}

export function addCatalogueRoutes(app: TypedApp, reader: Reader): void {
  addListRoutes(app, reader);
  addDatasetRoutes(app, reader);
  addStatisticsRoute(app, reader);
  addRevisionRoutes(app, reader);
  addDepartmentRoutes(app, reader);
}

/** A route whose parameters are these; of another one the error names the nearest. */
function taking<S extends FastifySchema>(names: readonly string[], schema: S) {
  const preValidation = async (request: FastifyRequest) => {
    for (const name of Object.keys(request.query ?? {})) {
      if (!names.includes(name)) requireKnownParameters(new Map([[name, '']]), names);
    }
  };
  return { preValidation, schema };
}

function addListRoutes(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets',
    taking(Object.keys(listParameters.properties), {
      summary: 'Every dataset, or those that a search finds',
      operationId: 'listDatasets',
      tags: ['Catalogue'],
      querystring: listParameters,
      response: {
        200: json('A page of datasets.', Type.Ref('DatasetList')),
        ...problems(['bad-request', 'unknown-parameter', 'bad-cursor']),
      },
    }),
    (request, reply) => list(reader, request, reply),
  );
  app.get(
    '/search',
    taking(Object.keys(searchProperties), {
      summary: 'Search with facets, and why each dataset was found',
      operationId: 'searchDatasets',
      tags: ['Catalogue'],
      querystring: searchParameters,
      response: {
        200: json('What was found.', Type.Ref('SearchAnswer')),
        ...problems(['bad-request', 'unknown-parameter']),
      },
    }),
    (request, reply) => search(reader, request, reply),
  );
}

function addDatasetRoutes(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets/:id',
    taking([], {
      summary: 'One dataset: what it is, its columns, its current revision, its downloads',
      operationId: 'readDataset',
      tags: ['Catalogue'],
      params: datasetParams,
      response: {
        200: json('The dataset.', Type.Ref('Dataset')),
        ...problems(['unknown-parameter', 'dataset-not-found']),
      },
    }),
    (request, reply) => readDataset(reader, request, reply),
  );
  app.get(
    '/datasets/:id/downloads',
    taking([], {
      summary: 'Permanent addresses of the whole dataset, with sizes and checksums',
      operationId: 'listDownloads',
      tags: ['Downloads'],
      params: datasetParams,
      response: {
        200: json('The downloads.', Type.Ref('DownloadList')),
        ...problems(['unknown-parameter', 'dataset-not-found']),
      },
    }),
    (request, reply) => readDownloads(reader, request, reply),
  );
}

function addStatisticsRoute(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets/:id/columns/:name/statistics',
    taking(['where', 'q', 'bins', 'top', 'as_of'], {
      summary: 'Statistics and a histogram of one column, over the rows that a query finds',
      operationId: 'readStatistics',
      tags: ['Rows'],
      params: columnParams,
      querystring: statisticsParameters,
      response: {
        200: json('The statistics.', Type.Ref('Statistics')),
        ...problems(readRefusals.filter((code) => code !== 'not-acceptable')),
      },
    }),
    (request, reply) => readStatistics(reader, request, reply),
  );
}

function addRevisionRoutes(app: TypedApp, reader: Reader): void {
  const params = revisionParams;
  const missing = problems(['unknown-parameter', 'dataset-not-found', 'revision-not-found', 'not-found']);
  app.get(
    '/datasets/:id/revisions',
    taking([], {
      summary: 'Every revision of the dataset, newest first',
      operationId: 'listRevisions',
      tags: ['Revisions'],
      params: datasetParams,
      response: {
        200: json('The revisions.', Type.Ref('RevisionList')),
        ...problems(['unknown-parameter', 'dataset-not-found']),
      },
    }),
    (request, reply) => readRevisions(reader, request, reply),
  );
  app.get(
    '/datasets/:id/revisions/:rev',
    taking([], {
      summary: 'One revision: columns, publishing report, downloads',
      operationId: 'readRevision',
      tags: ['Revisions'],
      params,
      response: { 200: json('The revision.', Type.Ref('RevisionDetail')), ...missing },
    }),
    (request, reply) => readRevision(reader, request, reply),
  );
  app.get(
    '/datasets/:id/revisions/:rev/quarantine.csv',
    taking([], {
      summary: 'The rows that were set aside when the revision was published, with the reasons',
      operationId: 'readQuarantine',
      tags: ['Revisions'],
      params,
      response: {
        200: bodies('The rows as CSV.', { 'text/csv': Type.String() }),
        206: bodies('The part asked for with Range.', { '*/*': Type.String() }),
        ...missing,
        ...problems(['precondition-failed', 'range-not-satisfiable', 'stored-file-damaged']),
      },
    }),
    (request, reply) => readQuarantine(reader, request, reply),
  );
}

function addDepartmentRoutes(app: TypedApp, reader: Reader): void {
  app.get(
    '/departments',
    taking([], {
      summary: 'The departments that publish here',
      operationId: 'listDepartments',
      tags: ['Catalogue'],
      response: { 200: json('The departments.', Type.Ref('DepartmentList')), ...problems(['unknown-parameter']) },
    }),
    (request, reply) => readDepartments(reader, request, reply),
  );
  app.get(
    '/departments/:id',
    taking([], {
      summary: 'One department',
      operationId: 'readDepartment',
      tags: ['Catalogue'],
      params: departmentParams,
      response: {
        200: json('The department.', Type.Ref('Department')),
        ...problems(['unknown-parameter', 'department-not-found']),
      },
    }),
    (request, reply) => readDepartment(reader, request, reply),
  );
}
