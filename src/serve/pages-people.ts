// What pages may ask about the staff's accounts: signing in, one's own account, the accounts of others.
// It must hold types only; people-pages.ts does what they say.

import type { Grant, Role } from '../base/actor.ts';
import type { OwnAccount } from '../people/account.ts';
import type { PersonSummary } from '../people/accounts.ts';
import type { Invitation, Invited } from '../people/invitations.ts';
import type { Stage } from '../people/people.ts';
import type { Action } from '../people/permissions.ts';

/** What a page sets as the session's cookie; the value is a secret. */
export type SessionCookie = {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly stage: Stage;
};

export type Me = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly grants: readonly Grant[];
};

/** A QR code as one path of an SVG with `size` modules to a side. */
export type QrCode = { readonly size: number; readonly path: string };

export type NewKey = { readonly secret: string; readonly qr: QrCode };

export type PeoplePages = {
  /** Whoever is signed in; null for everybody else, also half-way through a sign-in. */
  me(): Me | null;
  /** How far the sign-in of this browser has come; null when it has not begun. */
  stage(): Stage | null;
  /** Whether whoever is signed in may do this, for the city or for any department. */
  may(action: Action): boolean;
  /** What staff call the city's own sign-in service; null when none is set up. */
  oidcName(): string | null;
  /** A path of this portal to go on to; anything else becomes /staff. */
  nextPath(given: string | null): string;
  cookieName(): string;

  signIn(given: { readonly email: string; readonly password: string }): Promise<SessionCookie>;
  enterCode(code: string): Promise<SessionCookie>;
  signOut(): Promise<void>;
  invitation(secret: string): Promise<Invitation | null>;
  accept(
    secret: string,
    given: { readonly name: string; readonly email: string | null; readonly password: string },
  ): Promise<SessionCookie>;

  newKey(): Promise<NewKey>;
  confirmKey(given: {
    readonly code: string;
    readonly password: string;
  }): Promise<{ readonly backupCodes: readonly string[]; readonly cookie: SessionCookie | null }>;
  account(): Promise<OwnAccount>;
  changePassword(given: { readonly password: string; readonly wanted: string }): Promise<void>;
  renewBackupCodes(password: string): Promise<readonly string[]>;
  removePasskey(given: { readonly id: string; readonly password: string }): Promise<void>;
  endSession(id: string): Promise<void>;
  endAllSessions(): Promise<void>;

  list(): Promise<readonly PersonSummary[]>;
  roles(): readonly Role[];
  invite(given: {
    readonly email: string;
    readonly name: string;
    readonly role: string;
    readonly department: string | null;
  }): Promise<Invited>;
  inviteAgain(email: string): Promise<Invited>;
  setGrants(id: string, change: { readonly grants: readonly Grant[]; readonly expected: number }): Promise<void>;
  setAccess(id: string, change: { readonly disabled: boolean; readonly expected: number }): Promise<void>;
};

export type { OwnAccount, PersonSummary, Invited, Invitation };
