// Text laid out as letter pages: a rendition of what a file says, not of how it looks.
// It must show every letter or a box in its place, and say when it had to.

import PDFDocument from 'pdfkit';

import type { DocumentFlag } from '../document.ts';

export type Block = { readonly style: 'title' | 'heading' | 'text' | 'label' | 'mono'; readonly text: string };

const page = { width: 612, height: 792, margin: 54 };
const styles = {
  title: { font: 'Helvetica-Bold', size: 14, above: 4 },
  heading: { font: 'Helvetica-Bold', size: 11, above: 8 },
  text: { font: 'Helvetica', size: 10, above: 3 },
  label: { font: 'Helvetica-Oblique', size: 9, above: 6 },
  mono: { font: 'Courier', size: 8.5, above: 0 },
} as const;

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
  const widths = openWidths(pdf);
  let y = page.margin;
  let pages = 1;
  const all = toLines(blocks, widths, flags);
  for (const { text, style, above } of all) {
    const { font, size } = styles[style];
    const height = size * 1.25;
    if (y + above + height > page.height - page.margin) {
      if (pages === mostTextPages) {
        flags.add('cut');
        break;
      }
      pdf.addPage();
      pages++;
      y = page.margin;
    } else y += above;
    if (text !== '') pdf.font(font).fontSize(size).text(text, page.margin, y, { lineBreak: false });
    y += height;
  }
  pdf.end();
  await done;
  return { pdf: Buffer.concat(pieces), flags: [...flags] };
}

type Style = keyof typeof styles;
type LaidLine = { readonly text: string; readonly style: Style; readonly above: number };
type Widths = (style: Style, word: string) => number;

function openWidths(pdf: PDFKit.PDFDocument): Widths {
  const known = new Map<string, number>();
  return (style, word) => {
    const key = `${style} ${word}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const { font, size } = styles[style];
    const width = pdf.font(font).fontSize(size).widthOfString(word);
    if (known.size < 50_000) known.set(key, width);
    return width;
  };
}

function* toLines(blocks: readonly Block[], widths: Widths, flags: Set<DocumentFlag>): Generator<LaidLine> {
  const room = page.width - page.margin * 2;
  for (const { style, text } of blocks) {
    let { above }: { above: number } = styles[style];
    for (const paragraph of toShown(text, flags).split('\n')) {
      for (const line of style === 'mono'
        ? toPieces(paragraph, 98)
        : wrap(paragraph, (word) => widths(style, word), room)) {
        yield { text: line, style, above };
        above = 0;
      }
    }
  }
}

function toPieces(text: string, length: number): readonly string[] {
  if (text.length <= length) return [text];
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );
}

function* wrap(text: string, widthOf: (word: string) => number, room: number): Generator<string> {
  const space = widthOf(' ');
  let [line, used] = ['', 0];
  for (const word of text.split(' ').flatMap((each) => toPieces(each, 60))) {
    const width = widthOf(word);
    if (line !== '' && used + space + width > room) {
      yield line;
      [line, used] = ['', 0];
    }
    [line, used] = line === '' ? [word, width] : [`${line} ${word}`, used + space + width];
  }
  yield line;
}

/** What the fonts that every PDF reader has can show: Windows-1252. */
const shown = /^[\n\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/u;
const unshown = /[^\n\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/gu;

function toShown(text: string, flags: Set<DocumentFlag>): string {
  const plain = text.normalize('NFC').replaceAll(/\r\n?/gu, '\n').replaceAll('\t', '    ').replaceAll('\f', '\n');
  if (shown.test(plain)) return plain;
  // Control characters and marks without width never had a shape; every other letter gets the sign of one that is
  // missing.
  const visible = plain.replaceAll(/[\p{Cc}\p{Cf}]/gu, (letter) => (letter === '\n' ? letter : ''));
  if (!shown.test(visible)) flags.add('unshown-characters');
  return visible.replaceAll(unshown, '¤');
}
