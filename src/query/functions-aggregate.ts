// Allow-list entries: aggregates. Sums of whole and decimal numbers are exact; a missing value must count for nothing
// but the rows of count().

import type { FunctionSpec, Overload, ResultRule } from './function-spec.ts';
import type { ValueType } from './value-type.ts';

function exactSum(types: readonly ValueType[]): ValueType {
  const [type = { kind: 'number' }] = types;
  if (type.kind === 'number') return type;
  return { kind: 'decimal', precision: 38, scale: type.kind === 'decimal' ? type.scale : 0 };
}

function sumSql([a]: readonly string[], types: readonly ValueType[], clause: string): string {
  const type = exactSum(types);
  const sum = `sum(${a})${clause}`;
  return type.kind === 'decimal' ? `CAST(${sum} AS DECIMAL(38, ${type.scale}))` : sum;
}

function simple(params: Overload['params'], result: ResultRule, engineName: string): Overload {
  return { params, result, sql: (args, _types, clause) => `${engineName}(${args.join(', ')})${clause}` };
}

/** The engine answers NaN where nothing can be told (one row, no spread); that is no value. */
function regression(name: string, about: string): FunctionSpec {
  return {
    name,
    kind: 'aggregate',
    about: `${about} (y first, x second).`,
    uses: [name, 'nullif'],
    overloads: [
      {
        params: ['number', 'number'],
        result: 'number',
        sql: ([y, x], _types, clause) => `nullif(${name}(${y}, ${x})${clause}, CAST('nan' AS DOUBLE))`,
      },
    ],
  };
}

function extentSql([a]: readonly string[], _types: readonly ValueType[], clause: string): string {
  const edge = (engineName: string, side: string): string =>
    `CAST(${engineName}(${side}(ST_AsWKB(${a})))${clause} AS VARCHAR)`;
  const [west, east] = [edge('min', 'geo_xmin'), edge('max', 'geo_xmax')];
  const [south, north] = [edge('min', 'geo_ymin'), edge('max', 'geo_ymax')];
  const corner = (x: string, y: string): string => `${x} || ' ' || ${y}`;
  const ring = [
    corner(west, south),
    corner(east, south),
    corner(east, north),
    corner(west, north),
    corner(west, south),
  ];
  return `CAST('POLYGON ((' || ${ring.join(` || ', ' || `)} || '))' AS GEOMETRY)`;
}

export const aggregateFunctions: readonly FunctionSpec[] = [
  {
    name: 'count',
    kind: 'aggregate',
    about: 'Rows, or with an argument the rows in which it has a value (with `distinct`: its different values).',
    uses: ['count_star', 'count'],
    overloads: [
      { params: [], result: 'integer', sql: (_args, _types, clause) => `count(*)${clause}` },
      simple(['any'], 'integer', 'count'),
    ],
  },
  {
    name: 'count_distinct',
    kind: 'aggregate',
    about: 'How many different values there are; exact.',
    uses: ['count'],
    overloads: [{ params: ['any'], result: 'integer', sql: ([a], _types, clause) => `count(DISTINCT ${a})${clause}` }],
  },
  {
    name: 'sum',
    kind: 'aggregate',
    about: 'Sum; exact for whole and decimal numbers, no value when there is nothing to add.',
    uses: ['sum'],
    overloads: [{ params: ['numeric'], result: exactSum, sql: sumSql }],
  },
  {
    name: 'avg',
    kind: 'aggregate',
    about: 'Arithmetic mean.',
    uses: ['avg'],
    overloads: [simple(['numeric'], 'number', 'avg')],
  },
  {
    name: 'min',
    kind: 'aggregate',
    about: 'The smallest value.',
    uses: ['min'],
    overloads: [simple(['ordered'], 'same', 'min')],
  },
  {
    name: 'max',
    kind: 'aggregate',
    about: 'The largest value.',
    uses: ['max'],
    overloads: [simple(['ordered'], 'same', 'max')],
  },
  {
    name: 'median',
    kind: 'aggregate',
    about: 'The middle value: of numbers the mean of the middle two, of other types the lower of them.',
    uses: ['median', 'quantile_disc'],
    overloads: [
      {
        params: ['numeric'],
        result: 'number',
        sql: ([a], _types, clause) => `median(CAST(${a} AS DOUBLE))${clause}`,
      },
      {
        params: ['ordered'],
        result: 'same',
        sql: ([a], _types, clause) => `quantile_disc(${a}, 0.5)${clause}`,
      },
    ],
  },
  {
    name: 'stddev_pop',
    kind: 'aggregate',
    about: 'Standard deviation of the values as the whole population.',
    uses: ['stddev_pop'],
    overloads: [simple(['number'], 'number', 'stddev_pop')],
  },
  {
    name: 'stddev_samp',
    kind: 'aggregate',
    about: 'Standard deviation of the values as a sample; no value for fewer than two.',
    uses: ['stddev_samp'],
    overloads: [simple(['number'], 'number', 'stddev_samp')],
  },
  {
    name: 'bool_and',
    kind: 'aggregate',
    about: 'True when every value is true.',
    uses: ['bool_and'],
    overloads: [simple(['boolean'], 'boolean', 'bool_and')],
  },
  {
    name: 'bool_or',
    kind: 'aggregate',
    about: 'True when one value is true.',
    uses: ['bool_or'],
    overloads: [simple(['boolean'], 'boolean', 'bool_or')],
  },
  regression('regr_slope', 'Slope of the line that fits best'),
  regression('regr_intercept', 'Where the line that fits best meets the y axis'),
  regression('regr_r2', 'How much of the spread the line that fits best explains, 0 to 1'),
  {
    name: 'extent',
    kind: 'aggregate',
    about: 'The box around all geometries, as a polygon.',
    uses: ['min', 'max', 'geo_xmin', 'geo_xmax', 'geo_ymin', 'geo_ymax', 'st_aswkb', '||'],
    overloads: [{ params: ['geometry'], result: 'geometry', sql: extentSql }],
  },
];
