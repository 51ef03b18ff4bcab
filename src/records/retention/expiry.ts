// Details of requesters expire by schedule: seen as due for some nights first, a bounded number a night, the log stays.
// It must stop when the clock has jumped, until a person says that it is right.

import { and, eq, isNotNull, isNull, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { dayMs, toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { letters, receivedMail } from '../../db/tables-mail.ts';
import { recordsDelegates, recordsRequests } from '../../db/tables-records.ts';
import { recordsExpiries } from '../../db/tables-reports.ts';
import { recordsRetentionRuns } from '../../db/tables-reports.ts';
import { queueLetter } from '../../mail/outbox.ts';
import { deleteRaw } from '../../mail/waiting.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { CityDate } from '../../city/days.ts';
import { delegatePurpose } from '../requests/requesters.ts';
import type { RequestsCore } from '../requests/request.ts';
import { readColleagues } from '../desk/people.ts';
import { closedUntil, isComplete, seriesOf } from './schedule.ts';
import type { Schedule } from './schedule.ts';

export const expiryJob = 'records-expiry';

export type ExpiryParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly requests: Pick<RequestsCore, 'appendEvent'>;
  readonly schedule: () => Schedule;
  readonly today: () => CityDate;
  readonly publicUrl: string;
};

export type ExpiryRun =
  | { readonly kind: 'run'; readonly noticed: number; readonly expired: number }
  | { readonly kind: 'refused'; readonly reason: string };

const system: Actor = { kind: 'system', name: 'retention' };
/** Runs are a day apart: a clock that is further on than this has jumped by more than a day, or the portal was away. */
const furthestOnMs = 2 * dayMs;

/** Once a night; more often does nothing more. Throws what the database throws; what was done stays done. */
export async function runExpiry(parts: ExpiryParts, signal: AbortSignal, effects: Effects): Promise<ExpiryRun> {
  const { db } = parts;
  const now = effects.clock.now();
  const reason = await whyRefused(db, now);
  if (reason !== null) {
    await noteRun(parts, { kind: 'refused', reason }, effects);
    return { kind: 'refused', reason };
  }
  const noticed = await noticeDue(parts);
  const expired = await expireRipe(parts, signal, effects);
  if (noticed > 0) await warnOfficers(parts, noticed, effects);
  await noteRun(parts, { kind: 'run', noticed, expired }, effects);
  return { kind: 'run', noticed, expired };
}

/** Against the last run that was let through, or the last word of a person. */
async function whyRefused(db: Database, now: number): Promise<string | null> {
  const { rows } = await db.execute<{ at: string }>(sql`
    select at::text as at from records_retention_runs where kind in ('run', 'confirmed') order by seq desc limit 1`);
  const last = rows[0];
  if (last === undefined) return null;
  const apart = now - Date.parse(last.at);
  const days = (Math.abs(apart) / dayMs).toFixed(1);
  if (apart < -dayMs) return `The clock is ${days} days behind the last run.`;
  if (apart > furthestOnMs)
    return `The clock is ${days} days after the last run: it has jumped, or the portal was away.`;
  return null;
}

async function noteRun(parts: ExpiryParts, run: ExpiryRun, effects: Effects): Promise<void> {
  const at = toInstant(effects.clock.now());
  await parts.db.insert(recordsRetentionRuns).values({ at, onDate: parts.today(), ...run });
}

/**
 * Adds what is newly due, counts the night for what still is, and forgets what no longer is. Answers how many are new.
 */
async function noticeDue({ db, schedule, today }: ExpiryParts): Promise<number> {
  const series = seriesOf(schedule(), 'requester-details');
  return db.transaction(async (tx) => {
    const on = today();
    const until = isComplete(series) ? closedUntil(series.length, on) : null;
    const due =
      until === null
        ? sql`select null::uuid as id, null::date as closed_on where false`
        : sql`select r.id, r.closed_on from records_requests r
            where r.state = 'closed' and r.closed_on <= ${until}::date and r.requester is not null
              and reason_to_keep(r.id) is null`;
    await tx.execute(sql`delete from records_expiries e
      where e.expired_at is null and e.request_id not in (select id from (${due}) due)`);
    const { rows } = await tx.execute<{ nights: number }>(sql`
      insert into records_expiries as kept (request_id, due_on, noticed_on, nights, last_seen_on)
      select id, closed_on, ${on}::date, 1, ${on}::date from (${due}) due
      on conflict (request_id) do update set nights = kept.nights + 1, last_seen_on = excluded.last_seen_on
        where kept.expired_at is null and kept.last_seen_on < excluded.last_seen_on
      returning nights`);
    return rows.filter(({ nights }) => nights === 1).length;
  });
}

/** Those that have been seen for long enough, as many as a night may. */
async function expireRipe(parts: ExpiryParts, signal: AbortSignal, effects: Effects): Promise<number> {
  const { db, schedule, today } = parts;
  const { nights, atMostPerNight } = schedule().expiry;
  const { rows: before } = await db.execute<{ done: number }>(sql`
    select count(*)::int as done from records_expiries
    where expired_at is not null and last_seen_on = ${today()}::date`);
  const room = atMostPerNight - before[0]!.done;
  if (room <= 0) return 0;
  const { rows } = await db.execute<{ id: string }>(sql`
    select request_id as id from records_expiries
    where expired_at is null and nights > ${nights} order by due_on, request_id limit ${room}`);
  let expired = 0;
  for (const { id } of rows) {
    signal.throwIfAborted();
    if (await expireOne(parts, id, effects)) expired += 1;
  }
  return expired;
}

async function expireOne(parts: ExpiryParts, id: string, effects: Effects): Promise<boolean> {
  return parts.db.transaction(async (tx) => {
    const now = toInstant(effects.clock.now());
    const [row] = await tx.select().from(recordsRequests).where(eq(recordsRequests.id, id)).for('update');
    const { rows } = await tx.execute<{ kept: string | null }>(sql`select reason_to_keep(${id}::uuid) as kept`);
    if (row === undefined || row.requester === null || rows[0]!.kept !== null) return false; // again by night
    await tx
      .update(recordsRequests)
      .set({
        requester: null,
        requesterEmailIndex: null,
        requesterNameIndex: null,
        accommodation: null,
        requesterExpiredAt: now,
        version: row.version + 1,
        changedAt: now,
      })
      .where(eq(recordsRequests.id, id));
    await forgetPeople(tx, parts.seal, row, now);
    await parts.requests.appendEvent(tx, system, id, { kind: 'requester-expired', audience: 'staff', data: {} });
    await tx.update(recordsExpiries).set({ expiredAt: now }).where(eq(recordsExpiries.requestId, id));
    return true;
  });
}

/** Delegates, and addresses on letters that have gone out. */
async function forgetPeople(
  tx: Transaction,
  seal: Seal,
  { id, number }: { readonly id: string; readonly number: string },
  now: string,
): Promise<void> {
  const delegates = await tx.select().from(recordsDelegates).where(eq(recordsDelegates.requestId, id));
  for (const { id: delegate, revokedAt } of delegates) {
    const person = seal.seal({ name: '', email: null }, delegatePurpose(delegate));
    await tx
      .update(recordsDelegates)
      .set({ person, revokedAt: revokedAt ?? now })
      .where(eq(recordsDelegates.id, delegate));
  }
  await tx.delete(letters).where(and(eq(letters.requestId, id), isNotNull(letters.endedAt)));
  await deleteRaw(tx, id);
  await tx.update(receivedMail).set({ fromIndex: null }).where(eq(receivedMail.requestNumber, number));
}

async function warnOfficers(parts: ExpiryParts, noticed: number, effects: Effects): Promise<void> {
  const { db, seal, schedule, today, publicUrl } = parts;
  const { nights } = schedule().expiry;
  const officers = (await readColleagues(db)).filter(({ grants }) =>
    grants.some(({ role }) => role === 'records-officer'),
  );
  const subject = `Records requests: requester details of ${noticed} will expire`;
  const text =
    `By the retention schedule, the details of the requesters of ${noticed} closed requests are due to expire. ` +
    `They go after ${nights} more nights, unless a hold is placed.\n\nWhich ones: ${publicUrl}/staff/retention\n`;
  for (const { id, email } of officers) {
    const letter = { to: email, subject, text, kind: 'retention-warning', unsolicited: false };
    const dedupeKey = `retention-warning ${today()} ${id}`;
    await db.transaction((tx) => queueLetter(tx, seal, { ...letter, dedupeKey }, effects));
  }
}

/** A person says that the clock is right, and the nights go on from here. Permission `retention.destroy`. */
export async function confirmClock(parts: ExpiryParts, actor: Actor, effects: Effects): Promise<void> {
  requirePermission(actor, 'retention.destroy');
  await parts.db.transaction(async (tx) => {
    const at = toInstant(effects.clock.now());
    const by = { confirmedBy: actorName(actor), confirmedById: actorId(actor) };
    await tx.insert(recordsRetentionRuns).values({ at, onDate: parts.today(), kind: 'confirmed', ...by });
    const details = { clock: at };
    await appendAudit(tx, actor, { action: 'retention.destroy', subject: 'clock', details }, effects);
  });
}

export type ComingExpiry = { readonly number: string; readonly nights: number; readonly noticedOn: CityDate };

export type RetentionRun = typeof recordsRetentionRuns.$inferSelect;

/** Asks no permission. */
export async function readExpiry(
  db: Database,
): Promise<{ readonly coming: readonly ComingExpiry[]; readonly runs: readonly RetentionRun[] }> {
  const coming = await db
    .select({
      number: recordsRequests.number,
      nights: recordsExpiries.nights,
      noticedOn: recordsExpiries.noticedOn,
    })
    .from(recordsExpiries)
    .innerJoin(recordsRequests, eq(recordsRequests.id, recordsExpiries.requestId))
    .where(isNull(recordsExpiries.expiredAt))
    .orderBy(sql`${recordsExpiries.nights} desc, ${recordsRequests.number}`)
    .limit(500);
  const runs = await db
    .select()
    .from(recordsRetentionRuns)
    .orderBy(sql`${recordsRetentionRuns.seq} desc`)
    .limit(14);
  return { coming, runs };
}
