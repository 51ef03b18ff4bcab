// Finds what a reviewer types on the pages of a document: words as they are, `#` for a digit, `@` for a letter, `*` for
// the rest of a word. It must never run a pattern whose time could grow faster than the text.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Box } from './document.ts';
import { toNormal, toViews, type View } from './normal-form.ts';
import { toLineBoxes } from './page-text.ts';
import type { Word } from './document.ts';

export type Hit = {
  readonly page: number;
  /** Words that the hit lies in: what is marked is always whole words. */
  readonly text: string;
  readonly before: string;
  readonly after: string;
  readonly boxes: readonly Box[];
  readonly hidden: boolean;
  /** All of it lies off the page: nobody sees it, and it is in no rendition. */
  readonly offPage: boolean;
};

const longestPattern = 200;
const mostHits = 5_000;
const mostHitsOfPage = 500;
const aroundLetters = 40;
const aroundWords = 20;

/** Throws form-invalid for a pattern that is empty, too long, or nothing but signs. */
export function toPattern(given: string): RegExp {
  const { text } = toNormal(given);
  if (text === '' || text.length > longestPattern) {
    throw new PortalError('form-invalid', say('documents.search-text', { longest: longestPattern }));
  }
  if (!/[^\s*@]/u.test(text)) throw new PortalError('form-invalid', say('documents.search-signs'));
  const source = [...text].map((letter) => {
    if (letter === '#') return '\\p{Nd}';
    if (letter === '@') return '[\\p{L}@]'; // for itself, too: it stands in every e-mail address
    if (letter === '*') return '[^ ]{0,60}';
    if (letter === ' ') return ' ';
    return letter.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  });
  if (source.filter((part) => part.startsWith('[^')).length > 3) {
    throw new PortalError('form-invalid', say('documents.search-stars'));
  }
  return new RegExp(source.join(''), 'gu');
}

export function findOnPage(pattern: RegExp, page: number, words: readonly Word[]): readonly Hit[] {
  const hits = new Map<string, Hit & { readonly at: number }>();
  for (const view of toViews(words)) {
    for (const found of view.text.matchAll(pattern)) {
      const at = wordsAt(view, found.index, found.index + found[0].length);
      if (at.length === 0 || hits.size >= mostHitsOfPage) continue;
      const key = at.join(' ');
      if (!hits.has(key)) hits.set(key, { ...toHit(words, page, at), at: at[0] ?? 0 });
    }
  }
  return [...hits.values()].sort((a, b) => a.at - b.at).map(({ at: _at, ...hit }) => hit);
}

/** The words that a stretch of a view stands in, in their own order. */
export function wordsAt({ word }: View, start: number, end: number): readonly number[] {
  return [...new Set(word.slice(start, end))].filter((index) => index >= 0).sort((a, b) => a - b);
}

/** What is marked is always whole words. */
export function toHit(words: readonly Word[], page: number, at: readonly number[]): Hit {
  const own = at.map((index) => words[index]!);
  const around = (from: number, to: number): string =>
    words
      .slice(Math.max(0, from), to)
      .map(({ text }) => text)
      .join(' ');
  const before = around(at[0]! - aroundWords, at[0]!).slice(-aroundLetters);
  const after = around(at.at(-1)! + 1, at.at(-1)! + 1 + aroundWords).slice(0, aroundLetters);
  return {
    page,
    text: own.map((word) => word.text).join(' '),
    before: before === '' ? '' : `${before} `,
    after: after === '' ? '' : ` ${after}`,
    boxes: toLineBoxes(own),
    hidden: own.some((word) => word.hidden),
    offPage: false,
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
