// The lists of a query: what to select, under which names, grouped and ordered by what; and what an alias stands for.
// It must not know an address or a parameter's name.

import { PortalError } from '../base/errors.ts';
import type { Schema } from '../query/column.ts';
import { queryLimits, type Expression, type OrderItem, type SelectItem, type Span } from '../query/query.ts';
import {
  acceptSymbol,
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

export type WrittenSelect = { readonly distinct: boolean; readonly items: readonly WrittenItem[] };

/** `[DISTINCT] item, item …`. */
export function parseSelectList(parser: Parser): WrittenSelect {
  const distinct = acceptWord(parser, 'DISTINCT') !== null;
  const items = parseList(parser, () => parseSelectItem(parser));
  if (items.length <= queryLimits.selectItems) return { distinct, items };
  throw new PortalError('query-too-large', `A query may select ${queryLimits.selectItems} columns at most.`);
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
  throw failAt(parser, 'An alias is a letter and up to 62 letters, digits, spaces or the signs _ . -', token);
}

/** `item [ASC|DESC] [NULLS FIRST|LAST], …` */
export function parseOrderList(parser: Parser, nullsOf: (descending: boolean) => 'first' | 'last'): OrderItem[] {
  return parseList(parser, () => {
    const expression = parseExpression(parser, 0);
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
  return parseList(parser, () => parseExpression(parser, 0));
}

/** Runs `read` and throws when it has left text unread. */
export function readWhole<T>(parser: Parser, read: (parser: Parser) => T): T {
  const value = read(parser);
  requireEnd(parser);
  return value;
}

// Names

export type NamedItems = {
  /** Empty: every column of the dataset and nothing else. */
  readonly items: readonly SelectItem[];
  /** What each output name stands for. */
  readonly aliases: ReadonlyMap<string, Expression>;
};

/**
 * The written list with `*` spread out and every item named. Throws duplicate-alias, unknown-column, query-too-large.
 * `systemItems` is what `:*` stands for.
 */
export function toNamedItems(
  written: readonly WrittenItem[],
  schema: Schema,
  systemItems: readonly SelectItem[],
): NamedItems {
  const [only] = written;
  const isAll = written.length === 1 && only?.kind === 'all' && !only.system && only.except.length === 0;
  if (isAll || written.length === 0) return { items: [], aliases: new Map() };
  const taken = takenNames(written, schema);
  const items = written.flatMap((item): readonly SelectItem[] => {
    if (item.kind === 'all') return item.system ? systemItems : spread(item.except, schema, item.span);
    return [{ expression: item.expression, as: item.as ?? implicitName(item, taken), span: item.span }];
  });
  requireDistinctNames(items);
  const columns = new Set(schema.map((column) => column.name));
  const aliases = resolveSelected(items, columns);
  return {
    items: items.map((item) => ({ ...item, expression: aliases.get(nameOf(item)) ?? item.expression })),
    aliases,
  };
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
      detail: `There is no column ${name}.`,
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

function nameOf(item: SelectItem): string {
  return item.as ?? (item.expression.kind === 'column' ? item.expression.name : '');
}

function requireDistinctNames(items: readonly SelectItem[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    const name = nameOf(item);
    if (seen.has(name)) {
      const detail = `Two selected columns are called ${name}; give one of them another name with AS.`;
      throw new PortalError('duplicate-alias', { detail, position: item.span, extra: { column: name } });
    }
    seen.add(name);
  }
}

// Aliases

/** Every selected expression with the aliases in it replaced: a column of the dataset wins over an alias of its name. */
function resolveSelected(items: readonly SelectItem[], columns: ReadonlySet<string>): Map<string, Expression> {
  const byName = new Map(items.map((item) => [nameOf(item), item.expression]));
  const resolved = new Map<string, Expression>();
  const budget = { left: queryLimits.nodes };
  const resolve = (name: string, path: readonly string[]): Expression | null => {
    const known = resolved.get(name);
    const written = byName.get(name);
    if (known !== undefined || written === undefined) return known ?? null;
    if (path.includes(name)) {
      const detail = `The alias ${name} is defined by itself: ${[...path, name].join(' → ')}.`;
      throw new PortalError('unknown-column', {
        detail,
        position: written.span,
        extra: { column: name, reason: 'circular-alias-definition' },
      });
    }
    const value = replaceColumns(written, budget, (column, node) => {
      const isOwnColumn = columns.has(column) || column.startsWith(':');
      if (isOwnColumn || !byName.has(column) || (path.length === 0 && node === written)) return null;
      return resolve(column, [...path, name]);
    });
    resolved.set(name, value);
    return value;
  };
  for (const name of byName.keys()) resolve(name, []);
  return resolved;
}

/** The expression with the aliases in it replaced; `prefer` says who wins when a column has the name of an alias. */
export function replaceAliases(
  expression: Expression,
  aliases: ReadonlyMap<string, Expression>,
  schema: Schema,
  prefer: 'alias' | 'column',
): Expression {
  const budget = { left: queryLimits.nodes };
  return replaceColumns(expression, budget, (name) => {
    if (prefer === 'column' && schema.some((column) => column.name === name)) return null;
    return aliases.get(name) ?? null;
  });
}

type Replace = (name: string, node: Expression) => Expression | null;

/** Depth is bounded by the parser; `budget` bounds what aliases of aliases could multiply to. */
function replaceColumns(expression: Expression, budget: { left: number }, replace: Replace): Expression {
  budget.left -= expression.kind === 'literal' ? 0 : 1;
  if (budget.left < 0) {
    const detail = `With its aliases written out the query has more than ${queryLimits.nodes} parts.`;
    throw new PortalError('query-too-large', { detail, position: expression.span });
  }
  if (expression.kind === 'literal') return expression;
  if (expression.kind === 'column') {
    const found = replace(expression.name, expression);
    if (found === null) return expression;
    budget.left -= countCalls(found);
    return found;
  }
  const args = expression.args.map((argument) => replaceColumns(argument, budget, replace));
  const filter = expression.filter === undefined ? undefined : replaceColumns(expression.filter, budget, replace);
  return { ...expression, args, ...(filter === undefined ? {} : { filter }) };
}

function countCalls(expression: Expression): number {
  if (expression.kind !== 'call') return 0;
  const inside = expression.args.reduce((sum, argument) => sum + countCalls(argument), 1);
  return inside + (expression.filter === undefined ? 0 : countCalls(expression.filter));
}
