// What the functions of this folder are handed: the database, the seal, where the portal is reached, and effects.
// It must not do anything for a person; it only opens what those functions need.

import { createHash } from 'node:crypto';

import type { StaffActor } from '../base/actor.ts';
import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { newToken } from '../base/ids.ts';
import type { Seal } from '../base/seal.ts';
import type { Database } from '../db/open.ts';
import { oidcCallback, openOidc } from './oidc.ts';
import type { OidcClient } from './oidc.ts';
import { scryptCost, toPasswordHash, type PasswordCost } from './passwords.ts';

export type People = {
  readonly db: Database;
  readonly seal: Seal;
  /** Where people reach the portal, without a slash at the end. */
  readonly origin: string;
  /** The name that authenticator apps and passkeys show: the portal of which city. */
  readonly site: string;
  /** Words that a password must not be made of: the city's name and the like. */
  readonly ownWords: readonly string[];
  /** The city's own sign-in service; null: none is set. */
  readonly oidc: OidcClient | null;
  /** A hash that no password has: whoever is unknown is checked against it, and takes as long. */
  readonly noPassword: string;
  /** What making a hash of a password takes; the same for the portal's whole life. */
  readonly passwordCost: PasswordCost;
  readonly effects: Effects;
};

/** Who stands before the door: enough to slow down guessing and to tell one's sessions apart, and no more. */
export type Visitor = { readonly client: string; readonly device: string };

/** How far a sign-in has come: `code` awaits the second factor, `enrol` must make one first, `full` is signed in. */
export type Stage = 'code' | 'enrol' | 'full';

export type Session = {
  readonly id: string;
  readonly stage: Stage;
  readonly createdAt: string;
  readonly person: StaffActor;
};

/** The secret of a session that was just made; it goes into the cookie and nowhere else. */
export type Signed = { readonly token: string; readonly stage: Stage };

export type PeopleParts = Pick<People, 'db' | 'seal'> & {
  readonly config: Pick<Config, 'publicUrl' | 'oidc'>;
  readonly city: { readonly name: string; readonly shortName: string };
  /** Left out but in tests, which guard nobody's password and need not wait for it. */
  readonly passwordCost?: PasswordCost | undefined;
};

/** Asks nobody anything: the sign-in service is asked when somebody first wants to sign in with it. */
export async function openPeople(parts: PeopleParts, effects: Effects): Promise<People> {
  const { db, seal, config, city, passwordCost = scryptCost } = parts;
  const { publicUrl: origin, oidc } = config;
  return Object.freeze({
    db,
    seal,
    origin,
    site: `${city.shortName} open data`,
    ownWords: [...city.name.split(/[^\p{L}\p{N}]+/u), 'portal', 'opendata', 'records'],
    oidc: oidc === null ? null : openOidc(oidc, `${origin}${oidcCallback}`, effects),
    noPassword: await toPasswordHash(newToken('none'), passwordCost),
    passwordCost,
    effects,
  });
}

/** Of a secret with 256 random bits: nobody guesses it, so a plain hash keeps it. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

export function toEmailKey(email: string): string {
  return email.trim().toLowerCase();
}

/** `firefox`, `windows`: enough for somebody to know their own devices by. */
export function describeDevice(userAgent: string | undefined): string {
  const find = (table: readonly (readonly [RegExp, string])[]) =>
    table.find(([shape]) => shape.test(userAgent ?? ''))?.[1] ?? null;
  const [browser, system] = [find(browsers), find(systems)];
  if (browser === null && system === null) return '';
  return browser === null || system === null ? (browser ?? system ?? '') : `${browser}, ${system}`;
}

/** Order matters: Edge says it is Chrome, Chrome says it is Safari, Android says it is Linux. */
const browsers = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;

const systems = [
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const;
