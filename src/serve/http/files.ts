// Sends a stored file: conditions, ranges, ready-made codings, digest and file name (RFC 9110, 9530, 6266).
// It must not decide who may have the file, nor make one; it sends bytes whose SHA-256 has been checked.

import { createReadStream } from 'node:fs';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { BlobStore } from '../../store/store.ts';
import { isMatched, toCodedEtag } from './etag.ts';
import { sendHead } from './head.ts';
import { immutable, noStore, openDataHeaders, revalidate, toHttpDate } from './headers.ts';
import { chooseCoding } from './negotiate.ts';
import type { Coding } from './negotiate.ts';
import { isRangeCurrent, parseRange } from './range.ts';

type StoredBytes = { readonly sha256: string; readonly bytes: number };

export type StoredFile = StoredBytes & {
  readonly mediaType: string;
  /** What the client's disk should call it. */
  readonly fileName: string;
  readonly lastModified: string; // ISO instant
  readonly encodings: Readonly<Partial<Record<Coding, StoredBytes>>>;
  /** True when the address can only ever mean these bytes. */
  readonly immutable: boolean;
  /** null for a file that is no revision of a dataset. */
  readonly revisionId: string | null;
  /** Only for whoever asked: no cache keeps it, and no page of another origin reads it. */
  readonly isPersonal?: boolean;
};

/**
 * Answers GET and HEAD with the file, a part of it, 304, 412 or 416. Throws stored-file-damaged before the first byte.
 */
export async function sendFile(
  store: BlobStore,
  request: FastifyRequest,
  reply: FastifyReply,
  file: StoredFile,
): Promise<FastifyReply> {
  const ready = Object.keys(file.encodings) as Coding[];
  const coding = chooseCoding(request.headers['accept-encoding'], ready);
  const variant = (coding === null ? undefined : file.encodings[coding]) ?? file;
  const etag = toCodedEtag(`"${file.sha256}"`, variant === file ? null : coding);
  setHeaders(reply, file, etag);
  requireMatch(request, etag);
  if (isNotModified(request, etag, file.lastModified)) return reply.code(304).send();
  reply.header('content-type', file.mediaType);
  reply.header('repr-digest', `sha-256=:${Buffer.from(variant.sha256, 'hex').toString('base64')}:`);
  if (variant !== file && coding !== null) reply.header('content-encoding', coding);
  return sendBytes(store, request, reply, variant, etag);
}

function setHeaders(reply: FastifyReply, file: StoredFile, etag: string): void {
  const isPersonal = file.isPersonal === true;
  reply.headers({
    ...(isPersonal ? {} : openDataHeaders),
    etag,
    'last-modified': toHttpDate(file.lastModified),
    'cache-control': isPersonal ? noStore : file.immutable ? immutable : revalidate,
    'accept-ranges': 'bytes',
    'content-disposition': toContentDisposition(file.fileName),
    ...(file.revisionId === null ? {} : { 'x-portal-revision': file.revisionId }),
    vary: isPersonal ? 'Accept-Encoding, Cookie' : 'Accept-Encoding',
  });
}

async function sendBytes(
  store: BlobStore,
  request: FastifyRequest,
  reply: FastifyReply,
  variant: StoredBytes,
  etag: string,
): Promise<FastifyReply> {
  const ranged = isRangeCurrent(request.headers['if-range']?.toString(), etag);
  const wanted = ranged ? parseRange(request.headers.range, variant.bytes) : ({ kind: 'whole' } as const);
  if (wanted.kind === 'unsatisfiable') {
    reply
      .header('content-range', `bytes */${variant.bytes}`)
      .removeHeader('repr-digest')
      .removeHeader('content-encoding');
    throw new PortalError('range-not-satisfiable', say('serve.file-bytes', { bytes: variant.bytes }));
  }
  const span = wanted.kind === 'part' ? wanted.range : { start: 0, end: variant.bytes - 1 };
  if (wanted.kind === 'part') {
    reply.code(206).header('content-range', `bytes ${span.start}-${span.end}/${variant.bytes}`);
  }
  reply.header('content-length', span.end - span.start + 1);
  if (request.method === 'HEAD') return sendHead(reply);
  if (variant.bytes === 0) return reply.send('');
  const path = await store.localPath(variant.sha256);
  return reply.send(createReadStream(path, { start: span.start, end: span.end, highWaterMark: 262_144 }));
}

function requireMatch(request: FastifyRequest, etag: string): void {
  const ifMatch = request.headers['if-match'];
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (!tags.includes(etag)) throw new PortalError('precondition-failed');
}

/** If-None-Match decides alone when it is there; else If-Modified-Since (RFC 9110 §13.2.2). */
export function isNotModified(request: FastifyRequest, etag: string, lastModified: string): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = request.headers;
  if (tags !== undefined) return isMatched(tags, etag);
  if (since === undefined) return false;
  const sinceMs = Date.parse(since);
  return Number.isFinite(sinceMs) && Math.floor(Date.parse(lastModified) / 1_000) * 1_000 <= sinceMs;
}

/** RFC 6266: a plain name for every client, and the true one in UTF-8 where they differ. */
export function toContentDisposition(fileName: string): string {
  const plain = fileName.normalize('NFKD').replace(/[^\w.\- ]/gu, '_');
  const exact = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === fileName
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
