// A PDF of pictures alone, one a page, for the reviewer's pages of photographs and scans.
// It must hold nothing but the JPEG streams that it is given.

export type ImagePage = {
  readonly jpeg: Buffer;
  readonly pixels: { readonly width: number; readonly height: number };
  readonly channels: 1 | 3;
  readonly width: number; // points
  readonly height: number;
};

export function toImagePdf(pages: readonly ImagePage[]): Buffer {
  const pieces: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  const put = (piece: Buffer) => {
    pieces.push(piece);
    at += piece.length;
  };
  const text = (words: string) => put(Buffer.from(words, 'latin1'));
  const object = (id: number, body: () => void) => {
    offsets[id] = at;
    text(`${id} 0 obj\n`);
    body();
    text('\nendobj\n');
  };
  text('%PDF-1.4\n');
  object(1, () => text('<< /Type /Catalog /Pages 2 0 R >>'));
  object(2, () => {
    const kids = pages.map((_, index) => `${3 + index * 3} 0 R`).join(' ');
    text(`<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`);
  });
  for (const [index, { jpeg, pixels, channels, width, height }] of pages.entries()) {
    const id = 3 + index * 3;
    const [wide, high] = [width.toFixed(2), height.toFixed(2)];
    const content = `q ${wide} 0 0 ${high} 0 0 cm /P Do Q`;
    const resources = `/Resources << /XObject << /P ${id + 2} 0 R >> >>`;
    object(id, () =>
      text(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${wide} ${high}] ${resources} /Contents ${id + 1} 0 R >>`),
    );
    object(id + 1, () => text(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`));
    object(id + 2, () => {
      const colour = channels === 1 ? '/DeviceGray' : '/DeviceRGB';
      const size = `/Width ${pixels.width} /Height ${pixels.height} /ColorSpace ${colour} /BitsPerComponent 8`;
      text(`<< /Type /XObject /Subtype /Image ${size} /Filter /DCTDecode /Length ${jpeg.length} >>\nstream\n`);
      put(jpeg);
      text('\nendstream');
    });
  }
  const start = at;
  const rows = offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
  text(`xref\n0 ${offsets.length}\n0000000000 65535 f \n${rows.join('')}`);
  text(`trailer\n<< /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
  return Buffer.concat(pieces);
}
