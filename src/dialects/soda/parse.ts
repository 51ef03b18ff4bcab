// The parameters of a SODA 2.1 request → Query. docs/api/soda.md says what each means.
// It must not ignore a parameter: what is not known is an error, and a bare name is a column.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Revision } from '../../catalogue/dataset.ts';
import { rowIdColumn } from '../../query/column.ts';
import { unknownColumn } from '../../query/resolve.ts';
import { emptyQuery, type Expression, type Query, type SelectItem } from '../../query/query.ts';
import { readFlag, readWholeNumber, unknownParameter, type Parameters } from '../language/parameters.ts';
import { toSelectItems } from '../language/select-list.ts';
import { replaceSystemFields, systemItems } from './system-fields.ts';
import { emptyStatement, parseClause, parseStatement, requireStatement, type Statement } from './statement.ts';

/** What Socrata answers when nothing else is asked. */
const defaultLimit = 1_000;

const clauseParameters = ['$select', '$where', '$group', '$having', '$order'] as const;
const queryParameters = [...clauseParameters, '$limit', '$offset', '$q'] as const;

/** Read elsewhere, or of no effect on rows: tokens are not needed, and the portal has its own deadline. */
const otherParameters = [
  '$$app_token',
  '$$bom',
  '$$exclude_system_fields',
  '$$query_timeout_seconds',
  '$$version',
  '$$as_of',
] as const;

const knownParameters: readonly string[] = ['$query', ...queryParameters, ...otherParameters];

/**
 * The query that the parameters ask of a revision. Throws syntax-error, query-too-large, unknown-function, wrong-arity,
 * unknown-parameter, unknown-column, bad-literal, bad-request.
 */
export function parseSodaParameters(parameters: Parameters, revision: Revision): Query {
  requireSodaParameters(parameters);
  const statement = readStatement(parameters);
  const filters = readFilters(parameters, revision);
  const schema = revision.columns;
  const system = systemItems(revision);
  const select = toSelectItems(statement.select, schema, system);
  const showsSystem = readFlag(parameters, '$$exclude_system_fields') === false && statement.select.length === 0;
  const clean = <T extends Expression | null>(expression: T): T =>
    expression === null ? expression : (replaceSystemFields(expression, revision) as T);
  return Object.freeze({
    ...emptyQuery,
    select: (showsSystem ? withSystem(system, revision) : select).map((item) => toSystemNamed(item, clean)),
    distinct: statement.distinct,
    where: clean(joinConditions([...filters, statement.where])),
    group: statement.group.map(clean),
    having: clean(statement.having),
    order: statement.order.map((item) => ({ ...item, expression: clean(item.expression) })),
    limit: statement.limit ?? defaultLimit,
    offset: statement.offset ?? 0,
    search: statement.search?.trim() === '' ? null : statement.search,
  });
}

function toSystemNamed(item: SelectItem, clean: (expression: Expression) => Expression): SelectItem {
  const { expression } = item;
  const isSystem = expression.kind === 'column' && expression.name.startsWith(':') && expression.name !== rowIdColumn;
  return { ...item, expression: clean(expression), as: item.as ?? (isSystem ? expression.name : null) };
}

function withSystem(system: readonly SelectItem[], revision: Revision): readonly SelectItem[] {
  return [
    ...system,
    ...revision.columns.map((column): SelectItem => ({ expression: { kind: 'column', name: column.name }, as: null })),
  ];
}

function requireSodaParameters(parameters: Parameters): void {
  for (const name of parameters.keys()) {
    if (name === '$jsonp') {
      const detail = say('dialects.no-jsonp');
      throw new PortalError('unknown-parameter', { detail, extra: { parameter: name } });
    }
    if (name.startsWith('$') && !knownParameters.includes(name)) throw unknownParameter(name, knownParameters);
  }
  if (!parameters.has('$query')) return;
  const other = queryParameters.find((name) => parameters.has(name));
  if (other === undefined) return;
  const detail = say('dialects.whole-statement', { other });
  throw new PortalError('bad-request', { detail, extra: { parameter: other } });
}

function readStatement(parameters: Parameters): Statement {
  const text = parameters.get('$query');
  if (text !== undefined) {
    const source = { parameter: '$query', text };
    requireStatement(source);
    return parseStatement(source);
  }
  let statement: Statement = emptyStatement;
  for (const parameter of clauseParameters) {
    const text = parameters.get(parameter);
    if (text === undefined || text.trim() === '') continue;
    const clause = parameter.slice(1) as 'select' | 'where' | 'group' | 'having' | 'order';
    statement = { ...statement, ...parseClause(clause, { parameter, text }) };
  }
  const whole = { min: 0, max: Number.MAX_SAFE_INTEGER };
  return {
    ...statement,
    search: parameters.get('$q') ?? null,
    limit: readWholeNumber(parameters, '$limit', whole),
    offset: readWholeNumber(parameters, '$offset', whole),
  };
}

/** `ward=3`: equality with a text that takes the column's type. Throws unknown-column for a bare name that is none. */
function readFilters(parameters: Parameters, revision: Revision): readonly Expression[] {
  const filters: Expression[] = [];
  for (const [name, text] of parameters) {
    if (name.startsWith('$')) continue;
    const column = name.toLowerCase();
    const known = revision.columns.map((candidate) => candidate.name);
    const span = { parameter: name, start: 0, end: text.length };
    if (column !== rowIdColumn && !known.includes(column)) throw unknownColumn(name, known, undefined);
    const left: Expression = { kind: 'column', name: column, span };
    filters.push({ kind: 'call', name: 'eq', args: [left, { kind: 'literal', value: text, span }], span });
  }
  return filters;
}

function joinConditions(conditions: readonly (Expression | null)[]): Expression | null {
  const given = conditions.filter((condition) => condition !== null);
  const [first] = given;
  return given.length <= 1 ? (first ?? null) : { kind: 'call', name: 'and', args: given };
}
