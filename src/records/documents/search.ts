// Finds what a reviewer types on the pages of a document: words as they are, `#` for a digit, `@` for a letter, `*` for
// the rest of a word. It must never run a pattern whose time could grow faster than the text.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Box } from './document.ts';
import { toLineBoxes, toPageText, wordsIn } from './page-text.ts';
import type { PageText } from './page-text.ts';
import type { Word } from './document.ts';

export type Hit = {
  readonly page: number;
  /** Words that the hit lies in: what is marked is always whole words. */
  readonly text: string;
  readonly before: string;
  readonly after: string;
  readonly boxes: readonly Box[];
  readonly hidden: boolean;
};

const longestPattern = 200;
const mostHits = 5_000;
const mostHitsOfPage = 500;
const aroundLetters = 40;

/** Throws form-invalid for a pattern that is empty, too long, or nothing but signs. */
export function toPattern(given: string): RegExp {
  const text = given.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ');
  if (text === '' || text.length > longestPattern) {
    throw new PortalError('form-invalid', say('documents.search-text', { longest: longestPattern }));
  }
  if (!/[^\s*@]/u.test(text)) throw new PortalError('form-invalid', say('documents.search-signs'));
  const source = [...text].map((letter) => {
    if (letter === '#') return '\\p{Nd}';
    if (letter === '@') return '\\p{L}';
    if (letter === '*') return '[^ ]{0,60}';
    if (letter === ' ') return ' ';
    return letter.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  });
  if (source.filter((part) => part.startsWith('[^')).length > 3) {
    throw new PortalError('form-invalid', say('documents.search-stars'));
  }
  return new RegExp(source.join(''), 'giu');
}

export function findOnPage(pattern: RegExp, page: number, words: readonly Word[]): readonly Hit[] {
  const text = toPageText(words);
  const hits: Hit[] = [];
  for (const found of text.text.matchAll(pattern)) {
    if (found[0] === '') continue;
    hits.push(toHit(text, page, found.index, found.index + found[0].length));
    if (hits.length >= mostHitsOfPage) break;
  }
  return hits;
}

export function toHit(text: PageText, page: number, start: number, end: number): Hit {
  const at = wordsIn(text, start, end);
  const own = at.map((index) => text.words[index]!);
  const from = text.starts[at[0]!] ?? start;
  const shown = own.map((word) => word.text).join(' ');
  return {
    page,
    text: shown,
    before: text.text.slice(Math.max(0, from - aroundLetters), from),
    after: text.text.slice(from + shown.length, from + shown.length + aroundLetters),
    boxes: toLineBoxes(own),
    hidden: own.some((word) => word.hidden),
  };
}

/** All hits of a document, in order; `more` when there are too many to show. */
export function gatherHits(pages: Iterable<readonly Hit[]>): { readonly hits: readonly Hit[]; readonly more: boolean } {
  const hits: Hit[] = [];
  for (const page of pages) {
    for (const hit of page) {
      if (hits.length === mostHits) return { hits, more: true };
      hits.push(hit);
    }
  }
  return { hits, more: false };
}
