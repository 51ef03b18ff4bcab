// Invitations: the only way to an account. A link is good once, for three days, and only its hash is kept.
// It must make no account by itself for whoever asks, and there is no password before its owner sets one.

import { and, eq, isNotNull, isNull } from '../db/drizzle.ts';

import type { Actor, Grant } from '../base/actor.ts';
import { actorName, roles } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { refuseField } from '../base/fields.ts';
import { newId, newToken } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Transaction } from '../db/open.ts';
import {
  people as persons,
  peopleBackupCodes,
  peopleGrants,
  peopleInvitations,
  peoplePasskeys,
} from '../db/tables-people.ts';
import { departments } from '../db/tables.ts';
import { appendAudit } from './audit.ts';
import { requireGoodPassword, toPasswordHash } from './passwords.ts';
import { hashOf, toEmailKey } from './people.ts';
import type { People, Signed, Visitor } from './people.ts';
import { anywhere, requirePermission } from './permissions.ts';
import { endSessions, openSession, readGrants } from './sessions.ts';
import { beginTry, forgiveTry, triedBy } from './tries.ts';

const hour = 60 * 60_000;
const invitationMs = 72 * hour;
const firstInvitationMs = 24 * hour;
const longestName = 100;
const emailShape = /^[^\s@<>"]{1,64}@[^\s@<>".]+(\.[^\s@<>".]+)*$/u;

export type Invited = {
  readonly personId: string;
  readonly email: string;
  readonly link: string;
  readonly expiresAt: string;
};

export type Invitation = { readonly email: string; readonly name: string };

/** Invites somebody new, or once more somebody who has not come yet. Throws already-exists for who has. */
export async function invite(
  people: People,
  actor: Actor,
  given: { readonly email: string; readonly name: string; readonly role: string; readonly department: string | null },
): Promise<Invited> {
  requirePermission(actor, 'people.invite', { departments: given.department === null ? [] : [given.department] });
  const [email, name] = [requireEmail(given.email), requireName(given.name)];
  const role = roles.find((each) => each === given.role);
  if (role === undefined) refuseField('role', say('people.no-role-of', { role: given.role, roles: roles.join(', ') }));
  const { db, effects } = people;
  return db.transaction(async (tx) => {
    await requireDepartment(tx, given.department);
    const person = await requireNewcomer(tx, people, actor, { email, name });
    const granted = { role, department: given.department };
    await insertGrant(tx, people, actor, person.id, granted);
    const invited = await issue(tx, people, person.id, invitationMs);
    const details = { role, department: given.department };
    const event = { action: 'people.invite', subject: `person:${person.id}`, details } as const;
    await appendAudit(tx, actor, event, effects);
    return { personId: person.id, email, ...invited };
  });
}

/**
 * A new link for somebody who has an account and cannot get in: the old password, codes, passkeys and sessions are
 * gone at once. Throws not-found.
 */
export async function inviteAgain(people: People, actor: Actor, email: string): Promise<Invited> {
  requirePermission(actor, 'people.invite', anywhere(actor));
  return people.db.transaction(async (tx) => {
    const emailKey = toEmailKey(email);
    const [person] = await tx.select().from(persons).where(eq(persons.emailKey, emailKey)).for('update');
    if (person === undefined || person.disabledAt !== null) throw new PortalError('not-found', noSuchAccount);
    const grants = await readGrants(tx, person.id);
    if (grants.length === 0) requirePermission(actor, 'people.invite');
    for (const { department } of grants) {
      requirePermission(actor, 'people.invite', { departments: department === null ? [] : [department] });
    }
    const nothing = { passwordHash: null, totp: null, totpCounter: null, totpPending: null };
    await tx.update(persons).set(nothing).where(eq(persons.id, person.id));
    await tx.delete(peoplePasskeys).where(eq(peoplePasskeys.person, person.id));
    await tx.delete(peopleBackupCodes).where(eq(peopleBackupCodes.person, person.id));
    await endSessions(tx, person.id, 'all');
    const invited = await issue(tx, people, person.id, invitationMs);
    const event = { action: 'people.invite', subject: `person:${person.id}`, details: { again: true } } as const;
    await appendAudit(tx, actor, event, people.effects);
    return { personId: person.id, email: person.email, ...invited };
  });
}

const noSuchAccount = say('people.no-account-of-email');

async function requireNewcomer(
  tx: Transaction,
  people: People,
  actor: Actor,
  given: { readonly email: string; readonly name: string },
): Promise<{ readonly id: string }> {
  const emailKey = toEmailKey(given.email);
  const now = toInstant(people.effects.clock.now());
  const row = { id: newId(people.effects.clock), ...given, emailKey, createdAt: now, createdBy: actorName(actor) };
  await tx.insert(persons).values(row).onConflictDoNothing();
  const [held] = await tx.select().from(persons).where(eq(persons.emailKey, emailKey)).for('update');
  if (held === undefined) throw new Error('a person that was just inserted is not there');
  if (held.activatedAt !== null || held.disabledAt !== null || held.passwordHash !== null) {
    throw new PortalError('already-exists', {
      detail: say('people.account-exists'),
      extra: { field: 'email' },
    });
  }
  return held;
}

export async function insertGrant(
  tx: Transaction,
  people: People,
  actor: Actor,
  personId: string,
  grant: Grant,
): Promise<void> {
  const grantedAt = toInstant(people.effects.clock.now());
  await tx
    .insert(peopleGrants)
    .values({ person: personId, ...grant, grantedAt, grantedBy: actorName(actor) })
    .onConflictDoNothing();
}

/** A new link; those before it are no longer good. */
async function issue(
  tx: Transaction,
  people: People,
  personId: string | null,
  lifetimeMs: number,
): Promise<{ readonly link: string; readonly expiresAt: string }> {
  const { clock } = people.effects;
  const now = clock.now();
  const whose = personId === null ? isNull(peopleInvitations.person) : eq(peopleInvitations.person, personId);
  await tx.delete(peopleInvitations).where(and(whose, isNull(peopleInvitations.usedAt)));
  const secret = newToken('invitation');
  const expiresAt = toInstant(now + lifetimeMs);
  const row = { id: newId(clock), person: personId, hash: hashOf(secret), createdAt: toInstant(now), expiresAt };
  await tx.insert(peopleInvitations).values(row);
  return { link: `${people.origin}/sign-in/invitation/${secret}`, expiresAt };
}

/** The link of whoever installs the portal, while nobody has ever come as an administrator; else null. */
export async function inviteFirstAdministrator(
  people: People,
): Promise<{ readonly link: string; readonly expiresAt: string } | null> {
  return people.db.transaction(async (tx) => {
    const administrators = await tx
      .select({ id: persons.id })
      .from(persons)
      .innerJoin(peopleGrants, eq(peopleGrants.person, persons.id))
      .where(and(eq(peopleGrants.role, 'administrator'), isNotNull(persons.activatedAt)))
      .limit(1);
    return administrators.length > 0 ? null : issue(tx, people, null, firstInvitationMs);
  });
}

/** Tells whoever starts the portal how to get in, while nobody can. `write` must not lead into the log. */
export async function tellFirstLink(people: People, write: (text: string) => void): Promise<void> {
  const first = await inviteFirstAdministrator(people);
  if (first === null) return;
  write(
    `\nNobody has an account here yet. The first administrator opens this link, once, within 24 hours:\n\n` +
      `  ${first.link}\n\nA new start makes a new link; so does: portal admin invite\n\n`,
  );
}

/** Whom a link invites; null for the first administrator, who is not known yet. Throws link-expired. */
export async function readInvitation(people: People, visitor: Visitor, secret: string): Promise<Invitation | null> {
  const tried = triedBy(people, visitor, null);
  await beginTry(people, tried);
  const [found] = await people.db
    .select({ invitation: peopleInvitations, person: persons })
    .from(peopleInvitations)
    .leftJoin(persons, eq(persons.id, peopleInvitations.person))
    .where(eq(peopleInvitations.hash, hashOf(secret)));
  const now = people.effects.clock.now();
  if (
    found === undefined ||
    found.invitation.usedAt !== null ||
    Date.parse(found.invitation.expiresAt) <= now ||
    (found.person?.disabledAt ?? null) !== null
  ) {
    throw expired();
  }
  await forgiveTry(people, tried);
  if (found.person === null) return null;
  return { email: found.person.email, name: found.person.name };
}

/**
 * Sets the name and password of whoever was invited. What comes next is a second factor. Throws link-expired,
 * form-invalid.
 */
export async function acceptInvitation(
  people: People,
  visitor: Visitor,
  secret: string,
  given: { readonly name: string; readonly email: string | null; readonly password: string },
): Promise<Signed> {
  const invited = await readInvitation(people, visitor, secret);
  const name = requireName(given.name);
  const email = invited?.email ?? requireEmail(given.email ?? '');
  requireGoodPassword(given.password, { email, name }, people.ownWords);
  const passwordHash = await toPasswordHash(given.password, people.passwordCost);
  return people.db.transaction(async (tx) => {
    const usedAt = toInstant(people.effects.clock.now());
    const [used] = await tx
      .update(peopleInvitations)
      .set({ usedAt })
      .where(and(eq(peopleInvitations.hash, hashOf(secret)), isNull(peopleInvitations.usedAt)))
      .returning({ person: peopleInvitations.person });
    if (used === undefined) throw expired();
    const id = used.person ?? (await makeFirstAdministrator(tx, people, { email, name }));
    await tx.update(persons).set({ name, passwordHash }).where(eq(persons.id, id));
    const actor = { kind: 'staff', id, name, email, grants: [] } as const;
    const event = { action: 'people.account', subject: `person:${id}`, details: { act: 'accepted' } } as const;
    await appendAudit(tx, actor, event, people.effects);
    return openSession(tx, people, id, 'enrol', visitor);
  });
}

async function makeFirstAdministrator(
  tx: Transaction,
  people: People,
  given: { readonly email: string; readonly name: string },
): Promise<string> {
  const installer: Actor = { kind: 'machine', name: 'portal machine' };
  const { id } = await requireNewcomer(tx, people, installer, given);
  await insertGrant(tx, people, installer, id, { role: 'administrator', department: null });
  return id;
}

/** Throws department-not-found. */
export async function requireDepartment(tx: Transaction, department: string | null): Promise<void> {
  if (department === null) return;
  const [found] = await tx.select({ id: departments.id }).from(departments).where(eq(departments.id, department));
  if (found === undefined) throw new PortalError('department-not-found', { extra: { field: 'department' } });
}

function requireName(given: string): string {
  const name = given.trim().replace(/\s+/gu, ' ');
  if (name === '' || name.length > longestName)
    refuseField('name', say('people.name-length', { longest: longestName }));
  if (/\p{Cc}/u.test(name)) refuseField('name', say('people.name-control-characters'));
  return name;
}

function requireEmail(given: string): string {
  const email = given.trim();
  if (!emailShape.test(email) || email.length > 254) refuseField('email', say('people.email-shape'));
  return email;
}

function expired(): PortalError {
  return new PortalError('link-expired', say('people.link-expired'));
}
