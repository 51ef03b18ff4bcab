// Reads geometry literals: WKT among the tokens of a query, boxes, and GeoJSON geometries; all become one WKT text.
// It must not compute with shapes; query/geometry-literal.ts says what is a geometry.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { readGeometryLiteral, toBoxWkt } from '../../query/geometry-literal.ts';
import type { Expression } from '../../query/query.ts';
import {
  acceptSymbol,
  acceptWord,
  advance,
  countNode,
  failAt,
  parseList,
  peek,
  requireSymbol,
  showToken,
} from './expression.ts';
import type { Parser } from './expression.ts';
import { toSpan, type Token } from './tokens.ts';

export const wktWords: readonly string[] = [
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
];

/**
 * The WKT whose first word has just been read, up to the parenthesis that closes it. Throws syntax-error, bad-literal.
 */
export function parseWkt(parser: Parser, word: Token): Expression {
  countNode(parser, word);
  acceptWord(parser, 'Z');
  let open = 0;
  let last = word;
  do {
    const token = peek(parser);
    if (token.kind === 'end') throw failAt(parser, say('language.expected-parenthesis'), token);
    if (token.text === '(') open += 1;
    if (token.text === ')') open -= 1;
    last = advance(parser);
  } while (open > 0);
  const text = parser.source.text.slice(word.start, last.end);
  return toGeometry(parser, readGeometryLiteral(text), word, last);
}

/** `BBOX(w,s,e,n)` or `BBOX(w,s,minz,e,n,maxz)`, its word just read. */
export function parseBox(parser: Parser, word: Token): Expression {
  countNode(parser, word);
  requireSymbol(parser, '(');
  const values = parseList(parser, () => parseCoordinate(parser));
  const close = requireSymbol(parser, ')');
  return toGeometry(parser, readBox(values), word, close);
}

function toGeometry(parser: Parser, value: string | null, first: Token, last: Token): Expression {
  const { parameter } = parser.source;
  if (value !== null) {
    return { kind: 'literal', value, type: 'geometry', span: toSpan(parser.source, first.start, last.end) };
  }
  const wanted = first.upper === 'BBOX' ? say('language.geometry-form.box') : say('language.geometry-form.wkt');
  throw new PortalError('bad-literal', {
    detail: say('language.geometry-unreadable', { word: first.upper, form: wanted }),
    position: { parameter, start: first.start, end: last.end },
    text: parser.source.text,
  });
}

function parseCoordinate(parser: Parser): number {
  const negative = acceptSymbol(parser, '-') !== null;
  if (!negative) acceptSymbol(parser, '+');
  const token = peek(parser);
  if (token.kind !== 'number') throw failAt(parser, say('language.expected-number', { got: showToken(token) }), token);
  const value = Number(advance(parser).text);
  return negative ? -value : value;
}

/** A box of 4 or 6 numbers as WKT; null when it is none. */
export function readBox(values: readonly number[]): string | null {
  if (values.length !== 4 && values.length !== 6) return null;
  const half = values.length / 2;
  const [west = Number.NaN, south = Number.NaN] = values;
  const [east = Number.NaN, north = Number.NaN] = values.slice(half);
  return toBoxWkt(west, south, east, north);
}

/** A GeoJSON geometry as WKT; null when it is none. */
export function readGeojson(value: Readonly<Record<string, unknown>>): string | null {
  return isShallow(value, 10) ? readGeometryLiteral(JSON.stringify(value)) : null;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isShallow(part, levels - 1));
}
