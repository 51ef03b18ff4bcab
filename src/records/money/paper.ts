// Invoices and receipts as PDF: tagged, with title and language, so that a screen reader reads them in order.
// It must hold no wording of the city's: the letter's own text is what stands on the paper.

import type PDFDocument from 'pdfkit';

import type { Face, PaperFonts } from '../paper-fonts.ts';

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
    info: { Title: paper.title, Author: paper.city, CreationDate: new Date(paper.madeAt) },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
  });
  const { openPaperFonts } = await import('../paper-fonts.ts');
  write({ document, fonts: openPaperFonts(document) }, paper);
  document.end();
  return done;
}

type Doc = InstanceType<typeof PDFDocument>;
type Structure = ReturnType<Doc['struct']>;
type TextOptions = { readonly continued?: boolean; readonly lineGap?: number };
type Desk = { readonly document: Doc; readonly fonts: PaperFonts };

function write(desk: Desk, paper: Paper): void {
  const { document } = desk;
  const root = document.struct('Document');
  document.addStructure(root);
  document.fillColor(ink);
  add(document, root, 'P', () => put(desk, 'regular', 10, paper.city));
  add(document, root, 'H1', () => {
    document.moveDown(0.4);
    put(desk, 'bold', 20, paper.title);
  });
  for (const [name, value] of paper.facts) {
    add(document, root, 'P', () => {
      document.moveDown(0.3);
      put(desk, 'bold', 11, `${name}: `, { continued: true });
      put(desk, 'regular', 11, value);
    });
  }
  if (paper.table !== null) writeTable(desk, root, paper.table);
  document.moveDown(1);
  for (const paragraph of paper.text.split(/\n{2,}/).filter((part) => part.trim() !== '')) {
    add(document, root, 'P', () => {
      document.x = margin;
      put(desk, 'regular', 10.5, paragraph.trim(), { lineGap: 2 });
      document.moveDown(0.7);
    });
  }
  root.end();
}

/** Writes on, in letters that the paper brings along where readers have none. */
function put({ document, fonts }: Desk, face: Face, size: number, given: string, options: TextOptions = {}): void {
  const { text } = fonts.toWritable(given);
  document.font(fonts.fontOf(face, text)).fontSize(size).text(text, options);
}

function add(document: Doc, parent: Structure, tag: string, draw: () => void): void {
  parent.add(document.struct(tag, {}, draw));
}

const columns = [margin, 268, 484] as const;
const widths = [204, 208, 72] as const;

function writeTable(desk: Desk, root: Structure, table: NonNullable<Paper['table']>): void {
  const { document } = desk;
  document.moveDown(1);
  add(document, root, 'H2', () => {
    document.x = margin;
    put(desk, 'bold', 13, table.caption);
  });
  document.moveDown(0.4);
  const structure = document.struct('Table');
  root.add(structure);
  writeRow(desk, structure, 'TH', table.head);
  for (const row of table.rows) writeRow(desk, structure, 'TD', row);
  structure.end();
  document.x = margin;
}

function writeRow(desk: Desk, table: Structure, tag: 'TH' | 'TD', cells: readonly [string, string, string]): void {
  const { document, fonts } = desk;
  const face = tag === 'TH' ? 'bold' : 'regular';
  const texts = cells.map((cell) => fonts.toWritable(cell).text);
  const heights = texts.map((text, at) =>
    document.font(fonts.fontOf(face, text)).fontSize(10).heightOfString(text, { width: widths[at]! }),
  );
  const height = Math.max(...heights) + 8;
  if (document.y + height > document.page.height - margin) document.addPage();
  const top = document.y;
  const row = document.struct('TR');
  table.add(row);
  texts.forEach((text, at) => {
    add(document, row, tag, () => {
      const align = at === 2 ? 'right' : 'left';
      document.font(fonts.fontOf(face, text)).fontSize(10);
      document.text(text, columns[at]!, top + 4, { width: widths[at]!, align });
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
