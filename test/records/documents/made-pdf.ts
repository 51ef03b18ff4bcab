// A PDF of one page for a test, made of the objects that matter to it.
// It must be a file that readers open without complaint.

export type PdfObject = string | { readonly dictionary: string; readonly stream: string };

export type MadePage = {
  /** Keys of the page besides its contents and annotations: its box, rotation, unit. */
  readonly page?: string;
  readonly content?: string;
  readonly catalog?: string;
  /** Numbered from 10 on; `annotations` names those that lie on the page. */
  readonly objects?: readonly PdfObject[];
  readonly annotations?: readonly number[];
};

/** Letters are Helvetica, named F. */
export function madePdf(made: MadePage): Buffer {
  const fonts = '/Resources << /Font << /F 5 0 R >> >>';
  const annotations = (made.annotations ?? []).map((number) => `${number} 0 R`).join(' ');
  const bodies = new Map<number, PdfObject>([
    [1, `<< /Type /Catalog /Pages 2 0 R ${made.catalog ?? ''} >>`],
    [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792] >>'],
    [3, `<< /Type /Page /Parent 2 0 R /Contents 4 0 R ${fonts} /Annots [${annotations}] ${made.page ?? ''} >>`],
    [4, { dictionary: '', stream: made.content ?? 'BT /F 12 Tf 72 700 Td (Permit type:) Tj ET' }],
    [5, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'],
    ...(made.objects ?? []).map((body, index) => [10 + index, body] as const),
  ]);
  let file = '%PDF-1.7\n';
  const rows = [...bodies].map(([number, body]) => {
    const row = `${number} 1\n${String(Buffer.byteLength(file, 'latin1')).padStart(10, '0')} 00000 n \n`;
    file +=
      typeof body === 'string'
        ? `${number} 0 obj\n${body}\nendobj\n`
        : `${number} 0 obj\n<< ${body.dictionary} /Length ${Buffer.byteLength(body.stream, 'latin1')} >>\n` +
          `stream\n${body.stream}\nendstream\nendobj\n`;
    return row;
  });
  const start = Buffer.byteLength(file, 'latin1');
  file += `xref\n0 1\n0000000000 65535 f \n${rows.join('')}`;
  file += `trailer\n<< /Size ${10 + (made.objects?.length ?? 0)} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

/** How text looks in an annotation. */
export function appearance(text: string): PdfObject {
  return {
    dictionary: '/Type /XObject /Subtype /Form /BBox [0 0 220 24] /Resources << /Font << /F 5 0 R >> >>',
    stream: `BT /F 12 Tf 2 8 Td (${text}) Tj ET`,
  };
}
