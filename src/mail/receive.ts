// What becomes of a message that comes in: it joins its request, waits for a person, or is stopped.
// It must take each message once, however often it is handed in, and begin no loop.

import { createHash } from 'node:crypto';

import { and, eq, gt, inArray, sql } from '../db/drizzle.ts';

import type { MailSettings } from '../base/config.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Seal } from '../base/seal.ts';
import type { Database, Queryable, Transaction } from '../db/open.ts';
import { letters, receivedMail, receivedMailParts } from '../db/tables-mail.ts';
import { recordsRequests } from '../db/tables-records.ts';
import { readMessage } from './message.ts';
import type { IncomingMessage, MailAttachment } from './message.ts';
import { addressIndex } from './outbox.ts';
import { letterIdsIn, parseReplyAddress } from './reply-address.ts';

/** An answer to a request, as the records part takes it. Who wrote it is what the message says, and no proof. */
export type Reply = {
  readonly requestNumber: string;
  readonly messageId: string | null;
  readonly from: string | null;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
  /** A member of staff has read it and says that it belongs to the request, whoever wrote it. */
  readonly isAccepted: boolean;
  /** A machine is held to have sent it: it answers no question, whoever accepts it. */
  readonly isAutomatic: boolean;
};

/**
 * Takes it in the transaction that keeps the message: both or neither. A PortalError below 500 leaves it to a person.
 */
export type OnReply = (tx: Transaction, reply: Reply) => Promise<void>;

/** A letter that was not delivered: what the request it belongs to has to know, in the transaction that says so. */
export type Undelivered = { readonly requestId: string; readonly kind: string; readonly dedupeKey: string | null };
export type OnUndelivered = (tx: Transaction, letter: Undelivered) => Promise<void>;

export type Became = 'threaded' | 'unassigned' | 'stopped';
export type Received = {
  readonly id: string;
  /** `repeated`: it has been here before, and nothing was done. */
  readonly became: Became | 'repeated';
  readonly requestNumber: string | null;
};
export type InTransaction = (tx: Transaction, received: Received) => Promise<void>;

/** What is sealed of a message while it waits. */
export type ReceivedContent = Pick<IncomingMessage, 'from' | 'subject' | 'text' | 'messageId'> & {
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly bytes: number }[];
};

export type ReceiveParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly settings: MailSettings;
  readonly take: OnReply | null;
  readonly undelivered: OnUndelivered | null;
};

const perSenderAndHour = 30;
const hourMs = 60 * 60_000;
const pieceBytes = 1024 * 1024;

type Verdict =
  | { readonly became: 'threaded'; readonly requestNumber: string }
  | {
      readonly became: 'unassigned' | 'stopped';
      readonly requestNumber: string | null;
      readonly reason: string;
      /** One of too many from one address: its words are kept, the whole message is not. */
      readonly isFlood?: boolean;
    };

export async function receiveMessage(
  parts: ReceiveParts,
  raw: Buffer,
  record: InTransaction,
  effects: Effects,
): Promise<Received> {
  const message = await readMessage(raw);
  const keep = (verdict: Verdict) =>
    parts.db.transaction((tx) => keepMessage(tx, parts, { raw, message, verdict, record }, effects));
  const verdict = await judge(parts, message, effects);
  let received: Received;
  try {
    received = await keep(verdict);
  } catch (error) {
    // The request does not take it: it was destroyed, say. A person sees it instead.
    if (verdict.became !== 'threaded' || !(error instanceof PortalError) || error.status >= 500) throw error;
    received = await keep({ ...verdict, became: 'unassigned', reason: toReason(error) });
  }
  effects.observe({ kind: 'mail-received', id: received.id, became: received.became });
  return received;
}

/** As the other reasons are written: no sentence of its own. */
function toReason({ message }: PortalError): string {
  const words = message.replace(/^[A-Z](?=[a-z]* )/u, (first) => first.toLowerCase()).replace(/\.$/u, '');
  return `the request did not take it: ${words}`;
}

function toCameBack({ returned }: IncomingMessage): string {
  return `a letter of ours came back${returned?.status ? ` (${returned.status})` : ''}: it was not delivered`;
}

async function judge({ db, seal, settings, take }: ReceiveParts, message: IncomingMessage, effects: Effects) {
  const requestNumber = await findRequest(db, seal, settings, message);
  const verdict = (became: 'unassigned' | 'stopped', reason: string): Verdict => ({ became, requestNumber, reason });
  const since = toInstant(effects.clock.now() - hourMs);
  if (message.from !== null && (await countFrom(db, seal, message.from, since)) >= perSenderAndHour) {
    const reason = `more than ${perSenderAndHour} messages an hour came from one address`;
    return { ...verdict('stopped', reason), isFlood: true } as const;
  }
  if (message.returned !== null && requestNumber !== null) return verdict('unassigned', toCameBack(message));
  if (message.automatic !== null) return verdict('stopped', message.automatic);
  if (await isOwn(db, settings, message)) return verdict('stopped', 'this portal sent it');
  if (message.unread !== null) return verdict('unassigned', message.unread);
  if (requestNumber === null) return verdict('unassigned', 'it names no request that the portal knows');
  if (take === null) return verdict('unassigned', 'requests take no answers here');
  return { became: 'threaded', requestNumber } as const;
}

/** By the tag of the address it was sent to, else by the letter of ours that it answers. */
async function findRequest(
  db: Queryable,
  seal: Seal,
  { inbound }: MailSettings,
  { to, references, returned }: IncomingMessage,
): Promise<string | null> {
  if (inbound !== null) {
    for (const address of to) {
      const number = parseReplyAddress(seal, inbound, address);
      if (number !== null) return number;
    }
  }
  const ids = [...letterIdsIn(references), ...letterIdsIn(returned?.report ?? '')];
  if (ids.length === 0) return null;
  const [found] = await db
    .select({ number: recordsRequests.number })
    .from(letters)
    .innerJoin(recordsRequests, eq(recordsRequests.id, letters.requestId))
    .where(inArray(letters.id, ids))
    .limit(1);
  return found?.number ?? null;
}

async function isOwn(db: Queryable, settings: MailSettings, { from, messageId }: IncomingMessage): Promise<boolean> {
  const own = [settings.from, settings.inbound].map((address) => address?.toLowerCase());
  if (from !== null && own.includes(from.toLowerCase())) return true;
  const [id] = letterIdsIn(messageId ?? '');
  if (id === undefined) return false;
  const found = await db.select({ id: letters.id }).from(letters).where(eq(letters.id, id));
  return found.length > 0;
}

async function countFrom(db: Queryable, seal: Seal, from: string, since: string): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)::int` })
    .from(receivedMail)
    .where(and(eq(receivedMail.fromIndex, addressIndex(seal, from)), gt(receivedMail.receivedAt, since)));
  return row?.count ?? 0;
}

type Keeping = {
  readonly raw: Buffer;
  readonly message: IncomingMessage;
  readonly verdict: Verdict;
  readonly record: InTransaction;
};

async function keepMessage(
  tx: Transaction,
  { seal, take, undelivered }: ReceiveParts,
  { raw, message, verdict, record }: Keeping,
  effects: Effects,
): Promise<Received> {
  const id = newId(effects.clock);
  const at = toInstant(effects.clock.now());
  const { became, requestNumber } = verdict;
  const isThreaded = became === 'threaded';
  const kept = await tx
    .insert(receivedMail)
    .values({
      id,
      messageKey: keyOf(raw, message),
      receivedAt: at,
      state: became,
      reason: isThreaded ? null : verdict.reason,
      requestNumber,
      fromIndex: message.from === null ? null : addressIndex(seal, message.from),
      content: isThreaded ? null : seal.seal(toContent(message), contentPurpose(id)),
      handledAt: isThreaded ? at : null,
    })
    .onConflictDoNothing({ target: receivedMail.messageKey })
    .returning({ id: receivedMail.id });
  if (kept.length === 0) return { id, became: 'repeated', requestNumber };
  if (isThreaded) await take!(tx, toReply(message, verdict.requestNumber, false));
  if (verdict.became === 'threaded' || verdict.isFlood !== true) await keepRaw(tx, seal, id, raw);
  if (message.returned !== null) await markReturned(tx, message, undelivered);
  const received = { id, became, requestNumber };
  await record(tx, received);
  return received;
}

/** The sender belongs to it: nobody can use up the Message-ID of somebody else's mail. */
function keyOf(raw: Buffer, { messageId, from }: IncomingMessage): Buffer {
  const hash = createHash('sha256');
  return (messageId === null ? hash.update(raw) : hash.update(`${messageId}\0${from ?? ''}`)).digest();
}

function toContent({ from, subject, text, messageId, attachments }: IncomingMessage): ReceivedContent {
  const named = attachments.map(({ name, mediaType, bytes }) => ({ name, mediaType, bytes: bytes.length }));
  return { from, subject, text, messageId, attachments: named };
}

export function toReply(message: IncomingMessage, requestNumber: string, isAccepted: boolean): Reply {
  const { messageId, from, subject, text, attachments, automatic } = message;
  const isAutomatic = automatic !== null;
  return { requestNumber, messageId, from, subject, text, attachments, isAccepted, isAutomatic };
}

/** A letter that came back has not been sent: staff see it among those that failed, and send it another way. */
async function markReturned(tx: Transaction, message: IncomingMessage, tell: OnUndelivered | null): Promise<void> {
  const ids = letterIdsIn(message.returned?.report ?? '');
  if (ids.length === 0) return;
  const returned = await tx
    .update(letters)
    .set({ state: 'failed', reason: toCameBack(message) })
    .where(and(inArray(letters.id, [...ids]), eq(letters.state, 'sent')))
    .returning({ requestId: letters.requestId, kind: letters.kind, dedupeKey: letters.dedupeKey });
  for (const { requestId, ...letter } of returned) if (requestId !== null) await tell?.(tx, { requestId, ...letter });
}

/** In rows that a backup can carry. */
async function keepRaw(tx: Transaction, seal: Seal, mailId: string, raw: Buffer): Promise<void> {
  let seq = 0;
  for await (const bytes of inRows(seal.sealPieces([raw], rawPurpose(mailId))))
    await tx.insert(receivedMailParts).values({ mailId, seq: ++seq, bytes });
}

async function* inRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let kept: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    kept.push(piece);
    length += piece.length;
    if (length < pieceBytes) continue;
    yield Buffer.concat(kept);
    [kept, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(kept);
}

/** The whole message. Whoever asks has the permission and writes the audit event. */
export async function readRaw(db: Queryable, seal: Seal, mailId: string): Promise<Buffer> {
  const rows = await db
    .select({ bytes: receivedMailParts.bytes })
    .from(receivedMailParts)
    .where(eq(receivedMailParts.mailId, mailId))
    .orderBy(receivedMailParts.seq);
  const pieces: Buffer[] = [];
  for await (const piece of seal.openPieces(
    rows.map(({ bytes }) => bytes),
    rawPurpose(mailId),
  ))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

export function openReceived(seal: Seal, mail: { readonly id: string; readonly content: Buffer }): ReceivedContent {
  return seal.open(mail.content, contentPurpose(mail.id)) as ReceivedContent;
}

function contentPurpose(id: string): string {
  return `received_mail.content ${id}`;
}

function rawPurpose(id: string): string {
  return `received_mail_parts ${id}`;
}
