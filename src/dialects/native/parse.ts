// The parameters of the native API's rows, and the Query as JSON → Query. docs/api/cql2.md describes both.
// It must not check names against the dataset, `*` aside; query/plan does.

import type { Dataset } from '../../catalogue/dataset.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Schema } from '../../query/column.ts';
import {
  emptyQuery,
  queryLimits,
  type Expression,
  type OrderItem,
  type Query,
  type SelectItem,
} from '../../query/query.ts';
import { openParser, type Parser } from '../language/expression.ts';
import { readFlag, readWholeNumber, type Parameters } from '../language/parameters.ts';
import {
  parseExpressionList,
  parseOrderList,
  parseSelectList,
  readWhole,
  toSelectItems,
  type WrittenClauses,
  type WrittenItem,
} from '../language/select-list.ts';
import { isObject, jsonError, parseCql2Json, requireMembers } from '../language/cql2-json.ts';
import { cql2, parseCql2Text } from '../language/cql2.ts';

/**
 * The parameters, and the members of the JSON form, that make the query; an address may know more (`as_of`, the
 * format).
 */
export const nativeQueryParameters = [
  'select',
  'distinct',
  'where',
  'group',
  'having',
  'order',
  'limit',
  'offset',
  'after',
  'q',
  'row_ids',
] as const;

/**
 * The query that the parameters ask. Parameters of other names are the caller's business.
 * Throws syntax-error, query-too-large, unknown-function, wrong-arity, bad-literal, duplicate-alias, unknown-column.
 */
export function parseNativeParameters(parameters: Parameters, dataset: Pick<Dataset, 'current'>): Query {
  const schema = dataset.current.columns;
  const read = <T>(name: string, reader: (parser: Parser) => T, none: T): T => {
    const text = parameters.get(name);
    if (text === undefined || text.trim() === '') return none;
    return readWhole(openParser(cql2, { parameter: name, text }), reader);
  };
  const condition = (name: string): Expression | null => {
    const text = parameters.get(name);
    return text === undefined || text.trim() === '' ? null : parseCql2Text({ parameter: name, text });
  };
  const selected = read('select', parseSelectList, { distinct: false, items: [] });
  const lists: WrittenClauses = {
    select: selected.items,
    distinct: selected.distinct || (readFlag(parameters, 'distinct') ?? false),
    where: condition('where'),
    group: read('group', parseExpressionList, []),
    having: condition('having'),
    order: read('order', (parser) => parseOrderList(parser, () => 'last'), []),
  };
  const whole = { min: 0, max: Number.MAX_SAFE_INTEGER };
  return toQuery(lists, schema, {
    limit: readWholeNumber(parameters, 'limit', whole),
    offset: readWholeNumber(parameters, 'offset', whole) ?? 0,
    after: emptyToNull(parameters.get('after')),
    search: readSearch(parameters.get('q'), 'q'),
    withRowId: readFlag(parameters, 'row_ids') ?? false,
  });
}

function emptyToNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Words to look for; null when there are none. Throws query-too-large. */
function readSearch(text: string | undefined, parameter: string): string | null {
  const words = text?.trim() ?? '';
  if (words.length <= 1_000) return words === '' ? null : words;
  const detail = say('dialects.search-too-long', { parameter });
  throw new PortalError('query-too-large', { detail, position: { parameter, start: 1_000, end: words.length } });
}

type Paging = Pick<Query, 'limit' | 'offset' | 'after' | 'search' | 'withRowId'>;

function toQuery(lists: WrittenClauses, schema: Schema, paging: Paging): Query {
  const implied = lists.select.length === 0 && lists.group.length > 0;
  const select = implied ? toGroupSelect(lists.group) : toSelectItems(lists.select, schema, []);
  return Object.freeze({ ...emptyQuery, ...lists, select, ...paging });
}

/** `group` without `select`: the groups and how many rows each has. */
function toGroupSelect(group: readonly Expression[]): readonly SelectItem[] {
  if (group.length > queryLimits.selectItems - 1) {
    throw new PortalError('query-too-large', say('dialects.groups-too-many', { most: queryLimits.selectItems - 1 }));
  }
  const keys = group.map((expression, index): SelectItem => {
    return { expression, as: expression.kind === 'column' ? null : `group_${index + 1}`, span: expression.span };
  });
  const taken = new Set(keys.map((item) => (item.expression.kind === 'column' ? item.expression.name : item.as)));
  let name = 'count';
  for (let count = 1; taken.has(name); count++) name = `count_${count}`;
  return [...keys, { expression: { kind: 'call', name: 'count', args: [] }, as: name }];
}

// The query as JSON

/**
 * The body of `POST …/query` as a Query; `where` and `having` are CQL2-JSON. Throws syntax-error, query-too-large,
 * unknown-function, wrong-arity, bad-literal, duplicate-alias, each with a JSON pointer.
 */
export function parseQueryJson(body: unknown, dataset: Pick<Dataset, 'current'>): Query {
  if (!isObject(body)) throw jsonError('syntax-error', '', say('dialects.json.object'));
  requireMembers(body, nativeQueryParameters, '');
  const schema = dataset.current.columns;
  const condition = (name: 'where' | 'having'): Expression | null =>
    body[name] === undefined || body[name] === null ? null : parseCql2Json(body[name], `/${name}`);
  const lists = {
    select: readList(body['select'], '/select').map((item, index) => readItem(item, `/select/${index}`)),
    distinct: readBoolean(body['distinct'], '/distinct'),
    where: condition('where'),
    group: readList(body['group'], '/group').map((item, index) => readTerm(item, `/group/${index}`)),
    having: condition('having'),
    order: readList(body['order'], '/order').map((item, index) => readOrder(item, `/order/${index}`)),
  };
  return toQuery(lists, schema, {
    limit: readCount(body['limit'], '/limit'),
    offset: readCount(body['offset'], '/offset') ?? 0,
    after: readText(body['after'], '/after'),
    search: readSearch(readText(body['q'], '/q') ?? undefined, 'q'),
    withRowId: readBoolean(body['row_ids'], '/row_ids'),
  });
}

function readList(value: unknown, pointer: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw jsonError('syntax-error', pointer, say('dialects.json.list'));
  if (value.length <= queryLimits.selectItems) return value;
  throw jsonError('query-too-large', pointer, say('language.json.most-items', { most: queryLimits.selectItems }));
}

/** A string is the name of a column. */
function readTerm(value: unknown, pointer: string): Expression {
  return typeof value === 'string' ? { kind: 'column', name: value } : parseCql2Json(value, pointer);
}

/** `"ward"`, `"*"`, an expression, or `{"expression": …, "as": "name"}`. */
function readItem(value: unknown, pointer: string): WrittenItem {
  const span = { parameter: 'select', start: 0, end: 0 };
  if (value === '*') return { kind: 'all', system: false, except: [], span };
  if (!isObject(value) || !('expression' in value)) {
    const expression = readTerm(value, pointer);
    return { kind: 'expression', expression, as: null, text: toWords(expression), span };
  }
  requireMembers(value, ['expression', 'as'], pointer);
  const expression = readTerm(value['expression'], `${pointer}/expression`);
  const as = readText(value['as'], `${pointer}/as`);
  if (as !== null && !/^[\p{L}_][\p{L}\p{M}\p{N}_ .-]{0,62}$/u.test(as)) {
    throw jsonError('syntax-error', `${pointer}/as`, say('dialects.json.alias'));
  }
  return { kind: 'expression', expression, as, text: toWords(expression), span };
}

/** What an item without `as` is called: `avg` of `cost` is `avg_cost`. */
function toWords(expression: Expression): string {
  if (expression.kind === 'column') return expression.name;
  if (expression.kind === 'literal') return String(expression.value);
  return [expression.name, ...expression.args.map(toWords)].join(' ');
}

/** `"cost"`, an expression, or `{"expression": …, "direction": "desc", "nulls": "first"}`. */
function readOrder(value: unknown, pointer: string): OrderItem {
  if (!isObject(value) || !('expression' in value)) {
    return { expression: readTerm(value, pointer), descending: false, nulls: 'last' };
  }
  requireMembers(value, ['expression', 'direction', 'nulls'], pointer);
  return {
    expression: readTerm(value['expression'], `${pointer}/expression`),
    descending: readChoice(value['direction'], ['asc', 'desc'], `${pointer}/direction`) === 'desc',
    nulls: readChoice(value['nulls'], ['last', 'first'], `${pointer}/nulls`),
  };
}

function readChoice<T extends string>(value: unknown, choices: readonly [T, T], pointer: string): T {
  if (value === undefined) return choices[0];
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw jsonError('syntax-error', pointer, say('dialects.json.choice', { left: choices[0], right: choices[1] }));
}

function readBoolean(value: unknown, pointer: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw jsonError('syntax-error', pointer, say('language.json.flag'));
}

function readCount(value: unknown, pointer: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw jsonError('bad-literal', pointer, say('dialects.json.count'));
}

function readText(value: unknown, pointer: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  throw jsonError('syntax-error', pointer, say('dialects.json.text'));
}
