// What a browser was asked and must bring back: kept as a hash, sealed beside it what belongs to it, good once and for
// minutes. It must not know what the challenge is for.

import { and, eq, isNull, lt } from '../db/drizzle.ts';

import { toInstant } from '../base/clock.ts';
import { peopleChallenges } from '../db/tables-people.ts';
import { hashOf } from './people.ts';
import type { People } from './people.ts';

export type ChallengeKind = 'passkey-registration' | 'passkey-sign-in' | 'oidc';

const lifetimeMs: Readonly<Record<ChallengeKind, number>> = {
  'passkey-registration': 10 * 60_000,
  'passkey-sign-in': 10 * 60_000,
  oidc: 15 * 60_000,
};
const purpose = 'people_challenges.body';

export async function keepChallenge(
  people: People,
  kind: ChallengeKind,
  challenge: string,
  about: { readonly person: string | null; readonly body: unknown },
): Promise<void> {
  const now = people.effects.clock.now();
  await people.db.delete(peopleChallenges).where(lt(peopleChallenges.expiresAt, toInstant(now)));
  await people.db.insert(peopleChallenges).values({
    hash: hashOf(challenge),
    kind,
    person: about.person,
    body: about.body === null ? null : people.seal.seal(about.body, purpose),
    expiresAt: toInstant(now + lifetimeMs[kind]),
  });
}

/**
 * Takes the challenge away and answers what was kept with it; null when there is none, not for this person, or no
 * longer.
 */
export async function takeChallenge(
  people: People,
  kind: ChallengeKind,
  challenge: string,
  person: string | null,
): Promise<{ readonly body: unknown } | null> {
  const [taken] = await people.db
    .delete(peopleChallenges)
    .where(
      and(
        eq(peopleChallenges.hash, hashOf(challenge)),
        eq(peopleChallenges.kind, kind),
        person === null ? isNull(peopleChallenges.person) : eq(peopleChallenges.person, person),
      ),
    )
    .returning();
  if (taken === undefined || Date.parse(taken.expiresAt) <= people.effects.clock.now()) return null;
  return { body: taken.body === null ? null : people.seal.open(taken.body, purpose) };
}
