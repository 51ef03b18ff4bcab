// The one form in which texts are compared: what people read as the same is the same, whichever signs a program wrote.
// It must not find anything; search, suggestions and the check before publishing all read through it.

import { touches } from './boxes.ts';
import type { Word } from './document.ts';

export type NormalText = {
  readonly text: string;
  /** For each UTF-16 unit of `text`, the place in the original that it stands for. */
  readonly from: readonly number[];
};

const hyphens = /[\p{Pd}\u2212\u02d7\ufe63\uff0d]/u;
const apostrophes = /['`´‘’‚‛′‵ʹʻʼʽˈ＇]/u;
const quotes = /["“”„‟″‶«»＂]/u;
const softHyphen = '\u00ad';
/** Letters that no decomposition takes apart, as people type them without. */
const plain: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  Æ: 'AE',
  æ: 'ae',
  Œ: 'OE',
  œ: 'oe',
  Ø: 'O',
  ø: 'o',
  Đ: 'D',
  đ: 'd',
  Ł: 'L',
  ł: 'l',
  ı: 'i',
  Þ: 'Th',
  þ: 'th',
};

/** One letter in normal form: nothing for a mark, a format sign or a zero width; its case stays. */
function fold(letter: string): string {
  if (hyphens.test(letter)) return '-';
  if (apostrophes.test(letter)) return "'";
  if (quotes.test(letter)) return '"';
  if (/[\s\p{Zs}\p{Zl}\p{Zp}]/u.test(letter)) return ' ';
  const known = plain[letter];
  if (known !== undefined) return known;
  const bare = letter.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
  return bare.replaceAll(/./gsu, (each) => (each === letter ? each : foldPlain(each)));
}

/** Of a letter that came out of another, such as the slash of a fraction. */
function foldPlain(letter: string): string {
  if (hyphens.test(letter)) return '-';
  if (apostrophes.test(letter)) return "'";
  return /\s/u.test(letter) ? ' ' : (plain[letter] ?? letter);
}

const folded = new Map<string, string>();

function foldOnce(letter: string): string {
  let known = folded.get(letter);
  if (known !== undefined) return known;
  known = fold(letter);
  if (folded.size < 5_000) folded.set(letter, known);
  return known;
}

/** A soft hyphen is one between digits, and nothing within a word. */
function isHyphen(text: string, at: number): boolean {
  return /\p{Nd}/u.test(text[at - 1] ?? '') && /\p{Nd}/u.test(text[at + 1] ?? '');
}

/** In normal form, with blanks run together and none at the ends; in small letters unless the case is kept. */
export function toNormal(given: string, keepCase = false): NormalText {
  let text = '';
  const from: number[] = [];
  let at = 0;
  for (const letter of given) {
    const own = /^[\x21-\x7e]$/.test(letter) && letter !== '`' ? letter : null;
    const form = own ?? (letter === softHyphen ? (isHyphen(given, at) ? '-' : '') : foldOnce(letter));
    const said = keepCase ? form : form.toLowerCase();
    for (const unit of said) {
      if (unit === ' ' && (text === '' || text.endsWith(' '))) continue;
      text += unit;
      for (let count = 0; count < unit.length; count++) from.push(at);
    }
    at += letter.length;
  }
  if (!text.endsWith(' ')) return { text, from };
  return { text: text.slice(0, -1), from: from.slice(0, -1) };
}

/** A page's words as one text in normal form: `word[i]` is the word that unit i stands in, -1 between two. */
export type View = {
  readonly text: string;
  readonly word: readonly number[];
  /** Not as the words come. */
  readonly isOther: boolean;
};

/**
 * The ways in which a page can be read: as its words come; with words that a hyphen divides at the end of a line put
 * together, with the hyphen and without; and by their places, for a file may draw its letters in any order.
 */
export function toViews(words: readonly Word[], keepCase = false): readonly View[] {
  const parts = words.map(({ text }) => toNormal(text, keepCase).text);
  const order = parts.map((_, index) => index);
  const views = [toView(parts, order, () => ' ', false)];
  const divides = (left: number, right: number): boolean =>
    /[\p{L}\p{Nd}]-$/u.test(parts[left] ?? '') && words[left]?.line !== words[right]?.line;
  if (order.some((index) => index > 0 && divides(index - 1, index))) {
    views.push(toView(parts, order, (left, right) => (divides(left, right) ? '' : ' ')));
    const whole = parts.map((part, index) => (divides(index, index + 1) ? part.slice(0, -1) : part));
    views.push(toView(whole, order, (left, right) => (divides(left, right) ? '' : ' ')));
  }
  const placed = byPlace(words);
  const isMoved = placed.some(({ index, joins }, at) => index !== at || joins);
  if (isMoved) {
    const joins = new Set(placed.filter((each) => each.joins).map(({ index }) => index));
    const moved = placed.map(({ index }) => index);
    views.push(toView(parts, moved, (_, right) => (joins.has(right) ? '' : ' ')));
  }
  return views;
}

function toView(
  parts: readonly string[],
  order: readonly number[],
  between: (left: number, right: number) => string,
  isOther = true,
): View {
  let text = '';
  const word: number[] = [];
  for (const [place, index] of order.entries()) {
    const gap = place === 0 ? '' : between(order[place - 1] ?? index, index);
    text += gap;
    if (gap !== '') word.push(-1);
    const part = parts[index] ?? '';
    text += part;
    for (let unit = 0; unit < part.length; unit++) word.push(index);
  }
  return { text, word, isOther };
}

type Placed = { readonly index: number; /** No more than a hair after the word before it. */ readonly joins: boolean };

/** Words by the lines that they stand on, whatever the file calls a line, from the left. */
function byPlace(words: readonly Word[]): readonly Placed[] {
  const order = words.map((word, index) => ({ word, index }));
  order.sort((a, b) => middle(a.word) - middle(b.word) || a.word.box[0] - b.word.box[0]);
  const rows: { word: Word; index: number }[][] = [];
  for (const each of order) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row !== undefined && first !== undefined && isBeside(first.word, each.word)) row.push(each);
    else rows.push([each]);
  }
  return rows.flatMap((row) =>
    row
      .toSorted((a, b) => a.word.box[0] - b.word.box[0])
      .map(({ word, index }, at, sorted) => ({ index, joins: at > 0 && joins(sorted[at - 1]?.word, word) })),
  );
}

function middle({ box }: Word): number {
  return (box[1] + box[3]) / 2;
}

function isBeside(first: Word, other: Word): boolean {
  const height = Math.max(first.box[3] - first.box[1], 1);
  return Math.abs(middle(first) - middle(other)) < height * 0.5;
}

/** A letter drawn by itself stands close to the one before it, and not upon it. */
function joins(before: Word | undefined, word: Word): boolean {
  if (before === undefined || touches(before.box, word.box, 1)) return false;
  const height = Math.max(word.box[3] - word.box[1], 1);
  return word.box[0] - before.box[2] < height * 0.12;
}
