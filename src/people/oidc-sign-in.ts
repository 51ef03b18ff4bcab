// Signing in through the city's own service: only invited people, by an address that the service has verified.
// It must bind an account to issuer and subject at the first sign-in, and go by nothing else from then on.

import { and, eq } from '../db/drizzle.ts';

import { publicActor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import type { Transaction } from '../db/open.ts';
import { people as persons, peopleIdentities, peopleInvitations } from '../db/tables-people.ts';
import { keepChallenge, takeChallenge } from './challenges.ts';
import type { OidcAsked, OidcClient, OidcIdentity } from './oidc.ts';
import { toEmailKey } from './people.ts';
import type { People, Signed, Visitor } from './people.ts';
import { requirePermission } from './permissions.ts';
import { completeSignIn, recordFailure } from './sign-in.ts';
import type { Person } from './sign-in.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

/**
 * Where to send the browser, and the state that its cookie must bring back. Throws not-found when no service is set.
 */
export async function beginOidc(
  people: People,
  next: string,
): Promise<{ readonly address: string; readonly state: string }> {
  requirePermission(publicActor, 'people.sign-in');
  const { address, state, asked } = await requireOidc(people).begin(next);
  await keepChallenge(people, 'oidc', state, { person: null, body: asked });
  return { address, state };
}

function requireOidc(people: People): OidcClient {
  if (people.oidc === null) throw new PortalError('not-found', say('people.no-sign-in-service'));
  return people.oidc;
}

/**
 * `state` is what the browser's cookie holds: an answer meant for another browser opens nothing. Throws unauthorized.
 */
export async function finishOidc(
  people: People,
  visitor: Visitor,
  answer: URLSearchParams,
  state: string | null,
): Promise<{ readonly signed: Signed; readonly next: string }> {
  requirePermission(publicActor, 'people.sign-in');
  const oidc = requireOidc(people);
  const tried = triedBy(people, visitor, null);
  await beginTry(people, tried);
  const given = answer.getAll('state');
  const kept =
    state === null || given.length !== 1 || given[0] !== state
      ? null
      : await takeChallenge(people, 'oidc', state, null);
  if (kept === null) return refuse(people, null, say('people.sign-in-not-begun'));
  const asked = kept.body as OidcAsked;
  const identity = await oidc.finish(answer, asked).catch(async (error: unknown) => {
    if (error instanceof PortalError && error.code === 'unauthorized') await recordFailure(people, null, 'oidc');
    throw error;
  });
  const outcome = await people.db.transaction(async (tx) => {
    const person = await findPerson(tx, people, identity);
    if (person === null) return null;
    if (person.disabledAt !== null) return { person: person.id };
    const used = { usedAt: toInstant(people.effects.clock.now()) };
    await tx.update(peopleInvitations).set(used).where(eq(peopleInvitations.person, person.id));
    return completeSignIn(tx, people, person, visitor, { way: 'oidc', from: null });
  });
  if (outcome === null || 'person' in outcome) {
    return refuse(people, outcome?.person ?? null, say('people.no-account-for-sign-in'));
  }
  await forgiveTry(people, tried);
  return { signed: outcome, next: asked.next };
}

async function refuse(people: People, personId: string | null, sentence: Sentence): Promise<never> {
  await recordFailure(people, personId, 'oidc');
  throw new PortalError('unauthorized', sentence);
}

/** Who is bound to this identity; else whoever was invited under this verified address, who is bound now. */
async function findPerson(tx: Transaction, people: People, identity: OidcIdentity): Promise<Person | null> {
  const { issuer, subject, email, emailVerified } = identity;
  const same = and(eq(peopleIdentities.issuer, issuer), eq(peopleIdentities.subject, subject));
  const [bound] = await tx.select().from(peopleIdentities).where(same);
  if (bound !== undefined) {
    const [person] = await tx.select().from(persons).where(eq(persons.id, bound.person)).for('update');
    return person ?? null;
  }
  if (email === null || !emailVerified) return null;
  const [invited] = await tx
    .select()
    .from(persons)
    .where(eq(persons.emailKey, toEmailKey(email)))
    .for('update');
  if (invited === undefined) return null;
  const others = await tx
    .select()
    .from(peopleIdentities)
    .where(and(eq(peopleIdentities.person, invited.id), eq(peopleIdentities.issuer, issuer)));
  // The address has passed to somebody else there; an administrator has to say so here.
  if (others.length > 0) return null;
  const createdAt = toInstant(people.effects.clock.now());
  await tx.insert(peopleIdentities).values({ issuer, subject, person: invited.id, createdAt });
  return invited;
}
