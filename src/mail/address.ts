// Addresses of letters and what stands in their headers: read, checked, made.
// It must let nothing through that could end a header line: a letter has the headers that we give it and no other.

import { domainToASCII } from 'node:url';

import { refuseField } from '../base/fields.ts';
import { say } from '../base/say.ts';

const longestAddress = 254; // RFC 5321 §4.5.3.1.3, without the angle brackets
const longestHeader = 250;
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/u;
const domainShape = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u;

/** `name@example.org`, the domain in lower case and ASCII; null when it is no plain address. */
export function parseMailAddress(text: string): string | null {
  const given = text.trim();
  const at = given.lastIndexOf('@');
  const [local, domain] = [given.slice(0, at), domainToASCII(given.slice(at + 1)).toLowerCase()];
  const sound =
    at > 0 && at <= 64 && localPart.test(local) && /^[\x21-\x7e]+$/u.test(local) && domainShape.test(domain);
  const address = `${local}@${domain}`;
  return sound && address.length <= longestAddress ? address : null;
}

/** Throws form-invalid. The text is not repeated: it may be somebody's address after all. */
export function requireMailAddress(text: string): string {
  const address = parseMailAddress(text);
  if (address !== null) return address;
  refuseField('email', say('mail.address-shape'));
}

/** The same person writes Ada@Example.org and ada@example.org: the spelling under which an address is found again. */
export function toFoundAddress(address: string): string {
  return address.toLowerCase();
}

/** One line of a header: no control character, no line break, of a length that mail programs show. */
export function toHeaderText(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/gu, ' ')
    .trim();
  return line.length <= longestHeader ? line : `${[...line].slice(0, longestHeader - 1).join('')}…`;
}

const addressInText = /[^\s<>()[\]",;:]+@[^\s<>()[\]",;:]+/gu;

/** What a mail server said, fit for a log or a column: without addresses, in one line, cut. */
export function withoutAddresses(text: string): string {
  return toHeaderText(text.replace(addressInText, '(address)'));
}
