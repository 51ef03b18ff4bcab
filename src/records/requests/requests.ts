// Requests as they are stored: every change of one is a single transaction that the machine has decided.
// It must never change a row of records_requests in another way.

import { desc, eq, sql } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { dayMs, toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database, Queryable, Transaction } from '../../db/open.ts';
import { recordsClocks, recordsEvents, recordsRequests } from '../../db/tables-records.ts';
import { departments } from '../../db/tables.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { Action } from '../../people/permissions.ts';
import { cityDateOf } from '../../city/days.ts';
import type { ClockId, Law } from '../law/law.ts';
import { actionOf, needsVersion } from './commands.ts';
import { evolve } from './facts.ts';
import { keepMessage, sendLetters } from './letters.ts';
import { decide } from './machine.ts';
import type { Decision, Moment } from './machine.ts';
import type { ClockStart, RunningClock } from './machine-terms.ts';
import { openRequester } from './requesters.ts';
import type { NewEvent, RequestCommand, RequestRecord, RequestsCore } from './request.ts';
import { toColumns, toFacts, toRecord } from './rows.ts';
import type { RequestRow } from './rows.ts';
import { requireSeen } from './scope.ts';

export type RequestsParts = {
  readonly db: Database;
  readonly seal: Seal;
  /** As it stands now: closures may have been added. */
  readonly law: () => Law;
  readonly publicUrl: string;
};

export const numberPattern = /^\d{4}-\d{6}$/u;

export function openRequests(parts: RequestsParts, effects: Effects): RequestsCore {
  const { db, seal } = parts;
  return Object.freeze({
    db,
    effects,
    transition: (tx, actor, request, command) => transition(tx, parts, actor, { request, command }, effects),
    appendEvent: (tx, actor, requestId, event) => appendEvent(tx, parts, actor, { requestId, event }, effects),
    find: async (idOrNumber) => toRecord(await readRow(db, idOrNumber), seal),
    requireOwn,
    async requesterOf(actor, requestId) {
      return db.transaction(async (tx) => {
        const row = await readRow(tx, requestId);
        await requireRequesterSeen(tx, actor, row, effects);
        return openRequester(seal, row);
      });
    },
  } satisfies RequestsCore);
}

function requireOwn(actor: Actor, requestId: string): void {
  if (actor.kind === 'requester' && actor.requestId !== requestId) throw new PortalError('not-found');
}

/**
 * By id or number. Throws not-found. The lock lets rows that refer to the request be written meanwhile: with a stronger
 * one, two that each wrote one first would wait for each other forever.
 */
export async function readRow(db: Queryable, idOrNumber: string, forUpdate = false): Promise<RequestRow> {
  const column = numberPattern.test(idOrNumber) ? recordsRequests.number : recordsRequests.id;
  if (column === recordsRequests.id && !isId(idOrNumber)) throw new PortalError('not-found');
  const asked = db.select().from(recordsRequests).where(eq(column, idOrNumber));
  const [row] = await (forUpdate ? asked.for('no key update') : asked);
  if (row === undefined) throw new PortalError('not-found');
  return row;
}

async function requireRequesterSeen(tx: Transaction, actor: Actor, row: RequestRow, effects: Effects): Promise<void> {
  if (actor.kind === 'requester') {
    requireOwn(actor, row.id);
    requirePermission(actor, 'request.follow');
    if (actor.delegate !== null) throw new PortalError('forbidden', say('records.own-details'));
    return;
  }
  if (actor.kind === 'staff') await requireSeen(tx, actor, row, 'request.see-requester');
  else requirePermission(actor, 'request.see-requester');
  const event = { action: 'request.see-requester', subject: `request:${row.number}`, details: {} } as const;
  await appendAudit(tx, actor, event, effects);
}

/** Staff see only what is theirs to see; a requester only the one request whose link they hold. */
export async function requireMay(tx: Queryable, actor: Actor, row: RequestRow, action: Action): Promise<void> {
  requireOwn(actor, row.id);
  if (actor.kind === 'staff') await requireSeen(tx, actor, row, action);
  else requirePermission(actor, action);
}

/** What is to be done with a request, which is at the version that was seen. */
type GivenCommand = {
  readonly request: { readonly id: string; readonly expectedVersion: number | null };
  readonly command: RequestCommand;
};

async function transition(
  tx: Transaction,
  parts: RequestsParts,
  actor: Actor,
  { request, command }: GivenCommand,
  effects: Effects,
): Promise<RequestRecord> {
  const row = await readRow(tx, request.id, true);
  const action = actionOf(command, actor);
  await requireMay(tx, actor, row, action);
  requireVersion(row, actor, request.expectedVersion, command);
  await requireReferences(tx, row, command);
  const now = momentOf(parts, actor, effects);
  const clocks = await readRunning(tx, row.id);
  const situation = { facts: toFacts(row), clocks, text: row.shownText ?? row.text };
  const decision = decide(situation, command, parts.law(), now);
  const stored = await storeDecision(tx, { row, clocks }, decision, now, actor);
  for (const order of decision.messages) {
    const message = { ...order, requestId: row.id, author: actor, subject: null };
    await keepMessage(tx, parts.seal, message, effects);
  }
  const sending = { request: stored, version: stored.version, actor, onDate: now.onDate, link: null };
  await sendLetters(tx, parts, decision.letters, sending, effects);
  const details = { command: command.kind, from: row.state, to: stored.state, version: stored.version };
  await appendAudit(tx, actor, { action, subject: `request:${row.number}`, details }, effects);
  return toRecord(stored, parts.seal);
}

function requireVersion(row: RequestRow, actor: Actor, expected: number | null, command: RequestCommand): void {
  if (expected === null && needsVersion(command, actor)) {
    throw new PortalError('conflict', {
      detail: say('records.version-missing'),
      extra: { version: row.version },
    });
  }
  if (expected === null || expected === row.version) return;
  throw new PortalError('conflict', {
    detail: say('records.request-changed', { number: row.number, now: row.version, seen: expected }),
    extra: { version: row.version, seen: expected },
  });
}

/** What a command names has to be there: a department, or the other requests of a requester. */
async function requireReferences(tx: Transaction, row: RequestRow, command: RequestCommand): Promise<void> {
  if (command.kind === 'assign' && command.department !== null) {
    const found = await tx
      .select({ id: departments.id })
      .from(departments)
      .where(eq(departments.id, command.department));
    if (found.length === 0) throw new PortalError('department-not-found');
  }
  if (command.kind === 'deny-bot') await requireSameDay(tx, row, command.others);
}

/** RCW 42.56.080(3): one of multiple requests from that requestor within a twenty-four hour period. */
async function requireSameDay(tx: Transaction, row: RequestRow, others: readonly string[]): Promise<void> {
  for (const number of others) {
    const other = numberPattern.test(number)
      ? (await tx.select().from(recordsRequests).where(eq(recordsRequests.number, number)))[0]
      : undefined;
    if (other === undefined || other.id === row.id)
      refuseStep('others', say('records.no-other-request', { number: number.slice(0, 20) }));
    const apartMs = Math.abs(Date.parse(other.receivedAt) - Date.parse(row.receivedAt));
    if (apartMs > dayMs) refuseStep('others', say('records.other-not-within-day', { number }));
    const [a, b] = [row.requesterEmailIndex, other.requesterEmailIndex];
    if (a !== null && b !== null && !a.equals(b)) refuseStep('others', say('records.other-address', { number }));
  }
}

export function momentOf(parts: Pick<RequestsParts, 'law'>, actor: Actor, effects: Effects): Moment {
  const ms = effects.clock.now();
  return { at: toInstant(ms), onDate: cityDateOf(ms, parts.law().city.timeZone), actorId: actorId(actor) };
}

export async function readRunning(db: Queryable, requestId: string): Promise<readonly RunningClock[]> {
  const rows = await db
    .select({
      seq: recordsClocks.seq,
      clock: recordsClocks.clock,
      subject: recordsClocks.subject,
      startedOn: recordsClocks.startedOn,
      dueOn: recordsClocks.dueOn,
    })
    .from(recordsClocks)
    .where(sql`${recordsClocks.requestId} = ${requestId} and ${recordsClocks.stoppedAt} is null`)
    .orderBy(recordsClocks.seq);
  return rows.map((row) => ({ ...row, clock: row.clock as ClockId }));
}

/** A request whose row is locked, and the clocks that run of it. */
type Before = { readonly row: RequestRow; readonly clocks: readonly RunningClock[] };

async function storeDecision(
  tx: Transaction,
  { row, clocks }: Before,
  decision: Decision,
  now: Moment,
  actor: Actor,
): Promise<RequestRow> {
  const stopped = new Set(decision.stop.map(({ seq }) => seq));
  for (const { seq, reason } of decision.stop) {
    await tx
      .update(recordsClocks)
      .set({ stoppedAt: now.at, stopReason: reason })
      .where(sql`${recordsClocks.requestId} = ${row.id} and ${recordsClocks.seq} = ${seq}`);
  }
  await insertClocks(tx, row.id, decision.start);
  const running = [...clocks.filter(({ seq }) => !stopped.has(seq)), ...decision.start];
  const stored = await storeFacts(tx, row, decision, running, now);
  await insertEvents(tx, { requestId: row.id, version: stored.version, events: decision.events }, now, actor);
  return stored;
}

async function storeFacts(
  tx: Transaction,
  row: RequestRow,
  { facts, words }: Pick<Decision, 'facts' | 'words'>,
  running: readonly { readonly clock: ClockId; readonly dueOn: string }[],
  now: Moment,
): Promise<RequestRow> {
  const [stored] = await tx
    .update(recordsRequests)
    .set({ ...toColumns(facts, running), ...words, version: row.version + 1, changedAt: now.at })
    .where(eq(recordsRequests.id, row.id))
    .returning();
  return stored!; // the row is locked
}

export async function insertClocks(tx: Transaction, requestId: string, starts: readonly ClockStart[]): Promise<void> {
  if (starts.length === 0) return;
  const { rows } = await tx.execute<{ last: number }>(
    sql`select coalesce(max(seq), 0)::int as last from records_clocks where request_id = ${requestId}`,
  );
  const last = rows[0]!.last;
  await tx.insert(recordsClocks).values(
    starts.map(({ clock, subject, startedOn, dueOn, basis }, index) => ({
      requestId,
      seq: last + index + 1,
      clock,
      subject,
      startedOn,
      dueOn,
      basis,
    })),
  );
}

/** A version that a request has reached, and the events that made it. */
type NewVersion = { readonly requestId: string; readonly version: number; readonly events: readonly NewEvent[] };

export async function insertEvents(
  tx: Transaction,
  { requestId, version, events }: NewVersion,
  now: Moment,
  actor: Actor,
): Promise<void> {
  const [last] = await tx
    .select({ seq: recordsEvents.seq })
    .from(recordsEvents)
    .where(eq(recordsEvents.requestId, requestId))
    .orderBy(desc(recordsEvents.seq))
    .limit(1);
  await tx.insert(recordsEvents).values(
    events.map(({ kind, audience, data }, index) => ({
      requestId,
      seq: (last?.seq ?? 0) + index + 1,
      at: now.at,
      onDate: now.onDate,
      kind,
      actor: actorName(actor),
      actorId: actorId(actor),
      audience,
      data: { ...data, version },
    })),
  );
}

async function appendEvent(
  tx: Transaction,
  parts: RequestsParts,
  actor: Actor,
  { requestId, event }: { readonly requestId: string; readonly event: NewEvent },
  effects: Effects,
): Promise<void> {
  const row = await readRow(tx, requestId, true);
  requireOwn(actor, row.id);
  const now = momentOf(parts, actor, effects);
  const facts = evolve(toFacts(row), { ...event, onDate: now.onDate });
  const stored = await storeFacts(tx, row, { facts, words: {} }, await readRunning(tx, row.id), now);
  await insertEvents(tx, { requestId: row.id, version: stored.version, events: [event] }, now, actor);
  const action = actor.kind === 'requester' ? 'request.follow' : 'request.work';
  const details = { event: event.kind, version: stored.version };
  await appendAudit(tx, actor, { action, subject: `request:${row.number}`, details }, effects);
}
