// The fonts that the portal writes PDFs in: those of every reader, and where their letters end, ones that go along.
// It must name every letter that none of them has, so that nobody takes the page for the whole.

import { fileURLToPath } from 'node:url';

import { openSync } from 'fontkit';
import type PDFDocument from 'pdfkit';

export type Face = 'regular' | 'bold' | 'oblique' | 'mono';
type Pdf = Pick<InstanceType<typeof PDFDocument>, 'registerFont'>;

/** No reader has to be given these; they have the letters of Windows-1252. */
const own: Readonly<Record<Face, string>> = {
  regular: 'Helvetica',
  bold: 'Helvetica-Bold',
  oblique: 'Helvetica-Oblique',
  mono: 'Courier',
};
const wide: Readonly<Record<Face, string>> = {
  regular: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  oblique: 'DejaVuSans-Oblique.ttf',
  mono: 'DejaVuSansMono.ttf',
};
const ownLetters = /^[\n\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/u;

/** Written from the right they would need their order and their joined shapes laid out. */
const fromTheRight = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

export type PaperFonts = {
  /** The font to write this text in, made known to the document. */
  fontOf(face: Face, text: string): string;
  /**
   * The text as it can be written, composed and without controls; `isWhole` is false when a letter that no font here
   * has became `¤`.
   */
  toWritable(text: string): { readonly text: string; readonly isWhole: boolean };
};

/** For one document. A font is opened when the first text comes that needs it. */
export function openPaperFonts(pdf: Pdf): PaperFonts {
  const letters = new Map<Face, ReadonlySet<number>>();
  const has = (face: Face, letter: string): boolean => {
    const known = letters.get(face) ?? readLetters(face);
    letters.set(face, known);
    return known.has(letter.codePointAt(0)!);
  };
  return {
    fontOf(face, text) {
      if (ownLetters.test(text)) return own[face];
      const chosen = [...text].every((letter) => has(face, letter)) ? face : 'regular'; // the one with the most letters
      pdf.registerFont(wide[chosen], fileOf(chosen));
      return wide[chosen];
    },
    toWritable: (text) => toWritable(text, (letter) => has('regular', letter)),
  };
}

function fileOf(face: Face): string {
  return fileURLToPath(new URL(`ttf/${wide[face]}`, import.meta.resolve('dejavu-fonts-ttf/package.json')));
}

function readLetters(face: Face): ReadonlySet<number> {
  const font = openSync(fileOf(face));
  if (!('characterSet' in font)) throw new Error(`${wide[face]} is a collection of fonts`);
  return new Set(font.characterSet);
}

function toWritable(given: string, isKnown: (letter: string) => boolean): ReturnType<PaperFonts['toWritable']> {
  const plain = given.normalize('NFC').replaceAll('−', '-');
  if (ownLetters.test(plain)) return { text: plain, isWhole: true };
  let isWhole = true;
  const shown = [...plain].map((letter) => {
    if (ownLetters.test(letter)) return letter;
    if (/[\p{Cc}\p{Cf}\p{Variation_Selector}]/u.test(letter)) return ''; // they never had a shape
    if (!fromTheRight.test(letter) && isKnown(letter)) return letter;
    isWhole = false;
    return '¤';
  });
  return { text: shown.join(''), isWhole };
}
