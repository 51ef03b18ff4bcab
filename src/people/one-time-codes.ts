// Codes of one use by RFC 4226, from which RFC 6238 makes those of an app,
// and the base32 (RFC 4648) that apps take keys in.
// It must not know whose code it is, what time it is, or whether a code was used.

import { createHmac } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const digits = 6;

/** Without padding, as apps take it by hand. */
export function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/gu) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** Throws for a character that base32 has not; bits that fill no byte are dropped. */
export function parseBase32(text: string): Buffer {
  const bits = [...text].map((character) => {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new Error('this is no base32');
    return value.toString(2).padStart(5, '0');
  });
  return Buffer.from((bits.join('').match(/.{8}/gu) ?? []).map((eight) => Number.parseInt(eight, 2)));
}

/** The six digits of RFC 4226, section 5.3: 31 bits of the HMAC, from where its last four bits say. */
export function toHotp(key: Uint8Array, counter: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const hmac = createHmac('sha1', key).update(moving).digest();
  const bits = hmac.readUInt32BE(hmac[hmac.length - 1]! & 0xf) & 0x7fff_ffff;
  return String(bits % 10 ** digits).padStart(digits, '0');
}
