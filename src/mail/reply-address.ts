// The names by which answers find their request: Message-IDs of our letters, and reply addresses with a proven tag.
// It must believe no tag that this portal did not make.

import { timingSafeEqual } from 'node:crypto';

import type { Seal } from '../base/seal.ts';

const tagHexDigits = 20;

/**
 * `records+2026-000123-<mac>@example.gov`. Mail programs change the case of what stands before the @; nothing here
 * minds.
 */
export function toReplyAddress(seal: Seal, inbound: string, requestNumber: string): string {
  const at = inbound.lastIndexOf('@');
  return `${inbound.slice(0, at)}+${requestNumber}-${tagOf(seal, requestNumber)}${inbound.slice(at)}`;
}

/** The request's number, or null for an address that is another, has no tag, or a tag that is not ours. */
export function parseReplyAddress(seal: Seal, inbound: string, address: string): string | null {
  const at = inbound.lastIndexOf('@');
  const [local, domain] = [inbound.slice(0, at).toLowerCase(), inbound.slice(at).toLowerCase()];
  const given = address.trim().toLowerCase();
  if (!given.startsWith(`${local}+`) || !given.endsWith(domain)) return null;
  const found = /^(\d{4}-\d{6})-([0-9a-f]{20})$/u.exec(given.slice(local.length + 1, given.length - domain.length));
  if (found === null) return null;
  const [, number, tag] = found as unknown as [string, string, string];
  return timingSafeEqual(Buffer.from(tag), Buffer.from(tagOf(seal, number))) ? number : null;
}

function tagOf(seal: Seal, requestNumber: string): string {
  return seal.blindIndex(requestNumber, 'reply address').toString('hex').slice(0, tagHexDigits);
}

/** The Message-ID of a letter: the same for every try, so that a receiver can know a repeat. */
export function toMessageId(letterId: string, from: string): string {
  return `<${letterId}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

const ownMessageId = /<([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})@[^<>\s]+>/giu;
const mostReferences = 50;

/** Ids that may be letters of ours, in a header with Message-IDs. Whether they are, the outbox knows. */
export function letterIdsIn(header: string): readonly string[] {
  const ids = [...header.matchAll(ownMessageId)].map((found) => found[1]!.toLowerCase());
  return [...new Set(ids)].slice(-mostReferences);
}
