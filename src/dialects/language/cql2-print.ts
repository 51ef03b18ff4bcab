// Expression → CQL2 text, which cql2.ts reads back as the same expression; its words and powers are the reader's own.
// It must not write what would be read as something else: what CQL2 text cannot say is an error, with its place.

import { PortalError, type ErrorCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { readGeometryLiteral } from '../../query/geometry-literal.ts';
import type { Expression } from '../../query/query.ts';
import { toPosition } from '../../query/resolve.ts';
import { cql2Spellings, cql2SpellingTable } from './cql2-spellings.ts';
import { cql2, power, toInstantLiteral } from './cql2.ts';
import type { InfixRule } from './expression.ts';

type Literal = Extract<Expression, { kind: 'literal' }>;
type Call = Extract<Expression, { kind: 'call' }>;

/**
 * Where a part stands: operators that bind more loosely than `min` are not read there, and one that binds as tightly
 * as `follow` may come after it, which a prefix before it would take for its own.
 */
type Place = { readonly min: number; readonly follow: number };

const alone: Place = { min: 0, follow: 0 };

/** Throws unknown-function, wrong-arity, bad-literal for what has no words in CQL2 text. */
export function printCql2Text(expression: Expression): string {
  return print(expression, alone);
}

function print(expression: Expression, place: Place): string {
  switch (expression.kind) {
    case 'column':
      return printName(expression);
    case 'literal':
      return printLiteral(expression, place);
    case 'call':
      return printCall(expression, place);
  }
}

function printList(args: readonly Expression[]): string {
  return args.map((argument) => print(argument, alone)).join(', ');
}

// Names and values

/** Read bare here, but words of their own to other readers of CQL2 or to SQL. */
const foreignWords: ReadonlySet<string> = new Set(
  'CASEI ACCENTI MOD INTERVAL COUNT SUM AVG MIN MAX FIRST LAST FILTER WHERE SELECT ORDER BY GROUP HAVING LIMIT'.split(
    ' ',
  ),
);

function printName(column: Expression & { kind: 'column' }): string {
  const { name } = column;
  const upper = name.toUpperCase();
  const { word } = cql2.lexicon;
  word.lastIndex = 0;
  const isWord = word.exec(name)?.[0] === name;
  if (isWord && !cql2.reserved.has(upper) && !cql2.prefix.has(upper) && !foreignWords.has(upper)) return name;
  return `"${requirePrintable(name, column).replaceAll('"', '""')}"`;
}

function requirePrintable(text: string, expression: Expression): string {
  if (!text.includes('\0')) return text;
  throw unsayable('bad-literal', expression, say('language.cql2-nul'));
}

function printLiteral(literal: Literal, place: Place): string {
  const { value, type } = literal;
  if (type === 'decimal' || typeof value === 'number' || typeof value === 'bigint') return printNumber(literal, place);
  if (typeof value !== 'string') return String(value);
  if (type === undefined) return printText(value, literal);
  if (type === 'geometry') return printGeometry(value, literal);
  return `${type === 'date' ? 'DATE' : 'TIMESTAMP'}(${printMoment(value, literal)})`;
}

function printMoment(value: string, literal: Literal): string {
  const found = toInstantLiteral(value, 'either');
  if (found !== null && found.type === literal.type) return `'${value}'`;
  const given = value.slice(0, 60);
  const { type } = literal;
  throw noWords(
    literal,
    type === undefined ? say('language.cql2-no-end', { given }) : say('language.cql2-no-moment', { type, given }),
  );
}

/** A backslash is doubled only where the reader would take it for an escape: patterns of LIKE stay as they are. */
function printText(value: string, literal: Literal): string {
  const escapes = cql2.lexicon.quotes["'"]?.escapes ?? {};
  const isEscape = (next: string): boolean => next === '' || Object.hasOwn(escapes, next);
  const escaped = value.replace(/\\(?=(.?))/gsu, (_, next: string) => (isEscape(next) ? '\\\\' : '\\'));
  return `'${requirePrintable(escaped, literal).replaceAll("'", "''")}'`;
}

function printNumber(literal: Literal, place: Place): string {
  const text = typeof literal.value === 'number' ? toShortest(literal.value) : String(literal.value);
  const { number } = cql2.lexicon;
  const sign = /^[+-]/u.exec(text)?.[0] ?? '';
  number.lastIndex = sign.length;
  if (sign + (number.exec(text)?.[0] ?? '') !== text || text === sign) {
    throw noWords(literal, say('language.cql2-no-number', { given: text.slice(0, 60) }));
  }
  // A sign is an operator to the reader, which binds less tightly than a power.
  return sign === '' || power.negate > place.follow ? text : `(${text})`;
}

/** With an exponent where zeros that fill up a whole number would be read as digits that a double cannot hold. */
function toShortest(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const [plain, short] = [String(value), value.toExponential()];
  const digits = short.replace(/e.*|\D/gu, '').length;
  return Number.isInteger(value) && digits <= 15 && Math.abs(value) >= 1e15 ? short : plain;
}

function printGeometry(value: string, literal: Literal): string {
  const wkt = readGeometryLiteral(value);
  if (wkt?.endsWith(')') === true) return wkt;
  const given = value.slice(0, 60);
  const isUnreadable = wkt === null;
  throw noWords(
    literal,
    isUnreadable ? say('language.cql2-unreadable', { given }) : say('language.cql2-empty', { given }),
  );
}

// Calls

function printCall(call: Call, place: Place): string {
  switch (call.name) {
    case 'interval':
      return printInterval(call);
    case 'bbox':
      return printBox(call);
    case 'not':
      return printNot(call, place);
    case 'neg':
      return printNegative(call, place);
    default:
      return findInfix(call) === null ? printFunction(call) : printInfix(call, '', place);
  }
}

type Infix = { readonly rule: InfixRule; readonly symbol: string };

/** The rule by which the reader takes the call for an operator after its first operand, and its sign or words. */
function findInfix(call: Call): Infix | null {
  const symbol = cql2Spellings.of(call.name)[0] ?? '';
  const rule = cql2.infix.get(symbol.startsWith('IS ') ? 'IS' : symbol.toUpperCase());
  return rule === undefined ? null : { rule, symbol };
}

function printInfix(call: Call, negation: '' | 'NOT ', place: Place): string {
  const found = findInfix(call);
  if (found === null) throw new Error(`${call.name} is no operator`);
  requireBare(call);
  const { power: own, side } = found.rule;
  const isOpen = own >= place.min && (side !== 'none' || own > place.follow);
  const symbol = ` ${negation}${found.symbol} `;
  const text = printOperands(call, { ...found, symbol }, isOpen ? place.follow : 0);
  return isOpen ? text : `(${text})`;
}

/** `follow` is how tightly what comes after the last operand may bind. */
function printOperands(call: Call, { rule, symbol }: Infix, follow: number): string {
  const { power: own, side } = rule;
  const [first, second, ...rest] = call.args;
  const left: Place = { min: side === 'right' ? own + 1 : own, follow: own };
  if (first === undefined) throw wrongCount(call);
  if (call.name === 'is_null' || call.name === 'is_not_null') {
    if (second !== undefined) throw wrongCount(call);
    return print(first, left) + symbol.trimEnd();
  }
  if (second === undefined) throw wrongCount(call);
  switch (call.name) {
    case 'and':
    case 'or':
      return printChain(call.args, { rule, symbol }, follow);
    case 'in':
      return `${print(first, left)}${symbol}(${printList([second, ...rest])})`;
    case 'between': {
      const [high, more] = rest;
      if (high === undefined || more !== undefined) throw wrongCount(call);
      const bounds = [print(second, { min: power.add, follow: power.and }), print(high, { min: power.add, follow })];
      return print(first, left) + symbol + bounds.join(' AND ');
    }
    default: {
      if (rest.length > 0) throw wrongCount(call);
      return print(first, left) + symbol + print(second, { min: side === 'right' ? own : own + 1, follow });
    }
  }
}

/** A chain within a chain of its own kind keeps its parentheses: the reader makes one call of a chain. */
function printChain(args: readonly Expression[], { rule, symbol }: Infix, follow: number): string {
  const last = args.length - 1;
  return args
    .map((part, index) => print(part, { min: rule.power + 1, follow: index === last ? follow : rule.power }))
    .join(symbol);
}

function printNot(call: Call, place: Place): string {
  const operand = requireOne(call);
  const infix = operand.kind === 'call' ? findInfix(operand) : null;
  if (operand.kind === 'call' && infix?.rule.negatable === true) return printInfix(operand, 'NOT ', place);
  return printPrefix('NOT ', operand, power.not, place);
}

/** A minus before a number is part of it: the reader makes no call of one, and neither is one written. */
function printNegative(call: Call, place: Place): string {
  const operand = requireOne(call);
  const negated = operand.kind === 'literal' ? toNegative(operand) : null;
  return negated === null ? printPrefix('-', operand, power.negate, place) : printNumber(negated, place);
}

function toNegative(literal: Literal): Literal | null {
  const { value, type } = literal;
  if (typeof value === 'number' || typeof value === 'bigint') return { ...literal, value: -value };
  if (type !== 'decimal') return null;
  return { ...literal, value: /^[+-]/u.test(String(value)) ? flip(String(value)) : `-${String(value)}` };
}

function flip(text: string): string {
  return text.startsWith('-') ? text.slice(1) : `-${text.slice(1)}`;
}

/** In parentheses where it would take what follows for its own. */
function printPrefix(sign: string, operand: Expression, own: number, place: Place): string {
  const isOpen = own > place.follow;
  const inside = print(operand, { min: own, follow: isOpen ? place.follow : 0 });
  const text = `${sign}${sign === '-' && inside.startsWith('-') ? ' ' : ''}${inside}`;
  return isOpen ? text : `(${text})`;
}

function printFunction(call: Call): string {
  const word = cql2Spellings.of(call.name)[0];
  if (word === undefined || cql2Spellings.find(word) !== call.name) throw notSpelled(call);
  const { args, distinct = false, filter } = call;
  const isStar = call.name === 'count' && args.length === 0 && !distinct;
  const inside = isStar ? '*' : `${distinct ? 'DISTINCT ' : ''}${printList(args)}`;
  const condition = filter === undefined ? '' : ` FILTER (WHERE ${print(filter, alone)})`;
  return `${word}(${inside})${condition}`;
}

function notSpelled(call: Call): PortalError {
  const spelled = Object.hasOwn(cql2SpellingTable, call.name) ? cql2SpellingTable[call.name] : undefined;
  const { name } = call;
  const hasReason = spelled !== undefined && 'notSpelled' in spelled;
  const sentence = hasReason
    ? say('language.cql2-not-spelled-since', { name, why: spelled.notSpelled })
    : say('language.cql2-not-spelled', { name });
  return unsayable('unknown-function', call, sentence);
}

/** Days, moments and open ends as the text that the reader takes for them; anything else as an expression. */
function printInterval(call: Call): string {
  requireBare(call);
  if (call.args.length !== 2) throw wrongCount(call);
  const ends = call.args.map((end) => {
    if (end.kind !== 'literal') return print(end, alone);
    const { value, type } = end;
    if (value === null) return "'..'";
    if (typeof value !== 'string' || type === 'decimal' || type === 'geometry') return print(end, alone);
    return printMoment(value, end);
  });
  return `INTERVAL(${ends.join(', ')})`;
}

/** The reader makes a geometry of a box, whose corners are numbers. */
function printBox(call: Call): string {
  requireBare(call);
  if (call.args.length !== 4 && call.args.length !== 6) throw wrongCount(call);
  const corners = call.args.map((corner) => print(corner, alone));
  if (corners.every((corner) => /^[+-]?[\d.]/u.test(corner))) return `BBOX(${corners.join(', ')})`;
  throw unsayable('bad-literal', call, say('language.cql2-box'));
}

// What cannot be said

function requireOne(call: Call): Expression {
  requireBare(call);
  const [operand, more] = call.args;
  if (operand === undefined || more !== undefined) throw wrongCount(call);
  return operand;
}

function requireBare(call: Call): void {
  if (call.distinct !== true && call.filter === undefined) return;
  throw unsayable('wrong-arity', call, say('language.cql2-modifiers', { name: call.name }));
}

function wrongCount(call: Call): PortalError {
  return unsayable('wrong-arity', call, say('language.cql2-operands', { name: call.name, operands: call.args.length }));
}

function noWords(literal: Literal, sentence: Sentence): PortalError {
  return unsayable('bad-literal', literal, sentence);
}

function unsayable(code: ErrorCode, { span }: Expression, detail: Sentence): PortalError {
  return new PortalError(code, { detail, position: toPosition(span) });
}
