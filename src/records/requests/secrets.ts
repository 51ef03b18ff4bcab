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

/** Of a secret link: its prefix, and as many characters as 32 bytes have in base64url. */
const secretLetters = 43;

/**
 * Without the secrets of follow links, whoever wrote them there: whoever has one acts as the requester. Programs that
 * quote a message break long lines, and put signs in front of them.
 */
export function maskSecrets(text: string): string {
  let masked = '';
  let at = 0;
  for (let found = text.indexOf(`${prefix}_`); found !== -1; found = text.indexOf(`${prefix}_`, at)) {
    let end = found + prefix.length + 1;
    let letters = 0;
    while (letters < secretLetters && end < text.length) {
      const gap = letters === 0 ? '' : (/^=?\r?\n[ \t>]*(?=[\w-])/u.exec(text.slice(end, end + 40))?.[0] ?? '');
      if (!/[\w-]/u.test(text[end + gap.length] ?? '')) break;
      end += gap.length + 1;
      letters++;
    }
    masked += `${text.slice(at, found)}${letters < 8 ? text.slice(found, end) : '…'}`;
    at = end;
  }
  return masked + text.slice(at);
}
