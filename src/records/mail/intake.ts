// A request made of a message that waits, and the files of such a message, for the staff who may.
// It must say the day the message came, not the day it was read; and hand out no byte without an audit event.

import { eq } from '../../db/drizzle.ts';

import { actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { receivedMail } from '../../db/tables-mail.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import { endWaiting, readWaiting, requireWaiting } from '../../mail/waiting.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { cityDateOf } from '../../city/days.ts';
import type { Records } from '../open.ts';
import type { EnteredRequest, OnCreated, Submitted } from '../requests/submissions.ts';
import { requireId } from './desk.ts';
import type { MailDesk } from './desk.ts';

/** What the form of a new request is filled with. */
export type MailEntry = {
  readonly id: string;
  /** The day it came, in the city. */
  readonly receivedOn: string;
  readonly email: string | null;
  readonly text: string;
  readonly attachments: readonly string[];
};

export type IntakeDesk = MailDesk & { readonly records: Pick<Records, 'enter' | 'files' | 'law'> };

/** What the form of a new request is filled with. Opens the seal, with an audit event. Throws not-found. */
export async function readEntry(desk: IntakeDesk, actor: Actor, id: string, effects: Effects): Promise<MailEntry> {
  requirePermission(actor, 'mail.retry');
  requireId(id);
  const { message, files } = await readWaiting(desk.db, desk.seal, id);
  const event = { action: 'mail.read', subject: `mail:${id}`, details: { state: 'unassigned' } } as const;
  await desk.db.transaction((tx) => appendAudit(tx, actor, event, effects));
  const { from, subject, text } = message;
  return {
    id,
    receivedOn: cityDateOf(await readArrival(desk, id), desk.records.law().city.timeZone),
    email: from,
    text: [subject, text].filter((each) => each !== '').join('\n\n'),
    attachments: files.map(({ name }) => name),
  };
}

/**
 * The request that a message asks for, entered by the staff, with its attachments; in one transaction with the
 * message's end. Throws not-found when it waits no more, form-invalid. The same form sent twice is one request.
 */
export async function makeRequest(
  desk: IntakeDesk,
  actor: Actor,
  id: string,
  given: EnteredRequest,
  effects: Effects,
): Promise<Submitted> {
  requirePermission(actor, 'mail.retry');
  requireId(id);
  const receivedAt = await readArrival(desk, id);
  const onCreated: OnCreated = async (tx, requestId) => {
    await requireWaiting(tx, id);
    const { files } = await readWaiting(tx, desk.seal, id);
    for (const file of files) await desk.records.files.keep(tx, requestId, file);
    const [request] = await tx
      .select({ number: recordsRequests.number })
      .from(recordsRequests)
      .where(eq(recordsRequests.id, requestId));
    const requestNumber = request!.number;
    await endWaiting(tx, id, { state: 'threaded', requestNumber, by: actorName(actor) }, effects);
    const details = { request: requestNumber, isNew: true };
    await appendAudit(tx, actor, { action: 'mail.receive', subject: `mail:${id}`, details }, effects);
  };
  return desk.records.enter(actor, { ...given, receivedAt }, onCreated);
}

async function readArrival({ db }: MailDesk, id: string): Promise<string> {
  const [found] = await db.select({ at: receivedMail.receivedAt }).from(receivedMail).where(eq(receivedMail.id, id));
  if (found === undefined) throw new PortalError('not-found', say('mail.no-message'));
  return found.at;
}

export type MailFile = { readonly name: string; readonly bytes: Buffer };

/** One attachment, counted from 1, of a message that waits; null: the whole message. Throws not-found. */
export async function readMailFile(
  desk: MailDesk,
  actor: Actor,
  { id, attachment }: { readonly id: string; readonly attachment: number | null },
  effects: Effects,
): Promise<MailFile> {
  requirePermission(actor, 'mail.read');
  requireId(id);
  const { message, raw } = await readWaiting(desk.db, desk.seal, id);
  const file = attachment === null ? { name: 'message.eml', bytes: raw } : message.attachments[attachment - 1];
  if (file === undefined) throw new PortalError('not-found', say('mail.no-attachment'));
  const details = { file: attachment ?? 'message' };
  await desk.db.transaction((tx) =>
    appendAudit(tx, actor, { action: 'mail.read', subject: `mail:${id}`, details }, effects),
  );
  return { name: file.name, bytes: file.bytes };
}
