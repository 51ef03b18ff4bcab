// Messages that wait for a person, and those that a machine is held to have sent: read again from what was kept, given
// to a request, or laid aside. It must lose nothing of a message that is given to a request: what could not be read
// goes along whole.

import { and, eq, inArray, isNotNull, sql } from '../db/drizzle.ts';

import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Seal } from '../base/seal.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { receivedMail, receivedMailParts } from '../db/tables-mail.ts';
import { readMessage } from './message.ts';
import type { IncomingMessage, MailAttachment } from './message.ts';
import { readRaw, toReply } from './receive.ts';
import type { OnReply } from './receive.ts';

export type WaitingMessage = {
  readonly message: IncomingMessage;
  readonly raw: Buffer;
  /** What a request takes of it: its attachments, or all of it where some could not be read. */
  readonly files: readonly MailAttachment[];
};

/** It has not been placed or laid aside, and all of it is kept. */
const isWaiting = (mailId: string) =>
  and(
    eq(receivedMail.id, mailId),
    inArray(receivedMail.state, ['unassigned', 'stopped']),
    isNotNull(receivedMail.content),
    sql`exists (select 1 from ${receivedMailParts} where ${receivedMailParts.mailId} = ${receivedMail.id})`,
  );

/** True when it can still be placed. */
export async function canBePlaced(db: Queryable, mailId: string): Promise<boolean> {
  return (await db.select({ id: receivedMail.id }).from(receivedMail).where(isWaiting(mailId))).length > 0;
}

/** Throws not-found when no message of this id waits. Whoever asks has the permission and writes the audit event. */
export async function readWaiting(db: Queryable, seal: Seal, mailId: string): Promise<WaitingMessage> {
  if (!(await canBePlaced(db, mailId))) throw nothingWaits();
  const raw = await readRaw(db, seal, mailId);
  const message = await readMessage(raw);
  const whole: MailAttachment = { name: 'message.eml', mediaType: 'message/rfc822', bytes: raw };
  return { message, raw, files: message.unread === null ? message.attachments : [whole] };
}

/** Locks it: two people cannot both place it. */
export async function requireWaiting(tx: Transaction, mailId: string): Promise<void> {
  const [waiting] = await tx.select({ id: receivedMail.id }).from(receivedMail).where(isWaiting(mailId)).for('update');
  if (waiting === undefined) throw nothingWaits();
}

function nothingWaits(): PortalError {
  return new PortalError('not-found', say('mail.nothing-waits'));
}

/** Gives a waiting message to a request. Throws not-found when there is none waiting, and what the taker throws. */
export async function threadMessage(
  { tx, seal, take }: { readonly tx: Transaction; readonly seal: Seal; readonly take: OnReply | null },
  { mailId, requestNumber, by }: { readonly mailId: string; readonly requestNumber: string; readonly by: string },
  effects: Effects,
): Promise<void> {
  await requireWaiting(tx, mailId);
  if (take === null) throw new PortalError('records-invalid', say('mail.no-answers'));
  const { message, files } = await readWaiting(tx, seal, mailId);
  await take(tx, toReply({ ...message, attachments: files }, requestNumber, true));
  await endWaiting(tx, mailId, { state: 'threaded', requestNumber, by }, effects);
}

/**
 * What it said is now in the request, which keeps the whole message as it came; or it is not wanted, and is kept no
 * longer.
 */
export async function endWaiting(
  tx: Transaction,
  mailId: string,
  end: { readonly state: 'threaded' | 'dismissed'; readonly requestNumber: string | null; readonly by: string },
  effects: Effects,
): Promise<void> {
  const { state, requestNumber, by } = end;
  const handledAt = toInstant(effects.clock.now());
  if (state === 'dismissed') await tx.delete(receivedMailParts).where(eq(receivedMailParts.mailId, mailId));
  await tx
    .update(receivedMail)
    .set({ state, requestNumber, handledAt, handledBy: by, content: null })
    .where(eq(receivedMail.id, mailId));
}

export type DestroyedMail = { readonly bytes: number; readonly sha256: string };

/** Deletes the messages as they came that a request has taken. Tells what they were, as sealed. */
export async function deleteRaw(tx: Transaction, requestId: string): Promise<readonly DestroyedMail[]> {
  const own = sql`select m.id from received_mail m join records_requests r on r.number = m.request_number
    where r.id = ${requestId} and m.state = 'threaded'`;
  const { rows } = await tx.execute<{ bytes: number; sha256: string }>(sql`
    select sum(octet_length(bytes))::int as bytes,
      encode(sha256(string_agg(bytes, ''::bytea order by seq)), 'hex') as sha256
    from received_mail_parts where mail_id in (${own}) group by mail_id order by mail_id`);
  await tx.execute(sql`delete from received_mail_parts where mail_id in (${own})`);
  return rows;
}
