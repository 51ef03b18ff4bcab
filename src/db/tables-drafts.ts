// The table of drafts of datasets (migrations/0010-dataset-drafts.sql), as a Drizzle table. It must hold no logic; JSON
// columns are `unknown` here and known again in src/publish.

import { index, integer, jsonb, pgTable, text, uuid } from './drizzle.ts';

import { instant } from './columns.ts';

export const datasetDrafts = pgTable(
  'dataset_drafts',
  {
    id: uuid().primaryKey(),
    version: integer().notNull().default(1),
    state: text().notNull(),
    origin: text(), // what suggested it; one of them has one open draft
    department: text().notNull(),
    dataset: text().notNull(),
    standing: integer(), // the revision that it was made against
    metadata: jsonb(),
    note: text(),
    prepared: jsonb(),
    blobs: text().array().notNull().default([]),
    createdBy: text('created_by').notNull(),
    createdName: text('created_name').notNull(),
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    publishedBy: text('published_by'),
    publishedAt: instant('published_at'),
    revision: text(),
  },
  (table) => [index('dataset_drafts_by_department').on(table.department, table.state)],
);
