// Which words of a page may stand in the text of its rendition: seen by any reader, and touched by no redaction.
// It must drop a word rather than part of it.

import { padded, touches } from './boxes.ts';
import type { Box, Word } from './document.ts';

/** How far from a word a box may end and still take it along, in points. */
const margin = 1;
const anywhere = { width: 20_000, height: 20_000 };

export function survivors(words: readonly Word[], boxes: readonly Box[]): readonly Word[] {
  return words.filter(
    (word) =>
      !word.hidden && word.text.trim() !== '' && !boxes.some((box) => touches(padded(word.box, margin, anywhere), box)),
  );
}
