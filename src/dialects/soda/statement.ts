// A SoQL statement, whole ($query) or in clauses ($select, $where …) → its parts, unnamed and unchecked.
// It must not know HTTP parameters beyond the name that a text came in.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { emptyQuery, type Query } from '../../query/query.ts';
import {
  acceptWord,
  advance,
  failAt,
  openParser,
  parseExpression,
  peek,
  requireEnd,
  requireWord,
  showToken,
  type Parser,
} from '../language/expression.ts';
import { parseExpressionList, parseOrderList, parseSelectList, type WrittenClauses } from '../language/select-list.ts';
import type { SourceText } from '../language/tokens.ts';
import { soql } from './soql.ts';

/** The clauses of a statement; null or empty where there is none. */
export type Statement = WrittenClauses & Pick<Query, 'search' | 'limit'> & { readonly offset: number | null };

const { after: _after, withRowId: _withRowId, ...noClauses } = emptyQuery;
export const emptyStatement: Statement = Object.freeze({ ...noClauses, select: [], offset: null });

/** SoQL's rule when nothing is said: ascending puts missing values last, descending first. */
const nullsOf = (descending: boolean): 'first' | 'last' => (descending ? 'first' : 'last');

/** One clause that came in a parameter of its own. Throws syntax-error, query-too-large, unknown-function … */
export function parseClause(
  clause: 'select' | 'where' | 'group' | 'having' | 'order',
  source: SourceText,
): Partial<Statement> {
  const parser = openParser(soql, source);
  const read = clauses[clause](parser);
  requireEnd(parser);
  return read;
}

const clauses: Readonly<Record<'select' | 'where' | 'group' | 'having' | 'order', (p: Parser) => Partial<Statement>>> =
  {
    select: (parser) => {
      const { distinct, items } = parseSelectList(parser);
      return { select: items, distinct };
    },
    where: (parser) => ({ where: parseExpression(parser, 0) }),
    group: (parser) => ({ group: parseExpressionList(parser) }),
    having: (parser) => ({ having: parseExpression(parser, 0) }),
    order: (parser) => ({ order: parseOrderList(parser, nullsOf) }),
  };

/**
 * `[SELECT …] [WHERE …] [GROUP BY …] [HAVING …] [ORDER BY …] [SEARCH '…'] [LIMIT n] [OFFSET n]`, each once, in this
 * order; ORDER BY and SEARCH may change places, LIMIT and OFFSET too.
 */
export function parseStatement(source: SourceText): Statement {
  const parser = openParser(soql, source);
  let statement: Statement = emptyStatement;
  const add = (part: Partial<Statement>): void => {
    statement = { ...statement, ...part };
  };
  if (acceptWord(parser, 'SELECT') !== null) add(clauses.select(parser));
  if (acceptWord(parser, 'WHERE') !== null) add(clauses.where(parser));
  if (acceptBy(parser, 'GROUP')) add(clauses.group(parser));
  if (acceptWord(parser, 'HAVING') !== null) add(clauses.having(parser));
  const searchFirst = parseSearch(parser);
  if (acceptBy(parser, 'ORDER')) add(clauses.order(parser));
  const search = searchFirst ?? parseSearch(parser);
  const offsetFirst = parseCount(parser, 'OFFSET');
  const limit = parseCount(parser, 'LIMIT');
  const offset = offsetFirst ?? parseCount(parser, 'OFFSET');
  requireEnd(parser);
  return { ...statement, search, limit, offset };
}

function acceptBy(parser: Parser, word: string): boolean {
  if (acceptWord(parser, word) === null) return false;
  requireWord(parser, 'BY');
  return true;
}

function parseSearch(parser: Parser): string | null {
  if (acceptWord(parser, 'SEARCH') === null) return null;
  const token = peek(parser);
  if (token.kind !== 'string') throw failAt(parser, say('dialects.expected-string', { got: showToken(token) }), token);
  return advance(parser).value;
}

function parseCount(parser: Parser, word: 'LIMIT' | 'OFFSET'): number | null {
  if (acceptWord(parser, word) === null) return null;
  const token = peek(parser);
  if (token.kind !== 'number' || !/^\d{1,15}$/.test(token.text)) {
    throw failAt(parser, say('dialects.expected-whole-number', { got: showToken(token) }), token);
  }
  return Number(advance(parser).text);
}

/** Throws bad-request when a statement is empty text: an empty $query is a mistake, not every row. */
export function requireStatement(source: SourceText): void {
  if (source.text.trim() !== '') return;
  throw new PortalError('bad-request', {
    detail: say('language.parameter-empty', { name: source.parameter }),
    extra: { parameter: source.parameter },
  });
}
