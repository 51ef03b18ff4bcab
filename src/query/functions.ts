// The allow-list: every operator, function and aggregate that a query may name, and nothing else reaches the engine.
// It must know no dialect: each spells or refuses these in its own spellings.ts. A test holds docs/functions.md to it.

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
