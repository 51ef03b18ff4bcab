-- Staff accounts, their factors, sessions, grants and invitations.
-- Secrets are kept as hashes (SHA-256 of 256 random bits, scrypt for passwords) or sealed with the key outside the database.

create table people (
  id uuid primary key,
  email text not null, -- as it was written
  email_key text not null unique, -- trimmed, in lower case: the one to find it by
  name text not null check (name <> ''),
  password_hash text, -- scrypt; null: none was set
  totp bytea, -- sealed
  totp_counter bigint, -- of the last code that was taken: each is good once
  totp_pending bytea, -- sealed; shown, and not yet proven by a code
  created_at timestamptz not null,
  created_by text not null,
  activated_at timestamptz, -- signed in for the first time
  disabled_at timestamptz,
  version integer not null default 1 -- goes up by one whenever grants or access change: the optimistic lock
);

create table people_grants (
  person uuid not null references people (id),
  role text not null check (role in
    ('publisher', 'reviewer', 'department-lead', 'clerk', 'records-officer', 'redactor', 'attorney', 'cashier',
     'review-officer', 'administrator', 'auditor')),
  department text references departments (id), -- null: the whole city
  granted_at timestamptz not null,
  granted_by text not null,
  unique nulls not distinct (person, role, department)
);

create table people_invitations (
  id uuid primary key,
  person uuid references people (id), -- null: whoever becomes the first administrator
  hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table people_sessions (
  id uuid primary key,
  person uuid not null references people (id),
  hash bytea not null unique,
  stage text not null check (stage in ('code', 'enrol', 'full')), -- only 'full' is signed in
  device text not null, -- 'Firefox on Windows': never the whole of what the browser says
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null
);
create index people_sessions_by_person on people_sessions (person);

create table people_backup_codes (
  person uuid not null references people (id),
  hash bytea not null, -- keyed: a code alone is too short to be hashed plainly
  used_at timestamptz,
  primary key (person, hash)
);

create table people_passkeys (
  id uuid primary key,
  person uuid not null references people (id),
  credential text not null unique, -- base64url, as WebAuthn names it
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  backed_up boolean not null,
  name text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index people_passkeys_by_person on people_passkeys (person);

-- Who somebody is to the city's own sign-in service: bound at the first sign-in, by issuer and subject.
create table people_identities (
  issuer text not null,
  subject text not null,
  person uuid not null references people (id),
  created_at timestamptz not null,
  primary key (issuer, subject)
);
create index people_identities_by_person on people_identities (person);

-- What was asked of a browser and must come back once: a passkey's challenge, the state of a sign-in elsewhere.
create table people_challenges (
  hash bytea primary key,
  kind text not null check (kind in ('passkey-registration', 'passkey-sign-in', 'oidc')),
  person uuid references people (id),
  body bytea, -- sealed
  expires_at timestamptz not null
);
create index people_challenges_by_end on people_challenges (expires_at);

-- Wrong tries of an account or of a client; the key is a keyed hash and tells neither.
create table people_tries (
  key bytea primary key,
  failures integer not null,
  last_at timestamptz not null,
  open_at timestamptz not null
);
create index people_tries_by_time on people_tries (last_at);
