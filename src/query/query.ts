// The one Query that every dialect is parsed into: plain, frozen, serializable data. It knows no SQL and no dataset.

/** Where in the client's text a node came from (UTF-16 offsets), for errors that point at the character. */
export type Span = { readonly parameter: string; readonly start: number; readonly end: number };

export type LiteralValue = string | number | bigint | boolean | null;

export type Expression =
  /** `type` is set when the dialect says it (DATE('…')); an untyped string takes the type its place asks for. */
  | {
      readonly kind: 'literal';
      readonly value: LiteralValue;
      readonly type?: 'date' | 'timestamp' | 'instant' | 'time' | 'geometry' | 'decimal';
      readonly span?: Span;
    }
  | { readonly kind: 'column'; readonly name: string; readonly span?: Span }
  /** Operators are functions too: `and or not eq ne lt le gt ge add sub mul div neg like in …` (functions.ts). */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly distinct?: boolean;
      readonly filter?: Expression;
      readonly span?: Span;
    };

export type SelectItem = { readonly expression: Expression; readonly as: string | null; readonly span?: Span };
export type OrderItem = {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
};

export type Query = {
  /** Empty means every column of the dataset. */
  readonly select: readonly SelectItem[];
  readonly distinct: boolean;
  readonly where: Expression | null;
  readonly group: readonly Expression[];
  readonly having: Expression | null;
  readonly order: readonly OrderItem[];
  /** null: the dialect's default has been left to the planner. */
  readonly limit: number | null;
  readonly offset: number;
  /** Keyset cursor as given by the previous page. */
  readonly after: string | null;
  /** Full-text words: every one must be found in some text of the row. */
  readonly search: string | null;
  /** True when the answer must carry `:id`. */
  readonly withRowId: boolean;
};

export const emptyQuery: Query = Object.freeze({
  select: [],
  distinct: false,
  where: null,
  group: [],
  having: null,
  order: [],
  limit: null,
  offset: 0,
  after: null,
  search: null,
  withRowId: false,
});

/** Limits on what a client may send; beyond them `query-too-large`. */
export const queryLimits = {
  textBytes: 16_384,
  depth: 32,
  nodes: 500,
  listItems: 1_000,
  selectItems: 500,
  /** `%` in one pattern of LIKE: each may begin anywhere after the one before, for every row. */
  wildcards: 10,
} as const;
