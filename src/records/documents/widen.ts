// Makes the boxes of a redaction cover what they are meant to: a little more than the words, and never half a word.
// It must only ever make a redaction larger.

import type { Seal } from '../../base/seal.ts';
import { overlap, padded, touches } from './boxes.ts';
import type { Box, PageSize } from './document.ts';
import { openWords } from './page-text.ts';

/** A letter's ink may reach beyond the box that the font gives it. */
const margin = 1;
/** A box that only grazes a word was not meant for it. */
const grazed = 0.12;

type Page = PageSize & { readonly number: number; readonly words: Uint8Array | null };

export function widen(
  boxes: readonly Box[],
  page: Page,
  seal: Seal,
  document: string,
  wholeWords: boolean,
): readonly Box[] {
  const size = { width: page.width, height: page.height };
  const wide = boxes.map((box) => padded(box, wholeWords ? 0 : margin, size));
  if (!wholeWords || page.words === null) return wide;
  const words = openWords(seal, document, page.number, page.words);
  const taken = words.filter(({ box }) => wide.some((each) => touches(each, box) && overlap(each, box) > grazed));
  const more = taken
    .map(({ box }) => padded(box, margin, size))
    .filter((box) => !wide.some((each) => holds(each, box)));
  return [...wide, ...more];
}

function holds(outer: Box, inner: Box): boolean {
  return outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];
}
