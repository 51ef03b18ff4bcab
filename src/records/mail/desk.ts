// What people may do with letters and mail: see what waits, open one, send it again, say where a message belongs.
// It must open no seal without a permission and an audit event that says who looked.

import { and, desc, eq, inArray } from '../../db/drizzle.ts';

import { actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import { letters, receivedMail } from '../../db/tables-mail.ts';
import { recordsRequests } from '../../db/tables-records.ts';
import type { Jobs } from '../../jobs/job.ts';
import type { Mail } from '../../mail/mail.ts';
import { openContent, readLetter } from '../../mail/outbox.ts';
import type { LetterState } from '../../mail/outbox.ts';
import { openReceived } from '../../mail/receive.ts';
import type { Received } from '../../mail/receive.ts';
import { canBePlaced, endWaiting, requireWaiting } from '../../mail/waiting.ts';
import { appendAudit } from '../../people/audit.ts';
import { isAllowed, requirePermission } from '../../people/permissions.ts';

export type LetterRow = {
  readonly id: string;
  readonly kind: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
  readonly requestNumber: string | null;
};

export type ReceivedRow = {
  readonly id: string;
  readonly receivedAt: string;
  readonly reason: string;
  /** The request that it names, and has not joined. */
  readonly requestNumber: string | null;
};

export type ParkedRow = {
  readonly id: string;
  readonly name: string;
  readonly failedAt: string;
  readonly reason: string;
  readonly mayRetry: boolean;
};

export type MailOverview = {
  /** False: no SMTP_URL, so letters only wait. */
  readonly sends: boolean;
  readonly from: string | null;
  readonly inbound: string | null;
  readonly counts: Readonly<Record<LetterRow['state'], number>>;
  readonly letters: readonly LetterRow[];
  /** Messages that wait for somebody to say where they belong. */
  readonly waiting: readonly ReceivedRow[];
  /** Messages that machines sent. */
  readonly stopped: readonly ReceivedRow[];
  /** Jobs that failed as often as they may. */
  readonly parked: readonly ParkedRow[];
};

export type OpenedLetter = Pick<LetterRow, 'id' | 'kind' | 'state' | 'createdAt' | 'endedAt' | 'reason'> & {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly string[];
};

export type OpenedMail = ReceivedRow & {
  readonly waits: boolean;
  readonly from: string | null;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly bytes: number }[];
};

export type MailDesk = {
  readonly db: Database;
  readonly seal: Seal;
  readonly mail: Mail;
  readonly jobs: Jobs;
};

const shown = 100;

/** Everything but what is sealed. */
export async function readOverview(desk: MailDesk, actor: Actor, state: LetterState | null): Promise<MailOverview> {
  requirePermission(actor, 'mail.read');
  const [counts, parked, outgoing, waiting, stopped] = await Promise.all([
    desk.mail.counts(),
    desk.jobs.parked(),
    readLetterRows(desk.db, state),
    readReceivedRows(desk.db, 'unassigned'),
    readReceivedRows(desk.db, 'stopped'),
  ]);
  const { smtp, from, inbound } = desk.mail.settings;
  return { sends: smtp !== null, from, inbound, counts, letters: outgoing, waiting, stopped, parked };
}

async function readLetterRows(db: Database, state: LetterState | null): Promise<readonly LetterRow[]> {
  const rows = await db
    .select({
      id: letters.id,
      kind: letters.kind,
      state: letters.state,
      attempts: letters.attempts,
      createdAt: letters.createdAt,
      nextAttemptAt: letters.nextAttemptAt,
      endedAt: letters.endedAt,
      reason: letters.reason,
      requestNumber: recordsRequests.number,
    })
    .from(letters)
    .leftJoin(recordsRequests, eq(recordsRequests.id, letters.requestId))
    .where(inArray(letters.state, state === null ? ['queued', 'sending', 'failed'] : [state]))
    .orderBy(desc(letters.createdAt))
    .limit(shown);
  return rows.map((row) => ({ ...row, state: row.state as LetterState }));
}

const { id, receivedAt, reason, requestNumber } = receivedMail;
const receivedColumns = { id, receivedAt, reason, requestNumber };

/** Messages that name this request and wait for somebody to accept them. */
export async function readWaitingFor(desk: MailDesk, actor: Actor, number: string): Promise<readonly ReceivedRow[]> {
  requirePermission(actor, 'mail.read');
  const rows = await desk.db
    .select(receivedColumns)
    .from(receivedMail)
    .where(and(eq(receivedMail.state, 'unassigned'), eq(receivedMail.requestNumber, number)))
    .orderBy(desc(receivedMail.receivedAt))
    .limit(shown);
  return rows.map((row) => ({ ...row, reason: row.reason ?? '' }));
}

async function readReceivedRows(db: Database, state: 'unassigned' | 'stopped'): Promise<readonly ReceivedRow[]> {
  const rows = await db
    .select(receivedColumns)
    .from(receivedMail)
    .where(eq(receivedMail.state, state))
    .orderBy(desc(receivedMail.receivedAt))
    .limit(shown);
  return rows.map((row) => ({ ...row, reason: row.reason ?? '' }));
}

/** Opens the seal of a letter. Throws not-found. */
export async function openLetter(desk: MailDesk, actor: Actor, id: string, effects: Effects): Promise<OpenedLetter> {
  requirePermission(actor, 'mail.read');
  const letter = isId(id) ? await readLetter(desk.db, id) : null;
  if (letter === null) throw new PortalError('not-found', say('mail.no-letter'));
  const event = { action: 'mail.read', subject: `letter:${id}`, details: { kind: letter.kind } } as const;
  await desk.db.transaction((tx) => appendAudit(tx, actor, event, effects));
  const { to, subject, text, attachments } = openContent(desk.seal, letter);
  const { kind, state, createdAt, endedAt, reason } = letter;
  const mayHandOver = state !== 'sent' && isAllowed(actor, 'request.enter');
  return {
    id,
    kind,
    state,
    createdAt,
    endedAt,
    reason,
    to,
    subject,
    text: mayHandOver ? text : hideLinks(text),
    attachments: attachments.map(({ name }) => name),
  };
}

/**
 * Whoever has the secret link of a request acts as its requester. Staff see it only in a letter that has not gone out,
 * and only those who would print it and hand it over.
 */
function hideLinks(text: string): string {
  return text.replaceAll(/(\/records\/follow\/)[\w.~-]+/gu, '$1…');
}

/** Puts a letter first in the row again. Throws not-found, conflict while it is being sent. */
export async function sendAgain(desk: MailDesk, actor: Actor, id: string, effects: Effects): Promise<void> {
  requirePermission(actor, 'mail.retry');
  await desk.db.transaction(async (tx) => {
    if (!isId(id) || !(await desk.mail.sendAgain(tx, id)))
      throw new PortalError('not-found', say('mail.no-letter-to-send'));
    await appendAudit(tx, actor, { action: 'mail.retry', subject: `letter:${id}`, details: {} }, effects);
  });
}

/** Gives a parked job its tries again. Throws not-found. */
export async function retryJob(desk: MailDesk, actor: Actor, id: string, effects: Effects): Promise<void> {
  requirePermission(actor, 'mail.retry');
  await desk.jobs.retry(id);
  const event = { action: 'mail.retry', subject: `job:${id}`, details: {} } as const;
  await desk.db.transaction((tx) => appendAudit(tx, actor, event, effects));
}

/** Takes a message as it came. */
export async function receiveMail(desk: MailDesk, actor: Actor, raw: Buffer, effects: Effects): Promise<Received> {
  requirePermission(actor, 'mail.receive');
  return desk.mail.receive(raw, async (tx, { id, became, requestNumber }) => {
    const details = { became, request: requestNumber };
    await appendAudit(tx, actor, { action: 'mail.receive', subject: `mail:${id}`, details }, effects);
  });
}

/** Opens the seal of a message that waits or was stopped. Throws not-found. */
export async function openMessage(desk: MailDesk, actor: Actor, id: string, effects: Effects): Promise<OpenedMail> {
  requirePermission(actor, 'mail.read');
  const found = isId(id) ? await desk.db.select().from(receivedMail).where(eq(receivedMail.id, id)) : [];
  const row = found[0];
  if (row === undefined || row.content === null) throw new PortalError('not-found', say('mail.no-message'));
  const event = { action: 'mail.read', subject: `mail:${id}`, details: { state: row.state } } as const;
  await desk.db.transaction((tx) => appendAudit(tx, actor, event, effects));
  const content = openReceived(desk.seal, { id, content: row.content });
  const { receivedAt, reason, requestNumber } = row;
  const waits = await canBePlaced(desk.db, id);
  return { id, receivedAt, reason: reason ?? '', requestNumber, waits, ...content };
}

/** Says to which request a waiting message belongs. Throws not-found, and what the request says against it. */
export async function assignMessage(
  desk: MailDesk,
  actor: Actor,
  { id, requestNumber }: { readonly id: string; readonly requestNumber: string },
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'mail.retry');
  requireId(id);
  await desk.db.transaction(async (tx) => {
    await desk.mail.thread(tx, id, requestNumber, actorName(actor));
    const details = { request: requestNumber };
    await appendAudit(tx, actor, { action: 'mail.receive', subject: `mail:${id}`, details }, effects);
  });
}

/** Lays a waiting message aside; its words are kept no longer. Throws not-found. */
export async function dismissMessage(desk: MailDesk, actor: Actor, id: string, effects: Effects): Promise<void> {
  requirePermission(actor, 'mail.retry');
  requireId(id);
  await desk.db.transaction(async (tx) => {
    await requireWaiting(tx, id);
    await endWaiting(tx, id, { state: 'dismissed', requestNumber: null, by: actorName(actor) }, effects);
    await appendAudit(
      tx,
      actor,
      { action: 'mail.retry', subject: `mail:${id}`, details: { dismissed: true } },
      effects,
    );
  });
}

export function requireId(id: string): void {
  if (!isId(id)) throw new PortalError('not-found', say('mail.no-message'));
}
