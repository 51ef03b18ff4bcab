// The second factor that an app or paper holds: codes that change every 30 seconds (RFC 6238), and backup codes.
// It must take each code once, and must not decide who is signed in.

import { randomBytes } from 'node:crypto';

import { and, eq, isNull } from '../db/drizzle.ts';

import { toInstant } from '../base/clock.ts';
import { newSpokenCode } from '../base/ids.ts';
import type { Queryable, Transaction } from '../db/open.ts';
import { people as persons, peopleBackupCodes } from '../db/tables-people.ts';
import { parseBase32, toBase32, toHotp } from './one-time-codes.ts';
import type { People } from './people.ts';

const stepMs = 30_000;
const secretBytes = 20;
const backupCodes = 10;
const purpose = 'people.totp';

/** The secret as apps take it by hand: base32, without padding. */
export function newTotpSecret(): string {
  return toBase32(randomBytes(secretBytes));
}

export function sealTotp(people: People, personId: string, secret: string): Buffer {
  return people.seal.seal(secret, `${purpose} ${personId}`);
}

export function openTotp(people: People, personId: string, sealed: Buffer): string {
  return people.seal.open(sealed, `${purpose} ${personId}`) as string;
}

/** What the QR code holds. */
export function toTotpAddress(people: Pick<People, 'site'>, secret: string, email: string): string {
  const { site } = people;
  const told = new URLSearchParams({ secret, issuer: site, digits: '6', period: String(stepMs / 1000) });
  return `otpauth://totp/${encodeURIComponent(site)}:${encodeURIComponent(email)}?${told.toString()}`;
}

/**
 * The number of the 30 seconds whose code this is: now, or one step off for clocks that differ; null for no such code.
 */
export function findTotpCounter(secret: string, code: string, nowMs: number): number | null {
  const typed = code.replace(/\s/gu, '');
  const counter = Math.floor(nowMs / stepMs);
  const key = parseBase32(secret);
  return [counter + 1, counter, counter - 1].find((each) => toHotp(key, each) === typed) ?? null;
}

/** True once for each code: a code that was seen over a shoulder is worth nothing. */
export async function takeTotp(
  tx: Transaction,
  people: People,
  person: typeof persons.$inferSelect,
  code: string,
): Promise<boolean> {
  if (person.totp === null) return false;
  const secret = openTotp(people, person.id, person.totp);
  const counter = findTotpCounter(secret, code, people.effects.clock.now());
  const [held] = await tx
    .select({ last: persons.totpCounter })
    .from(persons)
    .where(eq(persons.id, person.id))
    .for('update');
  if (counter === null || held === undefined || (held.last !== null && held.last >= counter)) return false;
  await tx.update(persons).set({ totpCounter: counter }).where(eq(persons.id, person.id));
  return true;
}

/** Ten codes that replace all earlier ones; their text is in this answer and nowhere else. */
export async function makeBackupCodes(tx: Transaction, people: People, personId: string): Promise<readonly string[]> {
  const codes = Array.from({ length: backupCodes }, () => newSpokenCode());
  await tx.delete(peopleBackupCodes).where(eq(peopleBackupCodes.person, personId));
  await tx
    .insert(peopleBackupCodes)
    .values(codes.map((code) => ({ person: personId, hash: hashOfCode(people, personId, code) })));
  return codes;
}

export async function takeBackupCode(
  tx: Transaction,
  people: People,
  personId: string,
  code: string,
): Promise<boolean> {
  const taken = await tx
    .update(peopleBackupCodes)
    .set({ usedAt: toInstant(people.effects.clock.now()) })
    .where(
      and(
        eq(peopleBackupCodes.person, personId),
        eq(peopleBackupCodes.hash, hashOfCode(people, personId, code)),
        isNull(peopleBackupCodes.usedAt),
      ),
    )
    .returning({ person: peopleBackupCodes.person });
  return taken.length > 0;
}

export async function countBackupCodes(db: Queryable, personId: string): Promise<number> {
  const left = await db
    .select({ person: peopleBackupCodes.person })
    .from(peopleBackupCodes)
    .where(and(eq(peopleBackupCodes.person, personId), isNull(peopleBackupCodes.usedAt)));
  return left.length;
}

function hashOfCode(people: People, personId: string, code: string): Buffer {
  const plain = code.toLowerCase().replace(/[^a-z0-9]/gu, '');
  return people.seal.blindIndex(plain, `people_backup_codes ${personId}`);
}
