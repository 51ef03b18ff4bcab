-- The city's own closure days, and the money of records requests: estimates, invoices, payments, refunds, the ledger.
-- Amounts are whole cents; what is worked out line by line is in tenths of a cent.

-- A closure is entered once and may be withdrawn; nothing of it is ever changed or removed.
create table records_closures (
  id uuid primary key,
  on_date date not null,
  name text not null check (name <> ''),
  source text not null check (source <> ''), -- who decided it, and where it stands
  effective_from date not null, -- clocks that start on this day or later count it
  added_at timestamptz not null,
  added_by text not null,
  added_by_id text,
  withdrawn_at timestamptz,
  withdrawn_by text,
  withdrawn_by_id text,
  withdrawn_reason text,
  check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null))
);
create unique index records_closures_standing on records_closures (on_date) where withdrawn_at is null;

create function guard_closure() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.withdrawn_at is not null or
     (new.id, new.on_date, new.name, new.source, new.effective_from, new.added_at, new.added_by, new.added_by_id)
       is distinct from
     (old.id, old.on_date, old.name, old.source, old.effective_from, old.added_at, old.added_by, old.added_by_id) then
    raise exception 'a closure day is withdrawn, never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_closures_are_kept before update or delete on records_closures
  for each row execute function guard_closure();

-- Numbers of invoices (F) and receipts (R) run without a gap in each year.
create table records_money_numbers (
  series text not null check (series in ('F', 'R')),
  year integer not null,
  last integer not null check (last >= 1),
  primary key (series, year)
);

create table records_estimates (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  seq integer not null check (seq >= 1), -- the latest is the one that holds
  kind text not null check (kind in ('copies', 'customized')),
  quantities jsonb not null, -- as entered
  lines jsonb not null, -- each with its rule and citation
  total_tenths bigint not null check (total_tenths >= 0),
  total_cents integer not null check (total_cents >= 0),
  customized jsonb, -- why, which expertise, answer by: RCW 42.56.120(3)
  schedule_source text not null,
  schedule_adopted_on date not null,
  created_at timestamptz not null,
  created_by text not null,
  created_by_id text,
  sent_at timestamptz, -- the summary, or the notice of a customized charge
  agreed_at timestamptz, -- customized: the requester said yes
  unique (request_id, seq),
  check ((kind = 'customized') = (customized is not null)),
  check (total_cents = total_tenths / 10) -- rounded down
);

create table records_invoices (
  id uuid primary key,
  number text not null unique check (number ~ '^F[0-9]{4}-[0-9]{6}$'),
  request_id uuid not null references records_requests (id) on delete restrict,
  estimate_id uuid references records_estimates (id),
  purpose text not null check (purpose in ('deposit', 'invoice', 'customized')),
  installment integer check (installment >= 1),
  is_flat boolean not null default false,
  total_cents integer not null check (total_cents >= 0), -- 0: a deposit covers it
  issued_at timestamptz not null,
  issued_on date not null,
  due_on date not null,
  issued_by text not null,
  issued_by_id text,
  schedule_source text not null,
  schedule_adopted_on date not null,
  state text not null default 'open' check (state in ('open', 'paid', 'waived', 'agreed', 'void')),
  settled_at timestamptz,
  check ((state = 'open') = (settled_at is null)),
  check (not is_flat or purpose = 'invoice')
);
create index records_invoices_by_request on records_invoices (request_id, issued_at);
-- A request waits for one invoice at a time.
create unique index records_invoices_open on records_invoices (request_id) where state = 'open';
-- RCW 42.56.120(2)(d): one flat charge a request, on whatever installment.
create unique index records_invoices_one_flat on records_invoices (request_id) where is_flat and state <> 'void';

create table records_invoice_lines (
  invoice_id uuid not null references records_invoices (id) on delete restrict,
  seq integer not null check (seq >= 1),
  what text not null,
  rule text not null,
  citation text not null,
  tenths bigint not null, -- negative: a deposit taken off
  primary key (invoice_id, seq)
);
create trigger records_invoice_lines_are_kept before update or delete on records_invoice_lines
  for each row execute function refuse_change();

-- An invoice is the sum of its lines, rounded down to the cent.
create function check_invoice() returns trigger language plpgsql as $$
declare
  given integer;
  summed bigint;
begin
  select total_cents into given from records_invoices where id = new.invoice_id;
  select floor(sum(tenths) / 10.0) into summed from records_invoice_lines where invoice_id = new.invoice_id;
  if given is distinct from summed then
    raise exception 'the invoice says % cents and its lines %', given, summed
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger records_invoices_add_up after insert on records_invoice_lines
  deferrable initially deferred for each row execute function check_invoice();

create function guard_invoice() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.state <> 'open' or
     (to_jsonb(new) - 'state' - 'settled_at') is distinct from (to_jsonb(old) - 'state' - 'settled_at') then
    raise exception 'an invoice is settled once and never changed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
create trigger records_invoices_are_kept before update or delete on records_invoices
  for each row execute function guard_invoice();

create table records_payments (
  id uuid primary key,
  receipt text not null unique check (receipt ~ '^R[0-9]{4}-[0-9]{6}$'),
  request_id uuid not null references records_requests (id) on delete restrict,
  invoice_id uuid not null references records_invoices (id),
  method text not null check (method in ('cash', 'check', 'card', 'online')),
  cents integer not null check (cents > 0),
  applied_cents integer not null check (applied_cents >= 0), -- to the invoice
  credit_cents integer not null check (credit_cents >= 0), -- paid twice or too much: the requester's own
  received_on date not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  recorded_by_id text,
  reference text, -- the till's slip or the number of the check
  provider_id text unique, -- of an online payment
  entry_key text unique, -- the form's own key: one form is one payment, however often it is sent
  check (applied_cents + credit_cents = cents),
  check ((method = 'online') = (provider_id is not null))
);
create index records_payments_by_request on records_payments (request_id, recorded_at);
create index records_payments_by_invoice on records_payments (invoice_id);
create trigger records_payments_are_kept before update or delete on records_payments
  for each row execute function refuse_change();

create table records_refunds (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  payment_id uuid not null references records_payments (id),
  method text not null check (method in ('cash', 'check', 'card', 'online')),
  cents integer not null check (cents > 0),
  reason text not null check (reason <> ''),
  refunded_on date not null,
  recorded_at timestamptz not null,
  recorded_by text not null,
  recorded_by_id text,
  provider_id text unique,
  entry_key text unique
);
create index records_refunds_by_request on records_refunds (request_id, recorded_at);
create index records_refunds_by_payment on records_refunds (payment_id);
create trigger records_refunds_are_kept before update or delete on records_refunds
  for each row execute function refuse_change();

-- RCW 42.56.120(4): by the city's own rules only.
create table records_waivers (
  invoice_id uuid primary key references records_invoices (id) on delete restrict,
  request_id uuid not null references records_requests (id) on delete restrict,
  rule_code text not null,
  rule_text text not null,
  rule_source text not null,
  cents integer not null check (cents > 0),
  decided_at timestamptz not null,
  decided_by text not null,
  decided_by_id text
);
create trigger records_waivers_are_kept before update or delete on records_waivers
  for each row execute function refuse_change();

-- Double entry: what is debited is positive, what is credited negative, and each entry comes to nothing.
create table records_ledger_entries (
  id uuid primary key,
  request_id uuid not null references records_requests (id) on delete restrict,
  kind text not null check (kind in ('invoice', 'payment', 'waiver', 'refund', 'void')),
  invoice_id uuid not null references records_invoices (id),
  at timestamptz not null,
  on_date date not null,
  actor text not null,
  actor_id text
);
create index records_ledger_entries_by_request on records_ledger_entries (request_id, at);
create index records_ledger_entries_by_date on records_ledger_entries (on_date);
create trigger records_ledger_entries_are_kept before update or delete on records_ledger_entries
  for each row execute function refuse_change();

create table records_ledger_lines (
  entry_id uuid not null references records_ledger_entries (id) on delete restrict,
  seq integer not null check (seq >= 1),
  account text not null check (account in
    ('receivable', 'charges', 'customized', 'deposits', 'credit', 'waived', 'cash', 'check', 'card', 'online')),
  cents integer not null check (cents <> 0),
  primary key (entry_id, seq)
);
create index records_ledger_lines_by_account on records_ledger_lines (account);
create trigger records_ledger_lines_are_kept before update or delete on records_ledger_lines
  for each row execute function refuse_change();

create function check_ledger() returns trigger language plpgsql as $$
declare
  entry uuid := case when tg_table_name = 'records_ledger_lines' then (to_jsonb(new) ->> 'entry_id')::uuid
                     else (to_jsonb(new) ->> 'id')::uuid end;
  summed bigint;
  counted integer;
begin
  select coalesce(sum(cents), 0), count(*) into summed, counted from records_ledger_lines where entry_id = entry;
  if summed <> 0 or counted < 2 then
    raise exception 'the ledger entry % does not balance: % cents in % lines', entry, summed, counted
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger records_ledger_lines_balance after insert on records_ledger_lines
  deferrable initially deferred for each row execute function check_ledger();
create constraint trigger records_ledger_entries_balance after insert on records_ledger_entries
  deferrable initially deferred for each row execute function check_ledger();

-- Pages of the payment provider that wait for somebody to pay.
create table records_checkouts (
  id text primary key, -- the provider's
  invoice_id uuid not null references records_invoices (id),
  cents integer not null check (cents > 0),
  url text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index records_checkouts_by_invoice on records_checkouts (invoice_id);

-- What the provider told, each once, whatever the order and however often.
create table records_payment_events (
  id text primary key, -- the provider's
  kind text not null,
  outcome text not null check (outcome in ('paid', 'known', 'ignored', 'expired')),
  invoice_id uuid references records_invoices (id),
  made_at timestamptz not null,
  received_at timestamptz not null
);
create trigger records_payment_events_are_kept before update or delete on records_payment_events
  for each row execute function refuse_change();
