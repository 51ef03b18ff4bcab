// The allow-list: every operator, function and aggregate that a query may name, and nothing else reaches the engine.
// Dialects look their own spellings up here; docs/functions.md is compared with this table by a test.

import type { FunctionSpec } from './function-spec.ts';
import { aggregateFunctions } from './functions-aggregate.ts';
import { geometryFunctions } from './functions-geometry.ts';
import { logicFunctions } from './functions-logic.ts';
import { numberFunctions } from './functions-number.ts';
import { textFunctions } from './functions-text.ts';
import { timeFunctions } from './functions-time.ts';

export type FunctionGroup = { readonly title: string; readonly functions: readonly FunctionSpec[] };

/** The table in the order of docs/functions.md. */
export const functionGroups: readonly FunctionGroup[] = [
  { title: 'Logic, comparison, choice and casts', functions: logicFunctions },
  { title: 'Text', functions: textFunctions },
  { title: 'Numbers', functions: numberFunctions },
  { title: 'Dates and times', functions: timeFunctions },
  { title: 'Geometry', functions: geometryFunctions },
  { title: 'Aggregates', functions: aggregateFunctions },
];

export const functionTable: ReadonlyMap<string, FunctionSpec> = new Map(
  functionGroups.flatMap((group) => group.functions.map((entry) => [entry.name, entry])),
);

export type FunctionLanguage = 'soda' | 'cql2';

const operatorWords: readonly string[] = ['AND', 'OR', 'NOT', 'LIKE', 'BETWEEN', 'IN'];

const spellings: Readonly<Record<FunctionLanguage, ReadonlyMap<string, string>>> = {
  soda: toSpellings('soda'),
  cql2: toSpellings('cql2'),
};

function toSpellings(language: FunctionLanguage): ReadonlyMap<string, string> {
  const isFunction = (word: string): boolean => /^[a-z_][a-z0-9_]*$/iu.test(word) && !operatorWords.includes(word);
  const entries = [...functionTable.values()].flatMap((entry) =>
    entry[language]
      .filter((word) => isFunction(word))
      .map((word): [string, string] => [word.toLowerCase(), entry.name]),
  );
  return new Map(entries);
}

/** The Query name of a function as a dialect writes it (in any case), or null. Operators are not looked up. */
export function findFunctionName(language: FunctionLanguage, word: string): string | null {
  return spellings[language].get(word.toLowerCase()) ?? null;
}

/** Every function word that a dialect knows, for suggestions. */
export function functionWords(language: FunctionLanguage): readonly string[] {
  return [...spellings[language].keys()];
}
