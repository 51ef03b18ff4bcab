// Cuts the text of a query language into tokens by a table: which quotes, numbers, words and symbols the language has.
// It must not know what a token means; expression.ts gives it a meaning.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { queryLimits, type Span } from '../../query/query.ts';

/** The client's text and the name of the parameter that held it. */
export type SourceText = { readonly parameter: string; readonly text: string };

export type TokenKind = 'word' | 'identifier' | 'string' | 'number' | 'symbol' | 'end';

export type Token = {
  /** `word` is bare and may be a keyword; `identifier` was quoted, or can only be a name. */
  readonly kind: TokenKind;
  /** As the client wrote it. */
  readonly text: string;
  /** Decoded: quotes taken off, escapes resolved. */
  readonly value: string;
  /** `text` in upper case, for keywords. */
  readonly upper: string;
  readonly start: number;
  readonly end: number;
};

export type QuoteRule = {
  readonly makes: 'string' | 'identifier';
  /** The quote written twice stands for itself. */
  readonly doubled: boolean;
  /** Character after a backslash → what both stand for; null: a backslash is a character like any other. */
  readonly escapes: Readonly<Record<string, string>> | null;
  /** `\uXXXX` and `\UXXXXXX`. */
  readonly unicodeEscapes: boolean;
  /** A backslash before any other character is an error, not a backslash. */
  readonly strictEscapes: boolean;
};

export type Lexicon = {
  /** Sticky patterns, tried in this order: symbol, number, identifier (may be null), word. */
  readonly number: RegExp;
  readonly identifier: RegExp | null;
  readonly word: RegExp;
  readonly quotes: Readonly<Record<string, QuoteRule>>;
  /** Longest first. */
  readonly symbols: readonly string[];
  /** Two hyphens to the end of the line, and slash-star blocks. */
  readonly comments: boolean;
};

/** What went wrong, in the words of the languages' own error codes. */
export type SyntaxReason =
  | 'bad-parse'
  | 'unexpected-end'
  | 'unexpected-character'
  | 'unterminated-string'
  | 'unexpected-escape'
  | 'bad-unicode-escape'
  | 'unicode-out-of-range';

/** The error of a text that cannot be read, with the place of it. */
export function syntaxError(
  source: SourceText,
  reason: SyntaxReason,
  detail: Sentence,
  start: number,
  end: number,
): PortalError {
  return new PortalError('syntax-error', {
    detail,
    position: { parameter: source.parameter, start, end },
    text: source.text,
    extra: { reason },
  });
}

/**
 * Throws query-too-large when the text is longer than the portal reads. Looks at the length first: a megabyte costs
 * nothing.
 */
function requireTextSize(source: SourceText): void {
  const limit = queryLimits.textBytes;
  if (source.text.length <= limit && Buffer.byteLength(source.text) <= limit) return;
  throw new PortalError('query-too-large', {
    detail: say('language.text-too-long', { parameter: source.parameter, most: limit }),
    position: { parameter: source.parameter, start: 0, end: 0 },
    extra: { limit },
  });
}

/** All tokens of the text, the last of kind `end`. Throws syntax-error, query-too-large. */
export function readTokens(lexicon: Lexicon, source: SourceText): readonly Token[] {
  requireTextSize(source);
  const tokens: Token[] = [];
  let at = skipBlank(lexicon, source, 0);
  while (at < source.text.length) {
    const token = readToken(lexicon, source, at);
    tokens.push(token);
    at = skipBlank(lexicon, source, token.end);
  }
  const end = source.text.length;
  tokens.push({ kind: 'end', text: '', value: '', upper: '', start: end, end });
  return tokens;
}

function readToken(lexicon: Lexicon, source: SourceText, at: number): Token {
  const { text } = source;
  const quote = Object.hasOwn(lexicon.quotes, text.charAt(at)) ? lexicon.quotes[text.charAt(at)] : undefined;
  if (quote !== undefined) return readQuoted(source, at, quote);
  const number = matchAt(lexicon.number, text, at);
  if (number !== null) return toToken('number', number, number, at);
  const symbol = lexicon.symbols.find((candidate) => text.startsWith(candidate, at));
  if (symbol !== undefined) return toToken('symbol', symbol, symbol, at);
  const identifier = lexicon.identifier === null ? null : matchAt(lexicon.identifier, text, at);
  if (identifier !== null) return toToken('identifier', identifier, identifier, at);
  const word = matchAt(lexicon.word, text, at);
  if (word !== null) return toToken('word', word, word, at);
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0xfffd);
  const end = at + character.length;
  throw syntaxError(
    source,
    'unexpected-character',
    say('language.unexpected-character', { character: showCharacter(character) }),
    at,
    end,
  );
}

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0x20 && code < 0x7f ? `\`${character}'` : hex;
}

function toToken(kind: TokenKind, text: string, value: string, start: number): Token {
  return { kind, text, value, upper: text.toUpperCase(), start, end: start + text.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function skipBlank(lexicon: Lexicon, source: SourceText, from: number): number {
  const { text } = source;
  let at = from;
  for (;;) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at++;
    if (!lexicon.comments) return at;
    if (text.startsWith('--', at)) {
      const newline = text.indexOf('\n', at);
      at = newline < 0 ? text.length : newline;
    } else if (text.startsWith('/*', at)) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) throw syntaxError(source, 'unexpected-end', say('language.comment-not-closed'), at, text.length);
      at = close + 2;
    } else {
      return at;
    }
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0 || code === 0xfeff;
}

function readQuoted(source: SourceText, start: number, rule: QuoteRule): Token {
  const { text } = source;
  const quote = text.charAt(start);
  let value = '';
  let at = start + 1;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === quote && rule.doubled && text.charAt(at + 1) === quote) {
      value += quote;
      at += 2;
    } else if (character === quote) {
      const end = at + 1;
      return { kind: rule.makes, text: text.slice(start, end), value, upper: '', start, end };
    } else if (character === '\\' && rule.escapes !== null) {
      const escape = readEscape(source, at, rule, rule.escapes);
      value += escape.value;
      at = escape.end;
    } else if (character === '\0') {
      throw syntaxError(source, 'unexpected-character', say('language.unexpected-nul'), at, at + 1);
    } else {
      value += character;
      at += 1;
    }
  }
  const key = rule.makes === 'string' ? 'language.string-not-closed' : 'language.name-not-closed';
  throw syntaxError(source, 'unterminated-string', say(key, { quote }), start, text.length);
}

function readEscape(
  source: SourceText,
  at: number,
  rule: QuoteRule,
  escapes: Readonly<Record<string, string>>,
): { value: string; end: number } {
  const letter = source.text.charAt(at + 1);
  if (Object.hasOwn(escapes, letter)) return { value: escapes[letter] ?? '', end: at + 2 };
  if (rule.unicodeEscapes && (letter === 'u' || letter === 'U')) {
    const digits = letter === 'u' ? 4 : 6;
    const hex = source.text.slice(at + 2, at + 2 + digits);
    if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length !== digits) {
      const detail = say('language.escape-digits', { letter, digits });
      throw syntaxError(source, 'bad-unicode-escape', detail, at, at + 2 + hex.length);
    }
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || code === 0) {
      const detail = say('language.no-character', { number: hex });
      throw syntaxError(source, 'unicode-out-of-range', detail, at, at + 2 + digits);
    }
    return { value: String.fromCodePoint(code), end: at + 2 + digits };
  }
  if (!rule.strictEscapes) return { value: '\\', end: at + 1 };
  const detail = letter === '' ? say('language.lone-backslash') : say('language.unexpected-escape', { letter });
  throw syntaxError(source, 'unexpected-escape', detail, at, Math.min(at + 2, source.text.length));
}

export function toSpan(source: SourceText, start: number, end: number): Span {
  return { parameter: source.parameter, start, end };
}
