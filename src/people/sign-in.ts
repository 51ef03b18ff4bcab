// Signing in with a password and then a code, and the last step that all ways of signing in share.
// It must answer the unknown, the disabled and the mistaken alike, and be equally slow with each.

import { eq } from '../db/drizzle.ts';

import type { StaffActor } from '../base/actor.ts';
import { publicActor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { people as persons, peoplePasskeys, peopleSessions } from '../db/tables-people.ts';
import { appendAudit } from './audit.ts';
import { takeBackupCode, takeTotp } from './codes.ts';
import { isPassword } from './passwords.ts';
import { toEmailKey } from './people.ts';
import type { People, Session, Signed, Stage, Visitor } from './people.ts';
import { requirePermission } from './permissions.ts';
import { openSession, readGrants } from './sessions.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

export type Person = typeof persons.$inferSelect;
export type Way = 'code' | 'backup-code' | 'passkey' | 'oidc';

const longestEmail = 320;

/** The first step. Throws unauthorized for whatever is not right, too-many-requests after too much of it. */
export async function signInWithPassword(
  people: People,
  visitor: Visitor,
  given: { readonly email: string; readonly password: string },
): Promise<Signed> {
  requirePermission(publicActor, 'people.sign-in');
  const emailKey = toEmailKey(given.email).slice(0, longestEmail);
  const tried = triedBy(people, visitor, { kind: 'password', account: emailKey });
  await beginTry(people, tried);
  const [person] = await people.db.select().from(persons).where(eq(persons.emailKey, emailKey));
  const kept = person?.passwordHash ?? people.noPassword;
  const right = await isPassword(given.password, kept, people.passwordCost);
  if (!right || person === undefined || person.passwordHash === null || person.disabledAt !== null) {
    await recordFailure(people, person?.id ?? null, 'password');
    throw new PortalError('unauthorized', say('people.email-or-password-wrong'));
  }
  await forgiveTry(people, tried);
  return people.db.transaction(async (tx) => openSession(tx, people, person.id, await readStage(tx, person), visitor));
}

/** After the password: a code where there is something to make codes with, else a factor must be made first. */
async function readStage(db: Queryable, person: Person): Promise<Stage> {
  if (person.totp !== null) return 'code';
  const passkeys = await db
    .select({ id: peoplePasskeys.id })
    .from(peoplePasskeys)
    .where(eq(peoplePasskeys.person, person.id))
    .limit(1);
  return passkeys.length > 0 ? 'code' : 'enrol';
}

/** The second step: six digits of the app, or a backup code. Throws unauthorized, too-many-requests. */
export async function signInWithCode(
  people: People,
  visitor: Visitor,
  session: Session,
  code: string,
): Promise<Signed> {
  requirePermission(publicActor, 'people.sign-in');
  requireStage(session, 'code');
  const { id } = session.person;
  const tried = triedBy(people, visitor, { kind: 'code', account: id });
  await beginTry(people, tried);
  const signed = await people.db.transaction(async (tx) => {
    const person = await requirePerson(tx, id);
    const isTotp = /^\s*(\d\s*){6}$/u.test(code);
    const right = isTotp ? await takeTotp(tx, people, person, code) : await takeBackupCode(tx, people, id, code);
    if (!right) return null;
    return completeSignIn(tx, people, person, visitor, { way: isTotp ? 'code' : 'backup-code', from: session.id });
  });
  if (signed === null) {
    await recordFailure(people, id, 'code');
    throw new PortalError('unauthorized', say('people.code-wrong'));
  }
  await forgiveTry(people, tried);
  return signed;
}

function requireStage(session: Session, stage: Stage): void {
  if (session.stage !== stage) throw new PortalError('unauthorized', say('people.sign-in-page-first'));
}

/** The row, locked until the transaction ends. Throws unauthorized for somebody who is gone or was disabled. */
export async function requirePerson(tx: Transaction, id: string): Promise<Person> {
  const [person] = await tx.select().from(persons).where(eq(persons.id, id)).for('update');
  if (person === undefined || person.disabledAt !== null) throw new PortalError('unauthorized');
  return person;
}

/** Makes the signed-in session, with a secret of its own, ends the unfinished one, and writes down that it happened. */
export async function completeSignIn(
  tx: Transaction,
  people: People,
  person: Person,
  visitor: Visitor,
  how: { readonly way: Way; readonly from: string | null },
): Promise<Signed> {
  if (how.from !== null) await tx.delete(peopleSessions).where(eq(peopleSessions.id, how.from));
  const signed = await openSession(tx, people, person.id, 'full', visitor);
  if (person.activatedAt === null) {
    const activatedAt = toInstant(people.effects.clock.now());
    await tx.update(persons).set({ activatedAt }).where(eq(persons.id, person.id));
  }
  const details = { way: how.way, ok: true };
  const event = { action: 'people.sign-in', subject: `person:${person.id}`, details } as const;
  await appendAudit(tx, await toStaff(tx, person), event, people.effects);
  return signed;
}

async function toStaff(db: Queryable, person: Person): Promise<StaffActor> {
  const { id, name, email } = person;
  return { kind: 'staff', id, name, email, grants: await readGrants(db, id) };
}

/** A failure stands in the record too: whose account, where it is one, and which step; never what was typed. */
export async function recordFailure(people: People, personId: string | null, step: string): Promise<void> {
  const details = { step, ok: false };
  const event = { action: 'people.sign-in', subject: `person:${personId ?? 'unknown'}`, details } as const;
  await people.db.transaction((tx) => appendAudit(tx, publicActor, event, people.effects));
  people.effects.observe({ kind: 'sign-in-failed', person: personId, step });
}
