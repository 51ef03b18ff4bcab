// The secret link of a request: how it is made, and what of it is kept.
// It must never be stored: only its SHA-256 is.

import { createHash } from 'node:crypto';

import { newToken } from '../../base/ids.ts';
import type { Seal } from '../../base/seal.ts';

const prefix = 'req';
export const secretPattern = /^req_[\w-]{43}$/u;

/** The same form sent twice gets the same link: its key is as secret as the link, and sealed with the portal's own. */
export function secretOf(seal: Seal, submitKey: string | null): string {
  if (submitKey === null) return newToken(prefix);
  return `${prefix}_${seal.blindIndex(submitKey, 'records follow link').toString('base64url')}`;
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
