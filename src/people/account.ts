// One's own account: the first second factor, backup codes, password, passkeys, sessions.
// It must ask for the password again, or for a sign-in minutes ago, before anything changes that opens the account.

import { and, eq } from '../db/drizzle.ts';

import { PortalError } from '../base/errors.ts';
import { refuseField } from '../base/fields.ts';
import { isId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Transaction } from '../db/open.ts';
import { people as persons, peoplePasskeys } from '../db/tables-people.ts';
import { appendAudit } from './audit.ts';
import {
  countBackupCodes,
  findTotpCounter,
  makeBackupCodes,
  newTotpSecret,
  openTotp,
  sealTotp,
  toTotpAddress,
} from './codes.ts';
import { listPasskeys } from './passkeys.ts';
import type { PasskeySummary } from './passkeys.ts';
import { requireGoodPassword, toPasswordHash } from './passwords.ts';
import type { People, Session, Signed, Visitor } from './people.ts';
import { anywhere, requirePermission } from './permissions.ts';
import { requireProof } from './proof.ts';
import { endSessions, listSessions } from './sessions.ts';
import type { SessionSummary } from './sessions.ts';
import { completeSignIn, requirePerson } from './sign-in.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

export type OwnAccount = {
  readonly hasPassword: boolean;
  readonly hasCodes: boolean;
  readonly backupCodes: number;
  readonly passkeys: readonly PasskeySummary[];
  readonly sessions: readonly SessionSummary[];
};

export async function readAccount(people: People, session: Session): Promise<OwnAccount> {
  requireSignedIn(session);
  const [person] = await people.db.select().from(persons).where(eq(persons.id, session.person.id));
  if (person === undefined) throw new PortalError('unauthorized');
  const [backupCodes, passkeys, sessions] = await Promise.all([
    countBackupCodes(people.db, person.id),
    listPasskeys(people, session),
    listSessions(people, session),
  ]);
  return {
    hasPassword: person.passwordHash !== null,
    hasCodes: person.totp !== null,
    backupCodes,
    passkeys,
    sessions,
  };
}

function requireSignedIn(session: Session): void {
  if (session.stage !== 'full') throw new PortalError('unauthorized');
  requirePermission(session.person, 'people.account', anywhere(session.person));
}

/** Whoever must make a first factor, or is signed in and wants a new app. */
function requireEnrolling(session: Session): void {
  if (session.stage === 'code') throw new PortalError('unauthorized', say('people.code-first'));
  if (session.stage === 'full') requireSignedIn(session);
}

/** The secret for an app, the same until a code of it was shown to work. */
export async function beginCodes(
  people: People,
  session: Session,
): Promise<{ readonly secret: string; readonly address: string }> {
  requireEnrolling(session);
  const { id, email } = session.person;
  return people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, id);
    const secret = person.totpPending === null ? newTotpSecret() : openTotp(people, id, person.totpPending);
    if (person.totpPending === null) {
      await tx
        .update(persons)
        .set({ totpPending: sealTotp(people, id, secret) })
        .where(eq(persons.id, id));
    }
    return { secret, address: toTotpAddress(people, secret, email) };
  });
}

export type Enrolled = { readonly backupCodes: readonly string[]; readonly signed: Signed | null };

/**
 * The app works: its codes are the second factor from now on, older ones are not. Answers new backup codes, and a
 * signed-in session when this was the missing factor. Throws form-invalid, unauthorized, too-many-requests.
 */
export async function finishCodes(
  people: People,
  visitor: Visitor,
  session: Session,
  given: { readonly code: string; readonly password: string },
): Promise<Enrolled> {
  requireEnrolling(session);
  if (session.stage === 'full') await requireProof(people, visitor, session, given.password);
  const { id } = session.person;
  const tried = triedBy(people, visitor, { kind: 'code', account: id });
  await beginTry(people, tried);
  const enrolled = await people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, id);
    if (person.totpPending === null) throw new PortalError('form-invalid', say('people.no-new-key'));
    const secret = openTotp(people, id, person.totpPending);
    const counter = findTotpCounter(secret, given.code, people.effects.clock.now());
    if (counter === null) return null;
    const changed = { totp: sealTotp(people, id, secret), totpCounter: counter, totpPending: null };
    await tx.update(persons).set(changed).where(eq(persons.id, id));
    const backupCodes = await makeBackupCodes(tx, people, id);
    await recordAct(tx, people, session, 'codes-set');
    if (session.stage === 'full') return { backupCodes, signed: null };
    const signed = await completeSignIn(tx, people, person, visitor, { way: 'code', from: session.id });
    return { backupCodes, signed };
  });
  if (enrolled === null) refuseField('code', wrongCode);
  await forgiveTry(people, tried);
  return enrolled;
}

const wrongCode = say('people.new-key-code-wrong');

export async function renewBackupCodes(
  people: People,
  visitor: Visitor,
  session: Session,
  password: string,
): Promise<readonly string[]> {
  requireSignedIn(session);
  await requireProof(people, visitor, session, password);
  return people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, session.person.id);
    if (person.totp === null) throw new PortalError('form-invalid', say('people.backup-codes-need-app'));
    const codes = await makeBackupCodes(tx, people, person.id);
    await recordAct(tx, people, session, 'backup-codes-renewed');
    return codes;
  });
}

/** All other sessions end: whoever knew the old password is out. */
export async function changePassword(
  people: People,
  visitor: Visitor,
  session: Session,
  given: { readonly password: string; readonly wanted: string },
): Promise<void> {
  requireSignedIn(session);
  await requireProof(people, visitor, session, given.password);
  requireGoodPassword(given.wanted, session.person, people.ownWords);
  const passwordHash = await toPasswordHash(given.wanted, people.passwordCost);
  await people.db.transaction(async (tx) => {
    const { id } = await requirePerson(tx, session.person.id);
    await tx.update(persons).set({ passwordHash }).where(eq(persons.id, id));
    await endSessions(tx, id, { but: session.id });
    await recordAct(tx, people, session, 'password-changed');
  });
}

/** Throws form-invalid when it is the last second factor, not-found when it is not one's own. */
export async function removePasskey(
  people: People,
  visitor: Visitor,
  session: Session,
  given: { readonly id: string; readonly password: string },
): Promise<void> {
  requireSignedIn(session);
  await requireProof(people, visitor, session, given.password);
  await people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, session.person.id);
    const own = await tx.select().from(peoplePasskeys).where(eq(peoplePasskeys.person, person.id));
    if (!own.some(({ id }) => id === given.id)) throw new PortalError('not-found', say('people.no-passkey'));
    if (own.length === 1 && person.totp === null) {
      throw new PortalError('form-invalid', say('people.only-second-factor'));
    }
    await tx.delete(peoplePasskeys).where(and(eq(peoplePasskeys.id, given.id), eq(peoplePasskeys.person, person.id)));
    await recordAct(tx, people, session, 'passkey-removed');
  });
}

/**
 * Ends one of one's own sessions, or all, this one too. Signing out is the end of `session.id` and asks for nothing.
 */
export async function endOwnSessions(people: People, session: Session, which: { only: string } | 'all'): Promise<void> {
  const isThis = which !== 'all' && which.only === session.id;
  if (!isThis) requireSignedIn(session);
  if (which !== 'all' && !isId(which.only)) throw new PortalError('not-found');
  await people.db.transaction(async (tx) => {
    const ended = await endSessions(tx, session.person.id, which);
    if (ended === 0 && !isThis) throw new PortalError('not-found', say('people.no-session'));
    await recordAct(tx, people, session, isThis ? 'signed-out' : 'sessions-ended');
  });
}

async function recordAct(tx: Transaction, people: People, session: Session, act: string): Promise<void> {
  const event = { action: 'people.account', subject: `person:${session.person.id}`, details: { act } } as const;
  await appendAudit(tx, session.person, event, people.effects);
}
