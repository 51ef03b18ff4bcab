// Reading rows: GET …/rows, POST …/query, …/count, one row, and exports of every row a query finds.
// It must hold no SQL and no bytes: parse → answer → respond.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { TSchema } from 'typebox';

import { PortalError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Dataset, Revision } from '../../catalogue/dataset.ts';
import type { RowFormat } from '../../formats/format.ts';
import { emptyQuery, queryLimits } from '../../query/query.ts';
import type { Query } from '../../query/query.ts';
import type { ReadRequest } from '../../serve/read/answer.ts';
import { toAsker } from '../../serve/read/asker.ts';
import { toContentDisposition } from '../../serve/http/files.ts';
import { exportFormats } from '../../serve/read/formats.ts';
import type { RowFormatName } from '../../serve/read/formats.ts';
import type { Reader } from '../../serve/read/reader.ts';
import { exact, oneOf } from '../../base/schemas.ts';
import { asOf, bodies, datasetId, datasetParams, json, problems } from '../../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../../serve/http/typed-app.ts';
import { readParameters, requireKnownParameters } from '../language/parameters.ts';
import { nativeQueryParameters, parseNativeParameters, parseQueryJson } from './parse.ts';
import { chooseRowFormat, requireFormat, rowFormatNames, toEnvelope, toLink, toPageAddress } from './respond.ts';
import type { PageAddress } from './respond.ts';
import { rowsSchema } from './schemas.ts';

const pageLimits = { defaultLimit: 100, maxLimit: 10_000 };

/** What the read path may refuse, whichever way it is asked. */
export const readRefusals: readonly ErrorCode[] = [
  'bad-request',
  'syntax-error',
  'unknown-parameter',
  'unknown-column',
  'unknown-function',
  'type-mismatch',
  'wrong-arity',
  'not-grouped',
  'aggregate-not-allowed',
  'duplicate-alias',
  'bad-literal',
  'bad-cursor',
  'query-too-large',
  'division-by-zero',
  'evaluation-failed',
  'dataset-not-found',
  'revision-not-found',
  'not-acceptable',
  'answer-too-large',
  'too-many-requests',
  'deadline-exceeded',
  'overloaded',
  'stored-file-damaged',
];
const readProblems = problems(readRefusals);
const rowRefusals: readonly ErrorCode[] = [
  'unknown-parameter',
  'dataset-not-found',
  'revision-not-found',
  'too-many-requests',
  'deadline-exceeded',
  'overloaded',
  'stored-file-damaged',
];

const text = (description: string, example: string) =>
  Type.Optional(Type.String({ maxLength: queryLimits.textBytes, description, examples: [example] }));

/** The parameters that make a query; parse.ts reads them and names the place of a mistake. */
export const queryParameters = {
  select: text('Columns, expressions and aggregates, with commas; left out: every column.', 'ward,count(*) as n'),
  distinct: Type.Optional(Type.Boolean({ description: 'Only rows that differ.' })),
  where: text('A condition in CQL2 text.', "cost >= 1000 AND status = 'issued'"),
  group: text('Columns or expressions to group by, with commas.', 'ward'),
  having: text('A condition on groups.', 'count(*) > 10'),
  order: text('Columns or expressions, each with `asc` or `desc`, with commas.', 'cost desc'),
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: pageLimits.maxLimit,
      description: 'Rows of a page; 100 when left out.',
      examples: [100],
    }),
  ),
  offset: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Rows to leave out; `after` is quicker.', examples: [0] }),
  ),
  after: text('The `next` of the page before.', ''),
  q: text('Words that must all be found in the row.', 'garage'),
  row_ids: Type.Optional(Type.Boolean({ description: 'Give each row’s `:id` too.' })),
};

const { limit: _limit, offset: _offset, after: _after, ...unpaged } = queryParameters;
const rowParameters = exact({
  ...queryParameters,
  as_of: asOf,
  format: Type.Optional(oneOf(rowFormatNames, { description: 'Stronger than Accept.' })),
});
const suffixedParams = exact({ id: datasetId, format: oneOf(rowFormatNames) });
const oneRowParams = exact({
  id: datasetId,
  rowId: Type.String({ description: 'The row’s `:id`.', examples: ['1'] }),
});
const exportParams = exact({ id: datasetId, format: oneOf([...rowFormatNames, 'parquet'], { examples: ['csv'] }) });
const exportParameters = exact({ ...unpaged, as_of: asOf });
const queryMember = (name: string) =>
  Type.Optional(Type.Unknown({ description: `As the parameter \`${name}\`; see docs/api/cql2.md.` }));
const queryBody = Type.Unsafe<Readonly<Record<string, unknown>>>(
  Type.Object(
    {
      ...Object.fromEntries(nativeQueryParameters.map((name) => [name, queryMember(name)])),
      as_of: asOf,
      format: Type.Optional(oneOf(rowFormatNames)),
    },
    {
      description: 'The query as JSON; conditions are CQL2-JSON. Members of other names are refused.',
      examples: [{ select: ['ward'], where: { op: '>=', args: [{ property: 'cost' }, 1000] }, limit: 10 }],
    },
  ),
);
type QueryRoute = { readonly params: typeof datasetParams; readonly body: typeof queryBody };
const countParameters = exact({ where: queryParameters.where, q: queryParameters.q, as_of: asOf });

const rowBodies = bodies('The rows.', {
  'application/json': rowsSchema,
  'text/csv': Type.String(),
  'application/x-ndjson': Type.String(),
  'application/geo+json': Type.Object({}, { additionalProperties: true }),
});

/** Unknown or repeated parameters are refused, with the name that was probably meant. */
function requireParameters(known: readonly string[]) {
  return async (request: FastifyRequest) => requireKnownParameters(readParameters(request.query), known);
}

type Wish = {
  readonly datasetId: string;
  readonly asOf: string | null;
  readonly parse: ReadRequest['parse'];
  readonly format: RowFormatName;
  readonly address: PageAddress;
};

function toRead(request: FastifyRequest, reply: FastifyReply, wish: Wish): ReadRequest {
  return {
    datasetId: wish.datasetId,
    asOf: wish.asOf,
    ...toAsker(request, reply),
    dialect: 'native',
    parse: wish.parse,
    format: (context): RowFormat =>
      wish.format === 'json' ? toEnvelope(context, wish.address) : requireFormat(wish.format, context),
    variant: wish.format === 'json' ? wish.address.self : '',
    limits: pageLimits,
    exportAll: false,
  };
}

function parseFrom(parameters: ReadonlyMap<string, string>): ReadRequest['parse'] {
  return (dataset, revision) => parseNativeParameters(parameters, at(dataset, revision));
}

/** The dataset as it was at a revision: what names mean is decided by that revision's columns. */
function at(dataset: Dataset, revision: Revision): Pick<Dataset, 'current'> {
  return revision === dataset.current ? dataset : { current: revision };
}

async function readRows(
  reader: Reader,
  request: FastifyRequest,
  reply: FastifyReply,
  { id, format: suffix }: { readonly id: string; readonly format?: RowFormatName },
): Promise<FastifyReply> {
  const parameters = readParameters(request.query);
  const path = request.url.split('?')[0]!;
  const address = toPageAddress(reader.publicUrl, path, parameters);
  const format = chooseRowFormat({ named: parameters.get('format') ?? suffix, accept: request.headers.accept });
  const read = toRead(request, reply, {
    datasetId: id,
    asOf: parameters.get('as_of') ?? null,
    parse: parseFrom(parameters),
    format,
    address,
  });
  const answer = await reader.rows(read);
  return reader.send(request, reply, answer, { link: (end) => toLink(address, end) });
}

async function postQuery(reader: Reader, request: Asked<QueryRoute>, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = request.params;
  const { as_of: moment, format: named, ...query } = request.body;
  const self = `${reader.publicUrl}${request.url.split('?')[0]!}`;
  const read = toRead(request, reply, {
    datasetId: id,
    asOf: typeof moment === 'string' ? moment : null,
    parse: (dataset, revision) => parseQueryJson(query, at(dataset, revision)),
    format: chooseRowFormat({ named: typeof named === 'string' ? named : undefined, accept: request.headers.accept }),
    address: { self, withCursor: null },
  });
  const answer = await reader.rows({ ...read, ifNoneMatch: null });
  return reader.send(request, reply, answer, { headers: { 'cache-control': 'no-store' } });
}

async function readOne(
  reader: Reader,
  request: Asked<{ params: typeof oneRowParams }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, rowId } = request.params;
  const parameters = readParameters(request.query);
  const { json: rows } = exportFormats;
  const one: RowFormat = {
    ...rows,
    id: 'native-row',
    row: (columns) => rows.row(columns),
    begin: () => '',
    end: () => '\n',
  };
  const read = toRead(request, reply, {
    datasetId: id,
    asOf: parameters.get('as_of') ?? null,
    parse: () => toRowQuery(rowId),
    format: 'json',
    address: { self: '', withCursor: null },
  });
  const answer = await reader.rows({
    ...read,
    format: one,
    limits: { defaultLimit: 1, maxLimit: 1 },
    headOnly: false, // only the engine knows whether there is such a row
  });
  if (answer.kind === 'bytes' && answer.end.rows === 0) {
    throw new PortalError(
      'row-not-found',
      say('dialects.no-row-in', { row: rowId.slice(0, 40).toWellFormed(), dataset: answer.dataset.id }),
    );
  }
  return reader.send(request, reply, answer);
}

function toRowQuery(rowId: string): Query {
  if (!/^[1-9]\d{0,17}$/u.test(rowId)) {
    throw new PortalError('row-not-found', say('dialects.row-number'));
  }
  const where = {
    kind: 'call',
    name: 'eq',
    args: [
      { kind: 'column', name: ':id' },
      { kind: 'literal', value: BigInt(rowId) },
    ],
  } as const;
  return { ...emptyQuery, where, limit: 1, withRowId: true };
}

async function count(
  reader: Reader,
  request: Asked<{ params: typeof datasetParams }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  const parameters = readParameters(request.query);
  const answer = await reader.count({
    datasetId: id,
    asOf: parameters.get('as_of') ?? null,
    ...toAsker(request, reply),
    parse: parseFrom(parameters),
  });
  return reader.send(request, reply, answer);
}

async function exportRows(
  reader: Reader,
  request: Asked<{ params: typeof exportParams }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, format } = request.params;
  const parameters = readParameters(request.query);
  const dataset = await reader.dataset(id, request.actor);
  const disposition = toContentDisposition(`${dataset.id}-selection.${format}`);
  const whole = { datasetId: id, asOf: parameters.get('as_of') ?? null, parse: parseFrom(parameters) };
  if (format === 'parquet') return reader.sendExport(request, reply, { ...whole, disposition });
  const address = toPageAddress(reader.publicUrl, request.url.split('?')[0]!, parameters);
  const named = chooseRowFormat({ named: format, accept: undefined });
  const read = toRead(request, reply, { ...whole, format: named, address });
  const answer = await reader.rows({
    ...read,
    format: (context) => requireFormat(named, context),
    variant: '',
    limits: { defaultLimit: null, maxLimit: null },
    exportAll: true,
  });
  return reader.send(request, reply, answer, { disposition });
}

export function addRowRoutes(app: TypedApp, reader: Reader): void {
  const rowsKnown = [...nativeQueryParameters, 'as_of', 'format'];
  const rowsRoute = <P extends TSchema>(summary: string, operationId: string, params: P) => ({
    preValidation: requireParameters(rowsKnown),
    schema: {
      summary,
      operationId,
      tags: ['Rows'],
      params,
      querystring: rowParameters,
      response: { 200: rowBodies, ...readProblems },
    },
  });
  app.get(
    '/datasets/:id/rows',
    rowsRoute('Rows that a query finds, page by page', 'readRows', datasetParams),
    (request, reply) => readRows(reader, request, reply, request.params),
  );
  app.get(
    '/datasets/:id/rows.:format',
    rowsRoute('Rows in the format that the address names', 'readRowsAs', suffixedParams),
    (request, reply) => readRows(reader, request, reply, request.params),
  );
  addQueryRoute(app, reader);
  addOneRowRoute(app, reader);
  addCountRoute(app, reader);
  addExportRoute(app, reader);
}

function addQueryRoute(app: TypedApp, reader: Reader): void {
  app.post(
    '/datasets/:id/query',
    {
      bodyLimit: 262_144,
      preValidation: requireParameters([]),
      schema: {
        summary: 'Rows that a query written as JSON finds',
        operationId: 'queryRows',
        tags: ['Rows'],
        params: datasetParams,
        body: queryBody,
        response: { 200: rowBodies, ...readProblems, ...problems(['unsupported-media-type']) },
      },
    },
    (request, reply) => postQuery(reader, request, reply),
  );
}

function addOneRowRoute(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets/:id/rows/:rowId',
    {
      preValidation: requireParameters(['as_of']),
      schema: {
        summary: 'One row, by its number',
        operationId: 'readRow',
        tags: ['Rows'],
        params: oneRowParams,
        querystring: exact({ as_of: asOf }),
        response: {
          200: json('The row.', Type.Ref('Row')),
          ...problems([...rowRefusals, 'row-not-found']),
        },
      },
    },
    (request, reply) => readOne(reader, request, reply),
  );
}

function addCountRoute(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets/:id/count',
    {
      preValidation: requireParameters(['where', 'q', 'as_of']),
      schema: {
        summary: 'How many rows a query finds, exactly',
        operationId: 'countRows',
        tags: ['Rows'],
        params: datasetParams,
        querystring: countParameters,
        response: { 200: json('The count.', Type.Ref('CountAnswer')), ...readProblems },
      },
    },
    (request, reply) => count(reader, request, reply),
  );
}

function addExportRoute(app: TypedApp, reader: Reader): void {
  app.get(
    '/datasets/:id/export.:format',
    {
      preValidation: requireParameters([...Object.keys(unpaged), 'as_of']),
      schema: {
        summary: 'Every row that a query finds, as one file',
        operationId: 'exportRows',
        tags: ['Rows'],
        params: exportParams,
        querystring: exportParameters,
        response: {
          200: bodies('The file, streamed; if it cannot be finished the connection is closed before its end.', {
            'text/csv': Type.String(),
            'application/json': Type.Array(Type.Ref('Row')),
            'application/x-ndjson': Type.String(),
            'application/geo+json': Type.Object({}, { additionalProperties: true }),
            'application/vnd.apache.parquet': Type.String(),
          }),
          ...readProblems,
        },
      },
    },
    (request, reply) => exportRows(reader, request, reply),
  );
}
