// What asking for records needs beside pages: suggestions while typing, files of a request, one's own data as JSON.
// It must hold no rule; src/records does. Everything here is for the one who asks, and is kept by nobody on the way.

import { Readable } from 'node:stream';

import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';

import type { RequesterActor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { emptyAnswers } from '../records/asking/draft-answers.ts';
import { greatestFileBytes } from '../records/requests/files.ts';
import type { RequestFile } from '../records/requests/files.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { readDraftSecret, toCookieHeader, toDraftCookie } from '../serve/http/request-cookie.ts';
import { suggest } from '../pages/requests.ts';
import { exact, nullable } from '../base/schemas.ts';
import { bodies, json, nothing, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';
import { multipartLimits, readUpload } from '../serve/http/upload.ts';

const tags = ['Public records'];
const number = Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' });
const text = Type.String({ maxLength: 5_000, description: 'What is being asked for, as far as it is written.' });

const suggestionsSchema = exact(
  {
    datasets: Type.Array(
      exact({
        id: Type.String(),
        title: Type.String(),
        department: Type.String(),
        description: nullable(Type.String()),
        why: Type.Array(exact({ field: Type.String(), text: Type.String() }), {
          description: 'Where the words stand.',
        }),
      }),
    ),
    requests: Type.Array(
      exact({
        number: Type.String(),
        title: Type.String(),
        receivedOn: Type.String({ format: 'date' }),
        outcome: Type.String(),
        why: Type.Array(Type.String(), { description: 'The words that both have.' }),
      }),
      { description: 'Earlier requests whose records are public.' },
    ),
  },
  { $id: 'Suggestions' },
);

const fileSchema = exact(
  {
    id: Type.String(),
    name: Type.String(),
    mediaType: Type.String({ description: 'What the bytes are, whatever the name says.' }),
    bytes: Type.Integer(),
    createdAt: Type.String({ format: 'date-time' }),
  } satisfies Members<RequestFile>,
  { $id: 'RequestFile' },
);

const fileProblems = problems([
  'bad-request',
  'unknown-parameter',
  'unsupported-media-type',
  'upload-too-large',
  'upload-truncated',
  'form-invalid',
  'too-many-requests',
  'disk-full',
]);

export async function requestRoutes(app: TypedApp, portal: Portal): Promise<void> {
  await app.register(multipart, { limits: multipartLimits });
  app.addSchema(suggestionsSchema);
  app.addSchema(fileSchema);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/records/suggestions',
    {
      config: { access: 'write' },
      schema: {
        summary: 'What may already answer a request for records',
        description:
          'Datasets and earlier requests with the words of the text, each with why. It stops nobody from asking.',
        operationId: 'suggestions',
        tags,
        querystring: exact({ text }),
        response: {
          200: json('What was found.', Type.Ref('Suggestions')),
          ...problems(['bad-request', 'unknown-parameter', 'too-many-requests']),
        },
      },
    },
    async (request) => {
      portal.askingGate.enter(request.ip, 'suggestion');
      return suggest(portal, request.query.text);
    },
  );
  addFileRoutes(app, portal);
  addOwnRoutes(app, portal);
}

function addFileRoutes(app: TypedApp, portal: Portal): void {
  const upload = { bodyLimit: greatestFileBytes + 1_048_576, config: { access: 'write', upload: true } } as const;
  const schema = { tags, consumes: ['multipart/form-data'] };
  app.post(
    '/records/draft/files',
    {
      ...upload,
      schema: {
        ...schema,
        summary: 'Add a file to the request in the making',
        description: 'The draft is the one of the browser’s cookie; a browser is sent back to its page.',
        operationId: 'addDraftFile',
        response: { 201: json('Kept, sealed.', Type.Ref('RequestFile')), 303: backSchema, ...fileProblems },
      },
    },
    async (request, reply) =>
      answerUpload(request, reply, '/records/new/check', async () => {
        portal.askingGate.enter(request.ip, 'file');
        const { fileName, bytes } = await readUpload(request, [], () => undefined);
        const known = readDraftSecret(portal, request);
        const draft = await portal.records.drafts.require(request.actor, known, emptyAnswers);
        reply.header('set-cookie', toCookieHeader(toDraftCookie(portal, draft.secret)));
        return portal.records.files.add({ draftId: draft.id }, { name: fileName, bytes });
      }),
  );
  app.post(
    '/records/requests/:number/files',
    {
      ...upload,
      preParsing: async (request) => void requireFollower(request),
      schema: {
        ...schema,
        summary: 'Add a file to one’s own request',
        operationId: 'addRequestFile',
        params: exact({ number }),
        response: {
          201: json('Kept, sealed.', Type.Ref('RequestFile')),
          303: backSchema,
          ...problems(['not-found', 'forbidden']),
          ...fileProblems,
        },
      },
    },
    async (request, reply) =>
      answerUpload(request, reply, `/records/requests/${request.params.number}`, async () => {
        portal.askingGate.enter(request.ip, 'file');
        const actor = requireFollower(request);
        const { request: own } = await portal.records.own.read(actor, request.params.number);
        const { fileName, bytes } = await readUpload(request, [], () => undefined);
        return portal.records.own.addFile(actor, own.id, { name: fileName, bytes });
      }),
  );
}

const backSchema = nothing('For a browser: back to the page.');

/** A browser that sent a form goes back to its page, with the code of what was wrong; a program gets JSON. */
async function answerUpload(
  request: FastifyRequest,
  reply: FastifyReply,
  page: string,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const isBrowser = request.headers.accept?.includes('text/html') === true;
  try {
    const file = await run();
    if (!isBrowser) return reply.code(201).send(file);
    return reply.redirect(`${page}#files`, 303);
  } catch (error) {
    if (!isBrowser || !(error instanceof PortalError) || error.status >= 500) throw error;
    return reply.redirect(`${page}?problem=${error.code}#files`, 303);
  }
}

function requireFollower(request: FastifyRequest): RequesterActor {
  if (request.actor.kind !== 'requester') throw new PortalError('not-found');
  return request.actor;
}

function addOwnRoutes(app: TypedApp, portal: Portal): void {
  app.get(
    '/records/requests/:number/files/:file',
    {
      config: { access: 'write' },
      schema: {
        summary: 'A file that came with a request',
        description: 'For whoever has the request’s link, and for the staff who work on it.',
        operationId: 'requestFile',
        tags,
        params: exact({ number, file: Type.String({ maxLength: 36 }) }),
        response: {
          200: bodies('The file, to be saved.', { 'application/octet-stream': Type.String({ format: 'binary' }) }),
          ...problems(['unauthorized', 'forbidden', 'not-found', 'stored-file-damaged']),
        },
      },
    },
    async (request, reply) => {
      const requestId = await requireReadable(portal, request, request.params.number);
      const file = await portal.records.files.open({ requestId }, request.params.file);
      const name = encodeURIComponent(file.name).replace(/['()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', file.bytes)
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .send(Readable.from(file.pieces));
    },
  );
  app.get(
    '/records/requests/:number/export',
    {
      config: { access: 'write' },
      schema: {
        summary: 'Everything that is kept of one’s own request',
        description: 'Only for the requester in person: the cookie of the request’s own link.',
        operationId: 'exportOwnRequest',
        tags,
        params: exact({ number }),
        response: {
          200: json(
            'The request, its dates, messages, files and people.',
            Type.Object({}, { additionalProperties: true }),
          ),
          ...problems(['forbidden', 'not-found']),
        },
      },
    },
    async (request, reply) => {
      const data = await portal.records.own.exportAll(requireFollower(request), request.params.number);
      return reply
        .header('content-disposition', `attachment; filename="request-${data.request.number}.json"`)
        .send(data);
    },
  );
}

/** Whose request it is, or whose work. */
async function requireReadable(portal: Portal, request: FastifyRequest, asked: string): Promise<string> {
  const { actor } = request;
  if (actor.kind === 'requester') return (await portal.records.own.read(actor, asked)).request.id;
  if (actor.kind === 'public') throw new PortalError('not-found');
  return (await portal.records.desk.find(actor, asked)).id;
}
