// What a publisher says of a dataset's files instead of having it guessed, and how much a new file may change without a
// decision: kept with each revision, and used for the next. It must not read files: each reader takes what is its own.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { TypeKind } from '../query/column.ts';

/** Every member that is not there is guessed from the file. */
export type Recipe = {
  /** One character. CSV only. */
  readonly delimiter?: string;
  /** A name that the Encoding Standard (WHATWG) gives, such as `windows-1252`. */
  readonly encoding?: string;
  /** The record that is the header, counted from 1; `none`: the first row is data. CSV only. */
  readonly header?: number | 'none';
  /** So many records at the beginning are no part of the table. CSV only. */
  readonly skip?: number;
  readonly dateOrder?: 'month-first' | 'day-first';
  readonly decimal?: 'point' | 'comma';
  /** By the column's API name. */
  readonly types?: Readonly<Record<string, RecipeKind>>;
  /** A later file that changes, or leaves out, more columns than this waits for a decision. */
  readonly mostChanges?: number;
  /** A later file with more rows in the quarantine than this waits for a decision. */
  readonly mostQuarantined?: number;
};

/** What a column can be said to hold. */
export const recipeKinds = [
  'text',
  'integer',
  'number',
  'decimal',
  'boolean',
  'date',
  'time',
  'timestamp',
  'instant',
] as const satisfies readonly TypeKind[];
export type RecipeKind = (typeof recipeKinds)[number];

type Reader = (value: unknown) => unknown;

const isCount = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= 1_000_000;
const oneOf =
  (...words: readonly string[]): Reader =>
  (value) =>
    typeof value === 'string' && words.includes(value) ? value : undefined;
const count =
  (least: number): Reader =>
  (value) =>
    isCount(value, least) ? value : undefined;

/** What each member may be; undefined for what it may not. */
const readers: Readonly<Record<keyof Recipe, Reader>> = {
  delimiter: (value) => {
    const character = value === 'tab' ? '\t' : value;
    const isOne = typeof character === 'string' && /^[\t -~]$/.test(character) && !/["\w]/.test(character);
    return isOne ? character : undefined;
  },
  encoding: (value) => (typeof value === 'string' && encodingName(value) !== null ? encodingName(value) : undefined),
  header: (value) => (value === 'none' || isCount(value, 1) ? value : undefined),
  skip: count(0),
  dateOrder: oneOf('month-first', 'day-first'),
  decimal: oneOf('point', 'comma'),
  types: readTypes,
  mostChanges: count(0),
  mostQuarantined: count(0),
};

/** The name by which everybody knows it; null for a name of nothing. */
function encodingName(label: string): string | null {
  try {
    return new TextDecoder(label.trim()).encoding;
  } catch (error) {
    if (error instanceof RangeError) return null; // the standard's word for an unknown name
    throw error;
  }
}

function readTypes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const kinds: readonly string[] = recipeKinds;
  const entries = Object.entries(value);
  const isGood = entries.every(
    ([name, kind]) => /^[a-z_][a-z0-9_]{0,62}$/.test(name) && kinds.includes(kind as string),
  );
  return isGood && entries.length <= 10_000 ? Object.fromEntries(entries) : undefined;
}

const sentences: Readonly<Record<keyof Recipe, Sentence>> = {
  delimiter: say('catalogue.recipe-delimiter'),
  encoding: say('catalogue.recipe-encoding'),
  header: say('catalogue.recipe-header'),
  skip: say('catalogue.recipe-skip'),
  dateOrder: say('catalogue.recipe-date-order'),
  decimal: say('catalogue.recipe-decimal'),
  types: say('catalogue.recipe-types', { kinds: recipeKinds.join(', ') }),
  mostChanges: say('catalogue.recipe-most'),
  mostQuarantined: say('catalogue.recipe-most'),
};

/** A member that is null is one that is guessed again. Throws metadata-invalid, with the member as `field`. */
export function parseRecipe(given: unknown): Recipe {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new PortalError('metadata-invalid', {
      detail: say('catalogue.recipe-no-object'),
      extra: { field: 'recipe' },
    });
  }
  const entries: [string, unknown][] = [];
  for (const [name, value] of Object.entries(given)) {
    const reader = Object.hasOwn(readers, name) ? readers[name as keyof Recipe] : null;
    if (reader === null) {
      const detail = say('catalogue.recipe-unknown', {
        name: name.slice(0, 60),
        known: Object.keys(readers).join(', '),
      });
      throw new PortalError('metadata-invalid', { detail, extra: { field: `recipe.${name.slice(0, 60)}` } });
    }
    if (value === null) continue;
    const read = reader(value);
    if (read === undefined) {
      const detail = sentences[name as keyof Recipe];
      throw new PortalError('metadata-invalid', { detail, extra: { field: `recipe.${name}` } });
    }
    entries.push([name, read]);
  }
  const recipe = Object.fromEntries(entries) as Recipe;
  if (typeof recipe.header === 'number' && (recipe.skip ?? 0) >= recipe.header) {
    throw new PortalError('metadata-invalid', {
      detail: say('catalogue.recipe-header-skipped', { header: recipe.header, skip: recipe.skip ?? 0 }),
      extra: { field: 'recipe.header' },
    });
  }
  return recipe;
}
