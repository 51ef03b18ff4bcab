// How a dialect writes the functions of the allow-list: each of them spelled, or refused with the reason.
// It must hold no spelling itself; every dialect has a spellings.ts of its own.

import { functionTable } from '../../query/functions.ts';

/** A function that a dialect has no words for, and why. */
export type NotSpelled = { readonly notSpelled: string };

/** By the function's name in Query calls: names for functions, symbols and keywords for operators. */
export type SpellingTable = Readonly<Record<string, readonly string[] | NotSpelled>>;

export type Spellings = {
  /** The Query name of a function as the dialect writes it (in any case), or null. Operators are not looked up. */
  find(word: string): string | null;
  /** Every function word that the dialect knows, for suggestions. */
  readonly words: readonly string[];
  /** What the dialect writes for a function; nothing where it refuses it. */
  of(name: string): readonly string[];
};

export function notSpelled(reason: string): NotSpelled {
  return { notSpelled: reason };
}

const operatorWords: readonly string[] = ['AND', 'OR', 'NOT', 'LIKE', 'BETWEEN', 'IN'];

function isFunction(word: string): boolean {
  return /^[a-z_][a-z0-9_]*$/iu.test(word) && !operatorWords.includes(word);
}

/** The table made ready for look-ups. Its words stand in the order of the allow-list. */
export function toSpellings(table: SpellingTable): Spellings {
  const of = (name: string): readonly string[] => {
    const spelled = table[name];
    return spelled === undefined || 'notSpelled' in spelled ? [] : spelled;
  };
  const names = new Map(
    [...functionTable.keys()].flatMap((name) =>
      of(name)
        .filter(isFunction)
        .map((word): [string, string] => [word.toLowerCase(), name]),
    ),
  );
  return { find: (word) => names.get(word.toLowerCase()) ?? null, words: [...names.keys()], of };
}
