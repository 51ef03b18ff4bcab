// CQL2-text as the portal reads it: its words, operators and functions, as tables for the precedence parser.
// It must not know SQL, nor any address; `where` and OGC filters read through it.

import { toCivil } from '../../base/dates.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Expression } from '../../query/query.ts';
import { cql2Spellings } from './cql2-spellings.ts';
import { rewrite, toNamedCall, type CallRule, type CallTable } from './call-names.ts';
import {
  advance,
  between,
  binary,
  chain,
  countNode,
  failAt,
  isNull,
  membership,
  parseWholeExpression,
  peek,
  requireSymbol,
  toColumn,
  usualPrefixes,
  type InfixRule,
  type Language,
  type Parser,
  type PrefixRule,
  type WrittenCall,
} from './expression.ts';
import { toSpan, type Lexicon, type SourceText, type Token } from './tokens.ts';
import { parseBox, parseWkt, wktWords } from './wkt.ts';

/** Reads CQL2-text. Throws syntax-error, query-too-large, unknown-function, wrong-arity, bad-literal. */
export function parseCql2Text(source: SourceText): Expression {
  return parseWholeExpression(cql2, source);
}

const lexicon: Lexicon = {
  number: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y,
  identifier: null,
  word: /[\p{L}_:][\p{L}\p{M}\p{N}_:.]*/uy,
  quotes: {
    "'": {
      makes: 'string',
      doubled: true,
      escapes: { "'": "'", '\\': '\\', a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' },
      unicodeEscapes: false,
      strictEscapes: false,
    },
    '"': { makes: 'identifier', doubled: true, escapes: null, unicodeEscapes: false, strictEscapes: false },
  },
  symbols: [
    '<>',
    '<=',
    '>=',
    '!=',
    '==',
    '&&',
    '||',
    '=',
    '<',
    '>',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    '(',
    ')',
    ',',
    '[',
    ']',
  ],
  comments: false,
};

/** How tightly operators bind, loosest first. */
export const power = { or: 10, and: 20, not: 30, compare: 40, add: 50, multiply: 60, negate: 70, raise: 80 } as const;

const infix: ReadonlyMap<string, InfixRule> = new Map([
  ['OR', chain('or', power.or)],
  ['AND', chain('and', power.and)],
  ['=', binary('eq', power.compare, 'none')],
  ['<>', binary('ne', power.compare, 'none')],
  ['<', binary('lt', power.compare, 'none')],
  ['<=', binary('le', power.compare, 'none')],
  ['>', binary('gt', power.compare, 'none')],
  ['>=', binary('ge', power.compare, 'none')],
  ['LIKE', binary('like', power.compare, 'none', true)],
  ['BETWEEN', between(power.compare, power.add)],
  ['IN', membership(power.compare)],
  ['IS', isNull(power.compare)],
  ['+', binary('add', power.add)],
  ['-', binary('sub', power.add)],
  ['*', binary('mul', power.multiply)],
  ['/', binary('div', power.multiply)],
  ['%', binary('mod', power.multiply)],
  ['DIV', binary('int_div', power.multiply)],
  ['^', binary('pow', power.raise, 'right')],
]);

const prefix: ReadonlyMap<string, PrefixRule> = new Map<string, PrefixRule>([
  ...usualPrefixes(power),
  ['DATE', { when: 'called', parse: parseInstant }],
  ['TIMESTAMP', { when: 'called', parse: parseInstant }],
  ['BBOX', { when: 'called', parse: parseBox }],
  ...['A_EQUALS', 'A_CONTAINS', 'A_CONTAINEDBY', 'A_OVERLAPS'].map((word): [string, PrefixRule] => [
    word,
    { when: 'called', parse: refuseLists },
  ]),
  ...wktWords.map((word): [string, PrefixRule] => [word, { when: 'called', parse: parseWkt }]),
]);

const calls: CallTable = {
  spellings: cql2Spellings,
  rules: new Map<string, CallRule>([
    ['interval', rewrite(2, 2, toInterval)],
    ['mod', rewrite(2, 2, (args, call) => ({ kind: 'call', name: 'mod', args, span: call.span }))],
  ]),
};

/** The words that `select` and `order` read beside an expression may not be column names without quotes either. */
const reserved: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'LIKE', 'BETWEEN', 'IN', 'IS', 'DIV', 'TRUE', 'FALSE', 'NULL'],
  ...['AS', 'ASC', 'DESC', 'DISTINCT', 'NULLS'],
]);

export const cql2: Language = {
  name: 'CQL2',
  lexicon,
  reserved,
  prefix,
  infix,
  toColumn: (parser, token) => toColumn(parser, token, token.value),
  toCall: (parser, call) => toNamedCall(parser, call, calls),
  mistakes: new Map([
    ['==', say('language.write.equal')],
    ['!=', say('language.write.not-equal')],
    ['&&', say('language.write.and')],
    ['||', say('language.write.or')],
    ['ILIKE', say('language.write.casei')],
    ['[', say('language.write.list')],
  ]),
};

/** Before its arguments are read: a list is no expression here. */
function refuseLists(parser: Parser, word: Token): Expression {
  throw new PortalError('unknown-function', {
    detail: say('language.no-lists', { word: word.upper }),
    position: { parameter: parser.source.parameter, start: word.start, end: word.end },
    text: parser.source.text,
    extra: { function: word.text.toLowerCase() },
  });
}

// Time

/**
 * `DATE('…')` and `TIMESTAMP('…')`, the word just read. A timestamp without Z has no zone, as such a column has none.
 */
function parseInstant(parser: Parser, word: Token): Expression {
  countNode(parser, word);
  requireSymbol(parser, '(');
  const token = peek(parser);
  if (token.kind !== 'string') throw failAt(parser, say('language.needs-text', { word: word.upper }), token);
  advance(parser);
  const close = requireSymbol(parser, ')');
  const found = toInstantLiteral(token.value, word.upper === 'DATE' ? 'date' : 'moment');
  if (found === null) throw badTime(parser, token, word.upper);
  return { kind: 'literal', ...found, span: toSpan(parser.source, word.start, close.end) };
}

const timeForms: ReadonlyMap<string, Sentence> = new Map([
  ['DATE', say('language.time-form.date')],
  ['TIMESTAMP', say('language.time-form.timestamp')],
  ['INTERVAL', say('language.time-form.interval')],
]);

function badTime(parser: Parser, at: { readonly start: number; readonly end: number }, word: string): PortalError {
  const { parameter, text } = parser.source;
  return new PortalError('bad-literal', {
    detail: say('language.needs-time', {
      word,
      form: timeForms.get(word) ?? '',
      given: text.slice(at.start, at.end).slice(0, 60),
    }),
    position: { parameter, start: at.start, end: at.end },
    text,
  });
}

const momentForm = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,6})?(Z?)$/;

export type InstantLiteral = { readonly value: string; readonly type: 'date' | 'timestamp' | 'instant' };

/** The text of a day or a moment as a typed literal; null when it is not one, or not in the calendar. */
export function toInstantLiteral(text: string, wanted: 'date' | 'moment' | 'either'): InstantLiteral | null {
  if (wanted !== 'moment' && toCivil(text) !== null) return { value: text, type: 'date' };
  const moment = wanted === 'date' ? null : momentForm.exec(text);
  if (moment === null || toCivil(moment[1] ?? '') === null) return null;
  const [hour = 0, minute = 0, second = 0] = moment.slice(2, 5).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return null;
  return { value: text, type: moment[5] === 'Z' ? 'instant' : 'timestamp' };
}

/** `INTERVAL(from, to)`: each a day, a moment, `'..'` for an open end, or an expression. */
function toInterval(args: readonly Expression[], call: WrittenCall, parser: Parser): Expression {
  const ends = args.map((end): Expression => {
    if (end.kind !== 'literal' || typeof end.value !== 'string' || end.type !== undefined) return end;
    if (end.value === '..' || end.value === '') return { ...end, value: null };
    const found = toInstantLiteral(end.value, 'either');
    if (found !== null) return { ...end, ...found };
    throw badTime(parser, end.span ?? call.span, 'INTERVAL');
  });
  return { kind: 'call', name: 'interval', args: ends, span: call.span };
}
