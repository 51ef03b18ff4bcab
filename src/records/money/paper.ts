// Invoices and receipts as PDF: tagged, with title and language, so that a screen reader reads them in order.
// It must hold no wording of the city's: the letter's own text is what stands on the paper.

import type PDFDocument from 'pdfkit';

export type Paper = {
  readonly title: string;
  readonly city: string;
  readonly language: string;
  /** RFC 3339: when what it tells happened, so that the same paper has the same bytes. */
  readonly madeAt: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly table: {
    readonly caption: string;
    readonly head: readonly [string, string, string];
    readonly rows: readonly (readonly [string, string, string])[];
  } | null;
  /** Paragraphs below. */
  readonly text: string;
};

const margin = 56;
const ink = '#1b1b1b';

/** The bytes of a letter-size PDF. */
export async function toPaper(paper: Paper): Promise<Buffer> {
  const pdfkit = await import('pdfkit'); // the first paper waits for it, and not every start
  const document = new pdfkit.default({
    size: 'LETTER',
    margins: { top: margin, bottom: margin, left: margin, right: margin },
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: paper.language,
    info: { Title: plain(paper.title), Author: plain(paper.city), CreationDate: new Date(paper.madeAt) },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  write(document, paper);
  document.end();
  return done;
}

type Doc = InstanceType<typeof PDFDocument>;
type Structure = ReturnType<Doc['struct']>;

function write(document: Doc, paper: Paper): void {
  const root = document.struct('Document');
  document.addStructure(root);
  document.fillColor(ink);
  add(document, root, 'P', () => document.font('Helvetica').fontSize(10).text(plain(paper.city)));
  add(document, root, 'H1', () => document.moveDown(0.4).font('Helvetica-Bold').fontSize(20).text(plain(paper.title)));
  for (const [name, value] of paper.facts) {
    add(document, root, 'P', () => {
      document.moveDown(0.3).fontSize(11);
      document.font('Helvetica-Bold').text(`${plain(name)}: `, { continued: true });
      document.font('Helvetica').text(plain(value));
    });
  }
  if (paper.table !== null) writeTable(document, root, paper.table);
  document.moveDown(1);
  for (const paragraph of paper.text.split(/\n{2,}/).filter((part) => part.trim() !== '')) {
    add(document, root, 'P', () => {
      document.x = margin;
      document.font('Helvetica').fontSize(10.5).text(plain(paragraph.trim()), { lineGap: 2 }).moveDown(0.7);
    });
  }
  root.end();
}

function add(document: Doc, parent: Structure, tag: string, draw: () => void): void {
  parent.add(document.struct(tag, {}, draw));
}

const columns = [margin, 268, 484] as const;
const widths = [204, 208, 72] as const;

function writeTable(document: Doc, root: Structure, table: NonNullable<Paper['table']>): void {
  document.moveDown(1);
  add(document, root, 'H2', () => document.font('Helvetica-Bold').fontSize(13).text(plain(table.caption), margin));
  document.moveDown(0.4);
  const structure = document.struct('Table');
  root.add(structure);
  writeRow(document, structure, 'TH', table.head);
  for (const row of table.rows) writeRow(document, structure, 'TD', row);
  structure.end();
  document.x = margin;
}

function writeRow(document: Doc, table: Structure, tag: 'TH' | 'TD', cells: readonly [string, string, string]): void {
  document.font(tag === 'TH' ? 'Helvetica-Bold' : 'Helvetica').fontSize(10);
  const heights = cells.map((cell, at) => document.heightOfString(plain(cell), { width: widths[at]! }));
  const height = Math.max(...heights) + 8;
  if (document.y + height > document.page.height - margin) document.addPage();
  const top = document.y;
  const row = document.struct('TR');
  table.add(row);
  cells.forEach((cell, at) => {
    add(document, row, tag, () => {
      const align = at === 2 ? 'right' : 'left';
      document.text(plain(cell), columns[at]!, top + 4, { width: widths[at]!, align });
    });
  });
  row.end();
  document.markContent('Artifact', { type: 'Layout' });
  document
    .moveTo(margin, top + height)
    .lineTo(612 - margin, top + height)
    .lineWidth(0.5)
    .stroke('#9a9a9a');
  document.endMarkedContent();
  document.y = top + height;
}

/** The letters that every PDF reader has in its own fonts: Windows-1252. Others lose their marks, or become `?`. */
function plain(text: string): string {
  return [...text.normalize('NFC').replace(/−/g, '-')].map(known).join('');
}

function known(letter: string): string {
  if (isKnown(letter)) return letter;
  const bare = letter.normalize('NFKD').replace(/\p{M}/gu, '');
  return bare !== '' && [...bare].every(isKnown) ? bare : '?';
}

function isKnown(letter: string): boolean {
  return /^[\n\x20-\x7e\u00a0-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]$/u.test(letter);
}
