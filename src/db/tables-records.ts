// The tables of public-records requests (migrations/0002-requests.sql), as Drizzle tables.
// It must hold no logic; JSON columns are `unknown` here and known again in src/records.

import { bigint, boolean, date, index, integer, jsonb, pgTable, primaryKey, text, uuid } from './drizzle.ts';
import { sql } from './drizzle.ts';

import { bytea, instant, tsvector } from './columns.ts';

/** Written and read by SQL alone; the test of the data model compares it. @public */
export const recordsNumbers = pgTable('records_numbers', {
  year: integer().primaryKey(),
  last: integer().notNull(),
});

export const recordsRequests = pgTable(
  'records_requests',
  {
    id: uuid().primaryKey(),
    number: text().notNull().unique(),
    version: integer().notNull(),
    cycle: integer().notNull().default(1),
    state: text().notNull(),
    resumeState: text('resume_state'),
    outcome: text(),
    outcomeReason: text('outcome_reason'),
    text: text().notNull(),
    shownText: text('shown_text'),
    subject: text(),
    receivedAt: instant('received_at').notNull(),
    receivedOn: date('received_on').notNull(),
    channel: text().notNull(),
    enteredBy: text('entered_by'),
    asksForList: boolean('asks_for_list').notNull().default(false),
    listPurpose: text('list_purpose'),
    requesterType: text('requester_type'),
    requester: bytea(),
    requesterEmailIndex: bytea('requester_email_index'),
    requesterNameIndex: bytea('requester_name_index'),
    requesterExpiredAt: instant('requester_expired_at'),
    secretHash: bytea('secret_hash').unique(),
    submitKey: text('submit_key').unique(),
    delivery: text().notNull().default('electronic'),
    language: text().notNull().default('en'),
    accommodation: bytea(), // sealed text
    department: text(),
    assignee: text(),
    respondedAt: instant('responded_at'),
    responseKind: text('response_kind'),
    estimateOn: date('estimate_on'),
    estimates: integer().notNull().default(0),
    respondDueOn: date('respond_due_on').notNull(),
    nextDueOn: date('next_due_on'),
    nextDuty: text('next_duty'),
    waitingOn: text('waiting_on'),
    installments: integer().notNull().default(0),
    firstProductionOn: date('first_production_on'),
    closedAt: instant('closed_at'),
    closedOn: date('closed_on'),
    deniedAt: instant('denied_at'),
    deniedBy: text('denied_by'),
    reviewState: text('review_state'),
    litigationHold: boolean('litigation_hold').notNull().default(false),
    visibility: text().notNull().default('hidden'),
    facts: jsonb().notNull().default({}), // src/records/requests/facts.ts: what the guards ask for beside the columns
    createdAt: instant('created_at').notNull(),
    changedAt: instant('changed_at').notNull(),
    words: tsvector().generatedAlwaysAs(sql`null`), // the migration says of what
  },
  (table) => [index('records_requests_by_received').on(table.receivedOn, table.number)],
);

export const recordsEvents = pgTable(
  'records_events',
  {
    requestId: uuid('request_id').notNull(),
    seq: integer().notNull(),
    at: instant('at').notNull(),
    onDate: date('on_date').notNull(),
    kind: text().notNull(),
    actor: text().notNull(),
    actorId: text('actor_id'),
    audience: text().notNull(),
    data: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.requestId, table.seq] }),
    index('records_events_by_kind').on(table.kind, table.onDate),
  ],
);

export const recordsClocks = pgTable(
  'records_clocks',
  {
    requestId: uuid('request_id').notNull(),
    seq: integer().notNull(),
    clock: text().notNull(),
    subject: text(),
    startedOn: date('started_on').notNull(),
    dueOn: date('due_on').notNull(),
    basis: jsonb().notNull(),
    stoppedAt: instant('stopped_at'),
    stopReason: text('stop_reason'),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.seq] })],
);

export const recordsMessages = pgTable(
  'records_messages',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    at: instant('at').notNull(),
    direction: text().notNull(),
    kind: text().notNull().default('message'),
    content: bytea().notNull(), // sealed JSON: letters and messages name people
    author: text().notNull(),
    authorId: text('author_id'),
    via: text().notNull(),
    mailMessageId: text('mail_message_id'),
  },
  (table) => [index('records_messages_by_request').on(table.requestId, table.at)],
);

export const recordsTasks = pgTable(
  'records_tasks',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    department: text().notNull(),
    assignee: text(),
    what: text().notNull(),
    dueOn: date('due_on').notNull(),
    state: text().notNull(),
    answer: text(),
    version: integer().notNull().default(1),
    createdAt: instant('created_at').notNull(),
    answeredAt: instant('answered_at'),
    answeredBy: text('answered_by'),
  },
  (table) => [index('records_tasks_by_request').on(table.requestId)],
);

export const recordsSearches = pgTable(
  'records_searches',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    taskId: uuid('task_id'),
    place: text().notNull(),
    terms: text(),
    found: text().notNull(),
    at: instant('at').notNull(),
    by: text().notNull(),
    byId: text('by_id'),
  },
  (table) => [index('records_searches_by_request').on(table.requestId)],
);

export const recordsTime = pgTable(
  'records_time',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    staffId: text('staff_id').notNull(),
    staffName: text('staff_name').notNull(),
    role: text().notNull(),
    activity: text().notNull(),
    onDate: date('on_date').notNull(),
    minutes: integer().notNull(),
    note: text(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('records_time_by_request').on(table.requestId), index('records_time_by_date').on(table.onDate)],
);

export const recordsDelegates = pgTable(
  'records_delegates',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id').notNull(),
    person: bytea().notNull(),
    secretHash: bytea('secret_hash').notNull().unique(),
    mayAct: boolean('may_act').notNull(),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (table) => [index('records_delegates_by_request').on(table.requestId)],
);

export const recordsDrafts = pgTable('records_drafts', {
  id: uuid().primaryKey(),
  secretHash: bytea('secret_hash').notNull().unique(),
  content: bytea().notNull(),
  changedAt: instant('changed_at').notNull(),
});

export const recordsFiles = pgTable(
  'records_files',
  {
    id: uuid().primaryKey(),
    requestId: uuid('request_id'),
    draftId: uuid('draft_id'),
    messageId: uuid('message_id'),
    name: bytea().notNull(), // sealed text
    mediaType: text('media_type').notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    blob: text().notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [index('records_files_by_request').on(table.requestId), index('records_files_by_draft').on(table.draftId)],
);

export const recordsDeflections = pgTable(
  'records_deflections',
  {
    id: uuid().primaryKey(),
    at: instant('at').notNull(),
    onDate: date('on_date').notNull(),
    kind: text().notNull(),
    target: text().notNull(),
  },
  (table) => [index('records_deflections_by_target').on(table.kind, table.target)],
);
