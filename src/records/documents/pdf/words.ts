// The words of a PDF page with their places, and whether anybody who looks at the page can see them.
// It must take a word for hidden when in doubt: what is hidden never reaches the text of a rendition.

import { around, overlap } from '../boxes.ts';
import type { Box, PageSize, Word } from '../document.ts';
import type { Pdfium } from './module.ts';
import type { OpenPage, Pixels } from './pdfium.ts';

type Glyph = {
  readonly text: string;
  readonly box: Box;
  readonly owner: number; // the text object it was drawn by
  readonly invisible: boolean; // drawn in a mode that leaves no ink
};
type Mark = Glyph | 'space' | 'line';

/** `pixels`: the page as it is drawn, at any scale. */
export function readWords(pdfium: Pdfium, page: OpenPage, pixels: Pixels): readonly Word[] {
  const text = pdfium.FPDFText_LoadPage(page.handle);
  if (text === 0) return [];
  try {
    const marks = readMarks(pdfium, text, toPlace(pdfium, page));
    const hidden = findHidden(marks, page, pixels);
    return toWords(marks, hidden);
  } finally {
    pdfium.FPDFText_ClosePage(text);
  }
}

type Place = (left: number, right: number, bottom: number, top: number) => Box;

/**
 * From PDF's own coordinates to points from the top left of the page as it is shown, whatever its rotation and crop.
 */
function toPlace(pdfium: Pdfium, page: OpenPage): Place {
  const fine = 1000;
  const [wide, high] = [Math.round(page.width * fine), Math.round(page.height * fine)];
  const ask = (x: number, y: number): readonly [number, number] =>
    pdfium.withMemory(8, (at) => {
      pdfium.FPDF_PageToDevice(page.handle, 0, 0, wide, high, 0, x, y, at, at + 4);
      return [pdfium.pdfium.getValue(at, 'i32') / fine, pdfium.pdfium.getValue(at + 4, 'i32') / fine];
    });
  const [origin, right, up] = [ask(0, 0), ask(1000, 0), ask(0, 1000)];
  const move = (x: number, y: number): readonly [number, number] => [
    origin[0] + (x * (right[0] - origin[0]) + y * (up[0] - origin[0])) / 1000,
    origin[1] + (x * (right[1] - origin[1]) + y * (up[1] - origin[1])) / 1000,
  ];
  return (x0, x1, y0, y1) => {
    const [a, b] = [move(x0, y0), move(x1, y1)];
    return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  };
}

/** More than a page of the smallest print: what comes after is left out of the text, not of the picture. */
const mostGlyphs = 100_000;
const invisibleModes = [3, 7];

function readMarks(pdfium: Pdfium, text: number, place: Place): readonly Mark[] {
  const count = Math.min(pdfium.FPDFText_CountChars(text), mostGlyphs);
  const modes = new Map<number, boolean>();
  return pdfium.withMemory(32, (at) => {
    const marks: Mark[] = [];
    for (let index = 0; index < count; index++) {
      const code = pdfium.FPDFText_GetUnicode(text, index);
      if (code === 0x0a || code === 0x0d) marks.push('line');
      else if (code <= 0x20 || code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x3000)
        marks.push('space');
      else if (pdfium.FPDFText_GetCharBox(text, index, at, at + 8, at + 16, at + 24)) {
        const [left, right, bottom, top] = new Float64Array(pdfium.memory().buffer, at, 4);
        const owner = pdfium.FPDFText_GetTextObject(text, index);
        const invisible =
          modes.get(owner) ?? (owner !== 0 && invisibleModes.includes(pdfium.FPDFTextObj_GetTextRenderMode(owner)));
        modes.set(owner, invisible);
        marks.push({ text: toLetter(code), box: place(left!, right!, bottom!, top!), owner, invisible });
      }
    }
    return marks;
  });
}

/** A hyphen at the end of a line comes as U+0002; a glyph without a known letter as U+FFFE or U+0000. */
function toLetter(code: number): string {
  if (code === 2) return '-';
  return code === 0xfffe || code === 0xffff || code < 0x20 ? '\ufffd' : String.fromCodePoint(code);
}

/** No ink in its place, drawn without ink, off the page, or in the place of another letter. */
function findHidden(marks: readonly Mark[], page: PageSize, pixels: Pixels): ReadonlySet<Glyph> {
  const glyphs = marks.filter((mark): mark is Glyph => typeof mark === 'object');
  const hidden = new Set<Glyph>();
  for (const glyph of glyphs) {
    if (glyph.invisible || !isInside(glyph.box, page) || !hasInk(glyph.box, page, pixels)) hidden.add(glyph);
  }
  for (const near of toNeighbourhoods(glyphs)) {
    for (const [index, one] of near.entries()) {
      for (const other of near.slice(index + 1)) {
        if (one.owner === other.owner || overlap(one.box, other.box) < 0.5) continue;
        if (one.text === other.text && one.invisible === other.invisible) continue; // printed twice to look bold
        // Which of the two is seen cannot be told from where they stand.
        if (!one.invisible) hidden.add(other);
        if (!other.invisible) hidden.add(one);
      }
    }
  }
  return hidden;
}

function isInside(box: Box, page: PageSize): boolean {
  return box[0] >= -1 && box[1] >= -1 && box[2] <= page.width + 1 && box[3] <= page.height + 1;
}

const cellPoints = 12;

/** Only letters that share a cell of a grid can lie on one another. */
function toNeighbourhoods(glyphs: readonly Glyph[]): Iterable<readonly Glyph[]> {
  const cells = new Map<string, Glyph[]>();
  for (const glyph of glyphs) {
    const [left, top, right, bottom] = glyph.box.map((value) => Math.floor(value / cellPoints));
    for (let x = left!; x <= Math.min(right!, left! + 8); x++) {
      for (let y = top!; y <= Math.min(bottom!, top! + 8); y++) {
        const cell = cells.get(`${x} ${y}`);
        if (cell === undefined) cells.set(`${x} ${y}`, [glyph]);
        else if (cell.length < mostInCell) cell.push(glyph);
      }
    }
  }
  return cells.values();
}

/**
 * A cell that holds more than any print can is a trick; its letters past this many count as seen by their ink alone.
 */
const mostInCell = 400;
const leastContrast = 16;

/** Ink is a difference: a letter that nobody sees stands in one flat colour. */
function hasInk(box: Box, page: PageSize, { data, width, height }: Pixels): boolean {
  const [across, down] = [width / page.width, height / page.height];
  const left = clamp(Math.floor(box[0] * across), width - 1);
  const right = clamp(Math.ceil(box[2] * across), width - 1);
  const top = clamp(Math.floor(box[1] * down), height - 1);
  const bottom = clamp(Math.ceil(box[3] * down), height - 1);
  let [least, most] = [765, 0];
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const at = (y * width + x) * 4;
      const light = data[at]! + data[at + 1]! + data[at + 2]!;
      if (light < least) least = light;
      if (light > most) most = light;
    }
    if (most - least > leastContrast * 3) return true;
  }
  return false;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

function toWords(marks: readonly Mark[], hidden: ReadonlySet<Glyph>): readonly Word[] {
  const words: Word[] = [];
  let glyphs: Glyph[] = [];
  let line = 0;
  const end = () => {
    if (glyphs.length > 0) {
      words.push({
        text: glyphs.map((glyph) => glyph.text).join(''),
        box: around(glyphs.map((glyph) => glyph.box)),
        line,
        hidden: glyphs.some((glyph) => hidden.has(glyph)),
      });
    }
    glyphs = [];
  };
  for (const mark of marks) {
    if (mark === 'space') end();
    else if (mark === 'line') {
      end();
      line++;
    } else {
      const last = glyphs.at(-1);
      if (last !== undefined && isApart(last.box, mark.box)) end();
      glyphs.push(mark);
    }
  }
  end();
  return words;
}

/** Text of another place on the page that the file happens to hold next; PDFium does not always part them. */
function isApart(a: Box, b: Box): boolean {
  const height = Math.max(a[3] - a[1], b[3] - b[1], 4);
  const beside = Math.max(b[0] - a[2], a[0] - b[2]);
  const below = Math.max(b[1] - a[3], a[1] - b[3]);
  return beside > height * 2 || below > height;
}
