// Answers by e-mail: what the requester and their delegates write joins the request; what a stranger writes waits for a
// person. It must believe no sender whom the request does not know: such words reach its page only when staff have
// accepted them.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { and, desc, eq, isNull } from '../../db/drizzle.ts';

import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDelegates, recordsMessages } from '../../db/tables-records.ts';
import { parseMailAddress, toFoundAddress } from '../../mail/address.ts';
import type { Reply, Undelivered } from '../../mail/receive.ts';
import { longestMessage, messageEvent } from '../asking/conversation.ts';
import { addFile, keepFile } from '../requests/files.ts';
import type { FilesParts } from '../requests/files.ts';
import { keepMessage } from '../requests/letters.ts';
import { maskSecrets } from '../requests/secrets.ts';
import { openPerson, openRequester } from '../requests/requesters.ts';
import type { RequestsCore } from '../requests/request.ts';
import { readRow } from '../requests/requests.ts';
import type { RequestsParts } from '../requests/requests.ts';
import type { RequestRow } from '../requests/rows.ts';

type GivenFile = { readonly name: string; readonly bytes: Buffer };

const mailActor = { kind: 'system', name: 'mail' } as const;
const wholeTextName = 'message.txt';

/**
 * An answer to a letter, by e-mail, in the transaction of whoever keeps the mail; false when it was there already.
 * While the City waits for a clarification, it is the answer: that harms nobody, and waiting on would. Attachments are
 * sealed as files of the request. Throws records-invalid for a sender whom the request does not know, form-invalid for
 * too many files: neither for what staff have accepted.
 */
export async function takeReply(
  tx: Transaction,
  parts: RequestsParts & FilesParts,
  core: RequestsCore,
  reply: Reply,
  effects: Effects,
): Promise<boolean> {
  const row = await readRow(tx, reply.requestNumber, true);
  const mailMessageId = reply.messageId ?? madeId(reply);
  if (await isKept(tx, mailMessageId)) return false;
  if (!reply.isAccepted && !(await isKnownSender(tx, parts.seal, row, reply.from)))
    throw new PortalError('records-invalid', say('mail.unknown-address'));
  const own = openRequester(parts.seal, row)?.email ?? null;
  const words = toWords({ ...reply, text: maskAddress(maskSecrets(reply.text), own) });
  const body = `${words.text}\n\n— ${toSender(reply.from, own)}`.trim();
  if (row.state === 'clarification' && words.text !== '' && !reply.isAutomatic) {
    const answer = { kind: 'answer-clarification', answer: body, via: 'email' } as const;
    await core.transition(tx, mailActor, { id: row.id, expectedVersion: null }, answer);
    await nameLatest(tx, row.id, mailMessageId);
  } else {
    const told = { kind: 'message', direction: 'in', subject: reply.subject, body, via: 'email' } as const;
    const message = { ...told, requestId: row.id, author: mailActor, mailMessageId };
    const id = await keepMessage(tx, parts.seal, message, effects);
    await core.appendEvent(tx, mailActor, row.id, messageEvent(id, 'email'));
  }
  const keep = reply.isAccepted ? keepFile : addFile;
  for (const { name, bytes } of words.files) {
    const file = await keep(
      { ...parts, db: tx },
      { requestId: row.id },
      { name, bytes: Readable.from([bytes]) },
      effects,
    );
    const data = { file: file.id, mediaType: file.mediaType, bytes: file.bytes };
    await core.appendEvent(tx, mailActor, row.id, { kind: 'file-received', audience: 'requester', data });
  }
  return true;
}

/**
 * A letter of a request that nobody was reached by: its clocks stand still, and the desk sees it. One to a delegate
 * changes nothing: the requester has their own.
 */
export async function takeUndelivered(
  tx: Transaction,
  core: Pick<RequestsCore, 'transition'>,
  { requestId, kind, dedupeKey }: Undelivered,
): Promise<void> {
  const letter = letterKind.exec(kind)?.[1];
  if (letter === undefined || dedupeKey?.endsWith(' 0') !== true) return;
  await core.transition(tx, mailActor, { id: requestId, expectedVersion: null }, { kind: 'letter-returned', letter });
}

const letterKind = /^request-(.+)$/u;

/** Who reads the messages of a request does not learn by them how to reach whoever asked. */
function toSender(from: string | null, own: string | null): string {
  if (from === null) return 'no sender named';
  return own !== null && toPlain(own) === toPlain(from) ? 'the requester' : from;
}

function maskAddress(text: string, own: string | null): string {
  if (own === null || own === '') return text;
  const shape = own.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
  return text.replaceAll(new RegExp(shape, 'giu'), '[address of the requester]');
}

async function isKept(tx: Transaction, mailMessageId: string): Promise<boolean> {
  const known = await tx
    .select({ id: recordsMessages.id })
    .from(recordsMessages)
    .where(eq(recordsMessages.mailMessageId, mailMessageId));
  return known.length > 0;
}

/**
 * The requester, or a delegate who may act and is still trusted. The address proves little; the tag proves the rest.
 */
async function isKnownSender(tx: Transaction, seal: Seal, row: RequestRow, from: string | null): Promise<boolean> {
  if (from === null) return false;
  const delegates = await tx
    .select({ id: recordsDelegates.id, person: recordsDelegates.person })
    .from(recordsDelegates)
    .where(
      and(
        eq(recordsDelegates.requestId, row.id),
        eq(recordsDelegates.mayAct, true),
        isNull(recordsDelegates.revokedAt),
      ),
    );
  const known = [openRequester(seal, row)?.email, ...delegates.map((each) => openPerson(seal, each).email)];
  return known.some((each) => typeof each === 'string' && toPlain(each) === toPlain(from));
}

function toPlain(address: string): string {
  return toFoundAddress(parseMailAddress(address) ?? address.trim());
}

/** What is too long for a message is a file as well, whole; of an empty file its name is told. */
function toWords({ text, attachments }: Reply): { readonly text: string; readonly files: readonly GivenFile[] } {
  const empty = attachments.filter(({ bytes }) => bytes.length === 0);
  const told = empty.map(({ name }) => `[The file “${name}” came empty.]`).slice(0, mostTold);
  const files = attachments.filter(({ bytes }) => bytes.length > 0);
  const whole = text.trim();
  if (whole.length <= longestMessage) return { text: [whole, ...told].join('\n').trim(), files };
  const cut = `${whole.slice(0, longestMessage)}…\n[The message goes on: all of it is in the file ${wholeTextName}.]`;
  return { text: [cut, ...told].join('\n'), files: [{ name: wholeTextName, bytes: Buffer.from(whole) }, ...files] };
}

const mostTold = 20;

/** The machine has kept the answer; by its Message-ID it is known again when the mailbox repeats it. */
async function nameLatest(tx: Transaction, requestId: string, mailMessageId: string): Promise<void> {
  const [latest] = await tx
    .select({ id: recordsMessages.id })
    .from(recordsMessages)
    .where(and(eq(recordsMessages.requestId, requestId), eq(recordsMessages.kind, 'clarification-answer')))
    .orderBy(desc(recordsMessages.at), desc(recordsMessages.id))
    .limit(1);
  if (latest === undefined) throw new Error('the answer was not kept');
  await tx.update(recordsMessages).set({ mailMessageId }).where(eq(recordsMessages.id, latest.id));
}

function madeId({ from, subject, text }: Reply): string {
  const hash = createHash('sha256')
    .update(`${from ?? ''}\0${subject}\0${text}`)
    .digest('hex');
  return `<${hash}@without-message-id>`;
}
