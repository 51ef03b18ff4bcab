// Destruction in two steps by two persons: proposed under a schedule that has a source, approved by another.
// It must destroy nothing itself: destroy.ts does, once the second person has approved.

import { eq, sql } from '../../db/drizzle.ts';

import type { Actor, StaffActor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Database, Queryable, Transaction } from '../../db/open.ts';
import { recordsDestructionItems, recordsDestructions } from '../../db/tables-reports.ts';
import type { Jobs } from '../../jobs/job.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { CityDate } from '../../city/days.ts';
import { closedUntil, isComplete, keptUntil, seriesOf } from './schedule.ts';
import type { CompleteSeries, DestroyedSeries, Schedule } from './schedule.ts';

export const destroyJob = 'records-destroy';

export type DestructionsParts = {
  readonly db: Database;
  readonly schedule: () => Schedule;
  readonly today: () => CityDate;
  /** Null in a process that sends no jobs. */
  readonly jobs: Pick<Jobs, 'send'>;
};

export type Candidate = {
  readonly id: string;
  readonly number: string;
  readonly closedOn: CityDate;
  /** Records, or messages and files. */
  readonly things: number;
  /** Why it is kept; null: it may go. */
  readonly kept: string | null;
};

export type Authority = Pick<CompleteSeries, 'title' | 'length' | 'dispositionAuthority' | 'source'>;

/** What was destroyed: one line of the certificate. */
export type DestroyedThing = {
  readonly what: string;
  readonly pages: number | null;
  readonly bytes: number;
  readonly sha256: string;
};

export type DestructionItem = {
  readonly number: string;
  readonly closedOn: CityDate;
  readonly dueOn: CityDate;
  readonly state: 'waiting' | 'destroyed' | 'kept';
  readonly reason: string | null;
  readonly contents: readonly DestroyedThing[];
};

export type Destruction = {
  readonly id: string;
  readonly number: string;
  readonly series: DestroyedSeries;
  readonly authority: Authority;
  readonly state: 'proposed' | 'approved' | 'done' | 'cancelled';
  readonly proposedAt: string;
  readonly proposedBy: string;
  readonly proposedById: string;
  readonly approvedAt: string | null;
  readonly approvedBy: string | null;
  readonly endedAt: string | null;
  readonly endedReason: string | null;
  readonly certificate: string | null;
  readonly items: readonly DestructionItem[];
};

const mostCandidates = 500;

/** What is due under the schedule, the earliest closed first, with what stands against each. Asks no permission. */
export async function readCandidates(
  { db, schedule, today }: DestructionsParts,
  id: DestroyedSeries,
): Promise<readonly Candidate[]> {
  const series = seriesOf(schedule(), id);
  if (!isComplete(series)) return [];
  const { rows } = await db.execute<{ [name in keyof Candidate]: Candidate[name] }>(sql`
    select due.*, reason_to_keep(due.id) as kept from (
      select r.id, r.number, r.closed_on::text as "closedOn", ${thingsOf(id)} as things
      from records_requests r
      where r.state = 'closed' and r.closed_on <= ${closedUntil(series.length, today())}::date
        and ${thingsOf(id)} > 0 and not exists (select from records_destruction_items i
          join records_destructions d on d.id = i.destruction_id
          where i.request_id = r.id and d.series = ${id} and d.state in ('proposed', 'approved'))
      order by r.closed_on, r.number limit ${mostCandidates}) due`);
  return rows;
}

function thingsOf(id: DestroyedSeries) {
  return id === 'responsive-records'
    ? sql`(select count(*)::int from records_documents d where d.request_id = r.id and d.destroyed_at is null)`
    : sql`((select count(*)::int from records_messages m where m.request_id = r.id)
        + (select count(*)::int from records_files f where f.request_id = r.id))`;
}

/**
 * Permission `retention.destroy`. Throws records-invalid without a schedule, or for what is not due. Answers its id.
 */
export async function proposeDestruction(
  parts: DestructionsParts,
  actor: Actor,
  given: { readonly series: DestroyedSeries; readonly requests: readonly string[] },
  effects: Effects,
): Promise<string> {
  const staff = requireDestroyer(actor);
  const series = requireSchedule(parts, given.series);
  if (given.requests.length === 0) refuseStep('requests', say('retention.none-chosen'));
  const candidates = await readCandidates(parts, given.series);
  const chosen = [...new Set(given.requests)].map((number) => {
    const candidate = candidates.find((each) => each.number === number);
    if (candidate === undefined) refuseStep('requests', say('retention.not-due', { number: number.slice(0, 20) }));
    if (candidate.kept !== null) refuseStep('requests', say('retention.kept', { number, why: candidate.kept }));
    return candidate;
  });
  return parts.db.transaction(async (tx) => {
    const id = newId(effects.clock);
    const number = await nextNumber(tx, parts.today());
    await tx.insert(recordsDestructions).values({
      id,
      number,
      series: given.series,
      authority: toAuthority(series),
      state: 'proposed',
      proposedAt: toInstant(effects.clock.now()),
      proposedBy: staff.name,
      proposedById: staff.id,
    });
    await tx.insert(recordsDestructionItems).values(
      chosen.map(({ id: requestId, closedOn }) => ({
        destructionId: id,
        requestId,
        closedOn,
        dueOn: keptUntil(series.length, closedOn),
      })),
    );
    const details = { step: 'proposed', series: given.series, requests: chosen.length };
    await appendAudit(tx, actor, { action: 'retention.destroy', subject: `destruction:${number}`, details }, effects);
    return id;
  });
}

/** Permission `retention.destroy`, by somebody other than who proposed it. The work begins at once, as a job. */
export async function approveDestruction(
  parts: DestructionsParts,
  actor: Actor,
  id: string,
  effects: Effects,
): Promise<void> {
  const staff = requireDestroyer(actor);
  await parts.db.transaction(async (tx) => {
    const row = await lockDestruction(tx, id);
    if (row.state !== 'proposed') throw new PortalError('conflict', say('retention.waits-for-nothing'));
    if (row.proposedById === staff.id) refuseStep(null, say('retention.own-proposal'));
    const series = requireSchedule(parts, row.series as DestroyedSeries);
    if (JSON.stringify(toAuthority(series)) !== JSON.stringify(sorted(row.authority as Authority))) {
      refuseStep(null, say('retention.schedule-changed'));
    }
    const by = { approvedBy: staff.name, approvedById: staff.id };
    await tx
      .update(recordsDestructions)
      .set({ state: 'approved', approvedAt: toInstant(effects.clock.now()), ...by })
      .where(eq(recordsDestructions.id, id));
    const details = { step: 'approved' };
    const subject = `destruction:${row.number}`;
    await parts.jobs.send(destroyJob, { destruction: id }, { tx, singletonKey: id });
    await appendAudit(tx, actor, { action: 'retention.destroy', subject, details }, effects);
  });
}

/** Permission `retention.destroy`. What was approved can no longer be cancelled. */
export async function cancelDestruction(
  parts: DestructionsParts,
  actor: Actor,
  id: string,
  reason: string,
  effects: Effects,
): Promise<void> {
  requireDestroyer(actor);
  const words = reason.trim();
  if (words === '') refuseStep('reason', say('retention.cancel-why'));
  await parts.db.transaction(async (tx) => {
    const row = await lockDestruction(tx, id);
    if (row.state !== 'proposed') throw new PortalError('conflict', say('retention.cancel-waiting'));
    await tx
      .update(recordsDestructions)
      .set({ state: 'cancelled', endedAt: toInstant(effects.clock.now()), endedReason: words })
      .where(eq(recordsDestructions.id, id));
    const details = { step: 'cancelled' };
    const subject = `destruction:${row.number}`;
    await appendAudit(tx, actor, { action: 'retention.destroy', subject, details }, effects);
  });
}

function requireDestroyer(actor: Actor): StaffActor {
  requirePermission(actor, 'retention.destroy');
  if (actor.kind !== 'staff') throw new PortalError('forbidden');
  return actor;
}

function requireSchedule({ schedule }: DestructionsParts, id: DestroyedSeries): CompleteSeries {
  const series = seriesOf(schedule(), id);
  if (isComplete(series)) return series;
  refuseStep(null, say('retention.no-schedule'));
}

function toAuthority({ title, length, dispositionAuthority, source }: CompleteSeries): Authority {
  return sorted({ title, length, dispositionAuthority, source });
}

/** JSON in the database keeps no order of its fields. */
function sorted({ title, length, dispositionAuthority, source }: Authority): Authority {
  const { count, unit } = length;
  return { title, length: { count, unit }, dispositionAuthority, source };
}

const numberLock = 5_368_212;

/** D2026-0001, without a gap in the year. */
async function nextNumber(tx: Transaction, today: CityDate): Promise<string> {
  await tx.execute(sql`select pg_advisory_xact_lock(${numberLock})`);
  const year = today.slice(0, 4);
  const { rows } = await tx.execute<{ last: number }>(sql`
    select coalesce(max(right(number, 4)::int), 0) as last
    from records_destructions where number like ${`D${year}-%`}`);
  return `D${year}-${String(rows[0]!.last + 1).padStart(4, '0')}`;
}

/** Throws not-found. */
async function lockDestruction(tx: Transaction, id: string): Promise<typeof recordsDestructions.$inferSelect> {
  const [row] = isId(id)
    ? await tx.select().from(recordsDestructions).where(eq(recordsDestructions.id, id)).for('update')
    : [];
  if (row === undefined) throw new PortalError('not-found', say('retention.no-destruction'));
  return row;
}

/** All of them, or one; the latest first. Asks no permission. */
export async function readDestructions(db: Queryable, id: string | null): Promise<readonly Destruction[]> {
  const { rows } = await db.execute<{ found: Destruction }>(sql`
    select jsonb_build_object('id', d.id, 'number', d.number, 'series', d.series, 'authority', d.authority,
      'state', d.state, 'proposedAt', d.proposed_at, 'proposedBy', d.proposed_by, 'proposedById', d.proposed_by_id,
      'approvedAt', d.approved_at, 'approvedBy', d.approved_by, 'endedAt', d.ended_at, 'endedReason', d.ended_reason,
      'certificate', d.certificate, 'items', coalesce((
        select jsonb_agg(jsonb_build_object('number', r.number, 'closedOn', i.closed_on, 'dueOn', i.due_on,
          'state', i.state, 'reason', i.reason, 'contents', i.contents) order by r.number)
        from records_destruction_items i join records_requests r on r.id = i.request_id
        where i.destruction_id = d.id), '[]')) as found
    from records_destructions d where ${id === null ? sql`true` : sql`d.id::text = ${id}`}
    order by d.proposed_at desc, d.number desc limit 200`);
  // JSON has PostgreSQL's spelling.
  const instant = (at: string | null) => (at === null ? null : toInstant(Date.parse(at)));
  return rows.map(({ found }) => ({
    ...found,
    proposedAt: toInstant(Date.parse(found.proposedAt)),
    approvedAt: instant(found.approvedAt),
    endedAt: instant(found.endedAt),
  }));
}
