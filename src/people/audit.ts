// The record of everything that people did: append-only, each event bound to the one before it by a hash.
// It must be written in the transaction of what it records, and never hold a secret or the content of a row.

import { createHash } from 'node:crypto';
import { desc, gt, sql } from '../db/drizzle.ts';
import { type Actor, actorId, actorName } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { auditEvents } from '../db/tables.ts';
import type { Action } from './permissions.ts';

export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

export type AuditEvent = {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string; // `dataset:ab12-cd34`, `token:…`
  readonly details: AuditDetails;
};

export type AuditVerdict = { readonly events: number; readonly head: string; readonly brokenAt: number | null };

/** Transactions append one after the other; the lock is theirs until they end, so it is taken last. */
const auditLock = 5_368_203;
const beginning = Buffer.alloc(32);

/** Appends one event to the chain inside the caller's transaction. */
export async function appendAudit(
  tx: Transaction,
  actor: Actor,
  event: { readonly action: Action; readonly subject: string; readonly details: AuditDetails },
  effects: Effects,
): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${auditLock})`);
  const [last] = await tx
    .select({ seq: auditEvents.seq, hash: auditEvents.hash })
    .from(auditEvents)
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  const seq = (last?.seq ?? 0) + 1;
  const at = toInstant(effects.clock.now());
  const id = actorId(actor);
  const name = id === null ? actorName(actor) : `${actorName(actor)} (${id})`;
  const body = toBody({ seq, at, actor: name, ...event });
  const previous = last?.hash ?? beginning;
  const row = { seq, at, actor: name, action: event.action, subject: event.subject };
  await tx.insert(auditEvents).values({ ...row, body, previous, hash: chain(previous, body) });
}

/** Events after `after`, oldest first. */
export async function readAudit(db: Queryable, page: { after: number; limit: number }): Promise<readonly AuditEvent[]> {
  const rows = await db
    .select({ body: auditEvents.body })
    .from(auditEvents)
    .where(gt(auditEvents.seq, page.after))
    .orderBy(auditEvents.seq)
    .limit(page.limit);
  return rows.map((row) => JSON.parse(row.body) as AuditEvent);
}

/** Walks the chain from the first event; `brokenAt` names the first that was changed, removed, added or moved. */
export async function verifyAudit(db: Queryable): Promise<AuditVerdict> {
  let [previous, seq]: [Buffer, number] = [beginning, 0];
  for (;;) {
    const rows = await db
      .select()
      .from(auditEvents)
      .where(gt(auditEvents.seq, seq))
      .orderBy(auditEvents.seq)
      .limit(1000);
    for (const row of rows) {
      const event = JSON.parse(row.body) as AuditEvent;
      const same =
        row.seq === seq + 1 &&
        event.seq === row.seq &&
        event.at === row.at &&
        event.actor === row.actor &&
        event.action === row.action &&
        event.subject === row.subject &&
        row.previous.equals(previous) &&
        row.hash.equals(chain(previous, row.body));
      if (!same) return { events: seq, head: previous.toString('hex'), brokenAt: seq + 1 };
      [previous, seq] = [row.hash, row.seq];
    }
    if (rows.length < 1000) return { events: seq, head: previous.toString('hex'), brokenAt: null };
  }
}

function chain(previous: Buffer, body: string): Buffer {
  return createHash('sha256').update(previous).update(body, 'utf8').digest();
}

/** One spelling for one event: fixed order of fields, details by name. */
function toBody(event: AuditEvent): string {
  const details = Object.fromEntries(Object.entries(event.details).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { seq, at, actor, action, subject } = event;
  return JSON.stringify({ seq, at, actor, action, subject, details });
}
