// Cursors: the values of the order's keys in the last row of a page, opaque to clients and bound to query and revision.
// A cursor is no secret and no permission; it only says where to go on.

import { createHash } from 'node:crypto';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { readLiteral } from './literal.ts';
import type { Plan } from './plan.ts';
import { planShape } from './plan-key.ts';
import type { Query } from './query.ts';

/** Raised when the meaning of a cursor's parts changes. */
const version = 1;

const longestCursor = 16_384;

type CursorParts = { readonly shape: string; readonly revision: string; readonly keys: readonly (string | null)[] };

/** Pass: where the walk goes on. Throws bad-cursor. */
export function readCursor(plan: Plan, query: Query): Plan {
  if (query.after === null) return plan;
  const parts = parseCursor(query.after);
  if (parts === null) throw badCursor(say('query.cursor-foreign'));
  if (parts.revision !== shortRevision(plan)) {
    throw new PortalError('bad-cursor', {
      detail: say('query.cursor-old'),
      extra: { revision: parts.revision },
    });
  }
  if (parts.shape !== hashShape(plan)) throw badCursor(say('query.cursor-of-other-query'));
  const isReadable =
    parts.keys.length === plan.keys.length && parts.keys.every((key, index) => isKeyOf(plan, index, key));
  if (!isReadable) throw badCursor(say('query.cursor-unreadable'));
  return { ...plan, after: parts.keys };
}

/** The cursor after the row with these key texts (EngineTrailer.lastKeys). */
export function toCursor(plan: Plan, lastKeys: readonly (string | null)[]): string {
  const parts = [version, hashShape(plan), shortRevision(plan), ...lastKeys];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The revision (first 16 hex digits) that a cursor walks, so that a walk can stay on it; null when it is no cursor. */
export function cursorRevision(cursor: string): string | null {
  return parseCursor(cursor)?.revision ?? null;
}

function parseCursor(cursor: string): CursorParts | null {
  if (cursor.length > longestCursor || !/^[A-Za-z0-9_-]+$/u.test(cursor)) return null;
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!Array.isArray(parts) || parts[0] !== version) return null;
  const [, shape, revision, ...keys] = parts as unknown[];
  if (typeof shape !== 'string' || typeof revision !== 'string') return null;
  const texts = keys.filter((key): key is string | null => key === null || typeof key === 'string');
  return texts.length === keys.length ? { shape, revision, keys: texts } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isKeyOf(plan: Plan, index: number, key: string | null): boolean {
  const type = plan.keys[index]?.expression.type;
  if (type === undefined) return false;
  if (key === null || type.kind === 'text') return true;
  if (type.kind === 'number' && /^(?:nan|-?inf)$/u.test(key)) return true;
  const isOddTime = /^-?infinity$|\(BC\)|^\d{5,6}-/u.test(key) && key.length < 40;
  return (
    readLiteral(key, type) !== null ||
    (isOddTime && (type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'instant'))
  );
}

function shortRevision(plan: Plan): string {
  return plan.revisionId.slice(0, 16);
}

function hashShape(plan: Plan): string {
  return createHash('sha256').update(planShape(plan)).digest('hex').slice(0, 16);
}

function badCursor(why: Sentence): PortalError {
  return new PortalError('bad-cursor', { detail: say('query.cursor-wrong', { why }) });
}
