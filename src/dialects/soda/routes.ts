// The addresses of SODA 2.1: rows, one row, metadata documents, the whole-file export, discovery, permalinks.
// It must hold no query language and no bytes: parse → answer → respond.

import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { RowFormat } from '../../formats/format.ts';
import { rowIdColumn } from '../../query/column.ts';
import { emptyQuery, type Query } from '../../query/query.ts';
import type { ReadAnswer, ReadRequest } from '../../serve/read/answer.ts';
import { toAsker } from '../../serve/read/asker.ts';
import { sendDocument } from '../../serve/http/document.ts';
import { toContentDisposition } from '../../serve/http/files.ts';
import type { Reader } from '../../serve/read/reader.ts';
import { nothing } from '../../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../../serve/http/typed-app.ts';
import { readFlag, readParameters, requireKnownParameters, type Parameters } from '../language/parameters.ts';
import { discover } from './discovery.ts';
import { sodaFormat, sodaRowFormat } from './formats.ts';
import { toFlatMetadata, toView } from './metadata.ts';
import { parseSodaParameters } from './parse.ts';
import { chooseSodaFormat, sodaErrorType, sodaHeaders, toSodaError } from './respond.ts';
import {
  documentAnswer,
  documentFile,
  errorAnswers,
  exportAnswer,
  exportFile,
  pageId,
  rowFile,
  rowsAnswer,
  rowsFile,
  rowsQuery,
} from './schemas.ts';
import { readRowId } from './system-fields.ts';

/** Beyond this many rows an answer is an export: streamed from the first byte, under the longer deadline. */
const exportFrom = 50_000;

const documents = { '200': documentAnswer };

/** What the description says of a route, and the dialect's own errors. */
function described<S extends FastifySchema>(summary: string, answers: Readonly<Record<string, unknown>>, schemas: S) {
  const schema = { tags: ['SODA'], summary, response: { ...answers, ...errorAnswers }, ...schemas };
  return { config: { access: 'open', problem: answerProblem } as const, schema };
}

export function sodaRoutes(app: TypedApp, reader: Reader): void {
  app.get(
    '/resource/:file',
    described('Rows of a dataset (SODA 2.1)', { '200': rowsAnswer }, { params: rowsFile, querystring: rowsQuery }),
    (request, reply) => readRows(reader, request, reply),
  );
  app.get(
    '/resource/:id/:file',
    described('One row of a dataset (SODA 2.1)', documents, { params: rowFile }),
    (request, reply) => readRow(reader, request, reply),
  );
  app.get(
    '/api/views/:file',
    described('The view document of a dataset', documents, { params: documentFile }),
    (request, reply) => readView(reader, request, reply),
  );
  app.get(
    '/api/views/:id/:file',
    described('Every row of a dataset, the columns by their titles', { '200': exportAnswer }, { params: exportFile }),
    (request, reply) => exportRows(reader, request, reply),
  );
  app.get(
    '/api/views/metadata/v1/:file',
    described('The flat metadata of a dataset', documents, { params: documentFile }),
    (request, reply) => readMetadata(reader, request, reply),
  );
  app.get('/api/catalog/v1', described('The datasets of the portal', documents, {}), (request, reply) =>
    discover(reader, request, reply),
  );
  app.get(
    '/d/:id',
    described('Leads to the page of a dataset', { '302': nothing('The page.') }, { params: pageId }),
    (request, reply) => redirect(reader, request, reply),
  );
}

function answerProblem(error: PortalError, request: FastifyRequest): { mediaType: string; body: string } {
  const { file, id }: { file?: unknown; id?: unknown } = request.params ?? {};
  const dataset = typeof id === 'string' ? id : typeof file === 'string' ? splitName(file).name : null;
  const texts = { ...(request.query ?? {}) };
  return { mediaType: sodaErrorType, body: `${JSON.stringify(toSodaError(error, { dataset, texts }))}\n` };
}

/** `ab12-cd34.csv` → name and extension. */
function splitName(file: string): { readonly name: string; readonly extension: string | null } {
  const dot = file.lastIndexOf('.');
  return dot < 0 ? { name: file, extension: null } : { name: file.slice(0, dot), extension: file.slice(dot + 1) };
}

type At<P extends TSchema> = Asked<{ params: P }>;

type Wish = {
  readonly datasetId: string;
  readonly asOf: string | null;
  readonly parse: ReadRequest['parse'];
  readonly format: RowFormat;
  readonly exportAll: boolean;
  readonly headOnly?: false;
};

async function ask(reader: Reader, request: FastifyRequest, reply: FastifyReply, wish: Wish): Promise<ReadAnswer> {
  return reader.rows({
    ...toAsker(request, reply),
    ...wish,
    dialect: 'soda',
    limits: { defaultLimit: null, maxLimit: null },
  });
}

async function send(
  reader: Reader,
  request: FastifyRequest,
  reply: FastifyReply,
  found: ReadAnswer,
  disposition?: string,
): Promise<FastifyReply> {
  const headers = sodaHeaders(found);
  return reader.send(request, reply, found, disposition === undefined ? { headers } : { headers, disposition });
}

async function readRows(reader: Reader, request: At<typeof rowsFile>, reply: FastifyReply): Promise<FastifyReply> {
  const { name, extension } = splitName(request.params.file);
  const parameters = readParameters(request.query);
  const found = await ask(reader, request, reply, {
    datasetId: name,
    asOf: parameters.get('$$as_of') ?? null,
    parse: (_dataset, revision) => parseSodaParameters(parameters, revision),
    format: chooseSodaFormat(extension, request.headers.accept, readFlag(parameters, '$$bom') ?? false),
    exportAll: isExport(parameters),
  });
  return send(reader, request, reply, found);
}

function isExport(parameters: Parameters): boolean {
  return Number(parameters.get('$limit') ?? 0) > exportFrom;
}

async function readRow(reader: Reader, request: At<typeof rowFile>, reply: FastifyReply): Promise<FastifyReply> {
  const { id, file } = request.params;
  const { text, extension } = splitRowName(file);
  if (extension !== null && extension !== 'json') {
    throw new PortalError('not-acceptable', say('dialects.row-as-json', { got: extension.slice(0, 20) }));
  }
  requireKnownParameters(readParameters(request.query), ['$$app_token']);
  const row = readRowId(text);
  const missing = new PortalError('row-not-found', {
    detail: say('dialects.no-row', { row: text.slice(0, 60).toWellFormed() }),
    extra: { row: text.slice(0, 60).toWellFormed() },
  });
  if (row === null) {
    await reader.dataset(id, request.actor);
    throw missing;
  }
  const found = await ask(reader, request, reply, {
    datasetId: id,
    asOf: null,
    parse: () => toRowQuery(row),
    format: sodaRowFormat,
    exportAll: false,
    headOnly: false, // only the engine knows whether there is such a row
  });
  if (found.kind === 'bytes' && found.end.rows === 0) throw missing;
  return send(reader, request, reply, found);
}

/** A row id has a dot of its own: `row-0000.0000~0001.json`. */
function splitRowName(file: string): { readonly text: string; readonly extension: string | null } {
  const parts = /^(row-[^.]*\.[^.]*|[^.]*)(?:\.(.*))?$/.exec(file);
  return { text: parts?.[1] ?? file, extension: parts?.[2] ?? null };
}

function toRowQuery(row: number): Query {
  const id = { kind: 'column', name: rowIdColumn } as const;
  return { ...emptyQuery, where: { kind: 'call', name: 'eq', args: [id, { kind: 'literal', value: row }] }, limit: 1 };
}

async function readView(reader: Reader, request: At<typeof documentFile>, reply: FastifyReply): Promise<FastifyReply> {
  const name = requireJsonName(request.params.file);
  requireKnownParameters(readParameters(request.query), ['$$app_token', 'accessType', 'method']);
  const dataset = await reader.dataset(name, request.actor);
  return sendDocument(request, reply, toView(dataset), { changedAt: dataset.metadataChangedAt });
}

async function readMetadata(
  reader: Reader,
  request: At<typeof documentFile>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const name = requireJsonName(request.params.file);
  const dataset = await reader.dataset(name, request.actor);
  return sendDocument(request, reply, toFlatMetadata(dataset, reader.publicUrl));
}

/** The dataset that a document is asked of, as `ab12-cd34` or `ab12-cd34.json`. */
function requireJsonName(file: string): string {
  const { name, extension } = splitName(file);
  if (extension === null || extension === 'json') return name;
  throw new PortalError('not-acceptable', say('dialects.document-as-json', { got: extension.slice(0, 20) }));
}

/**
 * `/api/views/{id}/rows.csv?accessType=DOWNLOAD`: every row; the header has the titles that people gave the columns.
 */
async function exportRows(reader: Reader, request: At<typeof exportFile>, reply: FastifyReply): Promise<FastifyReply> {
  const { id, file } = request.params;
  const { name, extension } = splitName(file);
  if (name !== 'rows') throw new PortalError('not-found');
  if (extension !== 'csv' && extension !== 'tsv' && extension !== 'geojson') {
    throw new PortalError('not-acceptable', say('dialects.export-formats'));
  }
  const parameters = readParameters(request.query);
  requireKnownParameters(parameters, ['accessType', 'bom', 'method', '$$app_token']);
  const format = sodaFormat(extension, readFlag(parameters, 'bom') ?? false);
  const found = await ask(reader, request, reply, {
    datasetId: id,
    asOf: null,
    parse: () => emptyQuery,
    format: extension === 'geojson' ? format : withTitles(format),
    exportAll: true,
  });
  const fileName = `${found.dataset.id}.${extension}`;
  const isDownload = parameters.get('accessType')?.toUpperCase() === 'DOWNLOAD';
  return send(reader, request, reply, found, isDownload ? toContentDisposition(fileName) : undefined);
}

function withTitles(format: RowFormat): RowFormat {
  return {
    ...format,
    id: `${format.id}-titles`,
    begin: (info) =>
      format.begin({
        ...info,
        columns: info.columns.map((column) => ({ ...column, name: column.source?.title ?? column.name })),
      }),
  };
}

async function redirect(reader: Reader, request: At<typeof pageId>, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params;
  const dataset = await reader.dataset(id, request.actor);
  return reply.redirect(`${reader.publicUrl}/datasets/${dataset.id}`, 302);
}
