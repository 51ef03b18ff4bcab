-- The public archive, yearly reports, retention.

-- ── Release and the public archive ──────────────────────────────────────────────────────────────────────────────────

-- What went out, installment by installment, as it was told to the requester: never changed. Its claim is an event.
create table records_installments (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  number integer not null check (number >= 1), -- within the request, without a gap
  released_at timestamptz not null,
  released_on date not null, -- the city's calendar date of released_at
  released_by text not null,
  released_name text not null,
  delivery text not null check (delivery in ('electronic', 'mail', 'pick_up', 'inspection')),
  place text, -- where copies are picked up or records inspected, and when; the staff's words
  from_on date, -- the first day of that
  remains text, -- null: this was the last one
  next_on date,
  pages integer not null check (pages >= 0),
  withheld jsonb not null, -- the withholding index as it went out
  unique (request_id, number),
  check ((remains is null) = (next_on is null))
);
create trigger records_installments_are_kept before update or delete on records_installments
  for each row execute function refuse_change();

-- Each document of an installment. A rendition that was released stays what it was, whatever its document becomes.
create table records_released (
  id uuid primary key,
  installment_id uuid not null references records_installments (id) on delete restrict,
  request_id uuid not null references records_requests (id) on delete restrict,
  document_id uuid not null references records_documents (id) on delete restrict,
  document integer not null, -- its number in the request
  title text not null,
  file_name text,
  media_type text,
  bytes bigint,
  pages integer, -- null: a file that has none
  blob text check (blob ~ '^[0-9a-f]{64}$'), -- the rendition; null: withheld in full
  first_download_at timestamptz, -- by the requester or a delegate
  published_at timestamptz, -- null: nobody but the requester and the staff has it
  published_by text,
  index_state text not null default 'none' check (index_state in ('none', 'queued', 'ready', 'failed')),
  unique (installment_id, document_id),
  check (num_nulls(blob, file_name, media_type, bytes) in (0, 4)),
  check ((published_at is null) = (published_by is null)),
  check (published_at is null or blob is not null)
);
create index records_released_by_request on records_released (request_id);
create index records_released_by_document on records_released (document_id);
create index records_released_by_blob on records_released (blob);
create index records_released_public on records_released (request_id) where published_at is not null;

create function guard_released() returns trigger language plpgsql as $$
begin
  if (new.id, new.installment_id, new.request_id, new.document_id, new.title, new.file_name, new.bytes, new.blob)
     is distinct from
     (old.id, old.installment_id, old.request_id, old.document_id, old.title, old.file_name, old.bytes, old.blob) then
    raise exception 'what was released is never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_released_are_guarded before update on records_released
  for each row execute function guard_released();

-- The public page of a request: a title and a text that somebody has checked. Nothing else of a request is searched
-- by the public, and who asked is not here.
create table records_archive (
  request_id uuid primary key references records_requests (id) on delete restrict,
  title text not null check (title <> ''),
  text text not null check (text <> ''),
  published_at timestamptz not null,
  published_by text not null,
  words tsvector generated always as (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', text), 'B')
  ) stored
);
create index records_archive_by_words on records_archive using gin (words);

-- The words of published renditions, read from the renditions themselves.
create table records_archive_pages (
  released_id uuid not null references records_released (id) on delete restrict,
  page integer not null check (page >= 1), -- of a file without pages: parts of it
  text text not null,
  words tsvector generated always as (to_tsvector('english', text)) stored,
  primary key (released_id, page)
);
create index records_archive_pages_by_words on records_archive_pages using gin (words);

-- Released tables on their way to a dataset. Nothing of one is public before it is published.
create table records_dataset_drafts (
  id uuid primary key,
  released_id uuid not null references records_released (id) on delete restrict,
  request_id uuid not null references records_requests (id) on delete restrict,
  version integer not null default 1 check (version >= 1),
  state text not null check (state in ('draft', 'published', 'discarded')),
  department text not null references departments (id),
  dataset text not null, -- the readable id that is proposed
  metadata jsonb not null, -- src/catalogue/dataset.ts; the licence is not known before somebody says it
  description jsonb not null, -- rows, columns and types as the publish path reads them
  created_by text not null,
  created_name text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  published_by text,
  published_at timestamptz,
  revision text,
  check ((state = 'published') = (published_at is not null))
);
create unique index records_dataset_drafts_open on records_dataset_drafts (released_id) where state = 'draft';
create index records_dataset_drafts_by_request on records_dataset_drafts (request_id);
create index records_dataset_drafts_by_department on records_dataset_drafts (department, state);
