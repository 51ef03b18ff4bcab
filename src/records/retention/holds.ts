// Holds: what must not be destroyed, why, and until somebody says otherwise.
// It must not keep anything by itself: the database does, whoever asks it (migrations/0008-reports.sql).

import { eq, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import { recordsHoldRequests, recordsHolds } from '../../db/tables-reports.ts';
import { departments } from '../../db/tables.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { numberPattern } from '../requests/requests.ts';

export const holdKinds = ['litigation', 'records-request', 'audit', 'other'] as const;
export type HoldKind = (typeof holdKinds)[number];

export const holdCovers = ['requests', 'department', 'everything'] as const;
export type HoldCovers = (typeof holdCovers)[number];

export type NewHold = {
  readonly kind: HoldKind;
  readonly name: string;
  readonly reason: string;
  readonly covers: HoldCovers;
  readonly department: string | null;
  /** Numbers of requests. */
  readonly requests: readonly string[];
};

export type Hold = NewHold & {
  readonly id: string;
  readonly placedAt: string;
  readonly placedBy: string;
  readonly releasedAt: string | null;
  readonly releasedBy: string | null;
  readonly releaseReason: string | null;
};

/** Standing ones first, the latest first. Asks no permission. */
export async function readHolds(db: Database): Promise<readonly Hold[]> {
  const rows = await db
    .select({
      hold: recordsHolds,
      requests: sql<string[]>`coalesce((select array_agg(r.number order by r.number) from records_hold_requests hr
        join records_requests r on r.id = hr.request_id where hr.hold_id = ${recordsHolds.id}), '{}')`,
    })
    .from(recordsHolds)
    .orderBy(sql`${recordsHolds.releasedAt} is not null, ${recordsHolds.placedAt} desc`);
  return rows.map(({ hold, requests }) => ({
    ...hold,
    kind: hold.kind as HoldKind, // the table's checks hold both to these words
    covers: hold.covers as HoldCovers,
    requests,
  }));
}

/** Permission `retention.hold`. Throws form-invalid. Answers its id. */
export async function placeHold(db: Database, actor: Actor, given: NewHold, effects: Effects): Promise<string> {
  requirePermission(actor, 'retention.hold');
  requireSound(given);
  return db.transaction(async (tx) => {
    const id = newId(effects.clock);
    const { kind, covers } = given;
    if (covers === 'department') await requireDepartment(tx, given.department ?? '');
    await tx.insert(recordsHolds).values({
      id,
      kind,
      name: given.name.trim(),
      reason: given.reason.trim(),
      covers,
      department: covers === 'department' ? given.department : null,
      placedAt: toInstant(effects.clock.now()),
      placedBy: actorName(actor),
      placedById: actorId(actor),
    });
    const numbers = covers === 'requests' ? [...new Set(given.requests)] : [];
    for (const number of numbers) {
      await tx.insert(recordsHoldRequests).values({ holdId: id, requestId: await findRequest(tx, number) });
    }
    const details = { hold: 'placed', kind, covers, requests: numbers.join(' ') };
    await appendAudit(tx, actor, { action: 'retention.hold', subject: `hold:${id}`, details }, effects);
    return id;
  });
}

/** Permission `retention.hold`. Throws not-found, conflict when it was released before. */
export async function releaseHold(
  db: Database,
  actor: Actor,
  id: string,
  reason: string,
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'retention.hold');
  const words = reason.trim();
  if (words === '') refuseField('reason', say('retention.release-why'));
  if (!isId(id)) throw new PortalError('not-found');
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(recordsHolds).where(eq(recordsHolds.id, id)).for('update');
    if (row === undefined) throw new PortalError('not-found');
    if (row.releasedAt !== null) throw new PortalError('conflict', say('retention.released-already'));
    const by = { releasedBy: actorName(actor), releasedById: actorId(actor), releaseReason: words };
    await tx
      .update(recordsHolds)
      .set({ releasedAt: toInstant(effects.clock.now()), ...by })
      .where(eq(recordsHolds.id, id));
    const details = { hold: 'released' };
    await appendAudit(tx, actor, { action: 'retention.hold', subject: `hold:${id}`, details }, effects);
  });
}

async function findRequest(tx: Transaction, number: string): Promise<string> {
  const [row] = numberPattern.test(number)
    ? await tx.select({ id: recordsRequests.id }).from(recordsRequests).where(eq(recordsRequests.number, number))
    : [];
  if (row === undefined) refuseField('requests', say('retention.no-request', { number: number.slice(0, 20) }));
  return row.id;
}

async function requireDepartment(tx: Transaction, id: string): Promise<void> {
  const found = await tx.select({ id: departments.id }).from(departments).where(eq(departments.id, id));
  if (found.length === 0) refuseField('department', say('retention.hold-department'));
}

function requireSound({ kind, name, reason, covers, requests }: NewHold): void {
  if (!holdKinds.includes(kind)) refuseField('kind', say('retention.hold-kind'));
  if (!holdCovers.includes(covers)) refuseField('covers', say('retention.hold-covers'));
  if (name.trim() === '') refuseField('name', say('retention.hold-name'));
  if (reason.trim() === '') refuseField('reason', say('retention.hold-why'));
  if (name.length > 200 || reason.length > 4_000) refuseField('reason', say('retention.too-long'));
  if (covers === 'requests' && requests.length === 0) refuseField('requests', say('retention.name-requests'));
  if (requests.length > 500) refuseField('requests', say('retention.name-at-most'));
}
