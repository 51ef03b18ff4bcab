// Why a dataset matched: the fields that hold the words, quoted around the match, and how they match.
// It must say nothing the search itself did not go by: the same fields, the same words.

import type { Dataset } from './dataset.ts';
import { toSearchFields } from './search-index.ts';
import type { Question, Relation } from './search-terms.ts';
import type { MatchReason } from './search-types.ts';
import { toIndexedWords } from './words.ts';

const mostReasons = 6;
const shownLetters = 160;
const order: readonly Relation[] = ['words', 'partial', 'similar'];

/** At most six, the best first; each term is explained at least once before a field is named for another reason. */
export function toReasons(dataset: Dataset, question: Question): readonly MatchReason[] {
  const relations = toRelations(question);
  if (relations.size === 0) return [];
  const found: { reason: MatchReason; terms: ReadonlySet<string> }[] = [];
  for (const { field, text } of toSearchFields({ ...dataset, columns: dataset.current.columns })) {
    const matches = toIndexedWords(text).flatMap((word) => {
      const relation = relations.get(word);
      return relation === undefined ? [] : [{ word, ...relation }];
    });
    const [best] = matches.sort((a, b) => order.indexOf(a.how) - order.indexOf(b.how));
    if (best === undefined) continue;
    const terms = new Set(matches.flatMap((match) => [...match.typed]));
    found.push({ reason: { field, text: quote(text, best.word), how: best.how }, terms });
  }
  return choose(found).map(({ reason }) => reason);
}

function choose<T extends { reason: MatchReason; terms: ReadonlySet<string> }>(found: readonly T[]): readonly T[] {
  const sorted = found.toSorted((a, b) => order.indexOf(a.reason.how) - order.indexOf(b.reason.how));
  const explained = new Set<string>();
  const telling = sorted.filter(({ terms }) => {
    const news = [...terms].some((term) => !explained.has(term));
    for (const term of terms) explained.add(term);
    return news;
  });
  return [...telling, ...sorted.filter((one) => !telling.includes(one))].slice(0, mostReasons);
}

/** Word of the index → the typed words it stands for and the closest of their relations to it. */
function toRelations(question: Question): ReadonlyMap<string, { how: Relation; typed: ReadonlySet<string> }> {
  const relations = new Map<string, { how: Relation; typed: Set<string> }>();
  const add = (word: string, how: Relation, typed: string): void => {
    const known = relations.get(word);
    const closest = known !== undefined && order.indexOf(known.how) < order.indexOf(how) ? known.how : how;
    relations.set(word, { how: closest, typed: (known?.typed ?? new Set()).add(typed) });
  };
  for (const term of question.terms) {
    if (term.excluded) continue;
    for (const word of [term.typed, ...term.words]) add(word, 'words', term.typed);
    for (const word of term.partial) add(word, 'partial', term.typed);
    for (const word of term.similar) add(word, 'similar', term.typed);
  }
  return relations;
}

/** The part of a long text that the word stands in, cut between words. */
function quote(text: string, word: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  if (plain.length <= shownLetters) return plain;
  const pieces = plain.split(' ');
  const at = Math.max(
    0,
    pieces.findIndex((piece) => toIndexedWords(piece).includes(word)),
  );
  let [from, to, length] = [at, at + 1, pieces[at]?.length ?? 0];
  while ((from > 0 || to < pieces.length) && length < shownLetters) {
    if (from > 0) length += (pieces[(from -= 1)]?.length ?? 0) + 1;
    if (to < pieces.length && length < shownLetters) length += (pieces[(to += 1) - 1]?.length ?? 0) + 1;
  }
  return `${from > 0 ? '… ' : ''}${pieces.slice(from, to).join(' ')}${to < pieces.length ? ' …' : ''}`;
}
