// The accounts of the staff as administrators see and change them: roles, access.
// It must never leave the portal without somebody who can give access.

import { and, asc, eq, isNull, sql } from '../db/drizzle.ts';

import type { Actor, Grant, Role } from '../base/actor.ts';
import { roles } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { refuseField } from '../base/fields.ts';
import { isId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import {
  people as persons,
  peopleGrants,
  peopleIdentities,
  peopleInvitations,
  peoplePasskeys,
} from '../db/tables-people.ts';
import { appendAudit } from './audit.ts';
import { insertGrant, requireDepartment } from './invitations.ts';
import type { People } from './people.ts';
import { anywhere, isAllowed, requirePermission } from './permissions.ts';
import { endSessions, readGrants } from './sessions.ts';
import type { Person } from './sign-in.ts';

export type PersonSummary = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly grants: readonly Grant[];
  readonly state: 'invited' | 'active' | 'disabled';
  readonly factors: readonly ('password' | 'code' | 'passkey' | 'oidc')[];
  readonly createdAt: string;
  readonly version: number;
};

const scopeOf = (grant: Grant) => ({ departments: grant.department === null ? [] : [grant.department] });
const isAdministrator = (grant: Grant) => grant.role === 'administrator' && grant.department === null;
const sameGrant = (a: Grant, b: Grant) => a.role === b.role && a.department === b.department;

/** All accounts; who may see those of one department sees those alone that have a role there. */
export async function listPeople(people: People, actor: Actor): Promise<readonly PersonSummary[]> {
  requirePermission(actor, 'people.list', anywhere(actor));
  const { db } = people;
  const rows = await db.select().from(persons).orderBy(asc(persons.name), asc(persons.id));
  const grants = await db.select().from(peopleGrants).orderBy(asc(peopleGrants.role), asc(peopleGrants.department));
  const passkeys = await db.select({ person: peoplePasskeys.person }).from(peoplePasskeys);
  const identities = await db.select({ person: peopleIdentities.person }).from(peopleIdentities);
  const has = (list: readonly { person: string }[], id: string) => list.some(({ person }) => person === id);
  const all = rows.map((row): PersonSummary => ({
    id: row.id,
    name: row.name,
    email: row.email,
    grants: grants
      .filter(({ person }) => person === row.id)
      .map(({ role, department }) => ({ role: role as Role, department })),
    state: row.disabledAt !== null ? 'disabled' : row.activatedAt === null ? 'invited' : 'active',
    factors: [
      ...(row.passwordHash === null ? [] : (['password'] as const)),
      ...(row.totp === null ? [] : (['code'] as const)),
      ...(has(passkeys, row.id) ? (['passkey'] as const) : []),
      ...(has(identities, row.id) ? (['oidc'] as const) : []),
    ],
    createdAt: row.createdAt,
    version: row.version,
  }));
  return all.filter((person) => isSeen(actor, person));
}

function isSeen(actor: Actor, person: PersonSummary): boolean {
  return (
    isAllowed(actor, 'people.list') || person.grants.some((grant) => isAllowed(actor, 'people.list', scopeOf(grant)))
  );
}

export type GrantsChange = { readonly grants: readonly Grant[]; readonly expected: number };

/**
 * Replaces somebody's roles. Each that comes or goes needs the right to give it. Throws conflict, not-found,
 * form-invalid.
 */
export async function setGrants(people: People, actor: Actor, id: string, change: GrantsChange): Promise<void> {
  requirePermission(actor, 'people.grant', anywhere(actor));
  const wanted = change.grants.filter((grant, at, all) => all.findIndex((each) => sameGrant(each, grant)) === at);
  for (const { role } of wanted) if (!roles.includes(role)) refuseField('role', say('people.no-role', { role }));
  await people.db.transaction(async (tx) => {
    const person = await holdPerson(tx, id, change.expected);
    const held = await readGrants(tx, id);
    const given = wanted.filter((grant) => !held.some((each) => sameGrant(each, grant)));
    const taken = held.filter((grant) => !wanted.some((each) => sameGrant(each, grant)));
    for (const grant of [...given, ...taken]) requirePermission(actor, 'people.grant', scopeOf(grant));
    if (given.length + taken.length === 0) return;
    for (const { department } of given) await requireDepartment(tx, department);
    for (const grant of taken) await removeGrant(tx, id, grant);
    for (const grant of given) await insertGrant(tx, people, actor, id, grant);
    if (taken.some(isAdministrator)) await requireAdministrator(tx);
    await tx
      .update(persons)
      .set({ version: person.version + 1 })
      .where(eq(persons.id, id));
    const spoken = (grants: readonly Grant[]) =>
      grants.map(({ role, department }) => (department === null ? role : `${role} of ${department}`)).join(', ');
    const details = { given: spoken(given), taken: spoken(taken) };
    await appendAudit(tx, actor, { action: 'people.grant', subject: `person:${id}`, details }, people.effects);
  });
}

async function removeGrant(tx: Transaction, id: string, { role, department }: Grant): Promise<void> {
  const place = department === null ? isNull(peopleGrants.department) : eq(peopleGrants.department, department);
  await tx.delete(peopleGrants).where(and(eq(peopleGrants.person, id), eq(peopleGrants.role, role), place));
}

/**
 * Ends somebody's access at once, with every session and open invitation, or gives it back. Throws conflict, not-found.
 */
export async function setAccess(
  people: People,
  actor: Actor,
  id: string,
  change: { readonly disabled: boolean; readonly expected: number },
): Promise<void> {
  requirePermission(actor, 'people.disable', anywhere(actor));
  await people.db.transaction(async (tx) => {
    const person = await holdPerson(tx, id, change.expected);
    const grants = await readGrants(tx, id);
    if (grants.length === 0) requirePermission(actor, 'people.disable');
    for (const grant of grants) requirePermission(actor, 'people.disable', scopeOf(grant));
    if ((person.disabledAt !== null) === change.disabled) return;
    const disabledAt = change.disabled ? toInstant(people.effects.clock.now()) : null;
    await tx
      .update(persons)
      .set({ disabledAt, version: person.version + 1 })
      .where(eq(persons.id, id));
    const sessions = change.disabled ? await endSessions(tx, id, 'all') : 0;
    if (change.disabled) {
      const open = and(eq(peopleInvitations.person, id), isNull(peopleInvitations.usedAt));
      await tx.delete(peopleInvitations).where(open);
      if (grants.some(isAdministrator)) await requireAdministrator(tx);
    }
    const details = { disabled: change.disabled, sessions };
    await appendAudit(tx, actor, { action: 'people.disable', subject: `person:${id}`, details }, people.effects);
  });
}

async function holdPerson(tx: Transaction, id: string, expected: number): Promise<Person> {
  const [person] = isId(id) ? await tx.select().from(persons).where(eq(persons.id, id)).for('update') : [];
  if (person === undefined) throw new PortalError('not-found', say('people.no-account'));
  if (person.version !== expected) throw new PortalError('conflict');
  return person;
}

const administratorsLock = 5_368_204;

/** Two administrators who take each other's role at once would leave none: the lock lets one see the other's change. */
async function requireAdministrator(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${administratorsLock})`);
  if ((await countAdministrators(tx)) > 0) return;
  throw new PortalError('conflict', say('people.last-administrator'));
}

async function countAdministrators(db: Queryable): Promise<number> {
  const found = await db
    .select({ id: persons.id })
    .from(persons)
    .innerJoin(peopleGrants, eq(peopleGrants.person, persons.id))
    .where(and(eq(peopleGrants.role, 'administrator'), isNull(peopleGrants.department), isNull(persons.disabledAt)));
  return found.length;
}
