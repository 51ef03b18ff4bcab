// Mail as the rest of the portal knows it: letters go out while the portal runs,
// answers come in and find their request.
// It must ask no permission: whoever lets a person act on mail does (records/mail/desk.ts).

import { setTimeout as wait } from 'node:timers/promises';

import { eq } from '../db/drizzle.ts';

import type { MailSettings } from '../base/config.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database, Transaction } from '../db/open.ts';
import { letters } from '../db/tables-mail.ts';
import type { BlobStore } from '../store/store.ts';
import { countLetters } from './outbox.ts';
import type { OutboxCounts } from './outbox.ts';
import { receiveMessage } from './receive.ts';
import type { InTransaction, OnReply, OnUndelivered, Received } from './receive.ts';
import { releaseClaims, sendDue } from './sender.ts';
import type { SenderParts } from './sender.ts';
import { openTransport } from './transport.ts';
import { threadMessage } from './waiting.ts';

export type MailParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly store: Pick<BlobStore, 'read'>;
  readonly settings: MailSettings;
  /** The name beside the address that letters come from: the city's. */
  readonly fromName: string;
  /** True when no other process can be sending letters of this database. */
  readonly alone: boolean;
};

export type Mail = {
  readonly settings: MailSettings;
  /** Begins to send what is due, and goes on; without SMTP_URL letters only wait. */
  run(): void;
  /** Sends what is due now and settles when nothing is. */
  sendDue(): Promise<void>;
  /** Who takes answers to requests; the records part says it once, when it opens. */
  onReply(take: OnReply): void;
  /** Who is told of a letter of a request that was not delivered; the records part says it once, when it opens. */
  onUndelivered(told: OnUndelivered): void;
  /** One message as it came, RFC 5322. `record` runs in the transaction that keeps it. */
  receive(raw: Buffer, record: InTransaction): Promise<Received>;
  /**
   * Hands a message that waits for somebody to the request it belongs to. Throws not-found, and what the taker throws.
   */
  thread(tx: Transaction, mailId: string, requestNumber: string, by: string): Promise<void>;
  /**
   * Puts a letter that failed, or waits for its next try, first in the row. Answers false when there is no such letter.
   */
  sendAgain(tx: Transaction, letterId: string): Promise<boolean>;
  counts(): Promise<OutboxCounts>;
  close(): Promise<void>;
};

const lookEveryMs = 2_000;
const afterFailureMs = 15_000;

export function openMail(parts: MailParts, effects: Effects): Mail {
  const { db, seal, settings } = parts;
  const stopping = new AbortController();
  let take: OnReply | null = null;
  let undelivered: OnUndelivered | null = null;
  const sender = openSender(parts, () => undelivered);
  let running: Promise<void> | null = null;
  return Object.freeze({
    settings,
    run() {
      if (sender !== null && !stopping.signal.aborted)
        running ??= runSender(sender, parts.alone, stopping.signal, effects);
    },
    async sendDue() {
      if (sender !== null) await sendDue(sender, stopping.signal, effects);
    },
    onReply(given: OnReply) {
      if (take !== null) throw new Error('answers are taken by two');
      take = given;
    },
    onUndelivered(given: OnUndelivered) {
      if (undelivered !== null) throw new Error('undelivered letters are told to two');
      undelivered = given;
    },
    receive: (raw: Buffer, record: InTransaction) =>
      receiveMessage({ db, seal, settings, take, undelivered }, raw, record, effects),
    thread: (tx: Transaction, mailId: string, requestNumber: string, by: string) =>
      threadMessage({ tx, seal, take }, { mailId, requestNumber, by }, effects),
    sendAgain: (tx: Transaction, id: string) => sendAgain(tx, id, effects),
    counts: () => countLetters(db),
    async close() {
      stopping.abort();
      await running;
      sender?.transport.close();
    },
  });
}

function openSender({ settings, ...parts }: MailParts, undelivered: SenderParts['undelivered']): SenderParts | null {
  const { smtp, from } = settings;
  if (smtp === null || from === null) return null;
  return { ...parts, settings: { ...settings, from }, transport: openTransport(smtp), unwritten: [], undelivered };
}

/** A look at the outbox every two seconds. What fails here is the database's: told, and tried again. */
async function runSender(parts: SenderParts, alone: boolean, stopping: AbortSignal, effects: Effects): Promise<void> {
  let released = !alone;
  while (!stopping.aborted) {
    let pauseMs = lookEveryMs;
    try {
      if (!released) await releaseClaims(parts.db, effects);
      released = true;
      await sendDue(parts, stopping, effects);
    } catch (error) {
      pauseMs = afterFailureMs;
      effects.observe({ kind: 'failure', where: 'the outbox of letters', error });
    }
    await wait(pauseMs, undefined, { signal: stopping, ref: false }).catch(() => undefined); // woken to stop
  }
}

async function sendAgain(tx: Transaction, id: string, effects: Effects): Promise<boolean> {
  const now = toInstant(effects.clock.now());
  const [found] = await tx.select({ state: letters.state }).from(letters).where(eq(letters.id, id)).for('update');
  if (found === undefined || found.state === 'sending') return false;
  await tx
    .update(letters)
    .set({ state: 'queued', attempts: 0, queuedAt: now, nextAttemptAt: now, endedAt: null, reason: null })
    .where(eq(letters.id, id));
  return true;
}
