// The lists of a query: what to select, under which names, grouped and ordered by what.
// It must not resolve names; query/plan does.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Schema } from '../../query/column.ts';
import {
  queryLimits,
  type Expression,
  type OrderItem,
  type Query,
  type SelectItem,
  type Span,
} from '../../query/query.ts';
import {
  acceptWord,
  advance,
  expected,
  failAt,
  parseExpression,
  parseList,
  peek,
  requireEnd,
  requireSymbol,
  requireWord,
  type Parser,
} from './expression.ts';
import { toSpan } from './tokens.ts';

/** `*`, or an expression with the client's text of it, which names the column when no alias does. */
export type WrittenItem =
  | { readonly kind: 'all'; readonly system: boolean; readonly except: readonly ExceptName[]; readonly span: Span }
  | {
      readonly kind: 'expression';
      readonly expression: Expression;
      readonly as: string | null;
      readonly text: string;
      readonly span: Span;
    };

export type ExceptName = { readonly name: string; readonly span: Span };

/** The clauses that make a Query, as they were written: what is selected has no names yet. */
export type WrittenClauses = Pick<Query, 'distinct' | 'where' | 'group' | 'having' | 'order'> & {
  readonly select: readonly WrittenItem[];
};

export type WrittenSelect = { readonly distinct: boolean; readonly items: readonly WrittenItem[] };

/** `[DISTINCT] item, item …`. */
export function parseSelectList(parser: Parser): WrittenSelect {
  const distinct = acceptWord(parser, 'DISTINCT') !== null;
  const items = parseList(parser, () => countedAlone(parser, () => parseSelectItem(parser)));
  if (items.length <= queryLimits.selectItems) return { distinct, items };
  throw new PortalError('query-too-large', say('language.select-too-many', { most: queryLimits.selectItems }));
}

function parseSelectItem(parser: Parser): WrittenItem {
  const first = peek(parser);
  if (first.kind === 'symbol' && (first.text === '*' || first.text === ':*')) {
    const star = advance(parser);
    const except = parseExcept(parser);
    const span = toSpan(parser.source, star.start, star.end);
    return { kind: 'all', system: star.text === ':*', except, span };
  }
  const expression = parseExpression(parser, 0);
  const last = peek(parser, -1);
  const span = toSpan(parser.source, first.start, last.end);
  const text = parser.source.text.slice(first.start, last.end);
  const as = acceptWord(parser, 'AS') === null ? null : parseAlias(parser);
  return { kind: 'expression', expression, as, text, span };
}

/** `(EXCEPT a, b)` */
function parseExcept(parser: Parser): readonly ExceptName[] {
  if (peek(parser).text !== '(') return [];
  requireSymbol(parser, '(');
  requireWord(parser, 'EXCEPT');
  const names = parseList(parser, () => {
    const column = parser.language.toColumn(parser, requireName(parser));
    return { name: column.kind === 'column' ? column.name : '', span: column.span ?? toSpan(parser.source, 0, 0) };
  });
  requireSymbol(parser, ')');
  return names;
}

function requireName(parser: Parser): ReturnType<typeof advance> {
  const token = peek(parser);
  const isName = token.kind === 'identifier' || (token.kind === 'word' && !parser.language.reserved.has(token.upper));
  if (!isName) throw expected(parser, ['name'], token);
  return advance(parser);
}

function parseAlias(parser: Parser): string {
  const token = requireName(parser);
  const column = parser.language.toColumn(parser, token);
  const name = column.kind === 'column' ? column.name : token.value;
  if (/^[\p{L}_][\p{L}\p{M}\p{N}_ .-]{0,62}$/u.test(name)) return name;
  throw failAt(parser, say('language.alias'), token);
}

/** `item [ASC|DESC] [NULLS FIRST|LAST], …` */
export function parseOrderList(parser: Parser, nullsOf: (descending: boolean) => 'first' | 'last'): OrderItem[] {
  return parseList(parser, () => {
    const expression = countedAlone(parser, () => parseExpression(parser, 0));
    const descending = acceptWord(parser, 'DESC') !== null;
    if (!descending) acceptWord(parser, 'ASC');
    const said = acceptWord(parser, 'NULLS') ?? acceptWord(parser, 'NULL');
    if (said === null) return { expression, descending, nulls: nullsOf(descending) };
    if (acceptWord(parser, 'FIRST') !== null) return { expression, descending, nulls: 'first' };
    if (acceptWord(parser, 'LAST') !== null) return { expression, descending, nulls: 'last' };
    throw expected(parser, ['FIRST', 'LAST'], peek(parser));
  });
}

/** Comma-separated expressions up to the end of the list. */
export function parseExpressionList(parser: Parser): Expression[] {
  return parseList(parser, () => countedAlone(parser, () => parseExpression(parser, 0)));
}

/** The limit on parts holds for each item of a list by itself. */
function countedAlone<T>(parser: Parser, read: () => T): T {
  parser.nodes = 0;
  return read();
}

/** Runs `read` and throws when it has left text unread. */
export function readWhole<T>(parser: Parser, read: (parser: Parser) => T): T {
  const value = read(parser);
  requireEnd(parser);
  return value;
}

// Names

/**
 * The written list with `*` spread out and every computed item named; empty for every column and nothing else.
 * `systemItems` is what `:*` stands for. Throws unknown-column for a name after EXCEPT.
 */
export function toSelectItems(
  written: readonly WrittenItem[],
  schema: Schema,
  systemItems: readonly SelectItem[],
): readonly SelectItem[] {
  const [only] = written;
  if (written.length === 1 && only?.kind === 'all' && !only.system && only.except.length === 0) return [];
  const taken = takenNames(written, schema);
  return written.flatMap((item): readonly SelectItem[] => {
    if (item.kind === 'all') return item.system ? systemItems : spread(item.except, schema, item.span);
    return [{ expression: item.expression, as: item.as ?? implicitName(item, taken), span: item.span }];
  });
}

function takenNames(written: readonly WrittenItem[], schema: Schema): Set<string> {
  const taken = new Set<string>();
  for (const item of written) {
    if (item.kind === 'all') for (const column of schema) taken.add(column.name);
    else if (item.as !== null) taken.add(item.as);
    else if (item.expression.kind === 'column') taken.add(item.expression.name);
  }
  return taken;
}

function spread(except: readonly ExceptName[], schema: Schema, span: Span): readonly SelectItem[] {
  for (const { name, span: at } of except) {
    if (schema.some((column) => column.name === name)) continue;
    throw new PortalError('unknown-column', {
      detail: say('language.no-column', { name }),
      position: at,
      extra: { column: name },
    });
  }
  const without = new Set(except.map(({ name }) => name));
  return schema
    .filter((column) => !without.has(column.name))
    .map((column) => ({ expression: { kind: 'column', name: column.name, span }, as: null, span }));
}

/** `max(magnitude)` → `max_magnitude`, `count(*)` → `count`; a name already taken gets `_1`, `_2` … */
function implicitName(item: WrittenItem & { kind: 'expression' }, taken: Set<string>): string | null {
  if (item.expression.kind === 'column') return null;
  const words = item.text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  const joined = words.join('_').slice(0, 60);
  const base = /^[\p{L}_]/u.test(joined) ? joined : `_${joined}`;
  let name = base;
  for (let count = 1; taken.has(name); count++) name = `${base}_${count}`;
  taken.add(name);
  return name;
}
