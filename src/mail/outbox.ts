// Letters that wait to be sent: one row each, written in the transaction of what they tell.
// It must put nothing personal into a plain column: address, subject and text are sealed together.

import { and, eq, inArray, sql } from '../db/drizzle.ts';

import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { newId } from '../base/ids.ts';
import type { Seal } from '../base/seal.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { letters } from '../db/tables-mail.ts';
import { requireMailAddress, toFoundAddress, toHeaderText } from './address.ts';

/** A stored file that a letter carries, by its name in the blob store. */
export type LetterAttachment = { readonly name: string; readonly mediaType: string; readonly blob: string };

export type NewLetter = {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** Which letter it is, for staff: `request-received`, `invitation` … Never anything personal. */
  readonly kind: string;
  readonly requestId?: string | null;
  /** `2026-000123`: answers to this letter come back to the request. */
  readonly requestNumber?: string | null;
  /** Asked for twice, it is one letter. */
  readonly dedupeKey?: string | null;
  readonly attachments?: readonly LetterAttachment[];
  /** The Message-ID that it answers. */
  readonly inReplyTo?: string | null;
  /**
   * Could anybody have caused it, for any address? At most five an hour of those go to one address; the others wait.
   * Left out: yes. Say false for what a member of staff wrote or decided.
   */
  readonly unsolicited?: boolean;
};

/** What is sealed of a letter. */
export type LetterContent = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly requestNumber: string | null;
  readonly attachments: readonly LetterAttachment[];
  readonly inReplyTo: string | null;
};

export type LetterState = 'queued' | 'sending' | 'sent' | 'failed';

/**
 * Writes the letter in the caller's transaction; it is sent after the commit. Throws form-invalid for what is no
 * address.
 */
export async function queueLetter(tx: Transaction, seal: Seal, letter: NewLetter, effects: Effects): Promise<void> {
  const id = newId(effects.clock);
  const at = toInstant(effects.clock.now());
  const to = requireMailAddress(letter.to);
  const attachments = letter.attachments ?? [];
  const content: LetterContent = {
    to,
    subject: toHeaderText(letter.subject),
    text: letter.text,
    requestNumber: letter.requestNumber ?? null,
    attachments,
    inReplyTo: letter.inReplyTo ?? null,
  };
  await tx
    .insert(letters)
    .values({
      id,
      kind: letter.kind,
      requestId: letter.requestId ?? null,
      dedupeKey: letter.dedupeKey ?? null,
      content: seal.seal(content, contentPurpose(id)),
      toIndex: addressIndex(seal, to),
      unsolicited: letter.unsolicited ?? true,
      blobs: attachments.map(({ blob }) => blob),
      state: 'queued',
      createdAt: at,
      queuedAt: at,
      nextAttemptAt: at,
    })
    .onConflictDoNothing({ target: letters.dedupeKey });
}

/**
 * Takes a letter back that has not gone out, by its `dedupeKey`. Answers false when there is none, or it is too late.
 */
export async function withdrawLetter(tx: Transaction, dedupeKey: string): Promise<boolean> {
  const withdrawn = await tx
    .delete(letters)
    .where(and(eq(letters.dedupeKey, dedupeKey), inArray(letters.state, ['queued', 'failed'])))
    .returning({ id: letters.id });
  return withdrawn.length > 0;
}

/** The words of a letter. Whoever shows them to a person asks for the permission and writes the audit event. */
export function openContent(seal: Seal, letter: { readonly id: string; readonly content: Buffer }): LetterContent {
  return seal.open(letter.content, contentPurpose(letter.id)) as LetterContent;
}

export function addressIndex(seal: Seal, address: string): Buffer {
  return seal.blindIndex(toFoundAddress(address), 'mail address');
}

function contentPurpose(id: string): string {
  return `letters.content ${id}`;
}

export type LetterSummary = Pick<
  typeof letters.$inferSelect,
  'id' | 'kind' | 'requestId' | 'attempts' | 'createdAt' | 'nextAttemptAt' | 'endedAt' | 'reason'
> & { readonly state: LetterState };

export async function readLetter(
  db: Queryable,
  id: string,
): Promise<(LetterSummary & { readonly content: Buffer }) | null> {
  const [found] = await db.select().from(letters).where(eq(letters.id, id));
  return found === undefined ? null : { ...found, state: found.state as LetterState };
}

export type OutboxCounts = { readonly [state in LetterState]: number };

export async function countLetters(db: Queryable): Promise<OutboxCounts> {
  const rows = await db
    .select({ state: letters.state, count: sql<number>`count(*)::int` })
    .from(letters)
    .groupBy(letters.state);
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  const of = (state: LetterState) => counts.get(state) ?? 0;
  return { queued: of('queued'), sending: of('sending'), sent: of('sent'), failed: of('failed') };
}
