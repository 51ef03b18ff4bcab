// Time that people spend on a request: what the yearly report asks for (RCW 40.14.026(5)).
// It must never be charged: staff time for finding and reviewing costs the requester nothing (RCW 42.56.120(1)).

import { eq } from '../../db/drizzle.ts';

import { toInstant } from '../../base/clock.ts';
import type { Actor, Role } from '../../base/actor.ts';
import { refuseStep } from '../../base/fields.ts';
import { newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsTime } from '../../db/tables-records.ts';
import { appendAudit } from '../../people/audit.ts';
import { permissions } from '../../people/permissions.ts';
import { isCityDate } from '../../city/days.ts';
import type { CityDate, RequestsCore } from '../requests/request.ts';
import { requireSeen, requireStaffId } from '../requests/scope.ts';
import type { CityDays } from '../requests/scope.ts';

export const activities = ['intake', 'search', 'review', 'redaction', 'legal', 'release', 'other'] as const;
export type Activity = (typeof activities)[number];

export type TimeEntry = {
  readonly id: string;
  readonly staffName: string;
  readonly role: string;
  readonly activity: string;
  readonly onDate: CityDate;
  readonly minutes: number;
  readonly note: string | null;
};

export type NewTime = {
  readonly activity: Activity;
  readonly onDate: CityDate;
  readonly minutes: number;
  readonly note: string | null;
};

const minutesOfDay = 1_440;

/**
 * Permission `request.log-time` for a department of the request. It leaves the version: it takes nobody's work away.
 */
export async function logTime(
  core: RequestsCore,
  days: CityDays,
  actor: Actor,
  idOrNumber: string,
  time: NewTime,
): Promise<void> {
  const request = await core.find(idOrNumber);
  await requireSeen(core.db, actor, request, 'request.log-time');
  if (!activities.includes(time.activity)) refuseStep('activity', say('desk.time-activity'));
  if (!Number.isInteger(time.minutes) || time.minutes < 1 || time.minutes > minutesOfDay) {
    refuseStep('minutes', say('desk.time-minutes'));
  }
  if (!isCityDate(time.onDate)) refuseStep('onDate', say('desk.time-day-missing'));
  if (time.onDate > days.today()) refuseStep('onDate', say('desk.time-to-come'));
  const { activity, onDate, minutes } = time;
  await core.db.transaction(async (tx) => {
    await tx.insert(recordsTime).values({
      id: newId(core.effects.clock),
      requestId: request.id,
      staffId: requireStaffId(actor),
      staffName: actor.kind === 'staff' ? actor.name : '',
      role: roleOf(actor),
      activity,
      onDate,
      minutes,
      note: time.note?.trim() || null,
      createdAt: toInstant(core.effects.clock.now()),
    });
    const details = { activity, minutes, onDate };
    await appendAudit(
      tx,
      actor,
      { action: 'request.log-time', subject: `request:${request.number}`, details },
      core.effects,
    );
  });
}

/** In which role the time was spent: the first of theirs that may log any. It decides the rate of the report. */
function roleOf(actor: Actor): Role {
  const allowed: readonly string[] = permissions['request.log-time'];
  const own = actor.kind === 'staff' ? actor.grants.find(({ role }) => allowed.includes(role)) : undefined;
  return own?.role ?? 'clerk';
}

export async function readTime(db: Queryable, requestId: string): Promise<readonly TimeEntry[]> {
  const { id, staffName, role, activity, onDate, minutes, note } = recordsTime;
  return db
    .select({ id, staffName, role, activity, onDate, minutes, note })
    .from(recordsTime)
    .where(eq(recordsTime.requestId, requestId))
    .orderBy(onDate, recordsTime.createdAt);
}
