// Writes what answerRows answered as HTTP: tags, caching, coding, links, streaming with backpressure.
// It must never end a broken answer as if it were whole: after the first byte an error closes the connection.

import { Readable } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { AnswerEnd } from '../../formats/format.ts';
import type { ReadAnswer } from './answer.ts';
import { codeBytes, codings, openCoder, worthCoding } from '../http/coding.ts';
import { toCodedEtag } from '../http/etag.ts';
import { isNotModified } from '../http/files.ts';
import { sendHead } from '../http/head.ts';
import { noteCut } from '../http/hooks.ts';
import { immutable, openDataHeaders, revalidate, toHttpDate } from '../http/headers.ts';
import { chooseCoding } from '../http/negotiate.ts';
import type { Coding } from '../http/negotiate.ts';
import type { Portal } from '../portal.ts';

export type SendOptions = {
  /** The dialect's own headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The Link header of this answer, from how it ended; a streamed answer sends it as a trailer. */
  readonly link?: (end: AnswerEnd) => string | null;
  /** Sent as a file to keep, under this name. */
  readonly disposition?: string;
};

/** Sends the answer. Must be the last thing a route does: `return sendAnswer(…)`. */
export async function sendAnswer(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ReadAnswer,
  options: SendOptions = {},
): Promise<FastifyReply> {
  const coding = codingFor(request, answer);
  const etag = toCodedEtag(answer.etag, coding);
  // A short answer is never coded, and how long one is that was not asked for nobody knows: then no tag is right.
  const hasTag = answer.kind !== 'head' || coding === null;
  reply.headers({
    ...openDataHeaders,
    ...(hasTag ? { etag } : {}),
    'last-modified': toHttpDate(answer.revision.publishedAt),
    'cache-control': answer.immutable ? immutable : revalidate,
    vary: 'Accept, Accept-Encoding',
    'x-portal-revision': answer.revision.id,
    ...options.headers,
  });
  if (answer.kind === 'not-modified' || isUnchangedSince(request, etag, answer)) {
    if (answer.kind === 'stream') answer.cancel();
    return reply.code(304).send();
  }
  reply.header('content-type', answer.format.mediaType);
  if (options.disposition !== undefined) reply.header('content-disposition', options.disposition);
  if (answer.kind === 'head') return sendHead(reply);
  if (coding !== null) reply.header('content-encoding', coding);
  if (answer.kind === 'stream') return sendStream(request, reply, answer, coding, options);
  const link = options.link?.(answer.end) ?? null;
  if (link !== null) reply.header('link', link);
  const body = coding === null ? answer.body : await codedBody(portal, answer, coding);
  reply.header('content-length', body.length);
  if (reply.statusCode === 200) keepHot(portal, request, reply, answer, body);
  return reply.send(body);
}

/** If-Modified-Since, for clients that keep no tags; the tags have been compared before the engine was asked. */
function isUnchangedSince(request: FastifyRequest, etag: string, answer: ReadAnswer): boolean {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return (
    reads && request.headers['if-none-match'] === undefined && isNotModified(request, etag, answer.revision.publishedAt)
  );
}

function codingFor(request: FastifyRequest, answer: ReadAnswer): Coding | null {
  if (answer.kind === 'bytes' && answer.body.length < worthCoding) return null;
  return chooseCoding(request.headers['accept-encoding'], codings);
}

function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ReadAnswer & { kind: 'stream' },
  coding: Coding | null,
  options: SendOptions,
): FastifyReply {
  if (request.method === 'HEAD') {
    answer.cancel();
    return sendHead(reply);
  }
  const { link } = options;
  if (link !== undefined) reply.trailer('link', async () => link(await answer.end) ?? '');
  const source = Readable.from(answer.chunks, { objectMode: false, highWaterMark: 262_144 });
  source.once('error', (error) => noteCut(request, error));
  source.once('close', answer.cancel);
  if (coding === null) return reply.send(source);
  const packed = openCoder(coding);
  source.once('error', (error) => packed.destroy(error));
  packed.once('close', () => source.destroy());
  return reply.send(source.pipe(packed));
}

/** Coded once on a thread of its own and kept beside the plain bytes. */
async function codedBody(portal: Portal, answer: ReadAnswer & { kind: 'bytes' }, coding: Coding): Promise<Buffer> {
  const key = `${answer.etag} ${coding}`;
  const kept = portal.cache.peek(key);
  if (kept !== null) return kept.body;
  const body = await codeBytes(answer.body, coding);
  portal.cache.set(key, { body, end: answer.end });
  return body;
}

function keepHot(
  portal: Portal,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: ReadAnswer & { kind: 'bytes' },
  body: Buffer,
): void {
  // Kept answers are given before anybody is asked who they are: only what everybody may read is kept.
  if (request.actor.kind !== 'public' || body.length > portal.cache.maxAnswerBytes) return;
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    name === 'x-request-id' || value === undefined ? [] : [name, String(value)],
  );
  portal.hot.keep(request.raw, {
    datasetId: answer.dataset.id,
    revisionId: answer.revision.id,
    immutable: answer.immutable,
    etag: String(reply.getHeader('etag')),
    headers,
    body,
  });
}
