// Allow-list entries: numbers. Dividing by zero is an error, overflow is an error; nothing wraps in silence.

import type { FunctionSpec, Overload, ResultRule } from './function-spec.ts';
import { widestDecimal, type ValueType } from './value-type.ts';

/** Whole numbers stay whole, decimals exact, anything with a double becomes one. */
function arithmetic(types: readonly ValueType[]): ValueType {
  if (types.some((type) => type.kind === 'number')) return { kind: 'number' };
  const [a = { kind: 'integer' }, b = a] = types;
  return types.every((type) => type.kind === 'integer') ? { kind: 'integer' } : spare(widestDecimal(a, b));
}

function spare(type: ValueType): ValueType {
  return type.kind === 'decimal' ? { ...type, precision: Math.min(38, type.precision + 1) } : type;
}

function product(types: readonly ValueType[]): ValueType {
  const result = arithmetic(types);
  if (result.kind !== 'decimal') return result;
  const scale = types.reduce((sum, type) => sum + (type.kind === 'decimal' ? type.scale : 0), 0);
  return scale > 38 ? { kind: 'number' } : { kind: 'decimal', precision: 38, scale };
}

function productSql([a, b]: readonly string[], types: readonly ValueType[]): string {
  const isTooFine = product(types).kind === 'number' && types.every((type) => type.kind !== 'number');
  return isTooFine ? `(CAST(${a} AS DOUBLE) * CAST(${b} AS DOUBLE))` : `(${a} * ${b})`;
}

function guarded(b: string | undefined, sql: string): string {
  return `(CASE WHEN ${b} = 0 THEN error('division by zero') ELSE ${sql} END)`;
}

function unary(params: 'numeric' | 'number', result: ResultRule, sql: (a: string) => string): Overload[] {
  return [{ params: [params], result, sql: ([a = '']) => sql(a) }];
}

const pair = (result: ResultRule, sql: Overload['sql']): Overload => ({ params: ['numeric', 'numeric'], result, sql });

/** Whole numbers are already rounded; a decimal keeps its scale so that its type is known beforehand. */
function roundedTo(types: readonly ValueType[]): ValueType {
  return types[0] ?? { kind: 'number' };
}

function stepSql(engineName: string): Overload['sql'] {
  return ([a], types) => {
    const [type = { kind: 'number' }] = types;
    if (type.kind === 'integer') return `${a}`;
    return type.kind === 'decimal'
      ? `CAST(${engineName}(${a}) AS DECIMAL(${type.precision}, ${type.scale}))`
      : `${engineName}(${a})`;
  };
}

function roundSql([a, digits]: readonly string[], [type = { kind: 'number' }]: readonly ValueType[]): string {
  const places = `CAST(least(greatest(${digits}, -38), 38) AS INTEGER)`;
  if (type.kind === 'number') return `round(${a}, ${places})`;
  const target = type.kind === 'decimal' ? `DECIMAL(${type.precision}, ${type.scale})` : 'BIGINT';
  return `CAST(round(CAST(${a} AS DOUBLE), ${places}) AS ${target})`;
}

const operatorFunctions: readonly FunctionSpec[] = [
  {
    name: 'mul',
    kind: 'scalar',
    about: 'Product; exact for whole and decimal numbers.',
    uses: ['*'],
    overloads: [pair(product, productSql)],
  },
  {
    name: 'div',
    kind: 'scalar',
    about: 'Quotient, as a number with a fraction; dividing by zero is an error.',
    uses: ['/', 'error'],
    overloads: [{ params: ['number', 'number'], result: 'number', sql: ([a, b]) => guarded(b, `${a} / ${b}`) }],
  },
  {
    name: 'int_div',
    kind: 'scalar',
    about: 'Whole part of the quotient, cut towards zero; dividing by zero is an error.',
    uses: ['//', '/', 'trunc', 'error'],
    overloads: [
      { params: ['integer', 'integer'], result: 'integer', sql: ([a, b]) => guarded(b, `${a} // ${b}`) },
      { params: ['number', 'number'], result: 'number', sql: ([a, b]) => guarded(b, `trunc(${a} / ${b})`) },
    ],
  },
  {
    name: 'mod',
    kind: 'scalar',
    about: 'Rest of the division, with the sign of the left side; dividing by zero is an error.',
    uses: ['%', 'error'],
    overloads: [
      { params: ['integer', 'integer'], result: 'integer', sql: ([a, b]) => guarded(b, `${a} % ${b}`) },
      { params: ['number', 'number'], result: 'number', sql: ([a, b]) => guarded(b, `${a} % ${b}`) },
    ],
  },
  {
    name: 'pow',
    kind: 'scalar',
    about: 'The left side to the power of the right.',
    uses: ['pow'],
    overloads: [{ params: ['number', 'number'], result: 'number', sql: ([a, b]) => `pow(${a}, ${b})` }],
  },
  {
    name: 'neg',
    kind: 'scalar',
    about: 'The number with its sign turned.',
    uses: ['-'],
    overloads: unary('numeric', 'first', (a) => `(- ${a})`),
  },
];

/** `add` and `sub` of numbers; functions-time.ts adds those of dates. */
export const additions: readonly Overload[] = [pair(arithmetic, ([a, b]) => `(${a} + ${b})`)];
export const subtractions: readonly Overload[] = [pair(arithmetic, ([a, b]) => `(${a} - ${b})`)];

export const numberFunctions: readonly FunctionSpec[] = [
  ...operatorFunctions,
  {
    name: 'abs',
    kind: 'scalar',
    about: 'The number without its sign.',
    uses: ['abs'],
    overloads: unary('numeric', 'first', (a) => `abs(${a})`),
  },
  {
    name: 'ceil',
    kind: 'scalar',
    about: 'The smallest whole number that is not smaller.',
    uses: ['ceil'],
    overloads: [{ params: ['numeric'], result: roundedTo, sql: stepSql('ceil') }],
  },
  {
    name: 'floor',
    kind: 'scalar',
    about: 'The largest whole number that is not larger.',
    uses: ['floor'],
    overloads: [{ params: ['numeric'], result: roundedTo, sql: stepSql('floor') }],
  },
  {
    name: 'round',
    kind: 'scalar',
    about: 'Rounded to so many digits after the point (negative: before it), halves away from zero.',
    uses: ['round', 'least', 'greatest'],
    overloads: [
      { params: ['numeric'], result: roundedTo, sql: stepSql('round') },
      { params: ['numeric', 'integer'], result: roundedTo, sql: roundSql },
    ],
  },
  {
    name: 'ln',
    kind: 'scalar',
    about: 'Natural logarithm; an error for zero and below.',
    uses: ['ln'],
    overloads: unary('number', 'number', (a) => `ln(${a})`),
  },
  {
    name: 'sqrt',
    kind: 'scalar',
    about: 'Square root; an error below zero.',
    uses: ['sqrt'],
    overloads: unary('number', 'number', (a) => `sqrt(${a})`),
  },
  {
    name: 'sign',
    kind: 'scalar',
    about: '-1, 0 or 1.',
    uses: ['sign'],
    overloads: unary('numeric', 'integer', (a) => `CAST(sign(${a}) AS BIGINT)`),
  },
  {
    name: 'signed_magnitude_10',
    kind: 'scalar',
    about: 'The sign times the number of digits before the point.',
    uses: ['sign', 'length', 'floor', 'abs', '*'],
    overloads: unary(
      'numeric',
      'integer',
      (a) => `(CAST(sign(${a}) AS BIGINT) * length(CAST(CAST(floor(abs(${a})) AS DECIMAL(38, 0)) AS VARCHAR)))`,
    ),
  },
  {
    name: 'signed_magnitude_linear',
    kind: 'scalar',
    about: 'The number of the bin of the given width that the number falls in, with its sign.',
    uses: ['floor', 'sign', 'abs', '/', '*', '+', 'error'],
    overloads: [
      {
        params: ['number', 'number'],
        result: 'number',
        sql: ([a, width]) =>
          guarded(
            width,
            `CASE WHEN ${width} = 1 THEN floor(${a}) ELSE sign(${a}) * floor(abs(${a}) / ${width} + 1) END`,
          ),
      },
    ],
  },
  {
    name: 'width_bucket',
    kind: 'scalar',
    about:
      'Which of n bins of equal width between two bounds the number falls in; 0 below, n + 1 from the upper bound on.',
    uses: ['floor', '-', '*', '/', '+', 'error'],
    overloads: [
      {
        params: ['number', 'number', 'number', 'integer'],
        result: 'integer',
        sql: ([a, low, high, bins]) =>
          `(CASE WHEN ${low} >= ${high} OR ${bins} < 1 THEN error('width_bucket needs bounds that grow and a bin') WHEN ${a} < ${low} THEN 0 ` +
          `WHEN ${a} >= ${high} THEN ${bins} + 1 ` +
          `ELSE CAST(floor((${a} - ${low}) * ${bins} / (${high} - ${low})) AS BIGINT) + 1 END)`,
      },
    ],
  },
];
