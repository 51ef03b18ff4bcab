// Slows down guessing: ten wrong tries of an account are free, then each makes the wait longer; nobody is ever locked
// out for good. It must not know what is being guessed, and keeps neither accounts nor addresses, only keyed hashes of
// them.

import { eq, lt } from '../db/drizzle.ts';

import { dayMs, toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { toNetwork } from '../base/network.ts';
import { say } from '../base/say.ts';
import { peopleTries } from '../db/tables-people.ts';
import type { People, Visitor } from './people.ts';

/** Whose tries are counted. A client's address may stand for a whole office, so it has more of them. */
export type Tried = { readonly key: Buffer; readonly free: number; readonly own: boolean };

const freeOfAccount = 10;
const freeOfClient = 50;
const firstWaitMs = 1_000;
const longestWaitMs = 15 * 60_000;
const forgottenAfterMs = dayMs;

/**
 * What is guessed at: passwords of what was typed, known or not; codes of one account, apart, so that a right password
 * frees neither.
 */
export type Guessed = { readonly kind: 'password' | 'code'; readonly account: string };

export function triedBy(people: People, visitor: Visitor, guessed: Guessed | null): readonly Tried[] {
  const key = (kind: string, text: string) => people.seal.blindIndex(text, `people_tries ${kind}`);
  const client = { key: key('client', toNetwork(visitor.client)), free: freeOfClient, own: false };
  if (guessed === null) return [client];
  return [{ key: key(guessed.kind, guessed.account), free: freeOfAccount, own: true }, client];
}

/** How long to wait after so many failures. */
export function waitMs(failures: number, free: number): number {
  return failures < free ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - free, 20));
}

/**
 * Counts a try as failed before it is known, so that a thousand at once are no way around the wait.
 * Throws too-many-requests with the seconds to wait.
 */
export async function beginTry(people: People, tried: readonly Tried[]): Promise<void> {
  const now = people.effects.clock.now();
  const [nowAt, order] = [toInstant(now), [...tried].sort((a, b) => Buffer.compare(a.key, b.key))];
  await people.db.transaction(async (tx) => {
    await tx.delete(peopleTries).where(lt(peopleTries.lastAt, toInstant(now - forgottenAfterMs)));
    for (const { key, free } of order) {
      const row = { key, failures: 0, lastAt: nowAt, openAt: nowAt };
      await tx.insert(peopleTries).values(row).onConflictDoNothing();
      const [held] = await tx.select().from(peopleTries).where(eq(peopleTries.key, key)).for('update');
      const { failures, openAt } = held ?? row;
      if (Date.parse(openAt) > now) throw tooMany(Date.parse(openAt) - now);
      const counted = failures + 1;
      const opened = toInstant(now + waitMs(counted, free));
      await tx
        .update(peopleTries)
        .set({ failures: counted, lastAt: nowAt, openAt: opened })
        .where(eq(peopleTries.key, key));
    }
  });
}

/**
 * The try was right: the account begins anew; the client gets this one back, so that a good account hides no guessing.
 */
export async function forgiveTry(people: People, tried: readonly Tried[]): Promise<void> {
  const order = [...tried].sort((a, b) => Buffer.compare(a.key, b.key));
  await people.db.transaction(async (tx) => {
    for (const { key, free, own } of order) {
      const [held] = await tx.select().from(peopleTries).where(eq(peopleTries.key, key)).for('update');
      if (held === undefined) continue;
      const failures = own ? 0 : Math.max(0, held.failures - 1);
      const openAt = toInstant(Date.parse(held.lastAt) + waitMs(failures, free));
      await tx.update(peopleTries).set({ failures, openAt }).where(eq(peopleTries.key, key));
    }
  });
}

function tooMany(leftMs: number): PortalError {
  const seconds = Math.ceil(leftMs / 1_000);
  const wait =
    seconds > 90
      ? say('people.wait-minutes', { minutes: Math.ceil(seconds / 60) })
      : say('people.wait-seconds', { seconds });
  return new PortalError('too-many-requests', {
    detail: say('people.too-many-tries', { wait }),
    retryAfterSeconds: seconds,
  });
}
