// Writes expressions in CQL2 text and in SoQL, for tests that read them back. Every operand that is not a plain word,
// string or positive number gets parentheses.

import type { Expression } from '../../src/query/query.ts';

export type PrintLanguage = 'cql2' | 'soda';

const symbols: Readonly<Record<PrintLanguage, Readonly<Record<string, string>>>> = {
  cql2: {
    ...{ and: 'AND', or: 'OR', eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=', like: 'LIKE' },
    ...{ add: '+', sub: '-', mul: '*', div: '/', mod: '%', int_div: 'div', pow: '^' },
  },
  soda: {
    ...{ and: 'AND', or: 'OR', eq: '=', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=', like: 'LIKE' },
    ...{ add: '+', sub: '-', mul: '*', div: '/', mod: '%', pow: '^', concat: '||' },
  },
};

export function print(expression: Expression, language: PrintLanguage): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression, language);
    case 'column':
      return printName(expression.name, language);
    case 'call':
      return printCall(expression, language);
  }
}

function printName(name: string, language: PrintLanguage): string {
  return language === 'cql2' ? `"${name.replaceAll('"', '""')}"` : `\`${name}\``;
}

function printLiteral(literal: Expression & { kind: 'literal' }, language: PrintLanguage): string {
  const { value, type } = literal;
  if (value === null || typeof value === 'boolean') return String(value).toUpperCase();
  if (type === 'date') return `DATE('${String(value)}')`;
  if (type === 'instant') return `TIMESTAMP('${String(value)}')`;
  if (typeof value !== 'string' || type === 'decimal') return String(value);
  const doubled = value.replaceAll("'", "''");
  return language === 'cql2' ? `'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

function printOperand(expression: Expression, language: PrintLanguage): string {
  const text = print(expression, language);
  const isPlain = expression.kind !== 'call' && !text.startsWith('-');
  return isPlain ? text : `(${text})`;
}

function printCall(call: Expression & { kind: 'call' }, language: PrintLanguage): string {
  const operands = call.args.map((argument) => printOperand(argument, language));
  const [first = '', second = '', third = ''] = operands;
  const symbol = symbols[language][call.name];
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
