// The tables of yearly reports, claims, holds, destruction and expiry (migrations/0008-reports.sql), as Drizzle tables.
// It must hold no logic; JSON columns are `unknown` here and known again in src/records/reports and retention.

import { sql } from './drizzle.ts';
import { bigint, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from './drizzle.ts';

import { bytea, instant } from './columns.ts';

export const recordsYearlyEntries = pgTable(
  'records_yearly_entries',
  {
    year: integer().notNull(),
    version: integer().notNull(),
    entry: jsonb().notNull(),
    enteredAt: instant('entered_at').notNull(),
    enteredBy: text('entered_by').notNull(),
    enteredById: text('entered_by_id'),
  },
  (table) => [primaryKey({ columns: [table.year, table.version] })],
);

export const recordsClaims = pgTable(
  'records_claims',
  {
    id: uuid().notNull(),
    version: integer().notNull(),
    requestId: uuid('request_id'),
    filedOn: date('filed_on').notNull(),
    kind: text().notNull(),
    exemption: text(),
    venue: text(),
    summary: text().notNull(),
    endedOn: date('ended_on'),
    outcome: text(),
    enteredAt: instant('entered_at').notNull(),
    enteredBy: text('entered_by').notNull(),
    enteredById: text('entered_by_id'),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.version] }),
    index('records_claims_by_request')
      .on(table.requestId)
      .where(sql`request_id is not null`),
  ],
);

export const recordsClaimCosts = pgTable(
  'records_claim_costs',
  {
    id: uuid().primaryKey(),
    claimId: uuid('claim_id').notNull(),
    claimVersion: integer('claim_version').notNull().default(1),
    year: integer().notNull(),
    kind: text().notNull(),
    cents: bigint({ mode: 'number' }).notNull(),
    source: text().notNull(),
    enteredAt: instant('entered_at').notNull(),
    enteredBy: text('entered_by').notNull(),
    enteredById: text('entered_by_id'),
  },
  (table) => [index('records_claim_costs_by_claim').on(table.claimId)],
);

export const recordsHolds = pgTable(
  'records_holds',
  {
    id: uuid().primaryKey(),
    kind: text().notNull(),
    name: text().notNull(),
    reason: text().notNull(),
    covers: text().notNull(),
    department: text(),
    placedAt: instant('placed_at').notNull(),
    placedBy: text('placed_by').notNull(),
    placedById: text('placed_by_id'),
    releasedAt: instant('released_at'),
    releasedBy: text('released_by'),
    releasedById: text('released_by_id'),
    releaseReason: text('release_reason'),
  },
  (table) => [
    index('records_holds_standing')
      .on(table.covers)
      .where(sql`released_at is null`),
  ],
);

export const recordsHoldRequests = pgTable(
  'records_hold_requests',
  { holdId: uuid('hold_id').notNull(), requestId: uuid('request_id').notNull() },
  (table) => [
    primaryKey({ columns: [table.holdId, table.requestId] }),
    index('records_hold_requests_by_request').on(table.requestId),
  ],
);

export const recordsDocumentKeys = pgTable('records_document_keys', {
  documentId: uuid('document_id').primaryKey(),
  key: bytea(), // sealed
  madeAt: instant('made_at').notNull(),
  destroyedAt: instant('destroyed_at'),
});

export const recordsDestructions = pgTable('records_destructions', {
  id: uuid().primaryKey(),
  number: text().notNull().unique(),
  series: text().notNull(),
  authority: jsonb().notNull(),
  state: text().notNull(),
  proposedAt: instant('proposed_at').notNull(),
  proposedBy: text('proposed_by').notNull(),
  proposedById: text('proposed_by_id').notNull(),
  approvedAt: instant('approved_at'),
  approvedBy: text('approved_by'),
  approvedById: text('approved_by_id'),
  endedAt: instant('ended_at'),
  endedReason: text('ended_reason'),
  certificate: text(), // blob
});

export const recordsDestructionItems = pgTable(
  'records_destruction_items',
  {
    destructionId: uuid('destruction_id').notNull(),
    requestId: uuid('request_id').notNull(),
    closedOn: date('closed_on').notNull(),
    dueOn: date('due_on').notNull(),
    state: text().notNull().default('waiting'),
    reason: text(),
    endedAt: instant('ended_at'),
    contents: jsonb().notNull().default([]),
    leftovers: text().array().notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.destructionId, table.requestId] }),
    index('records_destruction_items_by_request').on(table.requestId),
  ],
);

export const recordsExpiries = pgTable(
  'records_expiries',
  {
    requestId: uuid('request_id').primaryKey(),
    dueOn: date('due_on').notNull(),
    noticedOn: date('noticed_on').notNull(),
    nights: integer().notNull().default(1),
    lastSeenOn: date('last_seen_on').notNull(),
    expiredAt: instant('expired_at'),
  },
  (table) => [
    index('records_expiries_waiting')
      .on(table.dueOn)
      .where(sql`expired_at is null`),
  ],
);

export const recordsRetentionRuns = pgTable('records_retention_runs', {
  seq: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  at: instant('at').notNull(),
  onDate: date('on_date').notNull(),
  kind: text().notNull(),
  noticed: integer().notNull().default(0),
  expired: integer().notNull().default(0),
  reason: text(),
  confirmedBy: text('confirmed_by'),
  confirmedById: text('confirmed_by_id'),
});
