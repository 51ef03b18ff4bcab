// Types of expressions: picks the form of each function that fits its arguments and reads literals as their place asks.
// It must not know clauses; aggregation.ts judges where aggregates may stand.

import { PortalError } from '../base/errors.ts';
import { inEnglish, say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { rowIdColumn, type Schema } from './column.ts';
import type { FunctionSpec, Overload, Parameter } from './function-spec.ts';
import { functionTable } from './functions.ts';
import { fitOperand, readOperandLiteral, shareType, type Operand } from './operand.ts';
import type { Expression } from './query.ts';
import { toPosition, unknownColumn } from './resolve.ts';
import { nearestName } from './spelling.ts';
import { typeName, type TypedExpression, type ValueType } from './value-type.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/**
 * The expression with types, as `wanted` asks. Throws unknown-column, unknown-function, wrong-arity, type-mismatch,
 * bad-literal with the position.
 */
export function checkExpression(expression: Expression, schema: Schema, wanted: 'any' | 'boolean'): TypedExpression {
  const operand = checkOperand(expression, schema);
  const fitted = fitOperand(operand, wanted);
  if (fitted !== null) return fitted.typed;
  throw new PortalError('type-mismatch', {
    detail: say('query.no-condition', { type: withArticle(operand.typed.type) }),
    position: toPosition(expression.span),
  });
}

function checkOperand(expression: Expression, schema: Schema): Operand {
  if (expression.kind === 'literal') return { typed: readOperandLiteral(expression), literal: expression };
  const typed = expression.kind === 'column' ? checkColumn(expression, schema) : checkCall(expression, schema);
  return { typed, literal: null, span: expression.span };
}

function checkColumn(expression: Extract<Expression, { kind: 'column' }>, schema: Schema): TypedExpression {
  const { name, span } = expression;
  if (name === rowIdColumn) return { kind: 'column', name, type: { kind: 'integer' }, span };
  const column = schema.find((candidate) => candidate.name === name);
  if (column !== undefined) return { kind: 'column', name, type: column.type, span };
  throw unknownColumn(
    name,
    schema.map((candidate) => candidate.name),
    span,
  );
}

function checkCall(call: Call, schema: Schema): TypedExpression {
  const entry = requireFunction(call);
  const operands = call.args.map((arg) => checkOperand(arg, schema));
  const chosen = chooseOverload(entry, call, operands);
  if (call.distinct === true && entry.kind !== 'aggregate') throw notAggregate(call, 'query.no-distinct');
  if (call.filter !== undefined && entry.kind !== 'aggregate') throw notAggregate(call, 'query.no-filter');
  return {
    kind: 'call',
    name: entry.name,
    overload: chosen.overload,
    args: chosen.args,
    type: chosen.type,
    distinct: call.distinct === true,
    filter: call.filter === undefined ? null : checkExpression(call.filter, schema, 'boolean'),
    span: call.span,
  };
}

function requireFunction(call: Call): FunctionSpec {
  const entry = functionTable.get(call.name);
  if (entry !== undefined && entry.isRewritten !== true) return entry;
  const suggestion = nearestName(call.name, [...functionTable.keys()]);
  const name = call.name.slice(0, 100);
  const detail =
    entry === undefined
      ? suggestion === null
        ? say('query.no-function', { name })
        : say('query.no-function-but', { name, suggestion })
      : say('query.only-in-relation', { name: call.name });
  throw new PortalError('unknown-function', {
    detail,
    position: toPosition(call.span),
    extra: { function: name, suggestion },
  });
}

function notAggregate(call: Call, key: 'query.no-distinct' | 'query.no-filter'): PortalError {
  return new PortalError('aggregate-not-allowed', {
    detail: say(key, { name: call.name }),
    position: toPosition(call.span),
    extra: { function: call.name },
  });
}

type Chosen = { readonly overload: number; readonly args: readonly TypedExpression[]; readonly type: ValueType };

function chooseOverload(entry: FunctionSpec, call: Call, operands: readonly Operand[]): Chosen {
  const fitting = entry.overloads.flatMap((overload) => {
    const places = toPlaces(overload, operands.length);
    return places === null ? [] : [{ overload, places }];
  });
  if (fitting.length === 0) throw wrongArity(entry, call);
  let best: { chosen: Chosen; cost: number } | null = null;
  for (const { overload, places } of fitting) {
    const matched = matchOverload(entry, overload, places, operands);
    if (matched !== null && (best === null || matched.cost < best.cost)) best = matched;
  }
  if (best === null) {
    throw mismatch(
      entry,
      call,
      operands,
      fitting.map(({ places }) => places),
    );
  }
  return best.chosen;
}

/** The places of a call with so many arguments, or null when the overload has no such form. */
function toPlaces(overload: Overload, count: number): readonly Parameter[] | null {
  const { params, repeat = [], tail } = overload;
  let places = [...params];
  while (repeat.length > 0 && places.length + repeat.length <= count) places = [...places, ...repeat];
  if (tail !== undefined && places.length + 1 === count) places = [...places, tail];
  return places.length === count ? places : null;
}

const sharedPlaces: readonly Parameter[] = ['same', 'ordered', 'plain'];

function matchOverload(
  entry: FunctionSpec,
  overload: Overload,
  places: readonly Parameter[],
  operands: readonly Operand[],
): { chosen: Chosen; cost: number } | null {
  const sharing = operands.filter((_, index) => sharedPlaces.includes(places[index] ?? 'any'));
  const shared =
    sharing.length === 0
      ? null
      : shareType(
          sharing,
          places.find((place) => sharedPlaces.includes(place)),
        );
  if (sharing.length > 0 && shared === null) return null;
  const args: TypedExpression[] = [];
  let cost = 0;
  for (const [index, operand] of operands.entries()) {
    const place = places[index] ?? 'any';
    const wanted = sharedPlaces.includes(place) && shared !== null ? shared : place;
    const fitted = fitOperand(operand, wanted);
    if (fitted === null) return null;
    args.push(fitted.typed);
    cost += fitted.cost;
  }
  const types = args.map((arg) => arg.type);
  return {
    chosen: { overload: entry.overloads.indexOf(overload), args, type: toResult(overload, types, shared) },
    cost,
  };
}

function toResult(overload: Overload, types: readonly ValueType[], shared: ValueType | null): ValueType {
  const { result } = overload;
  if (typeof result === 'function') return result(types);
  if (result === 'first') return types[0] ?? { kind: 'text' };
  if (result === 'same') return shared ?? types[0] ?? { kind: 'text' };
  if (result === 'geometry') return { kind: 'geometry', shape: 'Geometry' };
  if (result === 'point') return { kind: 'geometry', shape: 'Point' };
  return { kind: result };
}

function wrongArity(entry: FunctionSpec, call: Call): PortalError {
  const forms = entry.overloads.map(({ params, repeat, tail }) => {
    const least = params.length;
    if (repeat !== undefined) return say('query.count-or-more', { least });
    return tail === undefined ? String(least) : say('query.count-to', { least, most: least + 1 });
  });
  const counts = joinOr(forms);
  const shown = { name: call.name, counts, given: call.args.length };
  return new PortalError('wrong-arity', {
    detail: counts === '1' ? say('query.takes-one-argument', shown) : say('query.takes-arguments', shown),
    position: toPosition(call.span),
    extra: { function: call.name },
  });
}

/** Each once, with “or” between. */
function joinOr(alternatives: readonly (Sentence | string)[]): Sentence | string {
  const different = [...new Map(alternatives.map((each) => [inEnglish(each), each])).values()];
  return different.reduce((left, right) => say('query.either', { left, right }));
}

const placeNames: Readonly<Record<Parameter, Sentence>> = {
  text: typeName({ kind: 'text' }),
  integer: typeName({ kind: 'integer' }),
  number: typeName({ kind: 'number' }),
  numeric: typeName({ kind: 'number' }),
  decimal: say('query.place.decimal'),
  boolean: typeName({ kind: 'boolean' }),
  date: typeName({ kind: 'date' }),
  time: typeName({ kind: 'time' }),
  timestamp: typeName({ kind: 'timestamp' }),
  instant: typeName({ kind: 'instant' }),
  interval: say('query.place.interval'),
  geometry: typeName({ kind: 'geometry', shape: 'Geometry' }),
  point: say('query.place.point'),
  any: say('query.place.any'),
  same: say('query.place.value'),
  ordered: say('query.place.ordered'),
  plain: say('query.place.value'),
  moment: say('query.place.moment'),
  zone: say('query.place.zone'),
};

/** Says which argument is wrong when one form is possible and its fault is a literal; else names the types given. */
function mismatch(
  entry: FunctionSpec,
  call: Call,
  operands: readonly Operand[],
  forms: readonly (readonly Parameter[])[],
): PortalError {
  const unread = findUnreadable(operands, forms);
  if (unread !== null) return unread;
  const given = operands.map((operand) => typeName(operand.typed.type));
  const wanted = forms.map((places) => say('query.form', { places: places.map((place) => placeNames[place]) }));
  const isComparison = forms.some((places) => places.every((place) => sharedPlaces.includes(place)));
  const detail = isComparison
    ? sayComparison(entry.symbol ?? call.name, given, operands)
    : say('query.takes-other-types', { name: call.name, wanted: joinOr(wanted), given });
  return new PortalError('type-mismatch', {
    detail,
    position: toPosition(call.span),
    extra: { function: entry.name, given: given.map(inEnglish).join(', ') },
  });
}

function sayComparison(symbol: string, given: readonly Sentence[], operands: readonly Operand[]): Sentence {
  const isText = operands.some((operand) => operand.literal === null && operand.typed.type.kind === 'text');
  const number = operands.find((operand) => typeof operand.literal?.value === 'number')?.literal?.value;
  return isText && number !== undefined
    ? say('query.not-comparable-text', { symbol, given, number: String(number) })
    : say('query.not-comparable', { symbol, given });
}

/** A quoted literal that stands where only one type can stand and is not of it. */
function findUnreadable(operands: readonly Operand[], forms: readonly (readonly Parameter[])[]): PortalError | null {
  const [places] = forms;
  if (places === undefined) return null;
  for (const [index, operand] of operands.entries()) {
    if (typeof operand.literal?.value !== 'string') continue;
    const isShared = sharedPlaces.includes(places[index] ?? 'any');
    const others = operands.filter((other) => other.literal === null).map((other) => other.typed.type);
    const wanted = isShared ? others[0] : undefined;
    const place = isShared ? wanted : forms.length === 1 ? places[index] : undefined;
    if (place === undefined || fitOperand(operand, place) !== null) continue;
    const name = typeof place === 'string' ? placeNames[place] : typeName(place);
    return new PortalError('bad-literal', {
      detail: say('query.value-not-of-type', { value: operand.literal.value.slice(0, 100), type: withArticleOf(name) }),
      position: toPosition(operand.literal.span),
      extra: { type: name.english },
    });
  }
  return null;
}

function withArticle(type: ValueType): Sentence {
  return withArticleOf(typeName(type));
}

function withArticleOf(type: Sentence): Sentence {
  if (['text', 'JSON', 'true/false'].includes(type.english)) return type;
  return say(/^[aeiou]/u.test(type.english) ? 'query.with-an' : 'query.with-a', { type });
}
