// What a publisher says of a file instead of having it guessed: the recipe of a dataset, kept for its later revisions.
// It must not read files: each reader takes from it what is its own.

import type { TypeKind } from '../../query/column.ts';

/** Every member that is not there is guessed from the file. */
export type Recipe = {
  /** One character. CSV only. */
  readonly delimiter?: string;
  /** A name of the Encoding Standard (WHATWG), as `windows-1252`. */
  readonly encoding?: string;
  /** The line of the header, counted in records from 1; `none`: the first row is data. CSV only. */
  readonly header?: number | 'none';
  /** So many records at the beginning are no part of the table. CSV only. */
  readonly skip?: number;
  readonly dateOrder?: 'month-first' | 'day-first';
  readonly decimal?: 'point' | 'comma';
  /** By the column's API name. */
  readonly types?: Readonly<Record<string, RecipeKind>>;
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
