// Allow-list entries: logic, comparison, choice and casts. It must not decide types beyond saying its places.

import type { FunctionSpec, Overload } from './function-spec.ts';
import { castSql, toTextSql, type ValueType } from './value-type.ts';

function compare(symbol: string, place: 'plain' | 'ordered'): Overload[] {
  return [{ params: [place, place], result: 'boolean', sql: ([a, b]) => `(${a} ${symbol} ${b})` }];
}

/** A type is only known when it is asked for: the first argument's, or text when there is none. */
function first(types: readonly ValueType[]): ValueType {
  return types[0] ?? { kind: 'text' };
}

const logic: readonly FunctionSpec[] = [
  {
    name: 'and',
    kind: 'scalar',
    about: 'True when every side is true; unknown when none is false and one is unknown.',
    uses: [],
    overloads: [
      { params: ['boolean'], repeat: ['boolean'], result: 'boolean', sql: (args) => `(${args.join(' AND ')})` },
    ],
  },
  {
    name: 'or',
    kind: 'scalar',
    about: 'True when one side is true; unknown when none is true and one is unknown.',
    uses: [],
    overloads: [
      { params: ['boolean'], repeat: ['boolean'], result: 'boolean', sql: (args) => `(${args.join(' OR ')})` },
    ],
  },
  {
    name: 'not',
    kind: 'scalar',
    about: 'True for false, false for true, unknown for unknown.',
    uses: [],
    overloads: [{ params: ['boolean'], result: 'boolean', sql: ([a]) => `(NOT ${a})` }],
  },
];

const comparison: readonly FunctionSpec[] = [
  {
    name: 'eq',
    kind: 'scalar',
    symbol: '=',
    about: 'Both sides are the same value; text is compared letter by letter, upper and lower case apart.',
    uses: [],
    overloads: compare('=', 'plain'),
  },
  {
    name: 'ne',
    kind: 'scalar',
    symbol: '<>',
    about: 'The sides are different values.',
    uses: [],
    overloads: compare('<>', 'plain'),
  },
  {
    name: 'lt',
    kind: 'scalar',
    symbol: '<',
    about: 'The left side is smaller, earlier, or before in code point order.',
    uses: [],
    overloads: compare('<', 'ordered'),
  },
  {
    name: 'le',
    kind: 'scalar',
    symbol: '<=',
    about: 'The left side is smaller or the same.',
    uses: [],
    overloads: compare('<=', 'ordered'),
  },
  {
    name: 'gt',
    kind: 'scalar',
    symbol: '>',
    about: 'The left side is larger, later, or after in code point order.',
    uses: [],
    overloads: compare('>', 'ordered'),
  },
  {
    name: 'ge',
    kind: 'scalar',
    symbol: '>=',
    about: 'The left side is larger or the same.',
    uses: [],
    overloads: compare('>=', 'ordered'),
  },
  {
    name: 'between',
    kind: 'scalar',
    symbol: 'BETWEEN',
    about: 'The first value lies between the second and the third, both included.',
    uses: [],
    overloads: [
      {
        params: ['ordered', 'ordered', 'ordered'],
        result: 'boolean',
        sql: ([a, low, high]) => `(${a} BETWEEN ${low} AND ${high})`,
      },
    ],
  },
  {
    name: 'in',
    kind: 'scalar',
    symbol: 'IN',
    about: 'The first value is one of the others.',
    uses: [],
    overloads: [
      {
        params: ['plain', 'plain'],
        repeat: ['plain'],
        result: 'boolean',
        sql: ([a, ...list]) => `(${a} IN (${list.join(', ')}))`,
      },
    ],
  },
  {
    name: 'is_null',
    kind: 'scalar',
    symbol: 'IS NULL',
    about: 'There is no value.',
    uses: [],
    overloads: [{ params: ['any'], result: 'boolean', sql: ([a]) => `(${a} IS NULL)` }],
  },
  {
    name: 'is_not_null',
    kind: 'scalar',
    symbol: 'IS NOT NULL',
    about: 'There is a value.',
    uses: [],
    overloads: [{ params: ['any'], result: 'boolean', sql: ([a]) => `(${a} IS NOT NULL)` }],
  },
];

function chooseSql(args: readonly string[]): string {
  const pairs = args.slice(0, args.length - (args.length % 2));
  const whens = pairs.flatMap((condition, i) => (i % 2 === 0 ? [`WHEN ${condition} THEN ${pairs[i + 1]}`] : []));
  const otherwise = args.length % 2 === 1 ? ` ELSE ${args.at(-1)}` : '';
  return `(CASE ${whens.join(' ')}${otherwise} END)`;
}

const choice: readonly FunctionSpec[] = [
  {
    name: 'case',
    kind: 'scalar',
    about: 'The value after the first condition that is true; the last argument, if it stands alone, when none is.',
    uses: [],
    overloads: [
      { params: ['boolean', 'same'], repeat: ['boolean', 'same'], tail: 'same', result: 'same', sql: chooseSql },
    ],
  },
  {
    name: 'iif',
    kind: 'scalar',
    about: 'The second argument when the first is true, else the third.',
    uses: [],
    overloads: [{ params: ['boolean', 'same', 'same'], result: 'same', sql: chooseSql }],
  },
  {
    name: 'coalesce',
    kind: 'scalar',
    about: 'The first argument that has a value.',
    uses: ['coalesce'],
    overloads: [{ params: ['same'], repeat: ['same'], result: 'same', sql: (args) => `coalesce(${args.join(', ')})` }],
  },
  {
    name: 'nullif',
    kind: 'scalar',
    about: 'No value when both arguments are equal, else the first.',
    uses: ['nullif'],
    overloads: [{ params: ['plain', 'plain'], result: 'same', sql: ([a, b]) => `nullif(${a}, ${b})` }],
  },
  {
    name: 'least',
    kind: 'scalar',
    about: 'The smallest of the arguments that have a value.',
    uses: ['least'],
    overloads: [
      { params: ['ordered'], repeat: ['ordered'], result: 'same', sql: (args) => `least(${args.join(', ')})` },
    ],
  },
  {
    name: 'greatest',
    kind: 'scalar',
    about: 'The largest of the arguments that have a value.',
    uses: ['greatest'],
    overloads: [
      { params: ['ordered'], repeat: ['ordered'], result: 'same', sql: (args) => `greatest(${args.join(', ')})` },
    ],
  },
];

const decimalOf = { kind: 'decimal', precision: 38, scale: 10 } as const;

const casts: readonly FunctionSpec[] = [
  {
    name: 'to_text',
    kind: 'scalar',
    about: 'The value written as text: ISO dates, WKT geometry, plain numbers.',
    uses: ['replace', 'timezone', 'st_astext'],
    overloads: [{ params: ['any'], result: 'text', sql: ([a = ''], types) => toTextSql(first(types), a) }],
  },
  {
    name: 'to_number',
    kind: 'scalar',
    about: 'Text or a true/false value as a number; no value when the text is not a number.',
    uses: [],
    overloads: [
      { params: ['number'], result: 'number', sql: ([a]) => `${a}` },
      { params: ['text'], result: 'number', sql: ([a]) => `TRY_CAST(${a} AS DOUBLE)` },
      { params: ['boolean'], result: 'number', sql: ([a]) => `CAST(${a} AS DOUBLE)` },
    ],
  },
  {
    name: 'to_integer',
    kind: 'scalar',
    about: 'Text or a number as a whole number, rounded to the nearest; no value when it is not one.',
    uses: [],
    overloads: [
      { params: ['numeric'], result: 'integer', sql: ([a]) => `TRY_CAST(${a} AS BIGINT)` },
      { params: ['text'], result: 'integer', sql: ([a]) => `TRY_CAST(${a} AS BIGINT)` },
    ],
  },
  {
    name: 'to_decimal',
    kind: 'scalar',
    about: 'Text or a number as an exact decimal with ten digits after the point; no value when it is not one.',
    uses: [],
    overloads: [
      { params: ['numeric'], result: () => decimalOf, sql: ([a]) => `TRY_CAST(${a} AS DECIMAL(38, 10))` },
      { params: ['text'], result: () => decimalOf, sql: ([a]) => `TRY_CAST(${a} AS DECIMAL(38, 10))` },
    ],
  },
  {
    name: 'to_boolean',
    kind: 'scalar',
    about: 'Text (true, false, 1, 0 …) or a number (0 is false) as true or false; no value when it is neither.',
    uses: [],
    overloads: [
      { params: ['boolean'], result: 'boolean', sql: ([a]) => `${a}` },
      { params: ['text'], result: 'boolean', sql: ([a]) => `TRY_CAST(${a} AS BOOLEAN)` },
      { params: ['numeric'], result: 'boolean', sql: ([a]) => `(${a} <> 0)` },
    ],
  },
  {
    name: 'to_date',
    kind: 'scalar',
    about: 'The day of a timestamp, of an instant (in UTC) or of ISO text; no value when the text is not a date.',
    uses: ['timezone'],
    overloads: [
      { params: ['date'], result: 'date', sql: ([a]) => `${a}` },
      { params: ['timestamp'], result: 'date', sql: ([a]) => `CAST(${a} AS DATE)` },
      { params: ['instant'], result: 'date', sql: ([a]) => `CAST(timezone('UTC', ${a}) AS DATE)` },
      { params: ['text'], result: 'date', sql: ([a]) => `TRY_CAST(${a} AS DATE)` },
    ],
  },
  {
    name: 'to_timestamp',
    kind: 'scalar',
    about:
      'ISO text, a date or an instant as a timestamp without a zone; an instant is read in UTC, or in the zone given.',
    uses: ['timezone'],
    overloads: [
      { params: ['timestamp'], result: 'timestamp', sql: ([a]) => `${a}` },
      { params: ['instant'], result: 'timestamp', sql: ([a]) => `timezone('UTC', ${a})` },
      { params: ['instant', 'zone'], result: 'timestamp', sql: ([a, zone]) => `timezone(${zone}, ${a})` },
      { params: ['text'], result: 'timestamp', sql: ([a]) => `TRY_CAST(${a} AS TIMESTAMP)` },
    ],
  },
  {
    name: 'to_instant',
    kind: 'scalar',
    about:
      'ISO text, a date or a timestamp as a moment in time; what has no zone is read as UTC, or in the zone given.',
    uses: ['timezone'],
    overloads: [
      { params: ['instant'], result: 'instant', sql: ([a]) => `${a}` },
      {
        params: ['timestamp'],
        result: 'instant',
        sql: ([a = '']) => castSql({ kind: 'timestamp' }, { kind: 'instant' }, a),
      },
      { params: ['timestamp', 'zone'], result: 'instant', sql: ([a, zone]) => `timezone(${zone}, ${a})` },
      { params: ['text'], result: 'instant', sql: ([a]) => `timezone('UTC', TRY_CAST(${a} AS TIMESTAMP))` },
    ],
  },
];

export const logicFunctions: readonly FunctionSpec[] = [...logic, ...comparison, ...choice, ...casts];
