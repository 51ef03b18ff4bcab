-- Responsive records: originals, pages, redactions, approvals, renditions.
-- Originals and all that is read from them are sealed; what is public of a document is its rendition alone.

create table records_documents (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  number integer not null check (number >= 1), -- within the request, without a gap
  version integer not null default 1 check (version >= 1), -- goes up with every change of the document or a page of it
  parent uuid references records_documents (id), -- the mail or PDF that it was attached to
  name bytea not null, -- sealed text: the file's name, which may name a person
  title text check (title <> ''), -- what the staff call it in the withholding index; public with it
  kind text not null check (kind in ('pdf', 'image', 'mail', 'office', 'text', 'whole')), -- whole: cannot be shown as pages
  media_type text not null, -- as its bytes say
  bytes bigint not null check (bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'), -- of the file as it came
  original text not null check (original ~ '^[0-9a-f]{64}$'), -- blob, sealed
  working text check (working ~ '^[0-9a-f]{64}$'), -- blob, sealed: the PDF that its pages are read from; null: its pages are the original's
  working_bytes bigint check ((working_bytes is null) = (working is null)),
  state text not null check (state in ('preparing', 'ready', 'attention', 'quarantined')),
  problem text, -- why it needs attention: 'password', 'corrupt', 'too-large', 'failed', 'infected'
  flags jsonb not null default '[]', -- what the reviewer should know: src/records/documents/document.ts
  hidden bytea, -- sealed JSON: comments, tracked changes, hidden sheets and so on, in words
  pages integer not null default 0 check (pages >= 0),
  review text not null default 'open' check (review in ('open', 'submitted', 'approved')),
  withhold_exemption text, -- the whole document is withheld
  withhold_explanation text,
  withheld_by text,
  released_whole boolean not null default false, -- 'whole' kinds: to be released as it is
  uploaded_by text not null,
  uploaded_name text not null,
  uploaded_at timestamptz not null,
  submitted_by text,
  submitted_at timestamptz,
  approved_by text,
  approved_name text,
  approved_at timestamptz,
  rendition text check (rendition ~ '^[0-9a-f]{64}$'), -- blob, not sealed: what may be released
  rendition_bytes bigint,
  rendition_pages integer,
  rendition_state text not null default 'none' check (rendition_state in ('none', 'queued', 'ready', 'failed')),
  rendition_problem text,
  changed_at timestamptz not null,
  unique (request_id, number),
  check ((withhold_exemption is null) = (withhold_explanation is null)),
  check (rendition_state <> 'ready' or review = 'approved')
);
create index records_documents_by_parent on records_documents (parent) where parent is not null;

-- Who worked on what is released: none of them may approve it.
create table records_document_workers (
  document_id uuid not null references records_documents (id) on delete restrict,
  staff_id text not null,
  primary key (document_id, staff_id)
);

create table records_document_pages (
  document_id uuid not null references records_documents (id) on delete restrict,
  number integer not null check (number >= 1),
  version integer not null default 1 check (version >= 1),
  width real not null check (width > 0), -- points, as the page is shown
  height real not null check (height > 0),
  words bytea, -- sealed: the words and where they stand; null: not read yet
  problem text, -- the page could not be drawn: it can only be withheld
  decision text not null default 'undecided' check (decision in ('undecided', 'release', 'redact', 'withhold')),
  exemption text, -- of a page that is withheld
  explanation text,
  decided_by text,
  decided_at timestamptz,
  primary key (document_id, number),
  check ((decision = 'withhold') = (exemption is not null)),
  check ((exemption is null) = (explanation is null))
);

create table records_redactions (
  id uuid primary key,
  document_id uuid not null,
  page integer not null,
  boxes jsonb not null, -- [[left, top, right, bottom], …] in points from the page's top left
  exemption text not null, -- id in city/<name>/records/exemptions
  explanation text not null check (explanation <> ''), -- how it applies to this record
  origin text not null check (origin in ('drawn', 'lines', 'search', 'suggestion')),
  made_by text not null,
  made_name text not null,
  made_at timestamptz not null,
  removed_by text,
  removed_at timestamptz,
  foreign key (document_id, page) references records_document_pages (document_id, number) on delete restrict,
  check ((removed_by is null) = (removed_at is null))
);
create index records_redactions_by_page on records_redactions (document_id, page);
