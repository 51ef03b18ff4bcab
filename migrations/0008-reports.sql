-- Yearly reports, claims, holds, destruction. What is destroyed or held is guarded here, whoever asks.

-- ── Reports (RCW 40.14.026) ─────────────────────────────────────────────────────────────────────────────────────────

-- What a year's report needs and no request tells: costs, rates, the claims being complete. The latest version holds.
create table records_yearly_entries (
  year integer not null check (year between 2000 and 2999),
  version integer not null check (version >= 1),
  entry jsonb not null, -- src/records/reports/yearly.ts; null in it is "not specified"
  entered_at timestamptz not null,
  entered_by text not null,
  entered_by_id text,
  primary key (year, version)
);
create trigger records_yearly_entries_are_kept before update or delete on records_yearly_entries
  for each row execute function refuse_change();

-- Claims alleging a violation of the Public Records Act. The latest version of each holds.
create table records_claims (
  id uuid not null,
  version integer not null check (version >= 1),
  request_id uuid references records_requests (id) on delete restrict, -- null: about no single request
  filed_on date not null,
  kind text not null check (kind in
    ('late-response', 'inadequate-search', 'improper-withholding', 'charges', 'estimate', 'other')),
  exemption text, -- id in city/<name>/records/exemptions
  venue text, -- court and case number, where there are such
  summary text not null check (summary <> ''),
  ended_on date,
  outcome text,
  entered_at timestamptz not null,
  entered_by text not null,
  entered_by_id text,
  primary key (id, version),
  check ((ended_on is null) = (outcome is null)),
  check (ended_on >= filed_on)
);
create index records_claims_by_request on records_claims (request_id) where request_id is not null;
create trigger records_claims_are_kept before update or delete on records_claims
  for each row execute function refuse_change();

-- What claims cost, entered once each; a mistake is undone by a negative amount.
create table records_claim_costs (
  id uuid primary key,
  claim_id uuid not null,
  claim_version integer not null default 1 check (claim_version = 1),
  year integer not null check (year between 2000 and 2999),
  kind text not null check (kind in ('legal-fees', 'penalty', 'requester-costs', 'settlement', 'other')),
  cents bigint not null check (cents <> 0),
  source text not null check (source <> ''),
  entered_at timestamptz not null,
  entered_by text not null,
  entered_by_id text,
  foreign key (claim_id, claim_version) references records_claims (id, version)
);
create index records_claim_costs_by_claim on records_claim_costs (claim_id);
create trigger records_claim_costs_are_kept before update or delete on records_claim_costs
  for each row execute function refuse_change();

-- ── Holds ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- A hold is placed, and released once with its reason.
create table records_holds (
  id uuid primary key,
  kind text not null check (kind in ('litigation', 'records-request', 'audit', 'other')),
  name text not null check (name <> ''),
  reason text not null check (reason <> ''),
  covers text not null check (covers in ('requests', 'department', 'everything')),
  department text references departments (id),
  placed_at timestamptz not null,
  placed_by text not null,
  placed_by_id text,
  released_at timestamptz,
  released_by text,
  released_by_id text,
  release_reason text,
  check ((covers = 'department') = (department is not null)),
  check ((released_at is null) = (release_reason is null) and (released_at is null) = (released_by is null))
);
create index records_holds_standing on records_holds (covers) where released_at is null;

create table records_hold_requests (
  hold_id uuid not null references records_holds (id) on delete restrict,
  request_id uuid not null references records_requests (id) on delete restrict,
  primary key (hold_id, request_id)
);
create index records_hold_requests_by_request on records_hold_requests (request_id);
create trigger records_hold_requests_are_kept before update or delete on records_hold_requests
  for each row execute function refuse_change();

create function guard_hold() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(5368211); -- destructions under way end first: require_destroyable
  if tg_op = 'INSERT' then return new; end if;
  if tg_op = 'DELETE' or old.released_at is not null or
     (new.id, new.kind, new.name, new.reason, new.covers, new.department, new.placed_at, new.placed_by, new.placed_by_id)
       is distinct from
     (old.id, old.kind, old.name, old.reason, old.covers, old.department, old.placed_at, old.placed_by, old.placed_by_id) then
    raise exception 'a hold is released once and never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_holds_are_kept before insert or update or delete on records_holds for each row execute function guard_hold();

-- ── Destruction ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- One key for each responsive record, sealed. Without it the stored files of the record open for nobody.
create table records_document_keys (
  document_id uuid primary key, -- before the document itself: its file is sealed first
  key bytea, -- null: destroyed
  made_at timestamptz not null,
  destroyed_at timestamptz,
  check ((key is null) = (destroyed_at is not null))
);

alter table records_documents add column destroyed_at timestamptz;

-- Proposed by one, approved by another, done by the portal, told by a certificate that is kept for good.
create table records_destructions (
  id uuid primary key,
  number text not null unique check (number ~ '^D[0-9]{4}-[0-9]{4}$'),
  series text not null check (series in ('responsive-records', 'request-files')),
  authority jsonb not null, -- the schedule as it stood: series, length, source
  state text not null check (state in ('proposed', 'approved', 'done', 'cancelled')),
  proposed_at timestamptz not null,
  proposed_by text not null,
  proposed_by_id text not null,
  approved_at timestamptz,
  approved_by text,
  approved_by_id text,
  ended_at timestamptz,
  ended_reason text, -- of a cancellation
  certificate text check (certificate ~ '^[0-9a-f]{64}$'), -- blob: the PDF
  check (approved_by_id <> proposed_by_id), -- two persons
  check ((approved_at is null) = (approved_by_id is null) and (approved_at is null) = (approved_by is null)),
  check (state not in ('approved', 'done') or approved_at is not null),
  check ((state in ('done', 'cancelled')) = (ended_at is not null)),
  check ((state = 'done') = (certificate is not null)),
  check ((state = 'cancelled') = (ended_reason is not null))
);

create table records_destruction_items (
  destruction_id uuid not null references records_destructions (id) on delete restrict,
  request_id uuid not null references records_requests (id) on delete restrict,
  closed_on date not null,
  due_on date not null, -- kept until this day, that day included
  state text not null default 'waiting' check (state in ('waiting', 'destroyed', 'kept')),
  reason text, -- why it was kept after all
  ended_at timestamptz,
  contents jsonb not null default '[]', -- what was destroyed: kind, number, pages, bytes, SHA-256
  leftovers text[] not null default '{}', -- stored files still to be removed
  primary key (destruction_id, request_id),
  check ((state = 'kept') = (reason is not null)),
  check ((state = 'waiting') = (ended_at is null))
);
create index records_destruction_items_by_request on records_destruction_items (request_id);

create function guard_destruction() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.state in ('done', 'cancelled') or
     (new.id, new.number, new.series, new.authority, new.proposed_at, new.proposed_by, new.proposed_by_id)
       is distinct from
     (old.id, old.number, old.series, old.authority, old.proposed_at, old.proposed_by, old.proposed_by_id) or
     (old.state = 'approved' and (new.state = 'proposed' or
       (new.approved_at, new.approved_by_id) is distinct from (old.approved_at, old.approved_by_id))) or
     (old.state = 'proposed' and new.state = 'done') then
    raise exception 'a destruction is proposed, approved by another, done, and never changed'
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_destructions_are_kept before update or delete on records_destructions
  for each row execute function guard_destruction();

create function guard_destruction_item() returns trigger language plpgsql as $$
declare
  destruction records_destructions%rowtype;
  writer xid;
begin
  select * into destruction from records_destructions
    where id = case when tg_op = 'DELETE' then old.destruction_id else new.destruction_id end;
  select xmin into writer from records_destructions where id = destruction.id;
  if tg_op = 'INSERT' and destruction.state = 'proposed' and new.state = 'waiting' then return new; end if;
  -- A backup that is being restored: the destruction came in this very transaction.
  if tg_op = 'INSERT' and writer = pg_current_xact_id()::xid then return new; end if;
  if tg_op = 'UPDATE' and destruction.state = 'approved' and
     (new.destruction_id, new.request_id, new.closed_on, new.due_on) is not distinct from
     (old.destruction_id, old.request_id, old.closed_on, old.due_on) and
     (old.state = 'waiting' or (new.state, new.contents, new.ended_at) is not distinct from (old.state, old.contents, old.ended_at))
  then return new; end if;
  raise exception 'what a destruction is about is said when it is proposed, and never changed'
    using errcode = 'integrity_constraint_violation';
end $$;
create trigger records_destruction_items_are_kept before insert or update or delete on records_destruction_items
  for each row execute function guard_destruction_item();

-- Why nothing of a request may be destroyed now; null: nothing stands against it.
create function reason_to_keep(asked uuid) returns text language plpgsql stable as $$
declare
  request records_requests%rowtype;
begin
  select * into request from records_requests where id = asked;
  if request.id is null then return 'there is no such request'; end if;
  if request.state <> 'closed' then return 'the request is open'; end if;
  if request.review_state = 'under_review' then return 'a review is under way'; end if;
  if request.litigation_hold then return 'the request is flagged for litigation'; end if;
  if exists (select from records_claims c where c.request_id = asked and c.ended_on is null and c.version =
      (select max(version) from records_claims l where l.id = c.id)) then
    return 'a claim about the request is open';
  end if;
  if exists (select from records_holds h where h.released_at is null and (h.covers = 'everything'
      or (h.covers = 'department' and (h.department = request.department or exists
        (select from records_tasks t where t.request_id = asked and t.department = h.department)))
      or exists (select from records_hold_requests hr where hr.hold_id = h.id and hr.request_id = asked))) then
    return 'a hold covers the request';
  end if;
  -- RCW 42.56.100: what is due for destruction is kept while another request asks for it.
  if exists (select from records_documents own join records_documents other on other.sha256 = own.sha256
      join records_requests r on r.id = other.request_id
      where own.request_id = asked and other.request_id <> asked and own.destroyed_at is null and r.state <> 'closed') then
    return 'a record of the request was found for another one that is open';
  end if;
  return null;
end $$;
create index records_documents_by_sha256 on records_documents (sha256);

create function require_destroyable(asked uuid, wanted text) returns void language plpgsql as $$
declare
  reason text;
begin
  -- Waits for whoever is changing the request or placing a hold; whoever does so next waits for the destruction.
  perform pg_advisory_xact_lock_shared(5368211);
  perform from records_requests where id = asked for update;
  reason := reason_to_keep(asked);
  if reason is not null then
    raise exception 'nothing of this request may be destroyed: %', reason using errcode = 'integrity_constraint_violation';
  end if;
  if wanted is not null and not exists (
      select from records_destruction_items i join records_destructions d on d.id = i.destruction_id
      where i.request_id = asked and i.state = 'waiting' and d.state = 'approved' and d.series = wanted) then
    raise exception 'nothing of this request may be destroyed: no destruction of it was approved'
      using errcode = 'integrity_constraint_violation';
  end if;
end $$;

-- Responsive records: never removed as rows; what they hold goes only with an approved destruction.
create function guard_document() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a responsive record is destroyed, its entry stays' using errcode = 'integrity_constraint_violation';
  end if;
  if old.destroyed_at is not null or (new.request_id, new.number, new.sha256, new.original, new.uploaded_at)
       is distinct from (old.request_id, old.number, old.sha256, old.original, old.uploaded_at) then
    raise exception 'an original is never exchanged, and what was destroyed is never changed'
      using errcode = 'integrity_constraint_violation';
  end if;
  if new.destroyed_at is not null then perform require_destroyable(old.request_id, 'responsive-records'); end if;
  return new;
end $$;
create trigger records_documents_are_guarded before update or delete on records_documents
  for each row execute function guard_document();

create function guard_document_key() returns trigger language plpgsql as $$
declare
  request uuid;
begin
  select request_id into request from records_documents where id = old.document_id;
  if tg_op = 'DELETE' or old.key is null or new.document_id <> old.document_id or new.key is not null then
    raise exception 'the key of a record is destroyed once, and never exchanged'
      using errcode = 'integrity_constraint_violation';
  end if;
  perform require_destroyable(request, 'responsive-records');
  return new;
end $$;
create trigger records_document_keys_are_guarded before update or delete on records_document_keys
  for each row execute function guard_document_key();

create function guard_document_page() returns trigger language plpgsql as $$
declare
  request uuid;
begin
  if tg_op = 'UPDATE' and (old.words is null or new.words is not null) then return new; end if;
  select request_id into request from records_documents where id = old.document_id;
  perform require_destroyable(request, 'responsive-records');
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger records_document_pages_are_guarded before update of words or delete on records_document_pages
  for each row execute function guard_document_page();

-- The file of a request: what was written to and fro, and what was sent along.
create function guard_request_file() returns trigger language plpgsql as $$
begin
  perform require_destroyable(old.request_id, 'request-files');
  return old;
end $$;
create trigger records_files_are_guarded before delete on records_files
  for each row when (old.request_id is not null) execute function guard_request_file();
create trigger records_messages_are_guarded before delete on records_messages
  for each row execute function guard_request_file();

create function guard_message() returns trigger language plpgsql as $$
begin
  raise exception 'what was written is never changed' using errcode = 'integrity_constraint_violation';
end $$;
create trigger records_messages_are_never_changed before update on records_messages for each row
  when ((new.id, new.request_id, new.at, new.content) is distinct from (old.id, old.request_id, old.at, old.content))
  execute function guard_message();

-- Who asked: gone only by schedule, never while anything stands against it, and told by requester_expired_at.
create function guard_requester() returns trigger language plpgsql as $$
begin
  if new.requester_expired_at is null then
    raise exception 'who asked is never removed without saying when' using errcode = 'integrity_constraint_violation';
  end if;
  perform require_destroyable(old.id, null);
  return new;
end $$;
create trigger records_requests_keep_the_requester before update on records_requests
  for each row when (old.requester is not null and new.requester is null) execute function guard_requester();

create trigger records_documents_are_not_emptied before truncate on records_documents
  for each statement execute function refuse_change();
create trigger records_document_keys_are_not_emptied before truncate on records_document_keys
  for each statement execute function refuse_change();
create trigger records_messages_are_not_emptied before truncate on records_messages
  for each statement execute function refuse_change();
create trigger records_destructions_are_not_emptied before truncate on records_destructions
  for each statement execute function refuse_change();
create trigger records_holds_are_not_emptied before truncate on records_holds
  for each statement execute function refuse_change();

-- ── Expiry of requesters' details ───────────────────────────────────────────────────────────────────────────────────

-- What is due to expire, from the night that first saw it; it goes after enough further nights.
create table records_expiries (
  request_id uuid primary key references records_requests (id) on delete restrict,
  due_on date not null,
  noticed_on date not null,
  nights integer not null default 1 check (nights >= 1), -- on which it was seen as due
  last_seen_on date not null,
  expired_at timestamptz
);
create index records_expiries_waiting on records_expiries (due_on) where expired_at is null;

-- Every night's look. A clock that jumped is refused here until somebody says that it is right.
create table records_retention_runs (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  on_date date not null,
  kind text not null check (kind in ('run', 'refused', 'confirmed')),
  noticed integer not null default 0,
  expired integer not null default 0,
  reason text, -- of a refusal
  confirmed_by text,
  confirmed_by_id text,
  check ((kind = 'refused') = (reason is not null)),
  check ((kind = 'confirmed') = (confirmed_by is not null))
);
create trigger records_retention_runs_are_kept before update or delete on records_retention_runs
  for each row execute function refuse_change();
