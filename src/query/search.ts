// Full-text search over one row: every word must begin some word of the row's texts; docs/functions.md tells the rule.
// It must not know how the words came in.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Schema, TypeKind } from './column.ts';
import { toTextSql, quoteName } from './value-type.ts';

const mostTerms = 16;
const longestTerm = 60;

const writtenKinds: readonly TypeKind[] = ['text', 'json'];
const countedKinds: readonly TypeKind[] = ['integer', 'number', 'decimal', 'date'];

/**
 * Folded terms of a search text: small letters, no accents, English endings cut; what is no letter or digit separates.
 * null: no search; an empty list: nothing that could be found. Throws query-too-large.
 */
export function readSearch(text: string | null): readonly string[] | null {
  if (text === null || text.trim() === '') return null;
  const words = fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const terms = [...new Set(words.map((word) => stem(word.slice(0, longestTerm))))];
  if (terms.length <= mostTerms) return terms;
  throw new PortalError('query-too-large', {
    detail: say('query.too-many-words', { most: mostTerms }),
    extra: { limit: mostTerms },
  });
}

function fold(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase();
}

/** Longest first. Cutting is enough: a shorter beginning finds every form that has it. */
const endings: readonly (readonly [string, number])[] = [
  ['ies', 3],
  ['ing', 4],
  ['es', 4],
  ['ed', 4],
  ['s', 3],
  ['y', 4],
];

function stem(word: string): string {
  if (!/^[a-z]+$/u.test(word) || word.endsWith('ss')) return word;
  for (const [ending, least] of endings) {
    if (word.endsWith(ending) && word.length - ending.length >= least) return word.slice(0, -ending.length);
  }
  return word;
}

/** The condition as SQL; `bind` makes a parameter. */
export function searchSql(terms: readonly string[], schema: Schema, bind: (value: string) => string): string {
  if (terms.length === 0) return 'false';
  return terms.map((term) => termSql(term, schema, bind)).join(' AND ');
}

/**
 * `contains` is cheap and drops most rows before the pattern looks for the beginning of a word. A word without a digit
 * is not looked for in numbers and dates, whose text has to be made for every row first.
 */
function termSql(term: string, schema: Schema, bind: (value: string) => string): string {
  const kinds = /\p{N}/u.test(term) ? [...writtenKinds, ...countedKinds] : writtenKinds;
  const columns = schema.filter((column) => kinds.includes(column.type.kind));
  if (columns.length === 0) return 'false';
  const texts = columns.map((column) => toTextSql(column.type, quoteName(column.name)));
  const row = `lower(strip_accents(concat_ws(' ', ${texts.join(', ')})))`;
  const pattern = bind(`(?:^|[^\\pL\\pN])${term}`);
  return `(contains(${row}, ${bind(term)}) AND regexp_matches(${row}, ${pattern}))`;
}
