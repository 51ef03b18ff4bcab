-- Letters that go out, and what came in. Addresses and words are sealed (AES-256-GCM, key outside the database).

-- Which keys have sealed something here: a portal that was given another key file notices before it writes.
create table seal_keys (
  id integer primary key check (id between 1 and 255),
  fingerprint text not null unique,
  first_used_at timestamptz not null
);

-- queued → sending → sent, or back to queued with a later time, or failed. A letter is never removed by sending it.
create table letters (
  id uuid primary key, -- its Message-ID is made of it
  kind text not null check (kind <> ''),
  request_id uuid references records_requests (id) on delete cascade,
  dedupe_key text unique, -- one letter for one occasion, however often it is asked for
  content bytea not null, -- sealed: address, subject, text, attachments, what it answers
  to_index bytea not null, -- blind index of the address
  unsolicited boolean not null, -- anybody could have caused it: at most five an hour to one address
  blobs text[] not null, -- stored files that it carries
  state text not null check (state in ('queued', 'sending', 'sent', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  created_at timestamptz not null,
  queued_at timestamptz not null, -- from when its day of trying counts; later than created_at when sent again
  next_attempt_at timestamptz not null,
  claimed_at timestamptz,
  ended_at timestamptz,
  reason text, -- of the last attempt, without any address
  check ((state in ('sent', 'failed')) = (ended_at is not null)),
  check ((state = 'sending') = (claimed_at is not null))
);
create index letters_due on letters (next_attempt_at) where state in ('queued', 'sending');
create index letters_by_state on letters (state, created_at desc);
create index letters_by_address on letters (to_index, ended_at) where unsolicited;
create index letters_by_request on letters (request_id, created_at) where request_id is not null;

-- Every message that came in, once: what became of it.
create table received_mail (
  id uuid primary key,
  message_key bytea not null unique, -- SHA-256 of its Message-ID, or of all of it where it has none
  received_at timestamptz not null,
  state text not null check (state in ('threaded', 'unassigned', 'stopped', 'dismissed')),
  reason text, -- why it is unassigned or was stopped
  request_number text,
  from_index bytea, -- blind index of the sender's address
  content bytea, -- sealed: sender, subject, text, names of attachments; null once it is dismissed or threaded
  handled_at timestamptz,
  handled_by text,
  check (state not in ('threaded', 'dismissed') or handled_at is not null),
  check (state <> 'threaded' or request_number is not null)
);
create index received_mail_by_state on received_mail (state, received_at desc);
create index received_mail_by_sender on received_mail (from_index, received_at);

-- The whole message, sealed, of what waits for somebody to say where it belongs.
create table received_mail_parts (
  mail_id uuid not null references received_mail (id) on delete cascade,
  seq integer not null check (seq >= 1),
  bytes bytea not null,
  primary key (mail_id, seq)
);
