// The QR code of a new key, read back as a camera would.
// It must read with another library than the one that draws.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import jsqr from 'jsqr';

import { toQrCode } from '../../src/pages/qr-code.ts';

const quiet = 4;
const pixels = 4; // of a square

/** What a reader finds in the picture of this path; null: nothing that it can read. */
function read({ size, path }: { readonly size: number; readonly path: string }): string | null {
  const side = (size + 2 * quiet) * pixels;
  const picture = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/gu)) {
    for (let row = 0; row < pixels; row += 1) {
      const from = (((Number(y) + quiet) * pixels + row) * side + (Number(x) + quiet) * pixels) * 4;
      picture.fill(0, from, from + pixels * 4);
    }
  }
  return jsqr.default(picture, side, side)?.data ?? null;
}

const address =
  'otpauth://totp/Kent%20open%20data:ana%2Btest%40example.gov' +
  '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kent+open+data&digits=6&period=30';

for (const text of [address, `${address.replace('ana', 'a-much-longer-name'.repeat(9))}`, 'é', 'A']) {
  test(`a camera reads what was written: ${text.length} characters`, () => {
    const made = toQrCode(text);
    assert.equal(read(made), text);
    assert.equal(read({ ...made, path: made.path.slice(0, made.path.length / 2) }), null, 'half of it reads nothing');
  });
}

test('a key and address of the usual length fit a code of 49 squares', () => {
  assert.equal(toQrCode(address).size, 49);
});
