// A plan as one plain English sentence, with the titles of columns as people wrote them.
// It must not be parsed again: it is for reading.

import { isRowId } from './order.ts';
import type { Plan, PlanKey } from './plan.ts';
import type { TypedExpression } from './value-type.ts';

/** "Permits where Ward is 3 and Cost is at least 1,000, highest Cost first". `subject` is the dataset's title. */
export function describePlan(plan: Plan, subject: string): string {
  const parts = [describeSubject(plan, subject)];
  if (plan.search !== null)
    parts.push(
      `with words beginning with ${joinWords(
        plan.search.map((word) => `“${word}”`),
        'and',
      )}`,
    );
  if (plan.where !== null) parts.push(`where ${describeCondition(plan.where, plan, 0)}`);
  if (plan.having !== null) parts.push(`keeping groups where ${describeCondition(plan.having, plan, 0)}`);
  const order = plan.keys.slice(0, plan.asked).map((key) => describeKey(key, plan));
  const sentence = parts.join(' ');
  return order.length === 0 ? sentence : `${sentence}, ${order.join(', then ')}`;
}

function describeSubject(plan: Plan, subject: string): string {
  const listed = joinWords(
    plan.outputs
      .filter(({ expression }) => !isRowId(expression))
      .map(({ expression }) => describeValue(expression, plan)),
    'and',
  );
  switch (plan.kind) {
    case 'rows': {
      const isWhole = plan.outputs.filter(({ source }) => source !== null).length >= plan.schema.length;
      return isWhole ? subject : `${subject}: ${listed},`.replace(/,$/u, '');
    }
    case 'distinct':
      return `${subject}: different values of ${listed}`;
    case 'groups': {
      const groups = plan.group.map((expression) => describeValue(expression, plan));
      const figures = plan.outputs.filter(({ expression }) => !plan.group.some((part) => isEqual(part, expression)));
      const said = joinWords(
        figures.map(({ expression }) => describeValue(expression, plan)),
        'and',
      );
      const by = groups.length === 0 ? '' : ` for each ${joinWords(groups, 'and')}`;
      return `${subject}: ${said === '' ? 'the groups' : said}${by}`;
    }
  }
}

function isEqual(a: TypedExpression, b: TypedExpression): boolean {
  return JSON.stringify({ ...a, span: null }) === JSON.stringify({ ...b, span: null });
}

function joinWords(words: readonly string[], last: 'and' | 'or'): string {
  const shown = words.length > 8 ? [...words.slice(0, 7), `${words.length - 7} more`] : words;
  if (shown.length < 2) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`;
}

const comparisons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    eq: 'is',
    ne: 'is not',
    lt: 'is less than',
    le: 'is at most',
    gt: 'is more than',
    ge: 'is at least',
    like: 'matches',
    contains: 'contains',
    starts_with: 'begins with',
    caseless_eq: 'is (in any case)',
    caseless_ne: 'is not (in any case)',
    caseless_contains: 'contains (in any case)',
    caseless_starts_with: 'begins (in any case) with',
    s_intersects: 'meets',
    s_within: 'lies inside',
    s_contains: 'contains',
    s_disjoint: 'lies apart from',
    s_touches: 'touches',
    s_crosses: 'crosses',
    s_overlaps: 'overlaps',
    s_equals: 'equals',
  }),
);

const temporalWords: ReadonlyMap<string, string> = new Map(
  Object.entries({ lt: 'is before', le: 'is no later than', gt: 'is after', ge: 'is no earlier than' }),
);

type Call = Extract<TypedExpression, { kind: 'call' }>;

/** `level` 0 stands alone, 1 inside and/or: brackets are set where a reader could go wrong. */
function describeCondition(expression: TypedExpression, plan: Plan, level: number): string {
  if (expression.kind !== 'call') return describeTruth(expression, plan);
  const [first, ...rest] = expression.args;
  if (first === undefined) return describeValue(expression, plan);
  switch (expression.name) {
    case 'and':
    case 'or':
      return describeJunction(expression, plan, level);
    case 'not':
      return describeNegation(first, plan);
    case 'is_null':
      return `${describeValue(first, plan)} is missing`;
    case 'is_not_null':
      return `${describeValue(first, plan)} is given`;
    case 'between':
      return `${describeValue(first, plan)} is between ${rest.map((part) => describeValue(part, plan)).join(' and ')}`;
    case 'in':
      return `${describeValue(first, plan)} is ${joinWords(
        rest.map((part) => describeValue(part, plan)),
        'or',
      )}`;
    case 'within_circle':
      return describeCircle(expression, plan);
    default:
      return describeComparison(expression, plan);
  }
}

function describeTruth(expression: TypedExpression, plan: Plan): string {
  if (expression.kind === 'value') return expression.value === true ? 'always' : 'never';
  return `${describeValue(expression, plan)} is true`;
}

function describeJunction(call: Call, plan: Plan, level: number): string {
  const flat = call.args.flatMap((arg) => (arg.kind === 'call' && arg.name === call.name ? arg.args : [arg]));
  const text = flat.map((arg) => describeCondition(arg, plan, level + 1)).join(` ${call.name} `);
  return level === 0 ? text : `(${text})`;
}

function describeNegation(inner: TypedExpression, plan: Plan): string {
  if (inner.kind === 'column') return `${describeValue(inner, plan)} is false`;
  const opposite = inner.kind === 'call' ? opposites.get(inner.name) : undefined;
  if (inner.kind === 'call' && opposite !== undefined) return describeCondition({ ...inner, name: opposite }, plan, 1);
  if (inner.kind === 'call' && (inner.name === 'in' || inner.name === 'between')) {
    return describeCondition(inner, plan, 1).replace(' is ', ' is not ');
  }
  return `not (${describeCondition(inner, plan, 0)})`;
}

const opposites: ReadonlyMap<string, string> = new Map([
  ['is_null', 'is_not_null'],
  ['is_not_null', 'is_null'],
  ['eq', 'ne'],
  ['ne', 'eq'],
]);

function describeCircle(call: Call, plan: Plan): string {
  const [place, lat, lon, metres] = call.args.map((arg) => describeValue(arg, plan));
  return `${place} lies within ${metres} m of ${lat}, ${lon}`;
}

function describeComparison(call: Call, plan: Plan): string {
  const [left, right] = call.args;
  const isTime = left !== undefined && ['date', 'timestamp', 'instant', 'time'].includes(left.type.kind);
  const words = (isTime ? temporalWords.get(call.name) : undefined) ?? comparisons.get(call.name);
  if (words === undefined || left === undefined || right === undefined) return `${describeValue(call, plan)} is true`;
  return `${describeValue(left, plan)} ${words} ${describeValue(right, plan)}`;
}

const symbols: ReadonlyMap<string, string> = new Map(
  Object.entries({ add: '+', sub: '−', mul: '×', div: '÷', int_div: 'div', mod: 'modulo', pow: '^', concat: '&' }),
);

const figures: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sum: 'total',
    avg: 'average',
    min: 'lowest',
    max: 'highest',
    median: 'median',
    count_distinct: 'number of different',
    date_trunc_y: 'year of',
    date_trunc_ym: 'month of',
    date_trunc_ymd: 'day of',
    date_extract_y: 'year of',
    date_extract_m: 'month of',
    date_extract_d: 'day of the month of',
  }),
);

function describeValue(expression: TypedExpression, plan: Plan): string {
  switch (expression.kind) {
    case 'value':
      return describeLiteral(expression);
    case 'column':
      return plan.schema.find((column) => column.name === expression.name)?.title ?? 'row number';
    case 'cast':
      return describeValue(expression.argument, plan);
    case 'call':
      return describeCall(expression, plan);
  }
}

function describeCall(call: Call, plan: Plan): string {
  const args = call.args.map((arg) => describeValue(arg, plan));
  const filter = call.filter === null ? '' : ` (where ${describeCondition(call.filter, plan, 0)})`;
  if (call.name === 'count') {
    const counted = args.length === 0 ? 'rows' : `${call.distinct ? 'different ' : ''}${args[0]}`;
    return `number of ${counted}${filter}`;
  }
  const word = figures.get(call.name);
  if (word !== undefined && args.length === 1) return `${word} ${args[0]}${filter}`;
  const symbol = symbols.get(call.name);
  if (symbol !== undefined) return `(${args.join(` ${symbol} `)})`;
  if (comparisons.has(call.name) && call.args.length === 2) return `(${describeComparison(call, plan)})`;
  return `${call.name}(${args.join(', ')})${filter}`;
}

function describeLiteral({ type, value }: Extract<TypedExpression, { kind: 'value' }>): string {
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return groupDigits(value);
    case 'text':
      return `“${value.length > 60 ? `${value.slice(0, 60)}…` : value}”`;
    case 'timestamp':
      return value.replace('T', ' ').replace(/ 00:00:00$/u, '');
    case 'instant':
      return value.replace('T', ' ').replace('Z', ' UTC');
    case 'geometry':
      return value.startsWith('POINT') ? `the point ${value.slice(5).trim()}` : 'the area given';
    default:
      return value;
  }
}

function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function describeKey(key: PlanKey, plan: Plan): string {
  const { expression, descending } = key;
  if (isRowId(expression)) return descending ? 'in file order from the end' : 'in file order';
  const name = describeValue(expression, plan);
  switch (expression.type.kind) {
    case 'date':
    case 'timestamp':
    case 'instant':
      return `${descending ? 'newest' : 'oldest'} ${name} first`;
    case 'integer':
    case 'number':
    case 'decimal':
      return `${descending ? 'highest' : 'lowest'} ${name} first`;
    default:
      return `by ${name}${descending ? ' from the end' : ''}`;
  }
}
