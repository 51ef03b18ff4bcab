// Takes letters that are due from the outbox, one after the other, and sends them.
// It must not forget a letter: each ends as sent or, after a day of trying, as failed where staff see it.

import { and, asc, desc, eq, inArray, lte, or, sql, gt } from '../db/drizzle.ts';

import type { MailSettings } from '../base/config.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import type { Seal } from '../base/seal.ts';
import type { Database, Transaction } from '../db/open.ts';
import { letters } from '../db/tables-mail.ts';
import type { BlobStore } from '../store/store.ts';
import { withoutAddresses } from './address.ts';
import { openContent } from './outbox.ts';
import type { OnUndelivered } from './receive.ts';
import { toMessageId, toReplyAddress } from './reply-address.ts';
import type { OutgoingLetter, SendResult, Transport } from './transport.ts';

export type SenderParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly store: Pick<BlobStore, 'read'>;
  readonly settings: MailSettings & { readonly from: string };
  /** The name beside the address that letters come from. */
  readonly fromName: string;
  readonly transport: Transport;
  /** What became of letters while the database was away: written down before another is sent. */
  readonly unwritten: Ended[];
  /** Who is told of a letter that failed for good. */
  readonly undelivered: () => OnUndelivered | null;
};

type Ended = { readonly letter: Claimed; readonly result: SendResult };

type Claimed = typeof letters.$inferSelect;

/** Claims are made one at a time, by any node, so that the hourly limit counts right. */
const claimLock = 5_368_204;
const hourMs = 60 * 60_000;
const perAddressAndHour = 5;
/** A letter whose sender has not been heard of for this long is taken up again. */
const leaseMs = 30 * 60_000;
const pausesMs = [60_000, 5 * 60_000, 15 * 60_000, hourMs, 2 * hourMs, 4 * hourMs] as const;
const triedForMs = 24 * hourMs;
const brokenOffReason = 'The portal ended while it was sending this letter; whether it arrived is not known.';
const heldReason = 'Held back: five letters an hour that anybody can cause go to one address.';

/** Sends everything that is due, until nothing is or the signal is heard. Answers how many were tried. */
export async function sendDue(parts: SenderParts, signal: AbortSignal, effects: Effects): Promise<number> {
  for (let tried = 0; ; tried += 1) {
    await writeDown(parts, effects);
    if (signal.aborted) return tried;
    const letter = await parts.db.transaction((tx) => claim(tx, effects));
    if (letter === null) return tried;
    parts.unwritten.push({ letter, result: await send(parts, letter) });
  }
}

/** A database that is away when a letter has been sent would have it sent again: this process still knows better. */
async function writeDown(parts: SenderParts, effects: Effects): Promise<void> {
  const { unwritten } = parts;
  for (let ended = unwritten[0]; ended !== undefined; ended = unwritten[0]) {
    await finish(parts, ended, effects);
    unwritten.shift();
  }
}

/** What a process that is no more was sending: taken up at once, when nobody else can be sending it. */
export async function releaseClaims(db: Database, effects: Effects): Promise<void> {
  const now = toInstant(effects.clock.now());
  await db.update(letters).set({ nextAttemptAt: now }).where(eq(letters.state, 'sending'));
}

async function claim(tx: Transaction, effects: Effects): Promise<Claimed | null> {
  await tx.execute(sql`select pg_advisory_xact_lock(${claimLock})`);
  const nowMs = effects.clock.now();
  const now = toInstant(nowMs);
  const isDue = and(inArray(letters.state, ['queued', 'sending']), lte(letters.nextAttemptAt, now));
  for (;;) {
    const [due] = await tx
      .select()
      .from(letters)
      .where(isDue)
      .orderBy(asc(letters.nextAttemptAt))
      .limit(1)
      .for('update', { skipLocked: true });
    if (due === undefined) return null;
    if (due.state === 'sending' && nowMs - Date.parse(due.queuedAt) >= triedForMs) {
      const set = { state: 'failed', claimedAt: null, endedAt: now, reason: brokenOffReason };
      await tx.update(letters).set(set).where(eq(letters.id, due.id));
      continue;
    }
    const heldUntilMs = due.unsolicited ? await readHeldUntil(tx, due, nowMs) : nowMs;
    if (heldUntilMs <= nowMs) {
      const set = {
        state: 'sending',
        claimedAt: now,
        attempts: due.attempts + 1,
        nextAttemptAt: toInstant(nowMs + leaseMs),
      };
      await tx.update(letters).set(set).where(eq(letters.id, due.id));
      return { ...due, ...set };
    }
    // Its day of trying begins when it may be sent.
    const heldUntil = toInstant(heldUntilMs);
    await tx
      .update(letters)
      .set({ state: 'queued', claimedAt: null, nextAttemptAt: heldUntil, queuedAt: heldUntil, reason: heldReason })
      .where(eq(letters.id, due.id));
  }
}

/** From when the address may have another unsolicited letter: an hour after the fifth last. */
async function readHeldUntil(tx: Transaction, letter: Claimed, nowMs: number): Promise<number> {
  const since = toInstant(nowMs - hourMs);
  const at = sql<string>`coalesce(${letters.endedAt}, ${letters.claimedAt})`;
  const recent = await tx
    .select({ endedAt: letters.endedAt, claimedAt: letters.claimedAt })
    .from(letters)
    .where(
      and(
        eq(letters.toIndex, letter.toIndex),
        eq(letters.unsolicited, true),
        or(
          and(eq(letters.state, 'sent'), gt(letters.endedAt, since)),
          and(eq(letters.state, 'sending'), gt(letters.claimedAt, since)),
        ),
      ),
    )
    .orderBy(desc(at))
    .offset(perAddressAndHour - 1)
    .limit(1);
  const fifth = recent[0]?.endedAt ?? recent[0]?.claimedAt ?? null;
  return fifth === null ? nowMs : Date.parse(fifth) + hourMs;
}

async function send(parts: SenderParts, letter: Claimed): Promise<SendResult> {
  let outgoing: OutgoingLetter;
  try {
    outgoing = await prepare(parts, letter);
  } catch (error) {
    // A file that is away, a key that is missing: somebody mends it within the day, or the letter is seen as failed.
    return { kind: 'failed', reason: withoutAddresses(error instanceof Error ? error.message : String(error)) };
  }
  return parts.transport.send(outgoing);
}

async function prepare({ seal, store, settings, fromName }: SenderParts, letter: Claimed): Promise<OutgoingLetter> {
  const { requestNumber, attachments, ...content } = openContent(seal, letter);
  const { from, inbound } = settings;
  return {
    ...content,
    messageId: toMessageId(letter.id, from),
    from: { name: fromName, address: from },
    replyTo: inbound === null || requestNumber === null ? null : toReplyAddress(seal, inbound, requestNumber),
    attachments: await Promise.all(
      attachments.map(async ({ name, mediaType, blob }) => ({ name, mediaType, content: await store.read(blob) })),
    ),
  };
}

async function finish(
  { db, undelivered }: Pick<SenderParts, 'db' | 'undelivered'>,
  { letter, result }: Ended,
  effects: Effects,
): Promise<void> {
  const nowMs = effects.clock.now();
  const now = toInstant(nowMs);
  const mine = and(eq(letters.id, letter.id), eq(letters.state, 'sending'), eq(letters.attempts, letter.attempts));
  const told = { id: letter.id, letter: letter.kind, attempts: letter.attempts };
  if (result.kind === 'sent') {
    const set = { state: 'sent', claimedAt: null, endedAt: now, reason: null };
    await db.update(letters).set(set).where(mine);
    effects.observe({ kind: 'letter-sent', ...told });
    return;
  }
  const { reason } = result;
  const pauseMs = pausesMs[Math.min(letter.attempts, pausesMs.length) - 1]!;
  const endMs = Date.parse(letter.queuedAt) + triedForMs;
  const final = result.kind === 'refused' || nowMs >= endMs;
  const set = final
    ? { state: 'failed', claimedAt: null, endedAt: now, reason }
    : { state: 'queued', claimedAt: null, nextAttemptAt: toInstant(Math.min(nowMs + pauseMs, endMs)), reason };
  await db.transaction(async (tx) => {
    const changed = await tx.update(letters).set(set).where(mine).returning({ id: letters.id });
    const { requestId, kind, dedupeKey } = letter;
    if (final && changed.length > 0 && requestId !== null) await undelivered()?.(tx, { requestId, kind, dedupeKey });
  });
  effects.observe({ kind: 'letter-failed', ...told, reason, final });
}
