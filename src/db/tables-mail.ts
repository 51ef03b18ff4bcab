// The tables of letters and received mail (migrations/0004-mail.sql), as Drizzle tables.
// It must hold no logic; what is sealed in them is known again in src/mail.

import { boolean, index, integer, pgTable, primaryKey, text, uuid } from './drizzle.ts';

import { bytea, instant } from './columns.ts';

export const sealKeys = pgTable('seal_keys', {
  id: integer().primaryKey(),
  fingerprint: text().notNull().unique(),
  firstUsedAt: instant('first_used_at').notNull(),
});

export const letters = pgTable(
  'letters',
  {
    id: uuid().primaryKey(),
    kind: text().notNull(),
    requestId: uuid('request_id'),
    dedupeKey: text('dedupe_key').unique(),
    content: bytea().notNull(),
    toIndex: bytea('to_index').notNull(),
    unsolicited: boolean().notNull(),
    blobs: text().array().notNull(),
    state: text().notNull(),
    attempts: integer().notNull().default(0),
    createdAt: instant('created_at').notNull(),
    queuedAt: instant('queued_at').notNull(),
    nextAttemptAt: instant('next_attempt_at').notNull(),
    claimedAt: instant('claimed_at'),
    endedAt: instant('ended_at'),
    reason: text(),
  },
  (table) => [
    index('letters_due').on(table.nextAttemptAt),
    index('letters_by_state').on(table.state, table.createdAt),
    index('letters_by_address').on(table.toIndex, table.endedAt),
    index('letters_by_request').on(table.requestId, table.createdAt),
  ],
);

export const receivedMail = pgTable(
  'received_mail',
  {
    id: uuid().primaryKey(),
    messageKey: bytea('message_key').notNull().unique(),
    receivedAt: instant('received_at').notNull(),
    state: text().notNull(),
    reason: text(),
    requestNumber: text('request_number'),
    fromIndex: bytea('from_index'),
    content: bytea(),
    handledAt: instant('handled_at'),
    handledBy: text('handled_by'),
  },
  (table) => [
    index('received_mail_by_state').on(table.state, table.receivedAt),
    index('received_mail_by_sender').on(table.fromIndex, table.receivedAt),
  ],
);

export const receivedMailParts = pgTable(
  'received_mail_parts',
  {
    mailId: uuid('mail_id').notNull(),
    seq: integer().notNull(),
    bytes: bytea().notNull(),
  },
  (table) => [primaryKey({ columns: [table.mailId, table.seq] })],
);
