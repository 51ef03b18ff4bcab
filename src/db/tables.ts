// The catalogue's tables for Drizzle; each other capability has a tables-*.ts beside this one.
// migrations/*.sql make all of them, and a test compares both.
// It must hold no logic; JSON columns are `unknown` here and known again in the folder that owns their meaning.

import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey } from './drizzle.ts';
import { text, uuid } from './drizzle.ts';

import { bytea, instant, tsvector } from './columns.ts';

export const departments = pgTable('departments', {
  id: text().primaryKey(),
  name: text().notNull(),
  description: text(),
  contact: jsonb(),
  createdAt: instant('created_at').notNull(),
  changedAt: instant('changed_at').notNull(),
});

export const datasets = pgTable(
  'datasets',
  {
    code: text().primaryKey(),
    id: text().notNull().unique(),
    department: text().notNull(),
    metadata: jsonb().notNull(),
    createdAt: instant('created_at').notNull(),
    metadataChangedAt: instant('metadata_changed_at').notNull(),
    current: integer().notNull(), // number of the revision that is served
  },
  (table) => [index('datasets_by_department').on(table.department)],
);

export const revisions = pgTable(
  'revisions',
  {
    code: text().notNull(),
    number: integer().notNull(),
    sha256: text().notNull(), // of the canonical Parquet
    publishedAt: instant('published_at').notNull(),
    publishedBy: text('published_by').notNull(),
    note: text(),
    rows: bigint({ mode: 'number' }).notNull(),
    columns: jsonb().notNull(),
    parquetBytes: bigint('parquet_bytes', { mode: 'number' }).notNull(),
    source: jsonb(),
    quarantine: jsonb(),
    report: jsonb().notNull(),
    serving: jsonb(), // derived, as are the next two
    downloads: jsonb().notNull(),
    profile: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.code, table.number] }),
    index('revisions_by_sha256').on(table.code, table.sha256),
  ],
);

export const datasetSearch = pgTable('dataset_search', {
  code: text().primaryKey(),
  words: tsvector().notNull(),
  department: text().notNull(),
  theme: text(),
  formats: text().array().notNull(),
  licence: text().notNull(), // its id, else its name, else 'not-specified'
  licenceName: text('licence_name').notNull(),
  cadence: text().notNull(), // or 'not-specified'
  hasGeometry: boolean('has_geometry').notNull(),
  title: text().notNull(),
  rows: bigint({ mode: 'number' }).notNull(),
  dataUpdatedAt: instant('data_updated_at').notNull(),
});

/** Written and read by SQL alone; the test of the data model compares it. @public */
export const searchWords = pgTable('search_words', {
  word: text().primaryKey(),
  stem: text().notNull(),
});

export const apiTokens = pgTable('api_tokens', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  hash: bytea().notNull().unique(),
  createdAt: instant('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  revokedAt: instant('revoked_at'),
  lastUsedAt: instant('last_used_at'),
});

export const auditEvents = pgTable('audit_events', {
  seq: bigint({ mode: 'number' }).primaryKey(),
  at: instant('at').notNull(),
  actor: text().notNull(),
  action: text().notNull(),
  subject: text().notNull(),
  body: text().notNull(),
  previous: bytea().notNull(),
  hash: bytea().notNull().unique(),
});

export const outbox = pgTable('outbox', {
  seq: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  kind: text().notNull(),
  payload: jsonb().notNull(),
  createdAt: instant('created_at').notNull(),
  attempts: integer().notNull().default(0),
  deliveredAt: instant('delivered_at'),
});

/** Every table whose rows are kept by a backup, in an order that restores without dangling references. */
export const backupTables = [
  'departments',
  'datasets',
  'revisions',
  'dataset_search',
  'search_words',
  'api_tokens',
  'audit_events',
  'outbox',
  'people',
  'people_grants',
  'people_invitations',
  'people_sessions',
  'people_backup_codes',
  'people_passkeys',
  'people_identities',
  'people_challenges',
  'people_tries',
  'records_numbers',
  'records_requests',
  'records_events',
  'records_clocks',
  'records_messages',
  'records_tasks',
  'records_searches',
  'records_time',
  'records_delegates',
  'records_drafts',
  'records_files',
  'records_deflections',
  'seal_keys',
  'letters',
  'received_mail',
  'received_mail_parts',
  'records_documents',
  'records_document_workers',
  'records_document_pages',
  'records_redactions',
  'records_closures',
  'records_money_numbers',
  'records_estimates',
  'records_invoices',
  'records_invoice_lines',
  'records_payments',
  'records_refunds',
  'records_waivers',
  'records_ledger_entries',
  'records_ledger_lines',
  'records_checkouts',
  'records_payment_events',
  'records_yearly_entries',
  'records_claims',
  'records_claim_costs',
  'records_holds',
  'records_hold_requests',
  'records_document_keys',
  'records_destructions',
  'records_destruction_items',
  'records_expiries',
  'records_retention_runs',
  'records_installments',
  'records_released',
  'records_archive',
  'records_archive_pages',
  'dataset_drafts',
  'records_dataset_drafts',
] as const;
