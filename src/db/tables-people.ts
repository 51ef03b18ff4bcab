// Staff accounts, their factors, sessions, grants and invitations, as Drizzle tables of migrations/0003-people.sql.
// It must hold no logic.

import { bigint, boolean, index, integer, pgTable, primaryKey, text, unique, uuid } from './drizzle.ts';

import { bytea, instant } from './columns.ts';

export const people = pgTable('people', {
  id: uuid().primaryKey(),
  email: text().notNull(),
  emailKey: text('email_key').notNull().unique(),
  name: text().notNull(),
  passwordHash: text('password_hash'),
  totp: bytea(),
  totpCounter: bigint('totp_counter', { mode: 'number' }),
  totpPending: bytea('totp_pending'),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  activatedAt: instant('activated_at'),
  disabledAt: instant('disabled_at'),
  version: integer().notNull().default(1),
});

export const peopleGrants = pgTable(
  'people_grants',
  {
    person: uuid().notNull(),
    role: text().notNull(),
    department: text(), // null: the whole city
    grantedAt: instant('granted_at').notNull(),
    grantedBy: text('granted_by').notNull(),
  },
  (table) => [unique().on(table.person, table.role, table.department).nullsNotDistinct()],
);

export const peopleInvitations = pgTable('people_invitations', {
  id: uuid().primaryKey(),
  person: uuid(), // null: whoever becomes the first administrator
  hash: bytea().notNull().unique(),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});

export const peopleSessions = pgTable(
  'people_sessions',
  {
    id: uuid().primaryKey(),
    person: uuid().notNull(),
    hash: bytea().notNull().unique(),
    stage: text().notNull(), // 'code', 'enrol', 'full'
    device: text().notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('people_sessions_by_person').on(table.person)],
);

export const peopleBackupCodes = pgTable(
  'people_backup_codes',
  { person: uuid().notNull(), hash: bytea().notNull(), usedAt: instant('used_at') },
  (table) => [primaryKey({ columns: [table.person, table.hash] })],
);

export const peoplePasskeys = pgTable(
  'people_passkeys',
  {
    id: uuid().primaryKey(),
    person: uuid().notNull(),
    credential: text().notNull().unique(),
    publicKey: bytea('public_key').notNull(),
    counter: bigint({ mode: 'number' }).notNull(),
    transports: text().array().notNull(),
    backedUp: boolean('backed_up').notNull(),
    name: text().notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [index('people_passkeys_by_person').on(table.person)],
);

export const peopleIdentities = pgTable(
  'people_identities',
  {
    issuer: text().notNull(),
    subject: text().notNull(),
    person: uuid().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('people_identities_by_person').on(table.person),
  ],
);

export const peopleChallenges = pgTable(
  'people_challenges',
  {
    hash: bytea().primaryKey(),
    kind: text().notNull(), // 'passkey-registration', 'passkey-sign-in', 'oidc'
    person: uuid(),
    body: bytea(), // sealed
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('people_challenges_by_end').on(table.expiresAt)],
);

export const peopleTries = pgTable(
  'people_tries',
  {
    key: bytea().primaryKey(),
    failures: integer().notNull(),
    lastAt: instant('last_at').notNull(),
    openAt: instant('open_at').notNull(),
  },
  (table) => [index('people_tries_by_time').on(table.lastAt)],
);
