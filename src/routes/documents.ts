// Responsive records for programs and for what pages cannot do themselves: files in, pictures and files out,
// redactions. It must hold no rule; records/documents does. Nothing here is kept by anybody on the way.

import { Readable } from 'node:stream';

import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import { PortalError } from '../base/errors.ts';
import { inEnglish } from '../base/say.ts';
import type { AnyAct } from '../people/act.ts';
import { documentActs } from '../records/documents/acts.ts';
import type { Documents } from '../records/documents/documents.ts';
import type { Place } from '../records/documents/reading.ts';
import { departmentsFor } from '../records/requests/scope.ts';
import { addAct } from '../serve/http/acts.ts';
import type { ActPlace } from '../serve/http/acts.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, oneOf } from '../base/schemas.ts';
import { bodies, json, nothing, problems } from '../serve/http/schemas.ts';
import type { Asked, TypedApp } from '../serve/http/typed-app.ts';
import { multipartLimits, readUpload } from '../serve/http/upload.ts';
import {
  documentSchema,
  documentViewSchema,
  hitsSchema,
  pageViewSchema,
  suggestionsFoundSchema,
} from './document-schemas.ts';

const shared = { tags: ['Records'], security: [{ session: [] }] };
const write = { config: { access: 'write' } } as const;
const base = '/records/requests/:request/documents';
const request = Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' });
const document = Type.Integer({ minimum: 1, description: 'The document’s number in the request.' });
const requestParams = exact({ request });
const documentParams = exact({ request, document });
const pageParams = exact({ request, document, page: Type.Integer({ minimum: 1 }) });
const reads = ['unauthorized', 'forbidden', 'not-found', 'records-invalid', 'bad-request'] as const;
const reading = problems(reads);
const asking = problems([...reads, 'unknown-parameter']);

/** Under the prefix of the API. */
export async function documentRoutes(app: TypedApp, portal: Portal): Promise<void> {
  await app.register(multipart, { limits: multipartLimits });
  app.addSchema(documentSchema);
  app.addSchema(documentViewSchema);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  addUpload(app, portal);
  addReaders(app, portal);
  addFiles(app, portal);
  addActs(app, portal);
}

function placeOf({ params }: { params: Place }): Place {
  return { request: params.request, document: params.document };
}

function addUpload(app: TypedApp, portal: Portal): void {
  const bodyLimit = Math.min(portal.config.maxUploadBytes + 1_048_576, Number.MAX_SAFE_INTEGER);
  app.post(
    base,
    {
      bodyLimit,
      config: { access: 'write', upload: true },
      // Before a byte of the file is read.
      preParsing: async (asked) => {
        departmentsFor(asked.actor, 'document.upload');
        requireLength(asked, bodyLimit);
      },
      schema: {
        ...shared,
        summary: 'Add a responsive record',
        description:
          'A form with the part `file`. Whatever is wrong with the file is told by its flags: it is kept, sealed, and ' +
          'never shown to the public. A browser is sent back to its page.',
        operationId: 'addResponsiveRecord',
        consumes: ['multipart/form-data'],
        params: requestParams,
        response: {
          201: json('Kept, sealed.', exact({ id: Type.String(), number: Type.Integer() })),
          303: nothing('For a browser: back to the page.'),
          ...problems(['unauthorized', 'forbidden', 'not-found', 'bad-request', 'unknown-parameter']),
          ...problems(['unsupported-media-type', 'upload-too-large', 'upload-truncated', 'empty-file', 'disk-full']),
        },
      },
    },
    (asked, reply) => upload(portal, asked, reply),
  );
}

type AtRequest = { readonly params: typeof requestParams };

/** What is announced as too large is refused unread; what is too large unannounced is cut off while it is read. */
function requireLength(asked: FastifyRequest, most: number): void {
  if (Number(asked.headers['content-length'] ?? 0) <= most) return;
  throw new PortalError('upload-too-large', { extra: { maxBytes: most } });
}

async function upload(portal: Portal, asked: Asked<AtRequest>, reply: FastifyReply): Promise<FastifyReply> {
  const { request: number } = asked.params;
  const isBrowser = asked.headers.accept?.includes('text/html') === true;
  const page = `/staff/requests/${number}/documents`;
  try {
    const { fileName, bytes } = await readUpload(asked, [], () => undefined);
    const length = Number(asked.headers['content-length']);
    const declaredBytes = Number.isSafeInteger(length) ? length : null;
    const taken = await portal.documents.receive(asked.actor, number, { name: fileName, bytes, declaredBytes });
    return isBrowser ? reply.redirect(`${page}#document-${taken.number}`, 303) : reply.code(201).send(taken);
  } catch (error) {
    if (!isBrowser || !(error instanceof PortalError) || error.status >= 500 || error.status === 401) throw error;
    return reply.redirect(`${page}?problem=${error.code}`, 303);
  }
}

function addReaders(app: TypedApp, portal: Portal): void {
  const { documents } = portal;
  const read = { ...write };
  app.get(
    base,
    {
      ...read,
      schema: {
        ...shared,
        summary: 'The responsive records of a request',
        operationId: 'listResponsiveRecords',
        params: requestParams,
        response: {
          200: json('The documents.', exact({ data: Type.Array(Type.Ref('ResponsiveRecord')) })),
          ...reading,
        },
      },
    },
    async (asked) => ({ data: (await documents.list(asked.actor, asked.params.request)).documents }),
  );
  app.get(
    `${base}/:document`,
    {
      ...read,
      schema: {
        ...shared,
        summary: 'A responsive record: its pages, redactions and withholding index',
        operationId: 'responsiveRecord',
        params: documentParams,
        response: { 200: json('The document.', Type.Ref('ResponsiveRecordView')), ...reading },
      },
    },
    async (asked) => {
      const { request: _request, missing, ...view } = await documents.view(asked.actor, placeOf(asked));
      return { ...view, missing: missing === null ? null : inEnglish(missing) };
    },
  );
  app.get(
    `${base}/:document/pages/:page`,
    {
      ...read,
      schema: {
        ...shared,
        summary: 'The words of a page, its redactions, and what may be personal on it',
        operationId: 'responsivePage',
        params: pageParams,
        response: { 200: json('The page.', pageViewSchema), ...reading },
      },
    },
    async (asked) => documents.page(asked.actor, placeOf(asked), asked.params.page),
  );
  addSearch(app, portal);
}

function addSearch(app: TypedApp, { documents }: Portal): void {
  app.get(
    `${base}/:document/search`,
    {
      ...write,
      schema: {
        ...shared,
        summary: 'Where words stand in a responsive record',
        operationId: 'searchResponsiveRecord',
        params: documentParams,
        querystring: exact({
          q: Type.String({ maxLength: 200, description: '`#` a digit, `@` a letter, `*` the rest of a word.' }),
        }),
        response: {
          200: json('The places, as boxes to redact.', hitsSchema),
          ...asking,
          ...problems(['form-invalid']),
        },
      },
    },
    async (asked) => documents.search(asked.actor, placeOf(asked), asked.query.q),
  );
  app.get(
    `${base}/:document/suggestions`,
    {
      ...write,
      schema: {
        ...shared,
        summary: 'What may be personal in a responsive record; nothing is marked by itself',
        operationId: 'suggestRedactions',
        params: documentParams,
        response: { 200: json('The places.', suggestionsFoundSchema), ...reading },
      },
    },
    async (asked) => documents.suggestions(asked.actor, placeOf(asked)),
  );
}

const binary = { 'application/octet-stream': Type.String({ format: 'binary' }) };
const picture = Type.String({ format: 'binary' });
const anyMedia = { '*/*': Type.String({ format: 'binary' }) };

function addFiles(app: TypedApp, portal: Portal): void {
  const { documents } = portal;
  app.get(
    `${base}/:document/pages/:page/picture`,
    {
      ...write,
      schema: {
        ...shared,
        summary: 'A page as it is, without its redactions; each look is on the record',
        operationId: 'responsivePicture',
        params: pageParams,
        querystring: exact({ size: Type.Optional(oneOf(['small', 'normal', 'large'])) }),
        response: { 200: bodies('PNG or JPEG.', { 'image/png': picture, 'image/jpeg': picture }), ...asking },
      },
    },
    async (asked, reply) => {
      const wanted = { page: asked.params.page, size: asked.query.size ?? 'normal' };
      const { mediaType, bytes } = await documents.picture(asked.actor, placeOf(asked), wanted);
      return reply.header('content-type', mediaType).send(Buffer.from(bytes));
    },
  );
  app.get(
    `${base}/:document/original`,
    {
      ...write,
      schema: {
        ...shared,
        summary: 'The file as it came; each look is on the record',
        operationId: 'responsiveOriginal',
        params: documentParams,
        response: { 200: bodies('The file, to be saved.', binary), ...reading, ...problems(['stored-file-damaged']) },
      },
    },
    async (asked, reply) => {
      const { name, bytes, pieces } = await documents.original(asked.actor, placeOf(asked));
      return sendFile(reply, { name, bytes, mediaType: 'application/octet-stream' }, Readable.from(pieces));
    },
  );
  app.get(
    `${base}/:document/rendition`,
    {
      ...write,
      schema: {
        ...shared,
        summary: 'What may be released of a responsive record',
        operationId: 'responsiveRendition',
        params: documentParams,
        response: {
          200: bodies('The file, of its own media type.', anyMedia),
          ...reading,
          ...problems(['stored-file-damaged']),
        },
      },
    },
    async (asked, reply) => {
      const { blob, bytes, fileName: name, mediaType } = await documents.rendition(asked.actor, placeOf(asked));
      return sendFile(reply, { name, bytes, mediaType }, await portal.store.read(blob));
    },
  );
}

type SentFile = { readonly name: string; readonly bytes: number; readonly mediaType: string };

function sendFile(reply: FastifyReply, { name, bytes, mediaType }: SentFile, stream: Readable): FastifyReply {
  const encoded = encodeURIComponent(name).replace(/['()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return reply
    .header('content-type', mediaType)
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename*=UTF-8''${encoded}`)
    .send(stream);
}

function addActs(app: TypedApp, { documents }: Portal): void {
  for (const [name, act] of Object.entries<AnyAct<Documents, Place>>(documentActs)) {
    const place: ActPlace<Place> = {
      path: `${base}/:document/${name}`,
      operationId: operations[name as keyof typeof documentActs],
      tag: 'Records',
      params: { request, document },
      needs: [],
      at: (params) => ({ request: String(params['request']), document: Number(params['document']) }),
      bodyLimit,
    };
    addAct(app, act, place, documents);
  }
}

const bodyLimit = 4 * 1_048_576;
const operations: Readonly<Record<keyof typeof documentActs, string>> = {
  redactions: 'redact',
  unredact: 'unredact',
  decisions: 'decidePages',
  withhold: 'withholdDocument',
  whole: 'releaseWholeDocument',
  describe: 'describeDocument',
  hidden: 'addHiddenContent',
  submit: 'submitDocument',
  approve: 'approveDocument',
  reopen: 'reopenDocument',
};
