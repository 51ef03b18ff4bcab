// A person's words to terms that the index can answer: the words that exist for each, and how they are related to it.
// It must not look at any dataset: it knows the vocabulary only.

import { sql } from '../db/drizzle.ts';
import type { Queryable } from '../db/open.ts';
import type { MatchReason } from './search-types.ts';
import { editDistance, toWords } from './words.ts';

export type Relation = MatchReason['how'];

/** One word that was typed, and what it may stand for in the index. */
export type Term = {
  readonly typed: string;
  readonly excluded: boolean;
  readonly words: readonly string[]; // the word itself and its inflections
  readonly partial: readonly string[]; // words that hold it
  readonly similar: readonly string[]; // words it may be a misspelling of, nearest first
};

/** Words of one quoted phrase: wanted next to each other. */
export type Question = { readonly terms: readonly Term[]; readonly phrases: readonly (readonly string[])[] };

const mostTerms = 16;
const mostPartial = 60;
const mostSimilar = 4;
/** Of such words two letters may be swapped; with another letter they are as often another word. Shorter: nothing. */
const shortestForgiven = 4;
/** From so many letters on, two edits are forgiven. */
const longForgiven = 8;

/**
 * Words that say nothing ("the", "of") are left out, unless there are no others. `forgiving` takes words that hold the
 * typed one, and of words that are nowhere those that may have been meant.
 */
export async function readQuestion(db: Queryable, text: string, forgiving = true): Promise<Question> {
  const { wanted, excluded, phrases } = splitText(text);
  const typed = [...new Set([...wanted, ...excluded])].slice(0, mostTerms);
  if (typed.length === 0) return { terms: [], phrases: [] };
  const found = await readVocabulary(db, typed);
  const telling = typed.filter((word) => found.get(word)?.stop !== true);
  const kept = telling.length > 0 ? telling : typed;
  const unknown = kept.filter((word) => forgiving && isUnknown(found.get(word)) && !excluded.has(word));
  const similar = await readSimilar(db, unknown);
  const terms = kept.map((word) => ({
    typed: word,
    excluded: excluded.has(word) && !wanted.has(word),
    words: found.get(word)?.words ?? [],
    partial: forgiving ? (found.get(word)?.partial ?? []) : [],
    similar: similar.get(word) ?? [],
  }));
  return { terms, phrases: phrases.filter((phrase) => phrase.length > 1) };
}

/** The same question with misspellings considered for every term, also for those that exist. */
export async function widenQuestion(db: Queryable, question: Question): Promise<Question> {
  const wanted = question.terms.filter((term) => !term.excluded && term.similar.length === 0).map((term) => term.typed);
  const similar = await readSimilar(db, wanted);
  const terms = question.terms.map((term) => ({ ...term, similar: similar.get(term.typed) ?? term.similar }));
  return { terms, phrases: question.phrases };
}

function splitText(text: string): {
  wanted: ReadonlySet<string>;
  excluded: ReadonlySet<string>;
  phrases: readonly (readonly string[])[];
} {
  const [wanted, excluded]: [Set<string>, Set<string>] = [new Set(), new Set()];
  const phrases: (readonly string[])[] = [];
  for (const part of text.slice(0, 1000).matchAll(/(?<=^|\s)-(\S+)|["“”]([^"“”]*)["“”]|[^\s"“”]+/gu)) {
    const words = toWords(part[1] ?? part[2] ?? part[0]);
    if (part[2] !== undefined) phrases.push(words);
    for (const word of words) (part[1] === undefined ? wanted : excluded).add(word);
  }
  return { wanted, excluded, phrases };
}

type Found = { readonly stop: boolean; readonly words: readonly string[]; readonly partial: readonly string[] };

function isUnknown(found: Found | undefined): boolean {
  return found === undefined || (found.words.length === 0 && found.partial.length === 0);
}

async function readVocabulary(db: Queryable, typed: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const { rows } = await db.execute<{ typed: string; stop: boolean; words: string[]; partial: string[] }>(sql`
    with asked as materialized (
      select typed, ts_lexize('english_stem', typed) as lexemes,
        case when length(typed) >= 3 then '%' else '' end || typed || '%' as pattern
      from unnest(string_to_array(${typed.join(' ')}, ' ')) as given (typed)
    )
    select typed, coalesce(array_length(lexemes, 1), 0) = 0 as stop,
      array(select word from search_words where word = typed or stem = lexemes[1]
            order by word <> typed, word limit ${mostPartial}) as words,
      array(select word from search_words
            where length(typed) >= 2 and word like pattern and word <> typed and stem is distinct from lexemes[1]
            order by word not like typed || '%', length(word), word limit ${mostPartial}) as partial
    from asked`);
  return new Map(rows.map((row) => [row.typed, row]));
}

/** Words within an edit or two; trigrams find them in long words, the first letter in short ones. */
async function readSimilar(db: Queryable, typed: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = typed.filter((word) => word.length >= shortestForgiven && !/^\p{N}+$/u.test(word));
  if (asked.length === 0) return new Map();
  const { rows } = await db.execute<{ typed: string; candidates: string[] }>(sql`
    select typed,
      array((select word from search_words where word % typed order by similarity(word, typed) desc, word limit 200)
            union
            (select word from search_words
             where length(typed) <= 6 and word like left(typed, 1) || '%'
               and length(word) between length(typed) - 1 and length(typed) + 1
             limit 2000)) as candidates
    from unnest(string_to_array(${asked.join(' ')}, ' ')) as asked (typed)`);
  return new Map(rows.map((row) => [row.typed, toNearest(row.typed, row.candidates)]));
}

/**
 * Two edits turn a right word of six letters into another one (police, place; arrest, acres), and hardly anybody
 * mistakes the first letter: a wrong guess is worse than none.
 */
function toNearest(typed: string, candidates: readonly string[]): readonly string[] {
  const most = typed.length < longForgiven ? 1 : 2;
  const letters = (word: string) => [...word].sort().join('');
  const swapped = `${typed[1] ?? ''}${typed[0] ?? ''}`;
  return candidates
    .filter((word) => word[0] === typed[0] || word.startsWith(swapped))
    .filter((word) => typed.length > shortestForgiven || letters(word) === letters(typed))
    .map((word) => ({ word, distance: editDistance(typed, word, most) }))
    .filter(({ distance }) => distance > 0 && distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1))
    .slice(0, mostSimilar)
    .map(({ word }) => word);
}
