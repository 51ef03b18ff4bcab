// What one argument can stand for: literals take the type their place asks for, columns only widen.
// It must not know functions; check-expression.ts asks it.

import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { Parameter } from './function-spec.ts';
import { readDecimal, readLiteral, readMoment } from './literal.ts';
import type { Expression } from './query.ts';
import { toPosition } from './resolve.ts';
import {
  isNumeric,
  isOrdered,
  isTemporal,
  typeName,
  widestDecimal,
  type TypedExpression,
  type ValueType,
} from './value-type.ts';

type Literal = Extract<Expression, { kind: 'literal' }>;

export type Operand = {
  readonly typed: TypedExpression;
  /** Set for a literal, which may still become another type. */
  readonly literal: Literal | null;
  readonly span?: Literal['span'];
};

export type Fitted = { readonly typed: TypedExpression; readonly cost: number };

/** A literal in the type it has by itself. Throws bad-literal when the dialect named a type that it is not. */
export function readOperandLiteral(literal: Literal): TypedExpression {
  const { value, type } = literal;
  if (value === null) return { kind: 'value', type: { kind: 'null' }, value: null };
  if (typeof value === 'boolean') return { kind: 'value', type: { kind: 'boolean' }, value };
  if (type === 'decimal')
    return requireLiteral(
      literal,
      readDecimalValue(String(value)),
      typeName({ kind: 'decimal', precision: 38, scale: 0 }),
    );
  if (typeof value === 'bigint' || typeof value === 'number') {
    return requireLiteral(literal, readNumberValue(value), typeName({ kind: 'number' }));
  }
  if (type === undefined) return { kind: 'value', type: { kind: 'text' }, value };
  const wanted: ValueType = type === 'geometry' ? { kind: type, shape: 'Geometry' } : { kind: type };
  const read = readLiteral(value, wanted);
  return requireLiteral(literal, read === null ? null : { kind: 'value', type: wanted, value: read }, typeName(wanted));
}

function requireLiteral(literal: Literal, value: TypedExpression | null, name: Sentence): TypedExpression {
  if (value !== null) return value;
  throw new PortalError('bad-literal', {
    detail: say('query.value-not-of-type', {
      value: String(literal.value).slice(0, 100),
      type: say('query.with-a', { type: name }),
    }),
    position: toPosition(literal.span),
    extra: { type: name.english },
  });
}

function readNumberValue(value: number | bigint): TypedExpression | null {
  const whole =
    typeof value === 'bigint' || Number.isSafeInteger(value) ? readLiteral(String(value), { kind: 'integer' }) : null;
  if (whole !== null) return { kind: 'value', type: { kind: 'integer' }, value: Object.is(value, -0) ? '0' : whole };
  if (typeof value === 'bigint') return readDecimalValue(value.toString());
  return Number.isFinite(value) ? { kind: 'value', type: { kind: 'number' }, value: String(value) } : null;
}

function readDecimalValue(text: string): TypedExpression | null {
  const read = readDecimal(text);
  if (read === null) return null;
  const { precision, scale } = read;
  return { kind: 'value', type: { kind: 'decimal', precision: Math.max(precision, scale), scale }, value: read.text };
}

/** The operand as a place asks for it, with what that costs (0: as it is); null: it cannot stand there. */
export function fitOperand(operand: Operand, wanted: Parameter | ValueType): Fitted | null {
  if (typeof wanted !== 'string') return fitType(operand, wanted);
  switch (wanted) {
    case 'any':
      return fitAny(operand);
    case 'numeric':
      return fitNumeric(operand);
    case 'geometry':
    case 'point':
      return fitGeometry(operand, wanted === 'point');
    case 'zone':
      return fitZone(operand);
    case 'same':
    case 'ordered':
    case 'plain':
    case 'moment':
    case 'decimal':
      return null;
    default:
      return fitType(operand, { kind: wanted });
  }
}

function fitAny({ typed }: Operand): Fitted {
  const isNull = typed.type.kind === 'null';
  return { typed: isNull ? { kind: 'value', type: { kind: 'text' }, value: null } : typed, cost: 0 };
}

function fitNumeric(operand: Operand): Fitted | null {
  const { typed, literal } = operand;
  if (isNumeric(typed.type)) return { typed, cost: 0 };
  if (typed.type.kind === 'null') return { typed: nullOf({ kind: 'number' }), cost: 0 };
  if (typeof literal?.value !== 'string' || literal.type !== undefined) return null;
  for (const kind of ['integer', 'number'] as const) {
    const value = readLiteral(literal.value, { kind });
    if (value !== null) return { typed: { kind: 'value', type: { kind }, value }, cost: 3 };
  }
  return null;
}

/** A zone must be known beforehand: one that the engine does not know would end the query half-way. */
function fitZone({ typed, literal }: Operand): Fitted | null {
  const name = literal?.value;
  const isName = typeof name === 'string' && /^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){0,2}$/u.test(name);
  return isName && isZone(name) ? { typed, cost: 0 } : null;
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function fitGeometry(operand: Operand, isPoint: boolean): Fitted | null {
  const { type } = operand.typed;
  if (type.kind !== 'geometry') return fitType(operand, { kind: 'geometry', shape: 'Geometry' });
  const isSuitable = !isPoint || type.shape === 'Point' || type.shape === 'Geometry';
  return isSuitable ? { typed: operand.typed, cost: 0 } : null;
}

function nullOf(type: ValueType): TypedExpression {
  return { kind: 'value', type, value: null };
}

/** Costs order the forms of a function as SODA resolves them: text, number, boolean, then times. */
const literalCosts: Readonly<Partial<Record<ValueType['kind'], number>>> = {
  text: 0,
  number: 2,
  integer: 2,
  decimal: 2,
  boolean: 3,
  timestamp: 4,
  instant: 5,
  date: 6,
  time: 7,
  interval: 7,
  geometry: 8,
};

function fitType(operand: Operand, wanted: ValueType): Fitted | null {
  const { typed, literal } = operand;
  const { type } = typed;
  if (type.kind === 'null') return { typed: nullOf(wanted), cost: 0 };
  if (literal !== null && typeof literal.value === 'string' && literal.type === undefined) {
    const decimal = wanted.kind === 'decimal' ? fitDecimal(literal.value, wanted) : null;
    if (wanted.kind === 'decimal') return decimal;
    const value = readLiteral(literal.value, wanted);
    return value === null
      ? null
      : { typed: { kind: 'value', type: wanted, value }, cost: literalCosts[wanted.kind] ?? 9 };
  }
  if (literal !== null && isNumeric(type) && isNumeric(wanted)) return fitNumber(typed, wanted);
  if (literal !== null && isTemporal(type) && isTemporal(wanted)) return fitMoment(typed, wanted);
  if (type.kind === wanted.kind) return { typed, cost: 0 };
  if (!isWidening(type, wanted)) return null;
  return { typed: { kind: 'cast', type: wanted, argument: typed }, cost: 1 };
}

function isWidening(from: ValueType, to: ValueType): boolean {
  if (to.kind === 'number') return isNumeric(from);
  if (to.kind === 'decimal') return from.kind === 'integer';
  if (to.kind === 'timestamp') return from.kind === 'date';
  return to.kind === 'instant' && (from.kind === 'timestamp' || from.kind === 'date');
}

function fitNumber(typed: TypedExpression, wanted: ValueType): Fitted | null {
  if (typed.kind !== 'value' || typeof typed.value !== 'string') return null;
  if (typed.type.kind === wanted.kind && wanted.kind !== 'decimal') return { typed, cost: 0 };
  if (wanted.kind === 'decimal') return fitDecimal(typed.value, wanted);
  if (wanted.kind === 'integer') return null;
  const value = readLiteral(typed.value, wanted);
  return value === null ? null : { typed: { kind: 'value', type: wanted, value }, cost: 1 };
}

/** In the column's own type when that holds it exactly, so that the engine can skip blocks; else in the literal's. */
function fitDecimal(text: string, wanted: Extract<ValueType, { kind: 'decimal' }>): Fitted | null {
  const read = readDecimal(text);
  if (read === null) return null;
  const { precision, scale } = read;
  const fits = scale <= wanted.scale && precision - scale <= wanted.precision - wanted.scale;
  const type: ValueType = fits ? wanted : { kind: 'decimal', precision: Math.max(precision, scale), scale };
  return { typed: { kind: 'value', type, value: read.text }, cost: 1 };
}

function fitMoment(typed: TypedExpression, wanted: ValueType): Fitted | null {
  if (typed.kind !== 'value' || typeof typed.value !== 'string') return null;
  if (typed.type.kind === wanted.kind) return { typed, cost: 0 };
  const value = readLiteral(typed.value, wanted);
  return value === null ? null : { typed: { kind: 'value', type: wanted, value }, cost: 1 };
}

/** The one type of operands that must share one, or null. `place` adds what the type must be able to do. */
export function shareType(operands: readonly Operand[], place: Parameter | undefined): ValueType | null {
  const fixed = operands.filter((operand) => operand.literal === null);
  const spoken = operands.filter(
    (operand) => typeof operand.literal?.value !== 'string' || operand.literal.type !== undefined,
  );
  const leading = fixed.length > 0 ? fixed : spoken.filter((operand) => operand.typed.type.kind !== 'null');
  const [first, ...rest] = (leading.length > 0 ? leading : operands).map((operand) => operand.typed.type);
  if (first === undefined) return null;
  const type = rest.reduce<ValueType | null>(
    (shared, next) => (shared === null ? null : joinTypes(shared, next)),
    first,
  );
  const widened = type === null ? null : widenForLiterals(type, operands);
  const settled = widened?.kind === 'null' ? ({ kind: 'text' } as const) : widened;
  if (settled === null || (place === 'ordered' && !isOrdered(settled))) return null;
  if (place === 'plain' && !isOrdered(settled)) return null;
  return settled;
}

function joinTypes(a: ValueType, b: ValueType): ValueType | null {
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  if (isNumeric(a) && isNumeric(b)) {
    if (a.kind === 'number' || b.kind === 'number') return { kind: 'number' };
    return a.kind === 'integer' && b.kind === 'integer' ? a : widestDecimal(a, b);
  }
  if (isTemporal(a) && isTemporal(b)) {
    const kinds = [a.kind, b.kind];
    return kinds.includes('instant') ? { kind: 'instant' } : kinds.includes('timestamp') ? { kind: 'timestamp' } : a;
  }
  if (a.kind === 'geometry' && b.kind === 'geometry')
    return a.shape === b.shape ? a : { kind: 'geometry', shape: 'Geometry' };
  return a.kind === b.kind ? a : null;
}

/** Literals never narrow what columns hold; a finer one makes the comparison finer: `day = '2020-01-01T10:00'`. */
function widenForLiterals(type: ValueType, operands: readonly Operand[]): ValueType {
  const values = operands.flatMap((operand) => (operand.literal === null ? [] : [operand.literal]));
  if (type.kind === 'date') {
    const hasTime = values.some((literal) => {
      const isMoment = literal.type === 'timestamp' || literal.type === 'instant';
      const text = typeof literal.value === 'string' && (literal.type === undefined || isMoment) ? literal.value : '';
      const moment = readMoment(text);
      return moment !== null && !moment.local.endsWith('T00:00:00');
    });
    return hasTime ? { kind: 'timestamp' } : type;
  }
  if (type.kind !== 'integer') return type;
  const decimals = values.flatMap((literal) => {
    const isNumber =
      typeof literal.value === 'number' || typeof literal.value === 'bigint' || typeof literal.value === 'string';
    return isNumber && readLiteral(String(literal.value), type) === null ? [readDecimal(String(literal.value))] : [];
  });
  if (decimals.length === 0) return type;
  const scales = decimals.map((decimal) => decimal?.scale ?? null);
  const isExact = scales.every((scale) => scale !== null && scale <= 18);
  const scale = Math.max(...scales.map((value) => value ?? 0));
  return isExact ? { kind: 'decimal', precision: 38, scale } : { kind: 'number' };
}
