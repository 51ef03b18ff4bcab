// A text as the squares of a QR code, for pages to draw.
// It must not know what the text is for, and must hand it to nobody.

import { encode } from 'uqr';

/** A QR code as one path of an SVG with `size` modules to a side. */
export type QrCode = { readonly size: number; readonly path: string };

/** One path of squares, row by row, without the quiet zone; error correction is the middle one. */
export function toQrCode(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const squares = data.flatMap((row, y) => row.map((black, x) => (black ? `M${x} ${y}h1v1h-1z` : '')));
  return { size, path: squares.join('') };
}
