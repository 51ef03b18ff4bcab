// The tables of responsive records (migrations/0005-documents.sql), as Drizzle tables.
// It must hold no logic; JSON columns are `unknown` here and known again in src/records/documents.

import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, real, text, uuid } from './drizzle.ts';

import { bytea, instant } from './columns.ts';

export const recordsDocuments = pgTable(
  'records_documents',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    number: integer().notNull(),
    version: integer().notNull().default(1),
    parent: uuid(),
    name: bytea().notNull(), // sealed text
    title: text(),
    kind: text().notNull(),
    mediaType: text('media_type').notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    sha256: text().notNull(),
    original: text().notNull(), // blob, sealed
    working: text(), // blob, sealed
    workingBytes: bigint('working_bytes', { mode: 'number' }),
    state: text().notNull(),
    problem: text(),
    flags: jsonb().notNull().default([]),
    hidden: bytea(), // sealed JSON
    pages: integer().notNull().default(0),
    review: text().notNull().default('open'),
    withholdExemption: text('withhold_exemption'),
    withholdExplanation: text('withhold_explanation'),
    withheldBy: text('withheld_by'),
    releasedWhole: boolean('released_whole').notNull().default(false),
    uploadedBy: text('uploaded_by').notNull(),
    uploadedName: text('uploaded_name').notNull(),
    uploadedAt: instant('uploaded_at').notNull(),
    submittedBy: text('submitted_by'),
    submittedAt: instant('submitted_at'),
    approvedBy: text('approved_by'),
    approvedName: text('approved_name'),
    approvedAt: instant('approved_at'),
    rendition: text(), // blob, public
    renditionBytes: bigint('rendition_bytes', { mode: 'number' }),
    renditionPages: integer('rendition_pages'),
    renditionState: text('rendition_state').notNull().default('none'),
    renditionProblem: text('rendition_problem'),
    changedAt: instant('changed_at').notNull(),
    destroyedAt: instant('destroyed_at'), // what it held is gone: src/records/retention
  },
  (table) => [index('records_documents_by_parent').on(table.parent)],
);

export const recordsDocumentWorkers = pgTable(
  'records_document_workers',
  { documentId: uuid('document_id').notNull(), staffId: text('staff_id').notNull() },
  (table) => [primaryKey({ columns: [table.documentId, table.staffId] })],
);

export const recordsDocumentPages = pgTable(
  'records_document_pages',
  {
    documentId: uuid('document_id').notNull(),
    number: integer().notNull(),
    version: integer().notNull().default(1),
    width: real().notNull(), // points
    height: real().notNull(),
    words: bytea(), // sealed
    problem: text(),
    decision: text().notNull().default('undecided'),
    exemption: text(),
    explanation: text(),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
  },
  (table) => [primaryKey({ columns: [table.documentId, table.number] })],
);

export const recordsRedactions = pgTable(
  'records_redactions',
  {
    id: uuid().primaryKey(),
    documentId: uuid('document_id').notNull(),
    page: integer().notNull(),
    boxes: jsonb().notNull(),
    exemption: text().notNull(),
    explanation: text().notNull(),
    origin: text().notNull(),
    madeBy: text('made_by').notNull(),
    madeName: text('made_name').notNull(),
    madeAt: instant('made_at').notNull(),
    removedBy: text('removed_by'),
    removedAt: instant('removed_at'),
  },
  (table) => [index('records_redactions_by_page').on(table.documentId, table.page)],
);
