// The secret link of a request: how it is made, and what of it is kept.
// It must never be stored: only its SHA-256 is.

import { createHash } from 'node:crypto';

import type { Seal } from '../../base/seal.ts';

const prefix = 'req';
export const secretPattern = /^req_[\w-]{43}$/u;

/**
 * Made from the form's own key under the portal's, so that the same form sent twice gets the same link, and a lost
 * link can be sent again: whoever has the database has not got the link.
 */
export function secretOf(seal: Seal, submitKey: string): string {
  return `${prefix}_${seal.blindIndex(submitKey, 'records follow link').toString('base64url')}`;
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
