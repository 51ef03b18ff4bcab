// Codes and keys against the vectors of their RFCs, and the address that an authenticator app is shown.
// It must compare with numbers that others have published, never with what the code itself makes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findTotpCounter, toTotpAddress } from '../../src/people/codes.ts';
import { parseBase32, toBase32, toHotp } from '../../src/people/one-time-codes.ts';

const key = Buffer.from('12345678901234567890');
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test('one-time codes are those of RFC 4226, appendix D', () => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  assert.deepEqual(
    codes.map((_, counter) => toHotp(key, counter)),
    codes,
  );
});

/** Seconds and the last six of the eight digits. */
const timed = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const;

test('codes of an app are those of RFC 6238, appendix B', () => {
  for (const [seconds, code] of timed) {
    const counter = Math.floor(seconds / 30);
    assert.equal(toHotp(key, counter), code);
    assert.equal(findTotpCounter(secret, `${code.slice(0, 3)} ${code.slice(3)}`, seconds * 1000), counter);
    assert.equal(findTotpCounter(secret, code, (seconds + 30) * 1000), counter, 'a clock that is 30 seconds ahead');
    assert.equal(findTotpCounter(secret, code, (seconds - 30) * 1000), counter, 'a clock that is 30 seconds behind');
    assert.equal(findTotpCounter(secret, code, (seconds + 60) * 1000), null);
  }
});

test('keys are written in the base32 of RFC 4648, section 10, without padding', () => {
  const written = ['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'];
  for (const [length, text] of written.entries()) {
    const bytes = Buffer.from('foobar'.slice(0, length));
    assert.equal(toBase32(bytes), text);
    assert.deepEqual(parseBase32(text), bytes);
  }
  assert.equal(toBase32(key), secret);
  assert.equal(toBase32(Buffer.from([255, 16, 131, 16, 81, 135, 32])), '74IIGECRQ4QA');
  assert.throws(() => parseBase32('MZXW1'), /base32/u);
});

test('the address of a key is the one that apps were shown before', () => {
  assert.equal(
    toTotpAddress({ site: 'St. Mary’s & Co: open/data' }, secret, "o'brien (clerk)~*!@example.gov"),
    "otpauth://totp/St.%20Mary%E2%80%99s%20%26%20Co%3A%20open%2Fdata:o'brien%20(clerk)~*!%40example.gov" +
      `?secret=${secret}&issuer=St.+Mary%E2%80%99s+%26+Co%3A+open%2Fdata&digits=6&period=30`,
  );
});
