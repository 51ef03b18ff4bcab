// Sessions of the staff: made at sign-in, read with every request, ended by time, by their owner or with the account.
// It must keep no session's secret, only its SHA-256, and must not trust anything but its own clock.

import { and, asc, desc, eq, lt, ne } from '../db/drizzle.ts';

import type { Grant, Role, StaffActor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import { newId, newToken } from '../base/ids.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { people as persons, peopleGrants, peopleSessions } from '../db/tables-people.ts';
import { hashOf } from './people.ts';
import type { People, Session, Signed, Stage, Visitor } from './people.ts';

const minute = 60_000;
const idleMs = 60 * minute;
/** From sign-in to the end, whatever is done meanwhile. */
const absoluteMs: Readonly<Record<Stage, number>> = {
  full: 12 * 60 * minute,
  code: 20 * minute,
  enrol: 30 * minute,
};
/** Use is written down this often and no oftener. */
const noteEveryMs = minute;

export async function openSession(
  tx: Transaction,
  people: People,
  personId: string,
  stage: Stage,
  visitor: Visitor,
): Promise<Signed> {
  const { clock } = people.effects;
  const token = newToken('session');
  const now = clock.now();
  await tx.delete(peopleSessions).where(lt(peopleSessions.expiresAt, toInstant(now)));
  await tx.insert(peopleSessions).values({
    id: newId(clock),
    person: personId,
    hash: hashOf(token),
    stage,
    device: visitor.device.slice(0, 60),
    createdAt: toInstant(now),
    lastUsedAt: toInstant(now),
    expiresAt: toInstant(now + absoluteMs[stage]),
  });
  return { token, stage };
}

/** Null for what is no session, or no longer: ended, idle too long, too old, or of somebody who was disabled. */
export async function readSession(people: People, token: string): Promise<Session | null> {
  const { db, effects } = people;
  const [found] = await db
    .select({ session: peopleSessions, person: persons })
    .from(peopleSessions)
    .innerJoin(persons, eq(persons.id, peopleSessions.person))
    .where(eq(peopleSessions.hash, hashOf(token)));
  if (found === undefined || found.person.disabledAt !== null) return null;
  const { session, person } = found;
  const now = effects.clock.now();
  const idle = now - Date.parse(session.lastUsedAt);
  if (now >= Date.parse(session.expiresAt) || idle >= idleMs) {
    await db.delete(peopleSessions).where(eq(peopleSessions.id, session.id));
    return null;
  }
  if (idle >= noteEveryMs) {
    const used = { lastUsedAt: toInstant(now) };
    await db.update(peopleSessions).set(used).where(eq(peopleSessions.id, session.id));
  }
  const actor: StaffActor = {
    kind: 'staff',
    id: person.id,
    name: person.name,
    email: person.email,
    grants: await readGrants(db, person.id),
  };
  return { id: session.id, stage: session.stage as Stage, createdAt: session.createdAt, person: actor };
}

export async function readGrants(db: Queryable, personId: string): Promise<readonly Grant[]> {
  const rows = await db
    .select({ role: peopleGrants.role, department: peopleGrants.department })
    .from(peopleGrants)
    .where(eq(peopleGrants.person, personId))
    .orderBy(asc(peopleGrants.role), asc(peopleGrants.department));
  return rows.map(({ role, department }) => ({ role: role as Role, department }));
}

export type SessionSummary = {
  readonly id: string;
  readonly device: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly isThis: boolean;
};

/** The signed-in sessions of one person that still hold, the last used first. */
export async function listSessions(people: People, session: Session): Promise<readonly SessionSummary[]> {
  const now = people.effects.clock.now();
  const rows = await people.db
    .select()
    .from(peopleSessions)
    .where(and(eq(peopleSessions.person, session.person.id), eq(peopleSessions.stage, 'full')))
    .orderBy(desc(peopleSessions.lastUsedAt));
  return rows
    .filter((row) => Date.parse(row.expiresAt) > now && now - Date.parse(row.lastUsedAt) < idleMs)
    .map(({ id, device, createdAt, lastUsedAt }) => ({
      id,
      device,
      createdAt,
      lastUsedAt,
      isThis: id === session.id,
    }));
}

/** Ends sessions of this person alone: one, all, or all but one. Answers how many. */
export async function endSessions(
  tx: Transaction,
  personId: string,
  which: { readonly only: string } | { readonly but: string } | 'all',
): Promise<number> {
  const own = eq(peopleSessions.person, personId);
  const chosen =
    which === 'all'
      ? own
      : and(own, 'only' in which ? eq(peopleSessions.id, which.only) : ne(peopleSessions.id, which.but));
  const ended = await tx.delete(peopleSessions).where(chosen).returning({ id: peopleSessions.id });
  return ended.length;
}
