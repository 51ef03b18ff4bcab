-- A draft of a dataset is kept by what publishes: a file that was prepared, words, or both (src/publish/drafts.ts).
-- What suggested it stands with whoever did: records_dataset_drafts says which released record one is of.

create table dataset_drafts (
  id uuid primary key,
  version integer not null default 1 check (version >= 1),
  state text not null check (state in ('draft', 'published', 'discarded')),
  origin text, -- what suggested it; one of them has one open draft
  department text not null references departments (id),
  dataset text not null, -- the readable id that is proposed, or that of the dataset that it changes
  standing integer, -- number of the revision that it was made against; null: there was none
  metadata jsonb, -- src/catalogue/dataset.ts; null: as the dataset has it
  note text,
  prepared jsonb, -- src/publish/prepare.ts: files, columns, report; null: words alone
  blobs text[] not null default '{}', -- stored files that it keeps until it is released or discarded
  created_by text not null,
  created_name text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  published_by text,
  published_at timestamptz,
  revision text, -- what it became
  check ((state = 'published') = (published_at is not null)),
  check (state <> 'draft' or metadata is not null or prepared is not null),
  check (state = 'draft' or cardinality(blobs) = 0)
);
create unique index dataset_drafts_open on dataset_drafts (origin) where state = 'draft';
create index dataset_drafts_by_department on dataset_drafts (department, state);

insert into dataset_drafts (id, version, state, origin, department, dataset, metadata, note, created_by, created_name,
  created_at, changed_at, published_by, published_at, revision)
select d.id, d.version, d.state, 'released ' || d.released_id, d.department, d.dataset, d.metadata,
  'From public records request ' || r.number, d.created_by, d.created_name, d.created_at, d.changed_at,
  d.published_by, d.published_at, d.revision
from records_dataset_drafts d join records_requests r on r.id = d.request_id;

drop index records_dataset_drafts_open;
drop index records_dataset_drafts_by_department;
alter table records_dataset_drafts
  drop column version, drop column state, drop column department, drop column dataset, drop column metadata,
  drop column created_by, drop column created_name, drop column created_at, drop column changed_at,
  drop column published_by, drop column published_at, drop column revision,
  add constraint records_dataset_drafts_id_fkey foreign key (id) references dataset_drafts (id) on delete restrict;
