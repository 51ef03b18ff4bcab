// Staff for tests: plain actors for what runs below HTTP, and real accounts with a real session for what runs above it.
// It must give nobody a right that the table of permissions does not.

import { randomBytes } from 'node:crypto';

import type { Role, StaffActor } from '../../src/base/actor.ts';
import { toInstant } from '../../src/base/clock.ts';
import { newId } from '../../src/base/ids.ts';
import { people as persons } from '../../src/db/tables-people.ts';
import { departments } from '../../src/db/tables.ts';
import { insertGrant } from '../../src/people/invitations.ts';
import { completeSignIn } from '../../src/people/sign-in.ts';
import { readSession } from '../../src/people/sessions.ts';
import { cookieName } from '../../src/serve/http/session-cookie.ts';
import type { TestPortal } from '../portal.ts';

/** A member of staff with one role, for the whole city or for one department. */
export function staffActor(role: Role, department: string | null = null): StaffActor {
  const place = department === null ? '' : ` of ${department}`;
  return {
    kind: 'staff',
    id: `staff-${role}${department === null ? '' : `-${department}`}`,
    name: `Test ${role}${place}`,
    email: `${role}${department === null ? '' : `.${department}`}@example.gov`,
    grants: [{ role, department }],
  };
}

export type SignedIn = {
  /** The Cookie header of a browser that has signed in. */
  readonly cookie: string;
  /** The same with what a browser sends along when it posts a form of the portal's own. */
  readonly headers: { readonly cookie: string; readonly origin: string; readonly host: string };
  readonly actor: StaffActor;
};

/** A new account with one role and a session of its own; only the password and the code are left out. */
export async function signIn(site: TestPortal, role: Role, department: string | null = null): Promise<SignedIn> {
  const { people } = site.portal;
  const { clock } = people.effects;
  const [id, now] = [newId(clock), toInstant(clock.now())];
  const name = staffActor(role, department).name;
  const email = `${role}.${randomBytes(6).toString('hex')}@example.gov`;
  const token = await people.db.transaction(async (tx) => {
    if (department !== null) {
      const row = { id: department, name: department, createdAt: now, changedAt: now };
      await tx.insert(departments).values(row).onConflictDoNothing();
    }
    const row = { id, email, emailKey: email, name, createdAt: now, createdBy: 'test' };
    const [person] = await tx.insert(persons).values(row).returning();
    if (person === undefined) throw new Error('the account is not there');
    await insertGrant(tx, people, { kind: 'machine', name: 'test' }, id, { role, department });
    const visitor = { client: '127.0.0.1', device: 'Firefox, Linux' };
    return (await completeSignIn(tx, people, person, visitor, { way: 'code', from: null })).token;
  });
  const session = await readSession(people, token);
  if (session === null) throw new Error('the session is not there');
  const { publicUrl } = site.config;
  const cookie = `${cookieName('session', publicUrl.startsWith('https:'))}=${token}`;
  return { cookie, headers: { cookie, origin: publicUrl, host: new URL(publicUrl).host }, actor: session.person };
}
