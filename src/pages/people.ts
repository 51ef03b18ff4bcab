// The staff's accounts for pages: signing in, one's own account, the accounts of others.
// It must not decide anything; every function asks the table of permissions itself.

import { roles } from '../base/actor.ts';
import type { Grant, Role, Actor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import {
  beginCodes,
  changePassword,
  endOwnSessions,
  finishCodes,
  readAccount,
  removePasskey,
  renewBackupCodes,
} from '../people/account.ts';
import type { OwnAccount } from '../people/account.ts';
import { listPeople, setAccess, setGrants } from '../people/accounts.ts';
import type { PersonSummary } from '../people/accounts.ts';
import { acceptInvitation, invite, inviteAgain, readInvitation } from '../people/invitations.ts';
import type { Invitation, Invited } from '../people/invitations.ts';
import type { Stage, People, Session, Signed, Visitor } from '../people/people.ts';
import { anywhere, isAllowed } from '../people/permissions.ts';
import type { Action } from '../people/permissions.ts';
import { signInWithCode, signInWithPassword } from '../people/sign-in.ts';
import { toQrCode } from './qr-code.ts';
import type { QrCode } from './qr-code.ts';
import { cookieName } from '../serve/http/session-cookie.ts';

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

export type PeopleReader = { readonly actor: Actor; readonly session: Session | null; readonly visitor: Visitor };

export function toPeoplePages(people: People, reader: PeopleReader): PeoplePages {
  return { ...toSignInPages(people, reader), ...toAccountPages(people, reader), ...toStaffPages(people, reader) };
}

type SignInPages = Pick<
  PeoplePages,
  | 'me'
  | 'stage'
  | 'may'
  | 'oidcName'
  | 'nextPath'
  | 'cookieName'
  | 'signIn'
  | 'enterCode'
  | 'signOut'
  | 'invitation'
  | 'accept'
>;

function toSignInPages(people: People, { actor, session, visitor }: PeopleReader): SignInPages {
  const secure = isSecure(people);
  const toCookie = cookieOf(people);
  return {
    me() {
      if (actor.kind !== 'staff') return null;
      const { id, name, email, grants } = actor;
      return { id, name, email, grants };
    },
    stage: () => session?.stage ?? null,
    may: (action) => actor.kind === 'staff' && isAllowed(actor, action, anywhere(actor)),
    oidcName: () => people.oidc?.name ?? null,
    nextPath: (given) => toLocalPath(given),
    cookieName: () => cookieName('session', secure),
    signIn: async (given) => toCookie(await signInWithPassword(people, visitor, given)),
    enterCode: async (code) => toCookie(await signInWithCode(people, visitor, requireBegun(session), code)),
    async signOut() {
      if (session !== null) await endOwnSessions(people, session, { only: session.id });
    },
    invitation: (secret) => readInvitation(people, visitor, secret),
    accept: async (secret, given) => toCookie(await acceptInvitation(people, visitor, secret, given)),
  };
}

type AccountPages = Pick<
  PeoplePages,
  | 'newKey'
  | 'confirmKey'
  | 'account'
  | 'changePassword'
  | 'renewBackupCodes'
  | 'removePasskey'
  | 'endSession'
  | 'endAllSessions'
>;

function toAccountPages(people: People, { session, visitor }: PeopleReader): AccountPages {
  const toCookie = cookieOf(people);
  return {
    async newKey() {
      const { secret, address } = await beginCodes(people, requireBegun(session));
      return { secret, qr: toQrCode(address) };
    },
    async confirmKey(given) {
      const { backupCodes, signed } = await finishCodes(people, visitor, requireBegun(session), given);
      return { backupCodes, cookie: signed === null ? null : toCookie(signed) };
    },
    account: async () => readAccount(people, requireBegun(session)),
    changePassword: async (given) => changePassword(people, visitor, requireBegun(session), given),
    renewBackupCodes: async (password) => renewBackupCodes(people, visitor, requireBegun(session), password),
    removePasskey: async (given) => removePasskey(people, visitor, requireBegun(session), given),
    endSession: async (id) => endOwnSessions(people, requireBegun(session), { only: id }),
    endAllSessions: async () => endOwnSessions(people, requireBegun(session), 'all'),
  };
}

type StaffPages = Pick<PeoplePages, 'list' | 'roles' | 'invite' | 'inviteAgain' | 'setGrants' | 'setAccess'>;

function toStaffPages(people: People, { actor }: PeopleReader): StaffPages {
  return {
    list: () => listPeople(people, actor),
    roles: () => roles,
    invite: (given) => invite(people, actor, given),
    inviteAgain: (email) => inviteAgain(people, actor, email),
    setGrants: (id, change) => setGrants(people, actor, id, change),
    setAccess: (id, change) => setAccess(people, actor, id, change),
  };
}

function requireBegun(session: Session | null): Session {
  if (session === null) throw new PortalError('unauthorized', say('serve.sign-in-first'));
  return session;
}

const isSecure = (people: People) => people.origin.startsWith('https:');

function cookieOf(people: People): (signed: Signed) => SessionCookie {
  const secure = isSecure(people);
  return ({ token, stage }) => ({ name: cookieName('session', secure), value: token, secure, stage });
}

/** Only a path of this portal: an address of elsewhere would make the sign-in page a way to lead people astray. */
export function toLocalPath(given: string | null | undefined): string {
  const path = given ?? '';
  return /^\/(staff|account)(\/[\w./-]*)?(\?[\w./=&%+-]*)?$/u.test(path) && !path.includes('//') ? path : '/staff';
}
