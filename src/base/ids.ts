// Names the portal gives out: dataset codes, ids that sort by time, secret tokens.
// It must never make a name from anything but the operating system's random numbers (and the clock, for order).

import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Digits and lower-case letters that nobody mixes up when read aloud, without vowels so that no word appears. */
const codeAlphabet = '23456789bcdfghjkmnpqrstvwxyz';

/** No readable dataset id may look like this, so an address never means two datasets. */
export const datasetCodePattern = /^[2-9bcdfghjkmnpqrstvwxyz]{4}-[2-9bcdfghjkmnpqrstvwxyz]{4}$/;

/** A permanent dataset code, `xxxx-xxxx`: 28^8 ≈ 3.8 × 10^11 of them; the catalogue tries again on a collision. */
export function newDatasetCode(): string {
  let code = '';
  for (let i = 0; i < 8; i += 1) code += codeAlphabet[randomInt(codeAlphabet.length)];
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text can be an id at all. PostgreSQL fails on any other text, so it is asked before a query is. */
export function isId(text: string): boolean {
  return idPattern.test(text);
}

/** A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. */
export function newId(clock: Clock): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(clock.now(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A secret of 256 random bits as 43 base64url characters behind a prefix that secret scanners can look for. */
export function newToken(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** A secret that people copy by hand, `xxxxx-xxxxx`: 48 random bits, so whoever keeps it must slow down guessing. */
export function newSpokenCode(): string {
  const letters = Array.from({ length: 10 }, () => codeAlphabet[randomInt(codeAlphabet.length)]);
  return `${letters.slice(0, 5).join('')}-${letters.slice(5).join('')}`;
}
