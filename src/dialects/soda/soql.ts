// SoQL's expressions: its words, operators, casts and functions, as tables for the precedence parser.
// It must not know the statement around them (statement.ts) nor any parameter (parse.ts).

import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Expression } from '../../query/query.ts';
import { functionTable } from '../../query/functions.ts';
import { sodaSpellings } from './spellings.ts';
import { refuse, toNamedCall, type CallRule, type CallTable } from '../language/call-names.ts';
import {
  acceptWord,
  advance,
  between,
  binary,
  chain,
  expected,
  failAt,
  isNull,
  membership,
  nested,
  parseExpression,
  peek,
  requireWord,
  toColumn,
  toNode,
  usualPrefixes,
  type InfixRule,
  type Language,
  type Parser,
  type PrefixRule,
} from '../language/expression.ts';
import { toSpan, type Lexicon, type Token } from '../language/tokens.ts';

const lexicon: Lexicon = {
  number: /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y,
  identifier: /:@?[A-Za-z_][A-Za-z0-9_]*/y,
  word: /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy,
  quotes: {
    "'": { makes: 'string', doubled: true, escapes: null, unicodeEscapes: false, strictEscapes: false },
    '"': {
      makes: 'string',
      doubled: false,
      escapes: { n: '\n', t: '\t', b: '\b', f: '\f', r: '\r', '"': '"', '\\': '\\', '/': '/' },
      unicodeEscapes: true,
      strictEscapes: true,
    },
    '`': { makes: 'identifier', doubled: false, escapes: null, unicodeEscapes: false, strictEscapes: false },
  },
  symbols: [
    ...['|>', '::', ':*', '<>', '<=', '>=', '==', '!=', '||'],
    ...['=', '<', '>', '+', '-', '*', '/', '%', '^', '(', ')', '[', ']', ',', '.', '?', '@'],
  ],
  comments: true,
};

/** How tightly operators bind, loosest first; that comparisons bind tighter than BETWEEN, IN and LIKE is SoQL's own. */
const power = {
  or: 10,
  and: 20,
  not: 30,
  predicate: 40,
  compare: 50,
  add: 60,
  multiply: 70,
  raise: 80,
  negate: 90,
  cast: 100,
  field: 110,
} as const;

const infix: ReadonlyMap<string, InfixRule> = new Map([
  ['OR', chain('or', power.or)],
  ['AND', chain('and', power.and)],
  ['IS', isNull(power.predicate)],
  ['BETWEEN', between(power.predicate, power.compare)],
  ['IN', membership(power.predicate)],
  ['LIKE', binary('like', power.predicate, 'left', true)],
  ['=', binary('eq', power.compare)],
  ['==', binary('eq', power.compare)],
  ['<>', binary('ne', power.compare)],
  ['!=', binary('ne', power.compare)],
  ['<', binary('lt', power.compare)],
  ['<=', binary('le', power.compare)],
  ['>', binary('gt', power.compare)],
  ['>=', binary('ge', power.compare)],
  ['+', binary('add', power.add)],
  ['-', binary('sub', power.add)],
  ['||', chain('concat', power.add)],
  ['*', binary('mul', power.multiply)],
  ['/', binary('div', power.multiply)],
  ['%', binary('mod', power.multiply)],
  ['^', binary('pow', power.raise, 'right')],
  ['::', { power: power.cast, side: 'left', negatable: false, parse: parseCast }],
  ['.', { power: power.field, side: 'left', negatable: false, parse: parseField }],
]);

const prefix: ReadonlyMap<string, PrefixRule> = new Map<string, PrefixRule>([
  ...usualPrefixes(power),
  ['CASE', { when: 'not-called', parse: parseCase }],
]);

const reserved: ReadonlySet<string> = new Set([
  ...['SELECT', 'DISTINCT', 'AS', 'FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'BY', 'LIMIT', 'OFFSET', 'SEARCH'],
  ...['AND', 'OR', 'NOT', 'IS', 'BETWEEN', 'IN', 'LIKE', 'TRUE', 'FALSE', 'NULL', 'WHEN', 'THEN', 'ELSE'],
  ...['END', 'ASC', 'DESC', 'NULLS', 'JOIN', 'UNION', 'INTERSECT', 'MINUS', 'ON', 'OVER'],
]);

const shapes = refuse(say('dialects.refused.shapes'));
const links = refuse(say('dialects.refused.links'));
const windows = refuse(say('dialects.refused.windows'));

const calls: CallTable = {
  spellings: sodaSpellings,
  rules: new Map<string, CallRule>(
    [
      ...['convex_hull', 'concave_hull', 'polygon_intersection', 'spatial_union', 'simplify'],
      ...['simplify_preserve_topology', 'snap_to_grid', 'reduce_precision', 'geo_make_valid', 'geo_multi'],
      ...['geo_collection_extract', 'visible_at', 'curated_region_test'],
    ]
      .map((name): [string, CallRule] => [name, shapes])
      .concat(
        ['url', 'location', 'human_address', 'get_context'].map((name) => [name, links]),
        ['row_number', 'rank', 'dense_rank', 'ntile', 'first_value', 'last_value', 'lead', 'lag'].map((name) => {
          return [name, windows];
        }),
        [['get_utc_date', refuse(say('dialects.refused.moment'))]],
      ),
  ),
};

const noJoin = say('dialects.no-join');
const noUnion = say('dialects.no-union');

/** SoQL as a language of the precedence parser. */
export const soql: Language = {
  name: 'SoQL',
  lexicon,
  reserved,
  prefix,
  infix,
  toColumn: (parser, token) => toColumn(parser, token, token.value.toLowerCase()),
  toCall: (parser, call) => toNamedCall(parser, call, calls),
  mistakes: new Map([
    ['|>', say('dialects.no-chain')],
    ...['JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'LATERAL', '@'].map((word): [string, Sentence] => [word, noJoin]),
    ...['UNION', 'INTERSECT', 'MINUS'].map((word): [string, Sentence] => [word, noUnion]),
    ['FROM', say('dialects.no-from')],
    ['OVER', say('dialects.no-over')],
    ['?', say('dialects.no-parameters')],
    ['[', say('dialects.no-subscripts')],
  ]),
};

/** `CASE WHEN c THEN v … [ELSE v] END`, the word CASE just read. */
function parseCase(parser: Parser, word: Token): Expression {
  return nested(parser, word, () => {
    const args: Expression[] = [];
    if (peek(parser).upper !== 'WHEN') throw expected(parser, ['WHEN'], peek(parser));
    while (acceptWord(parser, 'WHEN') !== null) {
      args.push(parseExpression(parser, 0));
      requireWord(parser, 'THEN');
      args.push(parseExpression(parser, 0));
    }
    if (acceptWord(parser, 'ELSE') !== null) args.push(parseExpression(parser, 0));
    const end = requireWord(parser, 'END');
    return toNode(parser, 'case', args, toSpan(parser.source, word.start, end.end));
  });
}

/** SoQL type → function that casts to it, from the allow-list. */
const casts: ReadonlyMap<string, string> = new Map(
  [...functionTable.keys()].flatMap((name) =>
    sodaSpellings
      .of(name)
      .filter((word) => word.startsWith('::'))
      .map((word): [string, string] => [word.slice(2), name]),
  ),
);

/** `x::number` */
function parseCast(parser: Parser, value: Expression): Expression {
  const token = advance(parser);
  const name = token.kind === 'word' ? casts.get(token.text.toLowerCase()) : undefined;
  if (name === undefined) throw expected(parser, [...casts.keys()], token);
  return toNode(parser, name, [value], toSpan(parser.source, value.span?.start ?? token.start, token.end));
}

const fields: ReadonlyMap<string, string> = new Map([
  ['year', 'date_extract_y'],
  ['month', 'date_extract_m'],
  ['day', 'date_extract_d'],
  ['hour', 'date_extract_hh'],
  ['minute', 'date_extract_mm'],
  ['second', 'date_extract_ss'],
  ['dow', 'date_extract_dow'],
  ['woy', 'date_extract_woy'],
  ['isoyear', 'date_extract_iso_y'],
  ['date', 'to_date'],
  ['latitude', 'latitude'],
  ['longitude', 'longitude'],
]);

/** `d.year`, `point.latitude` */
function parseField(parser: Parser, value: Expression): Expression {
  const token = advance(parser);
  const name = fields.get(token.text.toLowerCase());
  if (name === undefined) {
    const known = [...fields.keys()];
    throw failAt(parser, say('dialects.expected-field', { known, got: token.text.slice(0, 40) }), token);
  }
  return toNode(parser, name, [value], toSpan(parser.source, value.span?.start ?? token.start, token.end));
}
