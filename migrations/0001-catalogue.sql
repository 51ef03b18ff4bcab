-- Departments, datasets and their immutable revisions; the search index; tokens; the audit log; the outbox.

create extension if not exists pg_trgm;

create table departments (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  description text,
  contact jsonb,
  created_at timestamptz not null,
  changed_at timestamptz not null
);

-- One row a dataset. `code` is permanent; `id` is the readable name. `current` is the pointer that a release moves.
create table datasets (
  code text primary key check (code ~ '^[2-9bcdfghjkmnpqrstvwxyz]{4}-[2-9bcdfghjkmnpqrstvwxyz]{4}$'),
  id text not null unique check (id ~ '^[a-z0-9][a-z0-9-]{0,99}$' and id !~ '^[2-9bcdfghjkmnpqrstvwxyz]{4}-[2-9bcdfghjkmnpqrstvwxyz]{4}$'),
  department text not null references departments (id),
  metadata jsonb not null,
  created_at timestamptz not null,
  metadata_changed_at timestamptz not null,
  current integer not null
);
create index datasets_by_department on datasets (department);

-- Facts about a revision never change, apart from what is derived from its Parquet file (serving, downloads, profile).
create table revisions (
  code text not null references datasets (code),
  number integer not null check (number >= 1),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  published_at timestamptz not null,
  published_by text not null,
  note text,
  rows bigint not null check (rows >= 0),
  columns jsonb not null,
  parquet_bytes bigint not null,
  source jsonb,
  quarantine jsonb,
  report jsonb not null,
  serving jsonb,
  downloads jsonb not null,
  profile jsonb not null,
  primary key (code, number)
);
create index revisions_by_sha256 on revisions (code, sha256);
alter table datasets
  add constraint datasets_current foreign key (code, current) references revisions (code, number)
  deferrable initially deferred;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

create function guard_revision() returns trigger language plpgsql as $$
begin
  if (new.code, new.number, new.sha256, new.published_at, new.published_by, new.note, new.rows, new.columns,
      new.parquet_bytes, new.source, new.quarantine, new.report)
     is distinct from
     (old.code, old.number, old.sha256, old.published_at, old.published_by, old.note, old.rows, old.columns,
      old.parquet_bytes, old.source, old.quarantine, old.report) then
    raise exception 'a released revision is never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger revisions_are_immutable before update on revisions for each row execute function guard_revision();

-- What search looks at, one row a dataset, written with every release and metadata change.
create table dataset_search (
  code text primary key references datasets (code) on delete cascade,
  words tsvector not null,
  department text not null,
  theme text,
  formats text[] not null,
  licence text not null,
  licence_name text not null,
  cadence text not null,
  has_geometry boolean not null,
  title text not null,
  rows bigint not null,
  data_updated_at timestamptz not null
);
create index dataset_search_words on dataset_search using gin (words);

-- Every word that was ever indexed, with its English stem: what partial words and typing errors are matched with.
create table search_words (
  word text primary key,
  stem text not null
);
create index search_words_by_stem on search_words (stem);
create index search_words_by_trigram on search_words using gin (word gin_trgm_ops);

create table api_tokens (
  id uuid primary key,
  name text not null,
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null,
  created_by text not null,
  revoked_at timestamptz,
  last_used_at timestamptz -- to the minute
);

-- Append-only. hash = SHA-256(previous hash, then body); body is the whole event as canonical JSON.
create table audit_events (
  seq bigint primary key check (seq >= 1),
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  body text not null,
  previous bytea not null check (length(previous) = 32),
  hash bytea not null unique check (length(hash) = 32)
);
create index audit_events_by_subject on audit_events (subject, seq);
create trigger audit_events_are_kept before update or delete on audit_events
  for each row execute function refuse_change();
create trigger audit_events_are_not_emptied before truncate on audit_events
  for each statement execute function refuse_change();

-- What is still to be told to others after a release; written in the release's own transaction.
create table outbox (
  seq bigint generated always as identity primary key,
  kind text not null,
  payload jsonb not null,
  created_at timestamptz not null,
  attempts integer not null default 0,
  delivered_at timestamptz
);
create index outbox_waiting on outbox (seq) where delivered_at is null;
