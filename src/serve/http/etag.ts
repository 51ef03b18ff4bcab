// Strong entity tags (RFC 9110 §8.8.3) and the conditions that compare them.
// A tag must never be given to bytes that could differ: everything the bytes depend on goes into it.

import { createHash } from 'node:crypto';

/** Parts that decide the bytes → a quoted strong tag. */
export function toEtag(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return `"${hash.digest('base64url').slice(0, 27)}"`;
}

/** The tag of one coding of the same answer: other bytes, so another tag. */
export function toCodedEtag(etag: string, coding: string | null): string {
  return coding === null ? etag : `${etag.slice(0, -1)}-${coding}"`;
}

/**
 * If-None-Match against a tag, by weak comparison as the RFC asks; the tags of its codings match too, since whoever
 * holds one of them holds this answer.
 */
export function isMatched(ifNoneMatch: string | null | undefined, etag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false;
  const wanted = ifNoneMatch.slice(0, 8_192).trim();
  if (wanted === '*') return true;
  const opaque = etag.slice(0, -1);
  return wanted.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//u, '');
    return tag === etag || (tag.startsWith(`${opaque}-`) && /^-(?:zstd|br|gzip)"$/u.test(tag.slice(opaque.length)));
  });
}
