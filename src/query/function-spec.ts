// What an entry of the function allow-list is. It must not hold entries: those are in functions-*.ts.

import type { ValueType } from './value-type.ts';

/**
 * What stands at a place of a call. `numeric` keeps the number's own type, `number` makes it a double. `same`,
 * `ordered` and `plain` stand for one type that all such places of the call share (any; any that can be ordered; any
 * but geometry and JSON); `point` is a geometry of one point, `moment` a date, timestamp, instant or a period of them,
 * `zone` the name of a time zone written as a literal.
 */
export type Parameter =
  | 'text'
  | 'integer'
  | 'number'
  | 'numeric'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'instant'
  | 'interval'
  | 'geometry'
  | 'point'
  | 'any'
  | 'same'
  | 'ordered'
  | 'plain'
  | 'moment'
  | 'zone';

export type ResultRule =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'instant'
  | 'geometry'
  | 'point'
  /** The shared type of `same`/`ordered`/`plain`. */
  | 'same'
  /** The type of the first argument. */
  | 'first'
  | ((types: readonly ValueType[]) => ValueType);

export type Overload = {
  readonly params: readonly Parameter[];
  /** Further places, zero or more times. */
  readonly repeat?: readonly Parameter[];
  /** A last place that may be left out. */
  readonly tail?: Parameter;
  readonly result: ResultRule;
  /** `clause` is the FILTER clause of an aggregate, with a leading blank, or ''. */
  readonly sql: (args: readonly string[], types: readonly ValueType[], clause: string) => string;
};

export type FunctionSpec = {
  /** The name in Query calls. Permanent. */
  readonly name: string;
  readonly kind: 'scalar' | 'aggregate';
  /** One sentence for docs/functions.md. */
  readonly about: string;
  /** The operator as every language writes it, for sentences about comparisons; left out: the name says it. */
  readonly symbol?: string;
  readonly overloads: readonly Overload[];
  /** Rewritten into other entries before compiling, so its own SQL is never asked for. */
  readonly isRewritten?: boolean;
  /** Functions of the engine that its SQL names; the allow-list that tests hold the emitted SQL against. */
  readonly uses: readonly string[];
  /** An exact geometry predicate that is false unless the boxes of both sides meet. */
  readonly needsBoxes?: 'meet' | 'circle' | 'box';
};

/** At most this many characters come out of a function that can lengthen text. */
export const longestMadeText = 100_000;

/** At most this many characters of padding. */
export const longestPad = 1_000;
