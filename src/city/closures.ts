// The city's own closure days: entered with their source, withdrawn with a reason, never changed.
// It must move no clock: a date that was told to somebody is changed by a person.

import { and, asc, desc, eq, isNotNull, isNull } from '../db/drizzle.ts';

import { actorId, actorName } from '../base/actor.ts';
import type { Actor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { Database, Queryable } from '../db/open.ts';
import { recordsClosures } from '../db/tables-fees.ts';
import { appendAudit } from '../people/audit.ts';
import { requirePermission } from '../people/permissions.ts';
import { calendarOn, isBusinessDay } from './calendar.ts';
import type { CityCalendar, Closure } from './calendar.ts';
import { isCityDate, sayDate } from './days.ts';
import type { CityDate } from './days.ts';

export type StandingClosure = Closure & { readonly addedAt: string; readonly addedBy: string };

export type PastClosure = StandingClosure & {
  readonly withdrawn: { readonly at: string; readonly by: string; readonly reason: string };
};

/** Closures that were entered and withdrawn, the latest first. Permission `calendar.edit`. */
export async function readWithdrawnClosures(db: Queryable, actor: Actor): Promise<readonly PastClosure[]> {
  requirePermission(actor, 'calendar.edit');
  const rows = await db
    .select()
    .from(recordsClosures)
    .where(isNotNull(recordsClosures.withdrawnAt))
    .orderBy(desc(recordsClosures.withdrawnAt));
  return rows.map((row) => ({
    ...toClosure(row),
    withdrawn: { at: row.withdrawnAt ?? '', by: row.withdrawnBy ?? '', reason: row.withdrawnReason ?? '' },
  }));
}

/** Every closure that was not withdrawn, by date. Public: the calendar of a city is no secret. */
export async function readClosures(db: Queryable): Promise<readonly StandingClosure[]> {
  const rows = await db
    .select()
    .from(recordsClosures)
    .where(isNull(recordsClosures.withdrawnAt))
    .orderBy(asc(recordsClosures.onDate));
  return rows.map(toClosure);
}

function toClosure(row: typeof recordsClosures.$inferSelect): StandingClosure {
  const { id, onDate, name, source, effectiveFrom, addedAt, addedBy } = row;
  return { id, on: onDate, name, source, effectiveFrom, addedAt, addedBy };
}

export type NewClosure = {
  readonly on: string;
  readonly name: string;
  readonly source: string;
  readonly effectiveFrom: string;
};

/** Throws form-invalid, and already-exists where the city does not work on that day anyway. */
export async function addClosure(
  db: Database,
  city: Pick<CityCalendar, 'calendar'>,
  actor: Actor,
  given: NewClosure,
  effects: Effects,
): Promise<Closure> {
  requirePermission(actor, 'calendar.edit');
  const entered = requireClosure(given);
  return db.transaction(async (tx) => {
    const closures = (await readClosures(tx)).map(alwaysInForce);
    if (!isBusinessDay(calendarOn({ ...city, closures }, entered.on), entered.on)) {
      throw new PortalError('already-exists', say('city.closed-anyway', { on: sayDate(entered.on) }));
    }
    const closure: Closure = { id: newId(effects.clock), ...entered };
    const inserted = await tx
      .insert(recordsClosures)
      .values({
        id: closure.id,
        onDate: closure.on,
        name: closure.name,
        source: closure.source,
        effectiveFrom: closure.effectiveFrom,
        addedAt: toInstant(effects.clock.now()),
        addedBy: actorName(actor),
        addedById: actorId(actor),
      })
      .onConflictDoNothing()
      .returning({ id: recordsClosures.id });
    if (inserted.length === 0) throw new PortalError('already-exists', say('city.closure-entered'));
    const details = { on: closure.on, name: closure.name, effectiveFrom: closure.effectiveFrom };
    await appendAudit(tx, actor, { action: 'calendar.edit', subject: `closure:${closure.id}`, details }, effects);
    return closure;
  });
}

/** Throws not-found for one that does not stand, form-invalid without a reason. */
export async function withdrawClosure(
  db: Database,
  actor: Actor,
  given: { readonly id: string; readonly reason: string },
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'calendar.edit');
  const reason = requireText(given.reason, say('form.the-reason'));
  if (!isId(given.id)) throw new PortalError('not-found', say('city.no-closure'));
  await db.transaction(async (tx) => {
    const changed = await tx
      .update(recordsClosures)
      .set({
        withdrawnAt: toInstant(effects.clock.now()),
        withdrawnBy: actorName(actor),
        withdrawnById: actorId(actor),
        withdrawnReason: reason,
      })
      .where(and(eq(recordsClosures.id, given.id), isNull(recordsClosures.withdrawnAt)))
      .returning({ on: recordsClosures.onDate });
    if (changed[0] === undefined) throw new PortalError('not-found', say('city.no-closure'));
    const details = { on: changed[0].on, withdrawn: true };
    await appendAudit(tx, actor, { action: 'calendar.edit', subject: `closure:${given.id}`, details }, effects);
  });
}

/** The closure as if it had been decided before everything. */
export function alwaysInForce(closure: Closure): Closure {
  return { ...closure, effectiveFrom: '0001-01-01' };
}

function requireClosure(given: NewClosure): Omit<Closure, 'id'> {
  const on = requireDate(given.on, say('city.closure.day'));
  const effectiveFrom = requireDate(given.effectiveFrom, say('city.closure.from'));
  return {
    on,
    effectiveFrom,
    name: requireText(given.name, say('city.closure.name')),
    source: requireText(given.source, say('city.closure.source')),
  };
}

function requireDate(text: string, what: Sentence): CityDate {
  const date = text.trim();
  if (!isCityDate(date)) throw new PortalError('form-invalid', say('city.closure-no-date', { what }));
  return date;
}

const longestText = 500;

function requireText(text: string, what: Sentence): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > longestText || trimmed.includes('\0')) {
    throw new PortalError('form-invalid', say('form.give', { what, longest: longestText }));
  }
  return trimmed;
}
