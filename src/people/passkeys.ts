// Passkeys: registering one, and signing in with one alone (it is both factors: the device, and its owner's finger,
// face or PIN). It must take a challenge once, an answer of this portal's address only, and a counter that has gone up.

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

import { publicActor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { asc, eq } from '../db/drizzle.ts';
import { people as persons, peoplePasskeys } from '../db/tables-people.ts';
import { appendAudit } from './audit.ts';
import { keepChallenge, takeChallenge } from './challenges.ts';
import type { People, Session, Signed, Visitor } from './people.ts';
import { anywhere, requirePermission } from './permissions.ts';
import { requireProof } from './proof.ts';
import { completeSignIn, recordFailure, requirePerson } from './sign-in.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

const mostPasskeys = 20;
const longestName = 60;

/** EdDSA, ES256, RS256 (COSE): what authenticators of today have. */
const algorithms = [-8, -7, -257];

/** With the first passkey, and not at every start. */
const loadServer = () => import('@simplewebauthn/server');

const rpIdOf = (people: People) => new URL(people.origin).hostname;

/** What the browser is asked to make. Throws unauthorized, form-invalid, too-many-requests. */
export async function beginPasskey(
  people: People,
  visitor: Visitor,
  session: Session,
  password: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  requireOwner(session);
  if (session.stage === 'full') await requireProof(people, visitor, session, password);
  const { id, email, name } = session.person;
  const held = await people.db.select().from(peoplePasskeys).where(eq(peoplePasskeys.person, id));
  if (held.length >= mostPasskeys) throw refused(say('people.too-many-passkeys'));
  const options = await (
    await loadServer()
  ).generateRegistrationOptions({
    rpName: people.site,
    rpID: rpIdOf(people),
    userName: email,
    userDisplayName: name,
    userID: Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex')),
    supportedAlgorithmIDs: algorithms,
    attestationType: 'none',
    excludeCredentials: held.map(({ credential }) => ({ id: credential })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(people, 'passkey-registration', options.challenge, { person: id, body: null });
  return options;
}

/** Somebody signed in adds one more; somebody who has no second factor yet makes their first and is signed in by it. */
function requireOwner(session: Session): void {
  if (session.stage === 'code') throw new PortalError('unauthorized', say('people.code-first'));
  if (session.stage === 'full') requirePermission(session.person, 'people.account', anywhere(session.person));
}

/** Keeps the passkey. Answers a signed-in session when this was the missing second factor. Throws form-invalid. */
export async function finishPasskey(
  people: People,
  visitor: Visitor,
  session: Session,
  given: { readonly response: RegistrationResponseJSON; readonly name: string },
): Promise<Signed | null> {
  requireOwner(session);
  const { id } = session.person;
  const name = given.name.trim().slice(0, longestName);
  const verified = await (
    await loadServer()
  )
    .verifyRegistrationResponse({
      response: given.response,
      expectedChallenge: async (challenge) =>
        (await takeChallenge(people, 'passkey-registration', challenge, id)) !== null,
      expectedOrigin: people.origin,
      expectedRPID: rpIdOf(people),
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    .catch((error: unknown) => {
      throw refused(say('people.passkey-not-confirmed'), error);
    });
  if (!verified.verified) throw refused(say('people.passkey-not-confirmed'));
  const { credential, credentialBackedUp } = verified.registrationInfo;
  return people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, id);
    const kept = await tx
      .insert(peoplePasskeys)
      .values({
        id: newId(people.effects.clock),
        person: id,
        credential: credential.id,
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: credential.transports ?? [],
        backedUp: credentialBackedUp,
        name: name === '' ? visitor.device : name,
        createdAt: toInstant(people.effects.clock.now()),
      })
      .onConflictDoNothing()
      .returning({ id: peoplePasskeys.id });
    if (kept.length === 0) throw refused(say('people.passkey-known'));
    const details = { act: 'passkey-added' };
    const event = { action: 'people.account', subject: `person:${id}`, details } as const;
    await appendAudit(tx, session.person, event, people.effects);
    if (session.stage === 'full') return null;
    return completeSignIn(tx, people, person, visitor, { way: 'passkey', from: session.id });
  });
}

/** For whoever comes: the browser offers the passkeys it has for this address, and says itself whose they are. */
export async function beginPasskeySignIn(people: People): Promise<PublicKeyCredentialRequestOptionsJSON> {
  requirePermission(publicActor, 'people.sign-in');
  const options = await (
    await loadServer()
  ).generateAuthenticationOptions({ rpID: rpIdOf(people), userVerification: 'required' });
  await keepChallenge(people, 'passkey-sign-in', options.challenge, { person: null, body: null });
  return options;
}

/** Throws unauthorized for whatever is not right, too-many-requests after too much of it. */
export async function signInWithPasskey(
  people: People,
  visitor: Visitor,
  response: AuthenticationResponseJSON,
  from: Session | null,
): Promise<Signed> {
  requirePermission(publicActor, 'people.sign-in');
  const tried = triedBy(people, visitor, null);
  await beginTry(people, tried);
  const [held] = await people.db.select().from(peoplePasskeys).where(eq(peoplePasskeys.credential, response.id));
  const counter = held === undefined ? null : await readCounter(people, held, response);
  if (held === undefined || counter === null) {
    await recordFailure(people, held?.person ?? null, 'passkey');
    throw notRight();
  }
  const signed = await people.db.transaction(async (tx) => {
    const [person] = await tx.select().from(persons).where(eq(persons.id, held.person)).for('update');
    if (person === undefined || person.disabledAt !== null) return null;
    const [now] = await tx.select().from(peoplePasskeys).where(eq(peoplePasskeys.id, held.id)).for('update');
    if (now === undefined || !isAhead(counter, now.counter)) return null;
    const lastUsedAt = toInstant(people.effects.clock.now());
    await tx.update(peoplePasskeys).set({ counter, lastUsedAt }).where(eq(peoplePasskeys.id, held.id));
    const mine = from !== null && from.person.id === person.id ? from.id : null;
    return completeSignIn(tx, people, person, visitor, { way: 'passkey', from: mine });
  });
  if (signed === null) {
    await recordFailure(people, held.person, 'passkey');
    throw notRight();
  }
  await forgiveTry(people, tried);
  return signed;
}

/** Most passkeys of today do not count and say 0; one that counts must go up, or there is a copy of it. */
function isAhead(counter: number, last: number): boolean {
  return counter === 0 && last === 0 ? true : counter > last;
}

/** The counter of a right answer; null for one that is not. */
async function readCounter(
  people: People,
  held: typeof peoplePasskeys.$inferSelect,
  response: AuthenticationResponseJSON,
): Promise<number | null> {
  try {
    const { verified, authenticationInfo } = await (
      await loadServer()
    ).verifyAuthenticationResponse({
      response,
      expectedChallenge: async (challenge) =>
        (await takeChallenge(people, 'passkey-sign-in', challenge, null)) !== null,
      expectedOrigin: people.origin,
      expectedRPID: rpIdOf(people),
      requireUserVerification: true,
      credential: {
        id: held.credential,
        publicKey: Uint8Array.from(held.publicKey),
        counter: held.counter,
        transports: [...held.transports],
      },
    });
    return verified ? authenticationInfo.newCounter : null;
  } catch (error) {
    // The library throws a plain Error for each way in which an answer can be wrong.
    if (error instanceof PortalError || !(error instanceof Error)) throw error;
    people.effects.observe({ kind: 'passkey-refused', person: held.person, reason: error.message });
    return null;
  }
}

export type PasskeySummary = {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
};

export async function listPasskeys(people: People, session: Session): Promise<readonly PasskeySummary[]> {
  const rows = await people.db
    .select()
    .from(peoplePasskeys)
    .where(eq(peoplePasskeys.person, session.person.id))
    .orderBy(asc(peoplePasskeys.createdAt));
  return rows.map(({ id, name, backedUp, createdAt, lastUsedAt }) => ({ id, name, backedUp, createdAt, lastUsedAt }));
}

function refused(detail: Sentence, cause?: unknown): PortalError {
  return new PortalError('form-invalid', { detail, cause });
}

function notRight(): PortalError {
  return new PortalError('unauthorized', say('people.passkey-refused'));
}
