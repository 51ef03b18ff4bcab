// Accounts below HTTP: a real database, a seal of its own and a clock that the test turns by hand.
// It must go through the same functions as the pages do.

import { randomBytes } from 'node:crypto';

import type { Actor } from '../../src/base/actor.ts';
import type { OidcSettings } from '../../src/base/config.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import { PortalError } from '../../src/base/errors.ts';
import { openSeal } from '../../src/base/seal.ts';
import { acceptInvitation, invite } from '../../src/people/invitations.ts';
import { beginCodes, finishCodes } from '../../src/people/account.ts';
import { parseBase32, toHotp } from '../../src/people/one-time-codes.ts';
import { openPeople } from '../../src/people/people.ts';
import type { People, Session, Visitor } from '../../src/people/people.ts';
import { readSession } from '../../src/people/sessions.ts';
import { openTestDatabase, type Cleaner } from '../database.ts';
import { cheapPasswords } from './cheap-passwords.ts';

export const machine: Actor = { kind: 'machine', name: 'test machine' };
export const visitor: Visitor = { client: '192.0.2.7', device: 'Firefox, Linux' };
export const goodPassword = 'otter lantern gravel violin';

export const hasCode = (code: string) => (error: unknown) => error instanceof PortalError && error.code === code;

export type Ground = {
  readonly people: People;
  readonly events: PortalEvent[];
  /** Turns the clock forward. */
  pass(ms: number): void;
  now(): number;
  query<T = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly T[]>;
};

export async function openGround(cleaner: Cleaner, oidc: OidcSettings | null = null): Promise<Ground> {
  const { db, pool } = await openTestDatabase(cleaner);
  await pool.query(`insert into departments (id, name, created_at, changed_at)
    values ('parks', 'Parks', now(), now()), ('police', 'Police', now(), now())`);
  let now = Date.parse('2026-11-23T17:00:00Z');
  const events: PortalEvent[] = [];
  const clock = { now: () => now, monotonicMs: () => now };
  const people = await openPeople(
    {
      db,
      seal: openSeal(randomBytes(32)),
      config: { publicUrl: 'http://localhost:8080', oidc },
      city: { name: 'City of Kent, Washington', shortName: 'Kent' },
      passwordCost: cheapPasswords,
    },
    { clock, observe: (event) => void events.push(event) },
  );
  return {
    people,
    events,
    pass: (ms) => void (now += ms),
    now: () => now,
    query: async <T>(text: string, values: readonly unknown[] = []) =>
      (await pool.query(text, [...values])).rows as readonly T[],
  };
}

/** The six digits that an app with this secret shows. */
export function codeAt(secret: string, nowMs: number): string {
  return toHotp(parseBase32(secret), Math.floor(nowMs / 30_000));
}

export type Member = {
  readonly session: Session;
  readonly token: string;
  readonly secret: string;
  readonly backupCodes: readonly string[];
  readonly email: string;
};

/** Invited, accepted, app set up: the whole way of somebody new. */
export async function join(ground: Ground, role: string, department: string | null = null): Promise<Member> {
  const { people } = ground;
  const email = `${role}${department ?? ''}@example.gov`;
  const { link } = await invite(people, machine, { email, name: `New ${role}`, role, department });
  const accepted = await acceptInvitation(people, visitor, secretOf(link), {
    name: `Some ${role}`,
    email: null,
    password: goodPassword,
  });
  const begun = await requireSession(people, accepted.token);
  const { secret } = await beginCodes(people, begun);
  const code = codeAt(secret, ground.now());
  const { backupCodes, signed } = await finishCodes(people, visitor, begun, { code, password: '' });
  if (signed === null) throw new Error('the first factor signs in');
  ground.pass(30_000); // the code is used up
  return { session: await requireSession(people, signed.token), token: signed.token, secret, backupCodes, email };
}

export function secretOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}

export async function requireSession(people: People, token: string): Promise<Session> {
  const session = await readSession(people, token);
  if (session === null) throw new Error('there should be a session');
  return session;
}
