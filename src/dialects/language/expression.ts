// One precedence parser for the expressions of every query language: a language is a table of tokens and operators.
// It never recurses deeper than the limits of query.ts allow, and must not know any dataset.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { queryLimits, type Expression, type Span } from '../../query/query.ts';
import { readTokens, syntaxError, toSpan, type Lexicon, type SourceText, type Token } from './tokens.ts';

export type Language = {
  readonly name: string;
  readonly lexicon: Lexicon;
  /** Upper-case words that are never a bare column name. */
  readonly reserved: ReadonlySet<string>;
  /** By symbol or upper-case word. */
  readonly prefix: ReadonlyMap<string, PrefixRule>;
  readonly infix: ReadonlyMap<string, InfixRule>;
  /** What a name that is not a function call stands for. */
  toColumn(parser: Parser, token: Token): Expression;
  /** What a function call stands for; throws unknown-function. */
  toCall(parser: Parser, call: WrittenCall): Expression;
  /** Wrong spellings from other languages → the right one here, told in the error. */
  readonly mistakes: ReadonlyMap<string, Sentence>;
};

/** A call as the client wrote it, before the dialect's name is looked up. */
export type WrittenCall = {
  readonly name: Token;
  readonly args: readonly Expression[];
  /** `f(*)` */
  readonly star: boolean;
  readonly distinct: boolean;
  /** `f(…) FILTER (WHERE …)` */
  readonly filter: Expression | null;
  readonly span: Span;
};

export type PrefixRule = {
  /** A word may be special only when `(` follows, or only when it does not; otherwise it is a name like any other. */
  readonly when: 'always' | 'called' | 'not-called';
  parse(parser: Parser, token: Token): Expression;
};

export type InfixRule = {
  readonly power: number;
  /** `none`: the operator cannot follow itself (`a = b = c`). */
  readonly side: 'left' | 'right' | 'none';
  /** May stand after NOT: `a not like b`. */
  readonly negatable: boolean;
  parse(parser: Parser, left: Expression, token: Token): Expression;
};

/** Where the reading of one text has got to. The only thing in the parsers that changes. */
export type Parser = {
  readonly language: Language;
  readonly source: SourceText;
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  nodes: number;
};

/** Cuts the text into tokens and stands before the first. Throws syntax-error, query-too-large. */
export function openParser(language: Language, source: SourceText): Parser {
  return { language, source, tokens: readTokens(language.lexicon, source), at: 0, depth: 0, nodes: 0 };
}

/**
 * The whole text as one expression. Throws syntax-error, query-too-large, unknown-function, wrong-arity, bad-literal.
 */
export function parseWholeExpression(language: Language, source: SourceText): Expression {
  const parser = openParser(language, source);
  const expression = parseExpression(parser, 0);
  requireEnd(parser);
  return expression;
}

/** Reads an expression whose operators all bind at least as tightly as `minimum`. */
export function parseExpression(parser: Parser, minimum: number): Expression {
  let left = parseOperand(parser);
  let ceiling = Number.POSITIVE_INFINITY;
  for (;;) {
    const found = findInfix(parser);
    if (found === null || found.rule.power < minimum || found.rule.power > ceiling) return left;
    const token = advance(parser);
    if (found.negated) advance(parser);
    const value = found.rule.parse(parser, left, token);
    left = found.negated ? toNode(parser, 'not', [value], value.span) : value;
    if (found.rule.side === 'none') ceiling = found.rule.power - 1;
  }
}

function findInfix(parser: Parser): { rule: InfixRule; negated: boolean } | null {
  const { infix } = parser.language;
  const token = peek(parser);
  const rule = isOperatorToken(token) ? infix.get(token.upper) : undefined;
  if (rule !== undefined) return { rule, negated: false };
  if (token.kind !== 'word' || token.upper !== 'NOT') return null;
  const next = peek(parser, 1);
  const negated = isOperatorToken(next) ? infix.get(next.upper) : undefined;
  if (negated?.negatable === true) return { rule: negated, negated: true };
  const names = [...infix].filter(([, candidate]) => candidate.negatable).map(([name]) => name);
  throw expected(parser, names.sort(), next);
}

function isOperatorToken(token: Token): boolean {
  return token.kind === 'symbol' || token.kind === 'word';
}

function parseOperand(parser: Parser): Expression {
  const token = peek(parser);
  const next = peek(parser, 1);
  if (token.kind === 'string') return toLiteral(parser, token.value, advance(parser));
  if (token.kind === 'number') return toLiteral(parser, toNumber(parser, token), advance(parser));
  if (token.kind === 'symbol' && token.text === '(') return parseParenthesis(parser);
  const rule = isOperatorToken(token) ? parser.language.prefix.get(token.upper) : undefined;
  const wanted = isOpening(parser) ? 'called' : 'not-called';
  if (rule !== undefined && (rule.when === 'always' || rule.when === wanted)) {
    return rule.parse(parser, advance(parser));
  }
  if (token.kind === 'word' && next.kind === 'symbol' && next.text === '(' && !isReserved(parser, token)) {
    return parseCall(parser);
  }
  const isName = token.kind === 'identifier' || (token.kind === 'word' && !isReserved(parser, token));
  if (!isName) throw expectedExpression(parser, token);
  countNode(parser, token);
  return parser.language.toColumn(parser, advance(parser));
}

/** The next token but one is `(`, or `Z` and `(` as in WKT with heights. */
function isOpening(parser: Parser): boolean {
  const next = peek(parser, 1);
  return next.text === '(' || (next.kind === 'word' && next.upper === 'Z' && peek(parser, 2).text === '(');
}

function isReserved(parser: Parser, token: Token): boolean {
  return parser.language.reserved.has(token.upper);
}

function parseParenthesis(parser: Parser): Expression {
  const open = advance(parser);
  return nested(parser, open, () => {
    const value = parseExpression(parser, 0);
    requireSymbol(parser, ')');
    return value;
  });
}

function parseCall(parser: Parser): Expression {
  const name = advance(parser);
  const open = advance(parser);
  return nested(parser, open, () => {
    const distinct = acceptWord(parser, 'DISTINCT') !== null;
    const star = !distinct && acceptSymbol(parser, '*') !== null;
    const args = star || peek(parser).text === ')' ? [] : parseList(parser, () => parseExpression(parser, 0));
    requireSymbol(parser, ')');
    const filter = parseFilter(parser);
    countNode(parser, name);
    const span = toSpan(parser.source, name.start, peek(parser, -1).end);
    return parser.language.toCall(parser, { name, args, star, distinct, filter, span });
  });
}

function parseFilter(parser: Parser): Expression | null {
  if (peek(parser, 1).text !== '(' || acceptWord(parser, 'FILTER') === null) return null;
  requireSymbol(parser, '(');
  requireWord(parser, 'WHERE');
  const condition = parseExpression(parser, 0);
  requireSymbol(parser, ')');
  return condition;
}

/** One or more items with commas between. */
export function parseList<T>(parser: Parser, item: () => T): T[] {
  const items = [item()];
  while (acceptSymbol(parser, ',') !== null) {
    items.push(item());
    if (items.length <= queryLimits.listItems) continue;
    throw tooLarge(parser, say('language.list-too-long', { most: queryLimits.listItems }), peek(parser));
  }
  return items;
}

/** Runs `read` one level deeper. Throws query-too-large below the depth that the portal reads. */
export function nested<T>(parser: Parser, token: Token, read: () => T): T {
  parser.depth += 1;
  if (parser.depth > queryLimits.depth) {
    throw tooLarge(parser, say('language.nested-too-deeply', { most: queryLimits.depth }), token);
  }
  const value = read();
  parser.depth -= 1;
  return value;
}

/** Counts one node of the expression. Throws query-too-large beyond the limit. */
export function countNode(parser: Parser, token: { readonly start: number; readonly end: number }): void {
  parser.nodes += 1;
  if (parser.nodes <= queryLimits.nodes) return;
  throw tooLarge(parser, say('language.too-many-parts', { most: queryLimits.nodes }), token);
}

function tooLarge(parser: Parser, detail: Sentence, at: { start: number; end: number }): PortalError {
  const position = { parameter: parser.source.parameter, start: at.start, end: at.end };
  return new PortalError('query-too-large', { detail, position, text: parser.source.text });
}

// Nodes

export function toNode(parser: Parser, name: string, args: readonly Expression[], span: Span | undefined): Expression {
  countNode(parser, span ?? peek(parser));
  return { kind: 'call', name, args, span };
}

function toLiteral(parser: Parser, value: NumberLiteral | string, token: Token): Expression {
  countNode(parser, token);
  const span = toSpan(parser.source, token.start, token.end);
  if (typeof value === 'string') return { kind: 'literal', value, span };
  return { kind: 'literal', ...value, span };
}

type NumberLiteral = { readonly value: number | bigint | string; readonly type?: 'decimal' };

/** A number without loss: a double when its digits survive, a 64-bit integer, else exact decimal text. */
function toNumber(parser: Parser, token: Token): NumberLiteral {
  const text = token.text.replace(/^\+/, '');
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new PortalError('bad-literal', {
      detail: say('language.beyond-range', { number: shorten(text) }),
      position: { parameter: parser.source.parameter, start: token.start, end: token.end },
      text: parser.source.text,
    });
  }
  if (digits.length <= 15) return { value };
  const isInteger = /^-?\d+$/.test(text);
  if (isInteger && BigInt.asIntN(64, BigInt(text)) === BigInt(text)) return { value: BigInt(text) };
  return { value: text, type: 'decimal' };
}

function spanBetween(first: Expression, last: Expression): Span | undefined {
  const from = first.span;
  const to = last.span;
  if (from === undefined || to === undefined) return from ?? to;
  return { parameter: from.parameter, start: Math.min(from.start, to.start), end: Math.max(from.end, to.end) };
}

// Rules that languages are made of

/** `a op b`, as the function `name`. */
export function binary(name: string, power: number, side: InfixRule['side'] = 'left', negatable = false): InfixRule {
  const parse: InfixRule['parse'] = (parser, left, token) => {
    const read = (): Expression => parseExpression(parser, side === 'right' ? power : power + 1);
    const right = side === 'right' ? nested(parser, token, read) : read();
    return toNode(parser, name, [left, right], spanBetween(left, right));
  };
  return { power, side, negatable, parse };
}

/** `a op b op c …`, as one call of `name` with every operand: long chains stay flat. */
export function chain(name: string, power: number): InfixRule {
  const parse: InfixRule['parse'] = (parser, left, token) => {
    const args = [left, parseExpression(parser, power + 1)];
    while (isOperatorToken(peek(parser)) && peek(parser).upper === token.upper) {
      advance(parser);
      args.push(parseExpression(parser, power + 1));
    }
    return toNode(parser, name, args, spanBetween(left, args.at(-1) ?? left));
  };
  return { power, side: 'left', negatable: false, parse };
}

/** `x [not] between low and high`. */
export function between(power: number, boundPower: number): InfixRule {
  const parse: InfixRule['parse'] = (parser, left) => {
    const low = parseExpression(parser, boundPower);
    requireWord(parser, 'AND');
    const high = parseExpression(parser, boundPower);
    return toNode(parser, 'between', [left, low, high], spanBetween(left, high));
  };
  return { power, side: 'left', negatable: true, parse };
}

/**
 * `x [not] in (a, b, …)`, as `in` with x first. The constants of the list are not counted as parts: it has a limit of
 * its own.
 */
export function membership(power: number): InfixRule {
  const parse: InfixRule['parse'] = (parser, left) => {
    const open = requireSymbol(parser, '(');
    return nested(parser, open, () => {
      const items = parseList(parser, () => {
        const before = parser.nodes;
        const item = parseExpression(parser, 0);
        if (item.kind === 'literal') parser.nodes = before;
        return item;
      });
      const close = requireSymbol(parser, ')');
      const span = toSpan(parser.source, left.span?.start ?? open.start, close.end);
      return toNode(parser, 'in', [left, ...items], span);
    });
  };
  return { power, side: 'left', negatable: true, parse };
}

/** `x is [not] null`. */
export function isNull(power: number): InfixRule {
  const parse: InfixRule['parse'] = (parser, left, token) => {
    const negated = acceptWord(parser, 'NOT') !== null;
    const last = requireWord(parser, 'NULL');
    const span = toSpan(parser.source, left.span?.start ?? token.start, last.end);
    return toNode(parser, negated ? 'is_not_null' : 'is_null', [left], span);
  };
  return { power, side: 'left', negatable: false, parse };
}

/** What an expression begins with in every language: NOT, a sign, and the three values that are words. */
export function usualPrefixes(power: {
  readonly not: number;
  readonly negate: number;
}): readonly (readonly [string, PrefixRule])[] {
  return [
    ['NOT', prefixOperator('not', power.not)],
    ['-', prefixOperator('neg', power.negate)],
    ['+', prefixOperator('plus', power.negate)],
    ['TRUE', literalRule(true)],
    ['FALSE', literalRule(false)],
    ['NULL', literalRule(null)],
  ];
}

/** A prefix operator. A minus before a number is part of the number. */
function prefixOperator(name: 'not' | 'neg' | 'plus', power: number): PrefixRule {
  const parse: PrefixRule['parse'] = (parser, token) =>
    nested(parser, token, () => {
      const operand = parseExpression(parser, power);
      const span = toSpan(parser.source, token.start, operand.span?.end ?? token.end);
      if (name === 'plus') return operand;
      if (name === 'neg' && operand.kind === 'literal') {
        const { value, type } = operand;
        if (typeof value === 'number' || typeof value === 'bigint') return { ...operand, value: -value, span };
        if (type === 'decimal') return { ...operand, value: negate(String(value)), span };
      }
      return toNode(parser, name, [operand], span);
    });
  return { when: 'always', parse };
}

function negate(text: string): string {
  return text.startsWith('-') ? text.slice(1) : `-${text}`;
}

function literalRule(value: boolean | null): PrefixRule {
  return {
    when: 'always',
    parse(parser, token) {
      countNode(parser, token);
      return { kind: 'literal', value, span: toSpan(parser.source, token.start, token.end) };
    },
  };
}

/** A name that is not a call stands for a column. */
export function toColumn({ source }: Parser, token: Token, name: string): Expression {
  return { kind: 'column', name, span: toSpan(source, token.start, token.end) };
}

// Reading tokens

export function peek(parser: Parser, ahead = 0): Token {
  const token = parser.tokens[Math.min(parser.at + ahead, parser.tokens.length - 1)];
  if (token === undefined) throw new Error('a text has an end token at least');
  return token;
}

export function advance(parser: Parser): Token {
  const token = peek(parser);
  if (token.kind !== 'end') parser.at += 1;
  return token;
}

export function acceptSymbol(parser: Parser, symbol: string): Token | null {
  const token = peek(parser);
  return token.kind === 'symbol' && token.text === symbol ? advance(parser) : null;
}

export function acceptWord(parser: Parser, ...words: readonly string[]): Token | null {
  const matches = words.every((word, index) => {
    const token = peek(parser, index);
    return token.kind === 'word' && token.upper === word;
  });
  if (!matches) return null;
  let last = peek(parser);
  for (let count = 0; count < words.length; count++) last = advance(parser);
  return last;
}

export function requireSymbol(parser: Parser, symbol: string): Token {
  const token = acceptSymbol(parser, symbol);
  if (token === null) throw expected(parser, [symbol], peek(parser));
  return token;
}

export function requireWord(parser: Parser, word: string): Token {
  const token = acceptWord(parser, word);
  if (token === null) throw expected(parser, [word], peek(parser));
  return token;
}

export function requireEnd(parser: Parser): void {
  const token = peek(parser);
  if (token.kind === 'end') return;
  throw failAt(parser, say('language.expected-end', { got: showToken(token) }), token);
}

/** ``Expected one of `BETWEEN', `IN', or `LIKE', but got `y'``. */
export function expected(parser: Parser, wanted: readonly string[], got: Token): PortalError {
  const quoted = wanted.map((word) => `\`${word}'`);
  const last = quoted.at(-1) ?? '';
  const others = quoted.slice(0, -1);
  const what =
    others.length > 1
      ? say('language.one-of', { others, last })
      : others.length === 1
        ? say('language.one-of-two', { first: others[0] ?? '', last })
        : last;
  return failAt(parser, say('language.expected', { wanted: what, got: showToken(got) }), got);
}

function expectedExpression(parser: Parser, got: Token): PortalError {
  return failAt(parser, say('language.expected-expression', { got: showToken(got) }), got);
}

/** A syntax error at a token, with the right spelling when the token is a known mistake. */
export function failAt(parser: Parser, what: Sentence, token: Token): PortalError {
  const hint = parser.language.mistakes.get(token.upper);
  const sentence = hint === undefined ? say('language.failed', { what }) : say('language.failed-hint', { what, hint });
  const reason = token.kind === 'end' ? 'unexpected-end' : 'bad-parse';
  return syntaxError(parser.source, reason, sentence, token.start, token.end);
}

export function showToken(token: Token): Sentence | string {
  return token.kind === 'end' ? say('language.end-of-input') : `\`${shorten(token.text)}'`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
