// CQL2-JSON → Expression: strict, with JSON pointers in its errors, and never deeper than the limits of query.ts.
// It must not accept a member it does not use.

import { PortalError, type ErrorCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { cql2Spellings } from './cql2-spellings.ts';
import { queryLimits, type Expression } from '../../query/query.ts';
import { nearestName } from '../../query/spelling.ts';
import { readBox, readGeojson } from './wkt.ts';
import { toInstantLiteral } from './cql2.ts';

/** Where the reading of one JSON value has got to. */
type JsonReading = { nodes: number };

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads CQL2-JSON. `pointer` is where `value` stands in the body. Throws syntax-error, query-too-large,
 * unknown-function …
 */
export function parseCql2Json(value: unknown, pointer: string): Expression {
  return readNode(value, pointer, 1, { nodes: 0 });
}

const operators: ReadonlyMap<string, { readonly name: string; readonly min: number; readonly max: number }> = new Map([
  ['and', { name: 'and', min: 2, max: queryLimits.nodes }],
  ['or', { name: 'or', min: 2, max: queryLimits.nodes }],
  ['not', { name: 'not', min: 1, max: 1 }],
  ['=', { name: 'eq', min: 2, max: 2 }],
  ['<>', { name: 'ne', min: 2, max: 2 }],
  ['<', { name: 'lt', min: 2, max: 2 }],
  ['<=', { name: 'le', min: 2, max: 2 }],
  ['>', { name: 'gt', min: 2, max: 2 }],
  ['>=', { name: 'ge', min: 2, max: 2 }],
  ['like', { name: 'like', min: 2, max: 2 }],
  ['between', { name: 'between', min: 3, max: 3 }],
  ['isNull', { name: 'is_null', min: 1, max: 1 }],
  ['+', { name: 'add', min: 2, max: 2 }],
  ['-', { name: 'sub', min: 1, max: 2 }],
  ['*', { name: 'mul', min: 2, max: 2 }],
  ['/', { name: 'div', min: 2, max: 2 }],
  ['%', { name: 'mod', min: 2, max: 2 }],
  ['div', { name: 'int_div', min: 2, max: 2 }],
  ['^', { name: 'pow', min: 2, max: 2 }],
]);

function readNode(value: unknown, pointer: string, depth: number, reading: JsonReading): Expression {
  reading.nodes += 1;
  if (reading.nodes > queryLimits.nodes) {
    throw jsonError('query-too-large', pointer, say('language.json.too-long', { parts: queryLimits.nodes }));
  }
  if (depth > queryLimits.depth + 1) {
    throw jsonError('query-too-large', pointer, say('language.json.too-deep', { levels: queryLimits.depth }));
  }
  if (typeof value === 'number') return { kind: 'literal', value: requireFinite(value, pointer) };
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return { kind: 'literal', value };
  if (!isObject(value)) throw jsonError('syntax-error', pointer, say('language.json.value'));
  if ('op' in value) return readOperation(value, pointer, depth, reading);
  if ('property' in value) return readProperty(value, pointer);
  if ('date' in value || 'timestamp' in value) return readInstant(value, pointer);
  if ('interval' in value) return readInterval(value, pointer, depth, reading);
  return readGeometry(value, pointer);
}

function requireFinite(value: number, pointer: string): number {
  if (Number.isFinite(value)) return value;
  throw jsonError('bad-literal', pointer, say('language.json.range'));
}

function readProperty(value: JsonObject, pointer: string): Expression {
  requireMembers(value, ['property'], pointer);
  const name = value['property'];
  if (typeof name !== 'string') throw jsonError('syntax-error', `${pointer}/property`, say('language.json.column'));
  return { kind: 'column', name };
}

function readInstant(value: JsonObject, pointer: string): Expression {
  const member = 'date' in value ? 'date' : 'timestamp';
  requireMembers(value, [member], pointer);
  const text = value[member];
  const found = typeof text === 'string' ? toInstantLiteral(text, member === 'date' ? 'date' : 'moment') : null;
  if (found !== null) return { kind: 'literal', ...found };
  const form = member === 'date' ? '2020-01-31' : '2020-01-31T10:00:00Z';
  throw jsonError('bad-literal', `${pointer}/${member}`, say('language.json.day', { form }));
}

function readGeometry(value: JsonObject, pointer: string): Expression {
  const box = value['bbox'];
  if (box !== undefined && !('type' in value)) {
    requireMembers(value, ['bbox'], pointer);
    const numbers = Array.isArray(box) && box.every((part) => typeof part === 'number') ? (box as number[]) : [];
    const wkt = readBox(numbers);
    if (wkt !== null) return { kind: 'literal', value: wkt, type: 'geometry' };
    throw jsonError('bad-literal', `${pointer}/bbox`, say('language.json.box'));
  }
  if (!('type' in value) || !('coordinates' in value || 'geometries' in value)) {
    const nodes = {
      operation: '{"op"}',
      property: '{"property"}',
      date: '{"date"}',
      timestamp: '{"timestamp"}',
      box: '{"bbox"}',
    };
    throw jsonError('syntax-error', pointer, say('language.json.node', nodes));
  }
  const wkt = readGeojson(value);
  if (wkt !== null) return { kind: 'literal', value: wkt, type: 'geometry' };
  throw jsonError('bad-literal', pointer, say('language.json.geometry'));
}

function readOperation(value: JsonObject, pointer: string, depth: number, reading: JsonReading): Expression {
  requireMembers(value, ['op', 'args', 'distinct', 'filter'], pointer);
  const { op, args } = value;
  if (typeof op !== 'string') throw jsonError('syntax-error', `${pointer}/op`, say('language.json.operator'));
  if (!Array.isArray(args)) throw jsonError('syntax-error', `${pointer}/args`, say('language.json.arguments'));
  const inside = (index: number): Expression => readNode(args[index], `${pointer}/args/${index}`, depth + 1, reading);
  if ((operators.has(op) || op === 'in') && ('distinct' in value || 'filter' in value)) {
    throw jsonError('syntax-error', pointer, say('language.json.modifiers'));
  }
  if (op === 'in') return readIn(args, pointer, depth, reading);
  const operator = operators.get(op);
  if (operator !== undefined) {
    requireCount(args, operator.min, operator.max, pointer);
    const name = op === '-' && args.length === 1 ? 'neg' : operator.name;
    return { kind: 'call', name, args: args.map((_, index) => inside(index)) };
  }
  const name = requireFunction(op, pointer);
  if (args.length > queryLimits.nodes)
    throw jsonError('query-too-large', `${pointer}/args`, say('language.json.too-many'));
  const given = args.map((_, index) => inside(index));
  return { kind: 'call', name, args: given, ...readModifiers(value, pointer, depth, reading) };
}

function readModifiers(
  value: JsonObject,
  pointer: string,
  depth: number,
  reading: JsonReading,
): { distinct?: true; filter?: Expression } {
  const { distinct } = value;
  if (distinct !== undefined && typeof distinct !== 'boolean') {
    throw jsonError('syntax-error', `${pointer}/distinct`, say('language.json.flag'));
  }
  const filter = 'filter' in value ? readNode(value['filter'], `${pointer}/filter`, depth + 1, reading) : undefined;
  return { ...(distinct === true ? { distinct } : {}), ...(filter === undefined ? {} : { filter }) };
}

function requireFunction(op: string, pointer: string): string {
  const name = cql2Spellings.find(op);
  if (name !== null) return name;
  if (/^a_(equals|contains|containedby|overlaps)$/i.test(op)) {
    throw jsonError('unknown-function', `${pointer}/op`, say('language.json.lists'));
  }
  const suggestion = nearestName(op, [...operators.keys(), 'in', ...cql2Spellings.words]);
  const complaint =
    suggestion === null ? say('language.json.no-function') : say('language.json.no-function-but', { suggestion });
  throw jsonError('unknown-function', `${pointer}/op`, complaint);
}

function readIn(args: readonly unknown[], pointer: string, depth: number, reading: JsonReading): Expression {
  requireCount(args, 2, 2, pointer);
  const list = args[1];
  if (!Array.isArray(list) || list.length === 0) {
    throw jsonError('syntax-error', `${pointer}/args/1`, say('language.json.values'));
  }
  if (list.length > queryLimits.listItems) {
    throw jsonError(
      'query-too-large',
      `${pointer}/args/1`,
      say('language.json.most-items', { most: queryLimits.listItems }),
    );
  }
  const subject = readNode(args[0], `${pointer}/args/0`, depth + 1, reading);
  const items = list.map((item: unknown, index) => {
    const before = reading.nodes;
    const node = readNode(item, `${pointer}/args/1/${index}`, depth + 1, reading);
    if (node.kind === 'literal') reading.nodes = before;
    return node;
  });
  return { kind: 'call', name: 'in', args: [subject, ...items] };
}

/** `{"interval": [from, to]}`: each a day, a moment, `".."` for an open end, or an expression. */
function readInterval(value: JsonObject, pointer: string, depth: number, reading: JsonReading): Expression {
  requireMembers(value, ['interval'], pointer);
  const edges = value['interval'];
  if (!Array.isArray(edges) || edges.length !== 2) {
    throw jsonError('syntax-error', `${pointer}/interval`, say('language.json.ends'));
  }
  const args = edges.map((edge: unknown, index): Expression => {
    const at = `${pointer}/interval/${index}`;
    if (edge === '..') return { kind: 'literal', value: null };
    if (typeof edge !== 'string') return readNode(edge, at, depth + 1, reading);
    const found = toInstantLiteral(edge, 'either');
    if (found === null) throw jsonError('bad-literal', at, say('language.json.edge'));
    return { kind: 'literal', ...found };
  });
  return { kind: 'call', name: 'interval', args };
}

// Shared with the JSON form of a whole query

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws syntax-error for a member that is not in `known`. */
export function requireMembers(value: JsonObject, known: readonly string[], pointer: string): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const suggestion = nearestName(name, known);
    const complaint =
      suggestion === null
        ? say('language.json.no-member', { known })
        : say('language.json.no-member-but', { suggestion });
    throw jsonError('syntax-error', `${pointer}/${escapePointer(name)}`, complaint);
  }
}

function requireCount(args: readonly unknown[], min: number, max: number, pointer: string): void {
  if (args.length >= min && args.length <= max) return;
  const wanted =
    min === max
      ? min
      : max >= queryLimits.nodes
        ? say('query.count-or-more', { least: min })
        : say('query.either', { left: min, right: max });
  throw jsonError('wrong-arity', `${pointer}/args`, say('language.json.item-count', { wanted, given: args.length }));
}

/** An error whose sentence and `pointer` name the place in the body (RFC 6901). */
export function jsonError(code: ErrorCode, pointer: string, complaint: Sentence): PortalError {
  const place = pointer === '' ? say('language.json.body') : pointer;
  const key = complaint.english.endsWith('?') ? 'language.json.question' : 'language.json.complaint';
  return new PortalError(code, { detail: say(key, { place, complaint }), extra: { pointer } });
}

function escapePointer(name: string): string {
  return name.slice(0, 60).replaceAll('~', '~0').replaceAll('/', '~1');
}
