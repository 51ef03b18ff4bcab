// The tables of closure days and of money (migrations/0006-fees.sql), as Drizzle tables.
// It must hold no logic; JSON columns are `unknown` here and known again in src/records/money.

import { sql } from './drizzle.ts';
import { bigint, boolean, date, index, integer, jsonb, pgTable, primaryKey, text } from './drizzle.ts';
import { uniqueIndex, uuid } from './drizzle.ts';

import { instant } from './columns.ts';

export const recordsClosures = pgTable(
  'records_closures',
  {
    id: uuid().primaryKey(),
    onDate: date('on_date').notNull(),
    name: text().notNull(),
    source: text().notNull(),
    effectiveFrom: date('effective_from').notNull(),
    addedAt: instant('added_at').notNull(),
    addedBy: text('added_by').notNull(),
    addedById: text('added_by_id'),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnById: text('withdrawn_by_id'),
    withdrawnReason: text('withdrawn_reason'),
  },
  (table) => [
    uniqueIndex('records_closures_standing')
      .on(table.onDate)
      .where(sql`withdrawn_at is null`),
  ],
);

export const recordsMoneyNumbers = pgTable(
  'records_money_numbers',
  {
    series: text().notNull(),
    year: integer().notNull(),
    last: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.series, table.year] })],
);

export const recordsEstimates = pgTable('records_estimates', {
  id: uuid().primaryKey(),
  requestId: uuid('request_id').notNull(),
  seq: integer().notNull(),
  kind: text().notNull(),
  quantities: jsonb().notNull(),
  lines: jsonb().notNull(),
  totalTenths: bigint('total_tenths', { mode: 'number' }).notNull(),
  totalCents: integer('total_cents').notNull(),
  customized: jsonb(),
  scheduleSource: text('schedule_source').notNull(),
  scheduleAdoptedOn: date('schedule_adopted_on').notNull(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  createdById: text('created_by_id'),
  sentAt: instant('sent_at'),
  agreedAt: instant('agreed_at'),
});

export const recordsInvoices = pgTable(
  'records_invoices',
  {
    id: uuid().primaryKey(),
    number: text().notNull().unique(),
    requestId: uuid('request_id').notNull(),
    estimateId: uuid('estimate_id'),
    purpose: text().notNull(),
    installment: integer(),
    isFlat: boolean('is_flat').notNull().default(false),
    totalCents: integer('total_cents').notNull(),
    issuedAt: instant('issued_at').notNull(),
    issuedOn: date('issued_on').notNull(),
    dueOn: date('due_on').notNull(),
    issuedBy: text('issued_by').notNull(),
    issuedById: text('issued_by_id'),
    scheduleSource: text('schedule_source').notNull(),
    scheduleAdoptedOn: date('schedule_adopted_on').notNull(),
    state: text().notNull().default('open'),
    settledAt: instant('settled_at'),
  },
  (table) => [
    index('records_invoices_by_request').on(table.requestId, table.issuedAt),
    uniqueIndex('records_invoices_open')
      .on(table.requestId)
      .where(sql`state = 'open'`),
    uniqueIndex('records_invoices_one_flat')
      .on(table.requestId)
      .where(sql`is_flat and state <> 'void'`),
  ],
);

export const recordsInvoiceLines = pgTable(
  'records_invoice_lines',
  {
    invoiceId: uuid('invoice_id').notNull(),
    seq: integer().notNull(),
    what: text().notNull(),
    rule: text().notNull(),
    citation: text().notNull(),
    tenths: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.invoiceId, table.seq] })],
);

export const recordsPayments = pgTable(
  'records_payments',
  {
    id: uuid().primaryKey(),
    receipt: text().notNull().unique(),
    requestId: uuid('request_id').notNull(),
    invoiceId: uuid('invoice_id').notNull(),
    method: text().notNull(),
    cents: integer().notNull(),
    appliedCents: integer('applied_cents').notNull(),
    creditCents: integer('credit_cents').notNull(),
    receivedOn: date('received_on').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    recordedBy: text('recorded_by').notNull(),
    recordedById: text('recorded_by_id'),
    reference: text(),
    providerId: text('provider_id').unique(),
    entryKey: text('entry_key').unique(),
  },
  (table) => [
    index('records_payments_by_request').on(table.requestId, table.recordedAt),
    index('records_payments_by_invoice').on(table.invoiceId),
  ],
);

export const recordsRefunds = pgTable(
  'records_refunds',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    paymentId: uuid('payment_id').notNull(),
    method: text().notNull(),
    cents: integer().notNull(),
    reason: text().notNull(),
    refundedOn: date('refunded_on').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    recordedBy: text('recorded_by').notNull(),
    recordedById: text('recorded_by_id'),
    providerId: text('provider_id').unique(),
    entryKey: text('entry_key').unique(),
  },
  (table) => [
    index('records_refunds_by_request').on(table.requestId, table.recordedAt),
    index('records_refunds_by_payment').on(table.paymentId),
  ],
);

export const recordsWaivers = pgTable('records_waivers', {
  invoiceId: uuid('invoice_id').primaryKey(),
  requestId: uuid('request_id').notNull(),
  ruleCode: text('rule_code').notNull(),
  ruleText: text('rule_text').notNull(),
  ruleSource: text('rule_source').notNull(),
  cents: integer().notNull(),
  decidedAt: instant('decided_at').notNull(),
  decidedBy: text('decided_by').notNull(),
  decidedById: text('decided_by_id'),
});

export const recordsLedgerEntries = pgTable(
  'records_ledger_entries',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    kind: text().notNull(),
    invoiceId: uuid('invoice_id').notNull(),
    at: instant('at').notNull(),
    onDate: date('on_date').notNull(),
    actor: text().notNull(),
    actorId: text('actor_id'),
  },
  (table) => [
    index('records_ledger_entries_by_request').on(table.requestId, table.at),
    index('records_ledger_entries_by_date').on(table.onDate),
  ],
);

export const recordsLedgerLines = pgTable(
  'records_ledger_lines',
  {
    entryId: uuid('entry_id').notNull(),
    seq: integer().notNull(),
    account: text().notNull(),
    cents: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.entryId, table.seq] }),
    index('records_ledger_lines_by_account').on(table.account),
  ],
);

export const recordsCheckouts = pgTable(
  'records_checkouts',
  {
    id: text().primaryKey(),
    invoiceId: uuid('invoice_id').notNull(),
    cents: integer().notNull(),
    url: text().notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [index('records_checkouts_by_invoice').on(table.invoiceId)],
);

export const recordsPaymentEvents = pgTable('records_payment_events', {
  id: text().primaryKey(),
  kind: text().notNull(),
  outcome: text().notNull(),
  invoiceId: uuid('invoice_id'),
  madeAt: instant('made_at').notNull(),
  receivedAt: instant('received_at').notNull(),
});
