// Allow-list entries: dates and times. Nothing depends on the clock or on the engine's time zone.

import type { FunctionSpec, Overload, ResultRule } from './function-spec.ts';
import { additions, subtractions } from './functions-number.ts';

const utc = (sql: string): string => `timezone('UTC', ${sql})`;

function truncations(unit: string, name: string): FunctionSpec[] {
  const cut = (sql: string): string => `date_trunc('${unit}', ${sql})`;
  const suffix = name.slice('date_trunc_'.length);
  return [
    {
      name,
      kind: 'scalar',
      about: `The beginning of the ${unit}; an instant needs a time zone beside it and becomes a timestamp there.`,
      uses: ['date_trunc', 'timezone'],
      overloads: [
        { params: ['timestamp'], result: 'timestamp', sql: ([a = '']) => cut(a) },
        { params: ['date'], result: 'date', sql: ([a = '']) => `CAST(${cut(a)} AS DATE)` },
        { params: ['instant', 'zone'], result: 'timestamp', sql: ([a, zone]) => cut(`timezone(${zone}, ${a})`) },
      ],
    },
    {
      name: `datez_trunc_${suffix}`,
      kind: 'scalar',
      about: `The beginning of the ${unit} in UTC, as an instant.`,
      uses: ['date_trunc', 'timezone'],
      overloads: [{ params: ['instant'], result: 'instant', sql: ([a = '']) => utc(cut(utc(a))) }],
    },
  ];
}

function extraction(name: string, part: string, about: string, hasTime = false): FunctionSpec {
  const read = (sql: string): string => `date_part('${part}', ${sql})`;
  const day: Overload = hasTime
    ? { params: ['time'], result: 'integer', sql: ([a = '']) => read(a) }
    : { params: ['date'], result: 'integer', sql: ([a = '']) => read(a) };
  return {
    name,
    kind: 'scalar',
    about: `${about}; an instant is read in UTC.`,
    uses: ['date_part', 'timezone'],
    overloads: [
      { params: ['timestamp'], result: 'integer', sql: ([a = '']) => read(a) },
      day,
      { params: ['instant'], result: 'integer', sql: ([a = '']) => read(utc(a)) },
    ],
  };
}

const shift = (symbol: '+' | '-'): Overload[] => [
  { params: ['timestamp', 'interval'], result: 'timestamp', sql: ([a, b]) => `(${a} ${symbol} ${b})` },
  { params: ['date', 'interval'], result: 'timestamp', sql: ([a, b]) => `(CAST(${a} AS TIMESTAMP) ${symbol} ${b})` },
  { params: ['instant', 'interval'], result: 'instant', sql: ([a = '', b]) => utc(`(${utc(a)} ${symbol} ${b})`) },
];

const microsecondsPerDay = 86_400_000_000;

/** Weekdays in the days before `day`, counted from Monday 0001-01-01. */
const weekdaysBefore = (day: string): string => {
  const number = `(${day} - DATE '0001-01-01')`;
  return `(${number} // 7 * 5 + least(${number} % 7, 5))`;
};

function businessDays([a, b]: readonly string[]): string {
  const [low, high] = [`CAST(least(${a}, ${b}) AS DATE)`, `CAST(greatest(${a}, ${b}) AS DATE)`];
  return `(${weekdaysBefore(`(${high} + 1)`)} - ${weekdaysBefore(low)})`;
}

function relation(word: string, about: string): FunctionSpec {
  return {
    name: `t_${word}`,
    kind: 'scalar',
    about: `${about} Either side is a date, timestamp, instant or interval(from, to).`,
    uses: [],
    isRewritten: true,
    overloads: [{ params: ['moment', 'moment'], result: 'boolean', sql: () => '' }],
  };
}

const relations: readonly FunctionSpec[] = [
  relation('after', 'The first begins after the second has ended.'),
  relation('before', 'The first ends before the second begins.'),
  relation('contains', 'The first begins before the second begins and ends after it ends.'),
  relation('disjoint', 'The two have no moment in common.'),
  relation('during', 'The first begins after the second begins and ends before it ends.'),
  relation('equals', 'Both begin and end together.'),
  relation('finishedby', 'Both end together and the first begins earlier.'),
  relation('finishes', 'Both end together and the first begins later.'),
  relation('intersects', 'The two have a moment in common.'),
  relation('meets', 'The first ends at the moment the second begins.'),
  relation('metby', 'The first begins at the moment the second ends.'),
  relation('overlappedby', 'The first begins while the second lasts and ends after it.'),
  relation('overlaps', 'The first begins earlier, and ends while the second lasts.'),
  relation('startedby', 'Both begin together and the first ends later.'),
  relation('starts', 'Both begin together and the first ends earlier.'),
];

export const timeFunctions: readonly FunctionSpec[] = [
  {
    name: 'add',
    kind: 'scalar',
    about:
      "Sum of numbers (exact for whole and decimal ones), or a date or time moved forward by a duration such as 'P1M'.",
    uses: ['+', 'timezone'],
    overloads: [...additions, ...shift('+')],
  },
  {
    name: 'sub',
    kind: 'scalar',
    about: "Difference of numbers, or a date or time moved back by a duration such as 'P1M'.",
    uses: ['-', 'timezone'],
    overloads: [...subtractions, ...shift('-')],
  },
  ...truncations('year', 'date_trunc_y'),
  ...truncations('month', 'date_trunc_ym'),
  ...truncations('day', 'date_trunc_ymd'),
  extraction('date_extract_y', 'year', 'The year'),
  extraction('date_extract_m', 'month', 'The month, 1 to 12'),
  extraction('date_extract_d', 'day', 'The day of the month, 1 to 31'),
  extraction('date_extract_hh', 'hour', 'The hour, 0 to 23', true),
  extraction('date_extract_mm', 'minute', 'The minute, 0 to 59', true),
  extraction('date_extract_ss', 'second', 'The whole second, 0 to 59', true),
  extraction('date_extract_dow', 'dow', 'The day of the week, 0 (Sunday) to 6'),
  extraction('date_extract_woy', 'week', 'The ISO week of the year, 1 to 53'),
  extraction('date_extract_iso_y', 'isoyear', 'The year that the ISO week belongs to'),
  {
    name: 'date_diff_d',
    kind: 'scalar',
    about: 'Whole days from the second argument to the first, cut towards zero.',
    uses: ['epoch_us', '-', '//'],
    overloads: [
      { params: ['date', 'date'], result: 'integer', sql: ([a, b]) => `(${a} - ${b})` },
      {
        params: ['timestamp', 'timestamp'],
        result: 'integer',
        sql: ([a, b]) => `((epoch_us(${a}) - epoch_us(${b})) // ${microsecondsPerDay})`,
      },
      {
        params: ['instant', 'instant'],
        result: 'integer',
        sql: ([a, b]) => `((epoch_us(${a}) - epoch_us(${b})) // ${microsecondsPerDay})`,
      },
    ],
  },
  {
    name: 'date_diff_business_days',
    kind: 'scalar',
    about: 'How many days from Monday to Friday the time between two dates touches, both ends included.',
    uses: ['least', 'greatest', '-', '+', '*', '//', '%'],
    overloads: [
      { params: ['date', 'date'], result: 'integer', sql: businessDays },
      { params: ['timestamp', 'timestamp'], result: 'integer', sql: businessDays },
      {
        params: ['instant', 'instant', 'zone'],
        result: 'integer',
        sql: ([a, b, zone]) => businessDays([`timezone(${zone}, ${a})`, `timezone(${zone}, ${b})`]),
      },
    ],
  },
  {
    name: 'epoch_seconds',
    kind: 'scalar',
    about: 'Seconds since 1970-01-01 in UTC, to the millisecond.',
    uses: ['epoch_ms', '/'],
    overloads: [{ params: ['instant'], result: 'number', sql: ([a]) => `(epoch_ms(${a}) / 1000)` }],
  },
  {
    name: 'interval',
    kind: 'scalar',
    about: 'The time between two moments, for the t_ functions; `..` (or null) leaves an end open.',
    uses: [],
    isRewritten: true,
    overloads: [{ params: ['moment', 'moment'], result: 'timestamp' satisfies ResultRule, sql: () => '' }],
  },
  ...relations,
];
