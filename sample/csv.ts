// How generated samples are written as CSV text (RFC 4180, LF).

/** Text as one CSV field, quoted only where it has to be. */
export function toField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Gathers lines into pieces of about 64 kB, so that ten million rows stream at constant memory. */
export function* inPieces(header: string, lines: Iterable<string>): Generator<string> {
  let piece = `${header}\n`;
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length > 65_536) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
