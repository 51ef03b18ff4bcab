// Proof that whoever sits before a signed-in browser is its owner: the password again, or a sign-in of minutes ago.
// It must be asked before anything changes that opens an account.

import { eq } from '../db/drizzle.ts';

import { PortalError } from '../base/errors.ts';
import { refuseField } from '../base/fields.ts';
import { say } from '../base/say.ts';
import { people as persons } from '../db/tables-people.ts';
import { isPassword } from './passwords.ts';
import type { People, Session, Visitor } from './people.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

/** A sign-in this fresh stands for the password of those who have none. */
const freshMs = 10 * 60_000;

/** Throws form-invalid for a wrong password, and for who has none when the sign-in is not fresh. */
export async function requireProof(
  people: People,
  visitor: Visitor,
  session: Session,
  password: string,
): Promise<void> {
  const [person] = await people.db.select().from(persons).where(eq(persons.id, session.person.id));
  if (person === undefined) throw new PortalError('unauthorized');
  if (person.passwordHash === null) return requireFresh(people, session);
  const tried = triedBy(people, visitor, { kind: 'password', account: person.emailKey });
  await beginTry(people, tried);
  if (!(await isPassword(password, person.passwordHash, people.passwordCost))) {
    refuseField('password', say('people.password-wrong'));
  }
  await forgiveTry(people, tried);
}

function requireFresh(people: People, session: Session): void {
  if (people.effects.clock.now() - Date.parse(session.createdAt) < freshMs) return;
  throw new PortalError('form-invalid', say('people.sign-in-too-old'));
}
