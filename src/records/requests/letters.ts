// Letters of a request: filled from the law's templates, kept sealed with the request, and queued to whoever asked.
// It must never send anything to anybody but the requester and the delegates they named.

import { and, eq, isNull } from '../../db/drizzle.ts';

import { actorId, actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { newId } from '../../base/ids.ts';
import type { Seal } from '../../base/seal.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDelegates, recordsMessages } from '../../db/tables-records.ts';
import { queueLetter } from '../../mail/outbox.ts';
import type { Law } from '../law/law.ts';
import type { LetterFields, LetterId } from '../law/letter-fields.ts';
import { fillLetter } from '../law/letters.ts';
import type { LetterOrder, MessageOrder } from './machine-terms.ts';
import { openPerson, openRequester } from './requesters.ts';
import type { CityDate } from './request.ts';
import type { RequestRow } from './rows.ts';

export type LetterParts = { readonly seal: Seal; readonly law: () => Law; readonly publicUrl: string };

export type MessageContent = { readonly subject: string | null; readonly body: string };

export function messagePurpose(id: string): string {
  return `records_messages.content ${id}`;
}

type Sending = {
  readonly request: RequestRow;
  /** After the change: one letter of one change is sent once. */
  readonly version: number;
  readonly actor: Actor;
  readonly onDate: CityDate;
  /** The secret link, where it is new: in the letter that gives it, and nowhere else. */
  readonly link: string | null;
};

/** Writes each letter into the request's file and, where there is an address, into the outbox. */
export async function sendLetters(
  tx: Transaction,
  parts: LetterParts,
  orders: readonly LetterOrder[],
  sending: Sending,
  effects: Effects,
): Promise<void> {
  const { request, actor } = sending;
  const law = parts.law();
  for (const order of orders) {
    const letter = fillOrder(law, order, request.number, sending.onDate);
    const body = order.text ?? letter.body;
    const isOut = order.to === 'requester';
    const addresses = isOut ? await addressesOf(tx, parts.seal, request) : [];
    const message = {
      requestId: request.id,
      author: actor,
      kind: order.id,
      direction: isOut ? 'out' : 'note',
      subject: letter.subject,
      body,
      via: addresses.length > 0 ? 'email' : 'web',
    } as const;
    await keepMessage(tx, parts.seal, message, effects);
    const where = sending.link ?? `${parts.publicUrl}/records/requests/${request.number}`;
    const text = `${body}\nYour request, with its dates and messages: ${where}\n`;
    for (const [index, to] of addresses.entries()) {
      await queueLetter(
        tx,
        parts.seal,
        {
          to,
          subject: letter.subject,
          text: index === 0 ? text : `${body}\n`,
          kind: `request-${order.id}`,
          requestId: request.id,
          requestNumber: request.number,
          dedupeKey: `${request.id} ${sending.version} ${order.id} ${index}`,
          unsolicited: actor.kind !== 'staff' && actor.kind !== 'system',
        },
        effects,
      );
    }
  }
}

/** The one place where an order's fields meet their letter: `toLetter` has paired them. */
function fillOrder(law: Law, order: LetterOrder, number: string, date: CityDate) {
  return fillLetter(law, order.id as LetterId, { ...order.fields, number, date } as LetterFields<LetterId>);
}

/** The requester's own address first, then those of delegates who are still trusted. */
export async function addressesOf(tx: Transaction, seal: Seal, request: RequestRow): Promise<readonly string[]> {
  const own = openRequester(seal, request)?.email ?? null;
  const rows = await tx
    .select({ id: recordsDelegates.id, person: recordsDelegates.person })
    .from(recordsDelegates)
    .where(and(eq(recordsDelegates.requestId, request.id), isNull(recordsDelegates.revokedAt)));
  const others = rows.map((row) => openPerson(seal, row).email);
  return [own, ...(own === null ? [] : others)].filter((each): each is string => each !== null && each !== '');
}

/** What is said in a request: by whom, which way, and in which words. */
export type NewMessage = MessageOrder & {
  readonly requestId: string;
  readonly author: Actor;
  readonly subject: string | null;
  /** Of a letter that came by e-mail, by which it is known when it comes again. */
  readonly mailMessageId?: string;
};

/** Keeps what was said, sealed. Answers its id. */
export async function keepMessage(tx: Transaction, seal: Seal, message: NewMessage, effects: Effects): Promise<string> {
  const { requestId, author, direction, kind, subject, body, via, mailMessageId } = message;
  const id = newId(effects.clock);
  const content: MessageContent = { subject, body };
  await tx.insert(recordsMessages).values({
    id,
    requestId,
    at: toInstant(effects.clock.now()),
    direction,
    kind,
    content: seal.seal(content, messagePurpose(id)),
    author: actorName(author),
    authorId: actorId(author),
    via,
    mailMessageId: mailMessageId ?? null,
  });
  return id;
}
