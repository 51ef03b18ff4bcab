// Writes the PDF that may be released: a picture a page, the words that survived, the labels of the redactions.
// It must hold nothing that it was not handed: no part of an original file is ever copied into it.

import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';

import type { Box, PageSize, Word } from '../document.ts';
import { glyphlessFont, toUnicodeMap } from './glyphless-font.ts';
import type { Picture } from './picture.ts';

/** Shown text in white on a burnt box. */
export type Label = { readonly box: Box; readonly text: string };

export type WrittenPage = PageSize & {
  readonly picture: Picture | null; // null: an empty page with notes alone
  readonly words: readonly Word[];
  readonly labels: readonly Label[];
  /** Lines of black text on a page that is withheld. */
  readonly notes: readonly string[];
};

export type PdfWriter = {
  add(page: WrittenPage): Promise<void>;
  /** Writes what is left, syncs, closes. */
  finish(): Promise<{ readonly bytes: number; readonly pages: number }>;
  close(): Promise<void>;
};

export type PdfDetails = {
  readonly title: string;
  readonly producer: string;
  readonly date: string;
  readonly language: string;
};

/** Fixed places of what every page refers to. */
const ids = {
  catalog: 1,
  pages: 2,
  info: 3,
  labelFont: 4,
  textFont: 5,
  cidFont: 6,
  descriptor: 7,
  fontFile: 8,
  map: 9,
  cidMap: 10,
};
const firstPageId = 11;

export async function openPdfWriter(path: string, details: PdfDetails): Promise<PdfWriter> {
  const file = await open(path, 'wx', 0o600);
  const out = openObjects(file);
  const pageIds: number[] = [];
  let next = firstPageId;
  await out.raw(Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'));
  return {
    async add(page) {
      const [id, contentId, pictureId] = [next++, next++, page.picture === null ? null : next++];
      pageIds.push(id);
      if (page.picture !== null && pictureId !== null)
        await out.stream(pictureId, toImage(page.picture), page.picture.bytes);
      const content = deflateSync(Buffer.from(toContent(page), 'latin1'));
      await out.stream(contentId, '/Filter /FlateDecode', content);
      const images = pictureId === null ? '' : `/XObject << /P ${pictureId} 0 R >> `;
      await out.object(
        id,
        `<< /Type /Page /Parent ${ids.pages} 0 R /MediaBox [0 0 ${points(page.width)} ${points(page.height)}] ` +
          `/Resources << ${images}/Font << /L ${ids.labelFont} 0 R /T ${ids.textFont} 0 R >> >> /Contents ${contentId} 0 R >>`,
      );
    },
    async finish() {
      await writeFonts(out);
      const kids = pageIds.map((id) => `${id} 0 R`).join(' ');
      await out.object(ids.pages, `<< /Type /Pages /Count ${pageIds.length} /Kids [${kids}] >>`);
      await out.object(
        ids.catalog,
        `<< /Type /Catalog /Pages ${ids.pages} 0 R /Lang ${toString(details.language)} /ViewerPreferences << /DisplayDocTitle true >> >>`,
      );
      const date = toString(`D:${details.date.replaceAll(/[-:T]/g, '').slice(0, 14)}Z`);
      await out.object(
        ids.info,
        `<< /Title ${toString(details.title)} /Producer ${toString(details.producer)} /CreationDate ${date} /ModDate ${date} >>`,
      );
      const bytes = await out.end(`/Root ${ids.catalog} 0 R /Info ${ids.info} 0 R`);
      await file.sync();
      await file.close();
      return { bytes, pages: pageIds.length };
    },
    close: () => file.close(),
  };
}

type Objects = {
  raw(bytes: Buffer): Promise<void>;
  object(id: number, body: string): Promise<void>;
  stream(id: number, dictionary: string, bytes: Uint8Array): Promise<void>;
  end(trailer: string): Promise<number>;
};

function openObjects(file: FileHandle): Objects {
  const offsets = new Map<number, number>();
  let at = 0;
  const raw = async (bytes: Buffer): Promise<void> => {
    await file.writeFile(bytes);
    at += bytes.length;
  };
  const text = (words: string) => raw(Buffer.from(words, 'latin1'));
  return {
    raw,
    async object(id, body) {
      offsets.set(id, at);
      await text(`${id} 0 obj\n${body}\nendobj\n`);
    },
    async stream(id, dictionary, bytes) {
      offsets.set(id, at);
      const head = Buffer.from(`${id} 0 obj\n<< ${dictionary} /Length ${bytes.length} >>\nstream\n`, 'latin1');
      await raw(Buffer.concat([head, bytes, Buffer.from('\nendstream\nendobj\n', 'latin1')]));
    },
    async end(trailer) {
      const start = at;
      const size = offsets.size + 1;
      const rows = Array.from({ length: offsets.size }, (_, index) => {
        const offset = offsets.get(index + 1);
        if (offset === undefined) throw new Error(`object ${index + 1} of the PDF was never written`);
        return `${String(offset).padStart(10, '0')} 00000 n \n`;
      });
      await text(`xref\n0 ${size}\n0000000000 65535 f \n${rows.join('')}`);
      await text(`trailer\n<< /Size ${size} ${trailer} >>\nstartxref\n${start}\n%%EOF\n`);
      return at;
    },
  };
}

function toImage({ encoding, bits, channels, width, height }: Picture): string {
  const colour = channels === 1 ? '/DeviceGray' : '/DeviceRGB';
  const filter = encoding === 'jpeg' ? '/DCTDecode' : '/FlateDecode';
  return `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${colour} /BitsPerComponent ${bits} /Filter ${filter}`;
}

async function writeFonts(out: Objects): Promise<void> {
  const name = '/PortalText';
  await out.object(
    ids.labelFont,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
  );
  await out.object(
    ids.textFont,
    `<< /Type /Font /Subtype /Type0 /BaseFont ${name} /Encoding /Identity-H /DescendantFonts [${ids.cidFont} 0 R] /ToUnicode ${ids.map} 0 R >>`,
  );
  await out.object(
    ids.cidFont,
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont ${name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> ` +
      `/FontDescriptor ${ids.descriptor} 0 R /DW 500 /CIDToGIDMap ${ids.cidMap} 0 R >>`,
  );
  await out.object(
    ids.descriptor,
    `<< /Type /FontDescriptor /FontName ${name} /Flags 5 /FontBBox [0 0 500 1000] /ItalicAngle 0 /Ascent 1000 /Descent 0 /CapHeight 1000 ` +
      `/StemV 80 /FontFile2 ${ids.fontFile} 0 R >>`,
  );
  const font = glyphlessFont();
  await out.stream(ids.fontFile, `/Length1 ${font.length}`, font);
  await out.stream(ids.map, '', Buffer.from(toUnicodeMap, 'latin1'));
  const everyGlyph = Buffer.alloc(131_072);
  for (let at = 1; at < everyGlyph.length; at += 2) everyGlyph[at] = 1;
  await out.stream(ids.cidMap, '/Filter /FlateDecode', deflateSync(everyGlyph));
}

/** The picture over the whole page, the labels on it, then the words, which leave no ink. */
function toContent(page: WrittenPage): string {
  const { width, height } = page;
  const picture = page.picture === null ? '' : `q ${points(width)} 0 0 ${points(height)} 0 0 cm /P Do Q\n`;
  const labels = page.labels.map((label) => toLabel(label, height)).join('');
  const notes = page.notes.map((line, index) => toNote(line, index, page)).join('');
  const words = page.words.map((word) => toWord(word, height)).join('');
  return `${picture}${labels}${notes}${words === '' ? '' : `BT 3 Tr\n${words}ET\n`}`;
}

/** Average width of a bold Helvetica letter, and how tall its capitals are, per point of size. */
const letterWidth = 0.6;
const capHeight = 0.72;

function toLabel({ box, text }: Label, pageHeight: number): string {
  const [wide, high] = [box[2] - box[0], box[3] - box[1]];
  const size = Math.min(9, (high - 1) / 1.1, (wide - 2) / (letterWidth * text.length));
  if (size < 2.5) return ''; // too small to be read: the index says which exemption it is
  const x = box[0] + (wide - size * letterWidth * text.length) / 2;
  const y = pageHeight - (box[1] + box[3]) / 2 - (size * capHeight) / 2;
  return `BT 1 g /L ${points(size)} Tf ${points(Math.max(x, box[0] + 1))} ${points(y)} Td ${toString(text)} Tj ET\n`;
}

function toNote(line: string, index: number, page: PageSize): string {
  const size = Math.min(11, page.width / 50);
  const y = page.height - page.height * 0.2 - index * size * 1.5;
  return `BT 0 g /L ${points(size)} Tf ${points(page.width * 0.1)} ${points(y)} Td ${toString(line)} Tj ET\n`;
}

/** Places are whole points: finer ones would tell how wide the covered words beside were. */
function toWord({ text, box }: Word, pageHeight: number): string {
  const units = [...text].flatMap((letter) => [...Buffer.from(letter, 'utf16le').swap16()]);
  const letters = units.length / 2;
  const [left, bottom] = [Math.round(box[0]), Math.round(pageHeight - box[3])];
  const size = Math.max(1, Math.round(box[3] - box[1]));
  const stretch = Math.max(1, Math.round((Math.max(1, Math.round(box[2] - box[0])) / (letters * size * 0.5)) * 100));
  const hex = Buffer.from(units).toString('hex');
  return `/T ${size} Tf ${stretch} Tz 1 0 0 1 ${left} ${bottom} Tm <${hex}0020> Tj\n`;
}

function points(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A PDF string: WinAnsi where that has the letters, else UTF-16, which labels and notes never need. */
function toString(text: string): string {
  if (/^[\x20-\x7e\xa1-\xff]*$/u.test(text)) return `(${text.replaceAll(/[\\()]/g, '\\$&')})`;
  return `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}
