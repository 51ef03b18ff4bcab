// The tables of releases and of the public archive (migrations/0007-archive.sql), as Drizzle tables. It must hold no
// logic; JSON columns are `unknown` here and known again in src/records/release and src/records/archive.

import { bigint, date, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from './drizzle.ts';
import { sql } from './drizzle.ts';

import { instant, tsvector } from './columns.ts';

export const recordsInstallments = pgTable(
  'records_installments',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    number: integer().notNull(),
    releasedAt: instant('released_at').notNull(),
    releasedOn: date('released_on').notNull(),
    releasedBy: text('released_by').notNull(),
    releasedName: text('released_name').notNull(),
    delivery: text().notNull(),
    place: text(),
    fromOn: date('from_on'),
    remains: text(),
    nextOn: date('next_on'),
    pages: integer().notNull(),
    withheld: jsonb().notNull(),
  },
  (table) => [unique('records_installments_request_id_number_key').on(table.requestId, table.number)],
);

export const recordsReleased = pgTable(
  'records_released',
  {
    id: uuid().primaryKey(),
    installmentId: uuid('installment_id').notNull(),
    requestId: uuid('request_id').notNull(),
    documentId: uuid('document_id').notNull(),
    document: integer().notNull(),
    title: text().notNull(),
    fileName: text('file_name'),
    mediaType: text('media_type'),
    bytes: bigint({ mode: 'number' }),
    pages: integer(),
    blob: text(), // public once published
    firstDownloadAt: instant('first_download_at'),
    publishedAt: instant('published_at'),
    publishedBy: text('published_by'),
    indexState: text('index_state').notNull().default('none'),
  },
  (table) => [
    unique('records_released_installment_id_document_id_key').on(table.installmentId, table.documentId),
    index('records_released_by_request').on(table.requestId),
    index('records_released_by_document').on(table.documentId),
    index('records_released_by_blob').on(table.blob),
  ],
);

export const recordsArchive = pgTable('records_archive', {
  requestId: uuid('request_id').primaryKey(),
  title: text().notNull(),
  text: text().notNull(),
  publishedAt: instant('published_at').notNull(),
  publishedBy: text('published_by').notNull(),
  words: tsvector().generatedAlwaysAs(sql`null`), // the migration says of what
});

export const recordsArchivePages = pgTable(
  'records_archive_pages',
  {
    releasedId: uuid('released_id').notNull(),
    page: integer().notNull(),
    text: text().notNull(),
    words: tsvector().generatedAlwaysAs(sql`null`), // the migration says of what
  },
  (table) => [primaryKey({ columns: [table.releasedId, table.page] })],
);

export const recordsDatasetDrafts = pgTable(
  'records_dataset_drafts',
  {
    id: uuid().primaryKey(), // that of the draft
    releasedId: uuid('released_id').notNull(),
    requestId: uuid('request_id').notNull(),
    description: jsonb().notNull(),
  },
  (table) => [index('records_dataset_drafts_by_request').on(table.requestId)],
);
