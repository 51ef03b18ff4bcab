-- Public-records requests (RCW 42.56): the request, its events, clocks, messages, tasks, time, delegates.
-- Who asked is sealed (AES-256-GCM, key outside the database); blind indexes find the same person again.

-- Numbers run without a gap in each year: 2026-000123.
create table records_numbers (
  year integer primary key,
  last integer not null check (last >= 0)
);

create table records_requests (
  id uuid primary key,
  number text not null unique check (number ~ '^[0-9]{4}-[0-9]{6}$'),
  version integer not null check (version >= 1), -- goes up by one with every change: the optimistic lock
  cycle integer not null default 1 check (cycle >= 1), -- goes up when a closed request is opened again
  state text not null check (state in
    ('received', 'in_progress', 'clarification', 'awaiting_payment', 'notice_wait', 'installment_ready', 'closed')),
  resume_state text, -- where 'awaiting_payment' and 'notice_wait' came from
  outcome text check (outcome in
    ('fulfilled', 'fulfilled_by_link', 'partial', 'denied', 'no_responsive_records', 'withdrawn',
     'abandoned_unclarified', 'abandoned_unclaimed', 'abandoned_unpaid', 'not_identifiable', 'bot_denied', 'not_our_records')),
  outcome_reason text,
  text text not null check (text <> ''), -- as it came; never changed
  shown_text text, -- what the public sees instead, when the text names people
  subject text, -- a few words of the staff's
  received_at timestamptz not null,
  received_on date not null, -- the city's calendar date of received_at
  channel text not null check (channel in ('web', 'mail', 'email', 'counter', 'phone')),
  entered_by text, -- staff id, when not by the requester
  asks_for_list boolean not null default false, -- a list of individuals: RCW 42.56.070(8)
  list_purpose text,
  requester_type text check (requester_type in
    ('individual', 'law_firm', 'organization', 'insurer', 'government', 'incarcerated', 'media', 'anonymous',
     'employee', 'other')),
  requester bytea, -- sealed JSON; null: anonymous, or expired
  requester_email_index bytea,
  requester_name_index bytea,
  requester_expired_at timestamptz,
  secret_hash bytea unique, -- of the secret link; null when the requester left no way to be reached and took no link
  submit_key text unique, -- the form's own key: one form is one request, however often it is sent
  delivery text not null default 'electronic' check (delivery in ('electronic', 'mail', 'pick_up', 'inspection')),
  language text not null default 'en',
  accommodation bytea, -- sealed text
  department text references departments (id), -- that leads the work
  assignee text, -- staff id
  responded_at timestamptz, -- a response of RCW 42.56.520(1) was sent
  response_kind text check (response_kind in ('provided', 'linked', 'estimated', 'clarification', 'denied')),
  estimate_on date,
  estimates integer not null default 0,
  respond_due_on date not null, -- C1
  next_due_on date, -- the earliest running clock of the city's own duty
  next_duty text, -- which clock that is
  waiting_on text check (waiting_on in ('city', 'requester', 'third_party')),
  installments integer not null default 0,
  first_production_on date,
  closed_at timestamptz,
  closed_on date,
  denied_at timestamptz,
  denied_by text,
  review_state text check (review_state in ('under_review', 'affirmed', 'modified', 'reversed')),
  litigation_hold boolean not null default false,
  visibility text not null default 'hidden' check (visibility in ('hidden', 'public')),
  facts jsonb not null default '{}', -- what the guards ask beside these columns: src/records/requests/facts.ts
  created_at timestamptz not null,
  changed_at timestamptz not null,
  words tsvector generated always as (
    setweight(to_tsvector('simple', number), 'A') ||
    setweight(to_tsvector('english', coalesce(subject, '')), 'A') ||
    setweight(to_tsvector('english', text), 'B')
  ) stored,
  check ((state = 'closed') = (outcome is not null)),
  check ((state = 'closed') = (closed_at is not null))
);
create index records_requests_by_words on records_requests using gin (words);
create index records_requests_open on records_requests (next_due_on, number) where state <> 'closed';
create index records_requests_in_review on records_requests (id) where review_state = 'under_review';
create index records_requests_by_state on records_requests (state, next_due_on, number);
create index records_requests_by_department on records_requests (department, state, next_due_on);
create index records_requests_by_assignee on records_requests (assignee, state, next_due_on);
create index records_requests_by_received on records_requests (received_on, number);
create index records_requests_by_closed on records_requests (closed_on) where closed_on is not null;
create index records_requests_public on records_requests (received_on desc, number desc) where visibility = 'public';
create index records_requests_by_email on records_requests (requester_email_index) where requester_email_index is not null;
create index records_requests_by_name on records_requests (requester_name_index) where requester_name_index is not null;

create function guard_request() returns trigger language plpgsql as $$
begin
  if (new.id, new.number, new.text, new.received_at, new.created_at) is distinct from
     (old.id, old.number, old.text, old.received_at, old.created_at) then
    raise exception 'the number, text and receipt of a request are never changed' using errcode = 'integrity_constraint_violation';
  end if;
  if new.version <> old.version + 1 then
    raise exception 'a change of a request raises its version by one' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_requests_are_guarded before update on records_requests for each row execute function guard_request();

-- What happened, append-only. `data` holds no personal detail of the requester.
create table records_events (
  request_id uuid not null references records_requests (id) on delete restrict,
  seq integer not null check (seq >= 1), -- within the request, without a gap
  at timestamptz not null,
  on_date date not null, -- the city's calendar date of `at`
  kind text not null,
  actor text not null,
  actor_id text,
  audience text not null check (audience in ('public', 'requester', 'staff')),
  data jsonb not null,
  primary key (request_id, seq)
);
create index records_events_by_kind on records_events (kind, on_date);
create trigger records_events_are_kept before update or delete on records_events for each row execute function refuse_change();

-- C1 to C12 of each request; a revised clock is a new row, the old one is stopped as 'revised'.
create table records_clocks (
  request_id uuid not null references records_requests (id) on delete restrict,
  seq integer not null check (seq >= 1),
  clock text not null, -- 'C1' … 'C12'
  subject text, -- what it is about, where there may be several: a notice, an invoice, an installment
  started_on date not null,
  due_on date not null,
  basis jsonb not null, -- how the date was counted: src/records/law/clocks.ts
  stopped_at timestamptz,
  stop_reason text,
  primary key (request_id, seq)
);
create index records_clocks_running on records_clocks (due_on, clock) where stopped_at is null;

create table records_messages (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  at timestamptz not null,
  direction text not null check (direction in ('in', 'out', 'note')), -- from the requester, to them, staff only
  kind text not null default 'message', -- or the letter's id
  content bytea not null, -- sealed JSON: subject and body
  author text not null,
  author_id text,
  via text not null check (via in ('web', 'email', 'mail', 'counter', 'phone')),
  mail_message_id text
);
create index records_messages_by_request on records_messages (request_id, at);
create unique index records_messages_by_mail on records_messages (mail_message_id) where mail_message_id is not null;

create table records_tasks (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  department text not null references departments (id),
  assignee text,
  what text not null,
  due_on date not null,
  state text not null check (state in ('open', 'found', 'no_records', 'cancelled')),
  answer text,
  version integer not null default 1,
  created_at timestamptz not null,
  answered_at timestamptz,
  answered_by text
);
create index records_tasks_by_request on records_tasks (request_id);
create index records_tasks_concern on records_tasks (department, request_id) where state <> 'cancelled';
create index records_tasks_open on records_tasks (department, due_on) where state = 'open';

-- Where was looked, with which words, by whom: the proof of an adequate search.
create table records_searches (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  task_id uuid references records_tasks (id),
  place text not null,
  terms text,
  found text not null,
  at timestamptz not null,
  by text not null,
  by_id text
);
create index records_searches_by_request on records_searches (request_id);

create table records_time (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  staff_id text not null,
  staff_name text not null,
  role text not null,
  activity text not null check (activity in ('intake', 'search', 'review', 'redaction', 'legal', 'release', 'other')),
  on_date date not null,
  minutes integer not null check (minutes between 1 and 1440),
  note text,
  created_at timestamptz not null
);
create index records_time_by_request on records_time (request_id);
create index records_time_by_date on records_time (on_date);

create table records_delegates (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  person bytea not null, -- sealed JSON
  secret_hash bytea not null unique,
  may_act boolean not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index records_delegates_by_request on records_delegates (request_id);

-- Answers that the form in the making has already given: kept on the server, sealed, until sent or stale.
create table records_drafts (
  id uuid primary key,
  secret_hash bytea not null unique,
  content bytea not null, -- sealed JSON
  changed_at timestamptz not null
);

-- What came with a request: the bytes are sealed in the blob store, the name is sealed here.
create table records_files (
  id uuid primary key,
  request_id uuid references records_requests (id) on delete restrict,
  draft_id uuid references records_drafts (id) on delete cascade, -- until the draft is sent
  message_id uuid references records_messages (id),
  name bytea not null, -- sealed text
  media_type text not null, -- as its bytes say
  bytes bigint not null check (bytes >= 0), -- of the file itself
  blob text not null check (blob ~ '^[0-9a-f]{64}$'), -- SHA-256 of the sealed bytes
  created_at timestamptz not null,
  check (num_nonnulls(request_id, draft_id) = 1)
);
create index records_files_by_request on records_files (request_id);
create index records_files_by_draft on records_files (draft_id);
create index records_files_by_blob on records_files (blob);

-- "This answered me": what was shown, and that no request was needed.
create table records_deflections (
  id uuid primary key,
  at timestamptz not null,
  on_date date not null,
  kind text not null check (kind in ('dataset', 'request')),
  target text not null
);
create index records_deflections_by_target on records_deflections (kind, target);
