// A PDF of some lines of text, as an office's program writes one. It must hold the words as words, so that tests can
// look for them.

import PDFDocument from 'pdfkit';

export function letterPdf(lines: readonly string[]): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'LETTER' });
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
    for (const line of lines) pdf.text(line);
    pdf.end();
  });
}
