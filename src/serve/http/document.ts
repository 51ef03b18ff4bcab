// Sends a JSON document that is made in memory: tagged by its own bytes, coded when that pays.
// It must not be used for rows; those are streamed from the engine.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { codeBytes, codings, worthCoding } from './coding.ts';
import { isMatched, toCodedEtag, toEtag } from './etag.ts';
import { isNotModified } from './files.ts';
import { openDataHeaders, revalidate, toHttpDate } from './headers.ts';
import { chooseCoding } from './negotiate.ts';

export type DocumentOptions = {
  readonly mediaType?: string;
  /** ISO instant of the last change, where one is known. */
  readonly changedAt?: string | null;
};

export async function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  document: unknown,
  options: DocumentOptions = {},
): Promise<FastifyReply> {
  const { mediaType = 'application/json; charset=utf-8', changedAt = null } = options;
  const body = Buffer.from(`${JSON.stringify(document)}\n`);
  const coding = body.length < worthCoding ? null : chooseCoding(request.headers['accept-encoding'], codings);
  const etag = toCodedEtag(toEtag([body.toString('latin1')]), coding);
  reply.headers({ ...openDataHeaders, etag, 'cache-control': revalidate, vary: 'Accept, Accept-Encoding' });
  if (changedAt !== null) reply.header('last-modified', toHttpDate(changedAt));
  const tags = request.headers['if-none-match'];
  const same = changedAt === null ? isMatched(tags, etag) : isNotModified(request, etag, changedAt);
  if (same) return reply.code(304).send();
  reply.header('content-type', mediaType);
  if (coding !== null) reply.header('content-encoding', coding);
  return reply.send(coding === null ? body : await codeBytes(body, coding));
}
