// Byte ranges (RFC 9110 §14): one range is answered; several at once are answered with the whole, which the RFC allows.
// It must not read files; it only turns headers into offsets.

export type ByteRange = { readonly start: number; readonly end: number }; // inclusive

export type RangeAnswer =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

/** An unreadable Range header is ignored, as the RFC asks; a readable one outside the file is unsatisfiable. */
export function parseRange(header: string | undefined, bytes: number): RangeAnswer {
  const found = header === undefined ? null : /^bytes\s*=\s*(\d{0,15})-(\d{0,15})$/iu.exec(header.trim());
  if (found === null) return { kind: 'whole' };
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return suffixRange(Number(last), bytes);
  const start = Number(first);
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start >= bytes ? { kind: 'unsatisfiable' } : { kind: 'part', range: { start, end } };
}

function suffixRange(length: number, bytes: number): RangeAnswer {
  if (length === 0 || bytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', range: { start: Math.max(0, bytes - length), end: bytes - 1 } };
}

/**
 * If-Range: the range counts only when the client's part is of these very bytes (RFC 9110 §13.1.5). A date is not taken
 * as proof, since two revisions may come within one second; the whole file is sent instead.
 */
export function isRangeCurrent(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
