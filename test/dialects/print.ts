// Writes expressions in SoQL, for tests that read them back. Every operand that is not a plain word, string or positive
// number gets parentheses.

import type { Expression } from '../../src/query/query.ts';

const symbols: Readonly<Record<string, string>> = {
  ...{ and: 'AND', or: 'OR', eq: '=', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=', like: 'LIKE' },
  ...{ add: '+', sub: '-', mul: '*', div: '/', mod: '%', pow: '^', concat: '||' },
};

export function printSoql(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression);
    case 'column':
      return `\`${expression.name}\``;
    case 'call':
      return printCall(expression);
  }
}

function printLiteral({ value, type }: Expression & { kind: 'literal' }): string {
  if (value === null || typeof value === 'boolean') return String(value).toUpperCase();
  if (typeof value !== 'string' || type === 'decimal') return String(value);
  return `'${value.replaceAll("'", "''")}'`;
}

function printOperand(expression: Expression): string {
  const text = printSoql(expression);
  const isPlain = expression.kind !== 'call' && !text.startsWith('-');
  return isPlain ? text : `(${text})`;
}

function printCall(call: Expression & { kind: 'call' }): string {
  const operands = call.args.map(printOperand);
  const [first = '', second = '', third = ''] = operands;
  const symbol = symbols[call.name];
  if (symbol !== undefined) return operands.join(` ${symbol} `);
  switch (call.name) {
    case 'not':
      return `NOT ${first}`;
    case 'neg':
      return `- ${first}`;
    case 'is_null':
      return `${first} IS NULL`;
    case 'is_not_null':
      return `${first} IS NOT NULL`;
    case 'between':
      return `${first} BETWEEN ${second} AND ${third}`;
    case 'in':
      return `${first} IN (${operands.slice(1).join(', ')})`;
    default:
      return `${call.name}(${operands.join(', ')})`;
  }
}
