// The words of a message's HTML, and whether its plain text says the same.
// It must fetch nothing that the HTML points to, and leave out no words: what is hidden in it is words, too.

import { convert } from 'html-to-text';

/** Longer HTML is nobody's words. */
const longestHtml = 8 * 1024 * 1024;

/** Elements within elements that people's programs write; deeper ones are there to break readers. */
const deepest = 300;
const cutMark = '\ufdd0';

/** As lines of text, with the addresses of links beside their words. */
export function htmlToText(html: string): string {
  const text = convert(html.slice(0, longestHtml), {
    wordwrap: false,
    limits: { maxInputLength: longestHtml, maxDepth: deepest, ellipsis: cutMark },
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: ['(', ')'] } },
      { selector: 'img', options: { linkBrackets: false }, format: 'skip' },
      { selector: 'table', options: { uppercaseHeaderCells: false }, format: 'dataTable' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
  const whole = text.includes(cutMark) ? withoutTags(html) : text;
  return whole.replaceAll(/[\p{Cc}--[\n\t]]/gv, '').trim();
}

/** Its words without any order of lines: nothing of what is written too deep is left out. */
function withoutTags(html: string): string {
  return html
    .slice(0, longestHtml)
    .replaceAll(/<[^<>]*>/gu, ' ')
    .replaceAll(/[ \t]+/gu, ' ');
}

const wordShape = /[\p{L}\p{N}]+/gu;

/**
 * What the HTML says when the plain text does not say it; null when they are the same words, but for signatures and
 * the like of a few of them.
 */
export function unsaidInText(text: string, html: string): string | null {
  const plain = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(wordShape)) plain.set(word, (plain.get(word) ?? 0) + 1);
  let [words, unsaid] = [0, 0];
  for (const [word] of html
    .toLowerCase()
    .replaceAll(/\(https?:[^()\s]*\)/gu, ' ')
    .matchAll(wordShape)) {
    words++;
    const left = plain.get(word) ?? 0;
    if (left === 0) unsaid++;
    else plain.set(word, left - 1);
  }
  return unsaid > 2 && unsaid > words * 0.1 ? html : null;
}
