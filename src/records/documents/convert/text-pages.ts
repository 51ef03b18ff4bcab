// Text laid out as letter pages: a rendition of what a file says, not of how it looks.
// It must show every letter or a sign in its place, and say when it had to.

import PDFDocument from 'pdfkit';

import { openPaperFonts } from '../../paper-fonts.ts';
import type { Face, PaperFonts } from '../../paper-fonts.ts';
import type { DocumentFlag } from '../document.ts';
import { toColumns } from './text-columns.ts';

export type Block =
  | { readonly style: 'title' | 'heading' | 'text' | 'label' | 'mono'; readonly text: string }
  /** Rows of cells; a row may have fewer than others. */
  | { readonly style: 'table'; readonly rows: readonly (readonly string[])[] };

const page = { width: 612, height: 792, margin: 54 };
const room = page.width - page.margin * 2;
const styles: Readonly<Record<Block['style'], { readonly face: Face; readonly size: number; readonly above: number }>> =
  {
    title: { face: 'bold', size: 14, above: 4 },
    heading: { face: 'bold', size: 11, above: 8 },
    text: { face: 'regular', size: 10, above: 3 },
    label: { face: 'oblique', size: 9, above: 6 },
    mono: { face: 'mono', size: 8.5, above: 0 },
    table: { face: 'regular', size: 9, above: 3 },
  };

const mostTextPages = 2_000;

/**
 * Pages as a PDF; `cut` when there was more than can be shown, `unshown-characters` when a letter has no shape here.
 */
export async function toTextPages(
  blocks: readonly Block[],
): Promise<{ readonly pdf: Buffer; readonly flags: readonly DocumentFlag[] }> {
  const flags = new Set<DocumentFlag>(['text-rendition']);
  const pdf = new PDFDocument({ size: [page.width, page.height], margin: page.margin, compress: true, info: {} });
  const pieces: Buffer[] = [];
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', resolve).on('error', reject);
  });
  const fonts = openPaperFonts(pdf);
  const laying: Laying = { fonts, widthOf: openWidths(pdf, fonts), flags };
  let y = page.margin;
  let pages = 1;
  for (const line of toLines(blocks, laying)) {
    const height = styles[line.style].size * 1.25;
    if (y + line.above + height > page.height - page.margin) {
      if (pages === mostTextPages) {
        flags.add('cut');
        break;
      }
      pdf.addPage();
      pages++;
      y = page.margin;
    } else y += line.above;
    draw(pdf, fonts, line, y);
    y += height;
  }
  pdf.end();
  await done;
  return { pdf: Buffer.concat(pieces), flags: [...flags] };
}

type Style = Block['style'];
type Piece = { readonly text: string; readonly x: number };
type LaidLine = {
  readonly pieces: readonly Piece[];
  readonly style: Style;
  readonly above: number;
  /** A hairline stands over it. */
  readonly isRuled: boolean;
};
type WidthOf = (style: Style, word: string) => number;
type Laying = { readonly fonts: PaperFonts; readonly widthOf: WidthOf; readonly flags: Set<DocumentFlag> };

function draw(pdf: PDFKit.PDFDocument, fonts: PaperFonts, { pieces, style, isRuled }: LaidLine, y: number): void {
  const { face, size } = styles[style];
  if (isRuled)
    pdf
      .moveTo(page.margin, y - 1.5)
      .lineTo(page.width - page.margin, y - 1.5)
      .lineWidth(0.4)
      .stroke('#9a9a9a');
  for (const { text, x } of pieces)
    if (text !== '')
      pdf
        .font(fonts.fontOf(face, text))
        .fontSize(size)
        .text(text, page.margin + x, y + size, { lineBreak: false, baseline: 'alphabetic' });
}

function openWidths(pdf: PDFKit.PDFDocument, fonts: PaperFonts): WidthOf {
  const known = new Map<string, number>();
  return (style, word) => {
    const key = `${style} ${word}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const { face, size } = styles[style];
    const width = pdf.font(fonts.fontOf(face, word)).fontSize(size).widthOfString(word);
    if (known.size < 50_000) known.set(key, width);
    return width;
  };
}

function* toLines(blocks: readonly Block[], laying: Laying): Generator<LaidLine> {
  for (const block of blocks) {
    if (block.style === 'table') {
      yield* toTableLines(block.rows, laying);
      continue;
    }
    const { style } = block;
    let { above } = styles[style];
    for (const paragraph of toShown(block.text, laying).split('\n')) {
      const lines =
        style === 'mono' ? toPieces(paragraph, 98) : wrap(paragraph, (word) => laying.widthOf(style, word), room);
      for (const text of lines) {
        yield { pieces: [{ text, x: 0 }], style, above, isRuled: false };
        above = 0;
      }
    }
  }
}

/** Cells side by side, each wrapped in its column. */
function* toTableLines(rows: readonly (readonly string[])[], laying: Laying): Generator<LaidLine> {
  const widthOf = (word: string) => laying.widthOf('table', word);
  const shown = rows.map((row) => row.map((cell) => toShown(cell, laying)));
  const columns = toColumns(shown, widthOf, room);
  for (const row of shown) {
    const cells = row.map((cell, at) =>
      cell.split('\n').flatMap((part) => [...wrap(part, widthOf, columns[at]!.width)]),
    );
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    for (let line = 0; line < height; line++) {
      const pieces = cells.map((lines, at) => ({ text: lines[line] ?? '', x: columns[at]!.x }));
      yield { pieces, style: 'table', above: line === 0 ? styles.table.above : 0, isRuled: line === 0 };
    }
  }
}

function toPieces(text: string, length: number): readonly string[] {
  if (text.length <= length) return [text];
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

/** Words that are wider than the line are parted. */
function* wrap(text: string, widthOf: (word: string) => number, width: number): Generator<string> {
  const space = widthOf(' ');
  let [line, used] = ['', 0];
  for (const word of text.split(' ').flatMap((each) => toFitting(each, widthOf, width))) {
    const wide = widthOf(word);
    if (line !== '' && used + space + wide > width) {
      yield line;
      [line, used] = ['', 0];
    }
    [line, used] = line === '' ? [word, wide] : [`${line} ${word}`, used + space + wide];
  }
  yield line;
}

function toFitting(word: string, widthOf: (word: string) => number, width: number): readonly string[] {
  const pieces = toPieces(word, 60);
  return pieces.flatMap((piece) => {
    const wide = widthOf(piece);
    return wide <= width ? [piece] : toPieces(piece, Math.max(1, Math.floor((piece.length * width) / wide)));
  });
}

function toShown(text: string, { fonts, flags }: Laying): string {
  const plain = text.replaceAll(/\r\n?/gu, '\n').replaceAll('\t', '    ').replaceAll('\f', '\n');
  const shown = fonts.toWritable(plain);
  if (!shown.isWhole) flags.add('unshown-characters');
  return shown.text;
}
