// Fills the tables of records with seeded, invented requests by set-based SQL: a hundred thousand in well under a
// minute. It must draw nothing from chance or the clock: the same seed and date give the same rows. Nothing sealed is
// in it.

import type pg from 'pg';

export type SeedSize = {
  readonly requests: number;
  /** Together, spread over the requests as evenly as real ones are not: 4 to 16 each. */
  readonly eventsPerRequest: number;
  /** The share that is still open, of 1. */
  readonly open: number;
  /** The city's date that the data ends at. */
  readonly today: string;
  readonly years: number;
  readonly seed: number;
};

export const smallSeed: SeedSize = {
  requests: 600,
  eventsPerRequest: 6,
  open: 0.4,
  today: '2026-11-20',
  years: 2,
  seed: 7,
};

export const greatSeed: SeedSize = {
  requests: 100_000,
  eventsPerRequest: 10,
  open: 0.1,
  today: '2026-11-20',
  years: 12,
  seed: 7,
};

export const seedDepartments = [
  'city-clerk',
  'city-attorney',
  'it-gis',
  'planning',
  'public-works',
  'finance',
] as const;

/** Staff ids of the seed: `staff-01` … `staff-24`. */
export const seedStaff: readonly string[] = Array.from(
  { length: 24 },
  (_, at) => `staff-${String(at + 1).padStart(2, '0')}`,
);

const kinds = [
  'All emails',
  'Copies of contracts',
  'Inspection reports',
  'Building permits',
  'Incident reports',
  'Invoices and payments',
  'Meeting minutes and recordings',
  'Photographs',
  'Plans and drawings',
  'Text messages',
  'Job descriptions and salaries',
  'Maintenance records',
  'Code enforcement files',
  'Traffic counts',
  'Body-worn camera video',
  'Grant applications',
  'Environmental reviews',
  'Utility easements',
  'Bid tabulations',
  'Policies and procedures',
];
const topics = [
  'the storm drain',
  'the street light',
  'the pedestrian crossing',
  'tree removal',
  'a retaining wall',
  'noise complaints',
  'the shelter lease',
  'fleet vehicles',
  'the water main',
  'parking enforcement',
  'short-term rentals',
  'a zoning variance',
  'the swimming pool',
  'consultant services',
  'overtime pay',
  'the levy',
  'flooding',
  'a fallen sign',
  'the signal timing',
  'an elevator',
  'hazardous materials',
  'the sports fields',
  'a demolition',
  'towing',
  'the senior center',
  'body cameras',
  'the franchise agreement',
  'fire hydrants',
  'the wetland buffer',
  'sidewalk repairs',
  'a business licence',
  'the landfill',
];
const places = [
  'Alder Street',
  'Beacon Avenue',
  'Cedar Court',
  'Dogwood Lane',
  'East Hill',
  'Fir Place',
  'Green River Road',
  'Hemlock Way',
  'Ivy Crossing',
  'Juniper Park',
  'Kettle Bridge',
  'Laurel Square',
  'Meridian Valley',
  'North Plaza',
  'Orchard Terrace',
  'Pine Depot',
  'Quarry Road',
  'Ridge Trail',
  'Station Mall',
  'Tamarack Drive',
  'Union Landing',
  'Vine Gardens',
  'West Valley',
  'Yew Corner',
];
const details = [
  'between the project manager and the contractor',
  'sent to or from the council office',
  'including attachments and drafts',
  'in electronic form where it exists',
  'with the names of the inspectors',
  'showing every change order',
  'from the first complaint until it was closed',
  'and any memoranda about it',
  'with dates, amounts and vendors',
  'limited to final versions',
  'as a spreadsheet if one is kept',
  'and the notes of the site visits',
];

function array(words: readonly string[]): string {
  return `array[${words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ')}]`;
}

/** Analyses what it wrote: plans are those of a settled database. The database must have no requests yet. */
export async function seedRecords(pool: pg.Pool, size: SeedSize): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('begin');
    await client.query(functions(size));
    await client.query(plan(size));
    for (const statement of [departments, requests, numbers, events, turns, clocks, tasks, searches, time]) {
      await client.query(statement(size));
    }
    await client.query('commit');
    await client.query(
      'analyze records_requests, records_events, records_clocks, records_tasks, records_searches, records_time',
    );
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release(true); // its temporary functions and settings end with it
  }
}

/** `pick(n, salt)`: a number of [0, 1) that only n, salt and the seed decide. */
function functions({ seed }: SeedSize): string {
  return `
    create function pg_temp.pick(n bigint, salt int) returns double precision language sql immutable parallel safe
      return (hashint8extended(n, ${seed} * 1000 + salt) & 281474976710655)::double precision / 281474976710656;
    create function pg_temp.one(words text[], n bigint, salt int) returns text language sql immutable parallel safe
      return words[1 + floor(pg_temp.pick(n, salt) * cardinality(words))::int];`;
}

/** The plan of every request: when it came, where it stands. Open ones are the latest. */
function plan({ requests: count, today, years, open }: SeedSize): string {
  const closed = Math.round(count * (1 - open));
  const openDays = 75;
  return `
    create temp table seed_requests on commit drop as
    with dated as (
      select n, n > ${closed} as is_open,
        (date '${today}' - case when n > ${closed} then floor(${openDays} * (1 - (n - ${closed})::float8 / ${count - closed + 1})
            * (0.2 + 0.8 * pg_temp.pick(n, 1)))::int
          else ${openDays} + floor(${years * 365 - openDays} * (1 - n::float8 / ${closed + 1}))::int end) as received_on
      from generate_series(1, ${count}) n
    ), placed as (
      select *, received_on + case extract(isodow from received_on) when 6 then 6 when 7 then 5 else 7 end as respond_due,
        pg_temp.pick(n, 2) as chance,
        ((received_on + time '08:00' + pg_temp.pick(n, 3) * interval '9 hours') at time zone 'America/Los_Angeles') as at
      from dated
    )
    select *,
      (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
        || substr(md5(n::text), 4, 15))::uuid as id,
      case when not is_open then 'closed'
        when respond_due >= date '${today}' - 1 and chance < 0.6 then 'received'
        when chance < 0.62 then 'in_progress' when chance < 0.72 then 'clarification'
        when chance < 0.80 then 'awaiting_payment' when chance < 0.85 then 'notice_wait'
        else 'installment_ready' end as state,
      extract(year from received_on)::int as year,
      row_number() over (partition by extract(year from received_on) order by received_on, n) as in_year
    from placed`;
}

function departments(): string {
  return `
    insert into departments (id, name, created_at, changed_at)
    select id, initcap(replace(id, '-', ' ')), now(), now() from unnest(${array(seedDepartments)}) id
    on conflict do nothing`;
}

function requests({ today }: SeedSize): string {
  return `
    insert into records_requests (id, number, version, state, resume_state, outcome, text, subject, received_at, received_on,
      channel, requester_type, delivery, department, assignee, responded_at, response_kind, estimate_on, estimates,
      respond_due_on, next_due_on, next_duty, waiting_on, installments, first_production_on, closed_at, closed_on,
      denied_at, visibility, created_at, changed_at)
    select id, year || '-' || lpad(in_year::text, 6, '0'), 1, state,
      case when state in ('awaiting_payment', 'notice_wait') then 'in_progress' end, outcome,
      pg_temp.one(${array(kinds)}, n, 10) || ' about ' || pg_temp.one(${array(topics)}, n, 11) || ' at '
        || (100 + floor(pg_temp.pick(n, 12) * 24000))::int || ' ' || pg_temp.one(${array(places)}, n, 13) || ', '
        || pg_temp.one(${array(details)}, n, 14) || ', ' || pg_temp.one(${array(details)}, n, 15) || ', from '
        || to_char(received_on - 400, 'FMMonth YYYY') || ' to ' || to_char(received_on - 20, 'FMMonth YYYY')
        || '. Reference ' || (10000 + floor(pg_temp.pick(n, 16) * 89999))::int || '.',
      case when pg_temp.pick(n, 17) < 0.7 then pg_temp.one(${array(topics)}, n, 11) || ', ' || pg_temp.one(${array(places)}, n, 13) end,
      at, received_on, pg_temp.one(array['web', 'web', 'web', 'email', 'email', 'mail', 'counter', 'phone'], n, 18),
      pg_temp.one(array['individual', 'individual', 'media', 'law_firm', 'organization', 'insurer', 'anonymous'], n, 19),
      pg_temp.one(array['electronic', 'electronic', 'electronic', 'mail', 'pick_up', 'inspection'], n, 20),
      case when state <> 'received' or chance < 0.3 then pg_temp.one(${array(seedDepartments)}, n, 21) end,
      case when state <> 'received' or chance < 0.2 then pg_temp.one(${array(seedStaff)}, n, 22) end,
      case when state <> 'received' then at + interval '3 days' end,
      case when state <> 'received' then case when outcome = 'denied' then 'denied' else 'estimated' end end,
      estimate_on, case when estimate_on is null then 0 else 1 end, respond_due,
      case state when 'received' then respond_due when 'in_progress' then estimate_on end,
      case state when 'received' then 'first-response' when 'in_progress' then 'estimate' end,
      case when state = 'closed' then null when state in ('received', 'in_progress') then 'city'
        when state = 'notice_wait' then 'third_party' else 'requester' end,
      case when state = 'installment_ready' or (state <> 'received' and pg_temp.pick(n, 23) < 0.25) then 1 else 0 end,
      case when state in ('installment_ready', 'closed') then least(received_on + 10, closed_on) end,
      (closed_on + time '15:00') at time zone 'America/Los_Angeles', closed_on,
      case when outcome = 'denied' then (closed_on + time '15:00') at time zone 'America/Los_Angeles' end,
      case when pg_temp.pick(n, 24) < 0.5 then 'public' else 'hidden' end, at, at
    from (
      select *, case when state = 'closed' then
          pg_temp.one(array['fulfilled', 'fulfilled', 'fulfilled', 'partial', 'partial', 'no_responsive_records',
            'fulfilled_by_link', 'denied', 'withdrawn', 'abandoned_unclarified', 'abandoned_unclaimed'], n, 25) end as outcome,
        case when state = 'closed' then received_on + 1 + floor(70 * pow(pg_temp.pick(n, 26), 2))::int end as closed_on,
        case when state <> 'received' then greatest(respond_due, date '${today}' - 4) + floor(40 * pg_temp.pick(n, 27))::int
          end as estimate_on
      from seed_requests
    ) s`;
}

function numbers(): string {
  return `insert into records_numbers (year, last) select year, max(in_year) from seed_requests group by year`;
}

function events({ eventsPerRequest }: SeedSize): string {
  const least = Math.max(1, Math.round(eventsPerRequest * 0.4));
  const spread = 2 * (eventsPerRequest - least);
  return `
    insert into records_events (request_id, seq, at, on_date, kind, actor, actor_id, audience, data)
    select s.id, seq, at + (case seq when 2 then 3 else seq - 1 end) * interval '1 day', received_on + (seq - 1)::int,
      case when seq = 1 then 'submitted' when seq = 2 then 'acknowledged'
        else pg_temp.one(array['assigned', 'task-created', 'task-answered', 'search-logged', 'message-sent', 'described'], s.n, seq::int) end,
      case when seq = 1 then 'requester' else pg_temp.one(${array(seedStaff)}, s.n, 22) end, null,
      case when seq < 3 then 'requester' else 'staff' end, jsonb_build_object('step', seq) || case when seq = 2
        then jsonb_build_object('from', 'received', 'to', 'in_progress', 'estimateOn',
          (select r.estimate_on from records_requests r where r.id = s.id)) else '{}' end
    from seed_requests s
    cross join lateral generate_series(1, ${least} + floor(pg_temp.pick(s.n, 30) * ${spread + 1})::int) seq`;
}

/** How the closed ones ended: what was produced or withheld, and the closing, as the machine writes them. */
function turns(): string {
  return `
    with ended as (
      select r.*, s.n, e.last,
        jsonb_build_array(jsonb_build_object('record', 'Email', 'extent', 'part', 'explanation', 'Seeded.', 'exemption',
          pg_temp.one(array['account-numbers', 'investigative', 'drafts', 'attorney-client'], s.n, 80))) as item
      from records_requests r join seed_requests s on s.id = r.id
      join (select request_id, max(seq) as last from records_events group by request_id) e on e.request_id = r.id
      where r.state = 'closed'
    ), made as (
      select id, last, last + 1 as seq, least(received_on + 10, closed_on) as on_date, closed_at, 'released' as kind,
        jsonb_build_object('from', 'in_progress', 'to', 'installment_ready', 'installment', 1, 'files', 2, 'pages', 12,
          'isLast', true, 'electronic', pg_temp.pick(n, 81) < 0.9, 'scannedPages', floor(pg_temp.pick(n, 82) * 3)::int,
          'withheld', case outcome when 'partial' then item else '[]' end) as data
      from ended where outcome in ('fulfilled', 'partial')
      union all
      select id, last, last + 2, closed_on, closed_at,
        case outcome when 'denied' then 'denied' when 'withdrawn' then 'withdrawn' when 'fulfilled_by_link' then 'linked'
          else 'closed' end,
        jsonb_build_object('from', 'in_progress', 'to', 'closed', 'set', jsonb_build_object('state', 'closed', 'outcome', outcome))
          || case outcome when 'denied' then jsonb_build_object('withheld', item) else '{}' end
      from ended
    )
    insert into records_events (request_id, seq, at, on_date, kind, actor, actor_id, audience, data)
    select id, last + row_number() over (partition by id order by seq),
      closed_at, on_date, kind, 'seed', null, 'public', data from made`;
}

function clocks({ today }: SeedSize): string {
  return `
    insert into records_clocks (request_id, seq, clock, started_on, due_on, basis, stopped_at, stop_reason)
    select id, 1, 'first-response', received_on, respond_due, '{}'::jsonb, case when state <> 'received' then at + interval '3 days' end,
      case when state <> 'received' then 'answered' end
    from seed_requests
    union all
    select id, 2, case state when 'in_progress' then 'estimate' when 'clarification' then 'clarification' when 'notice_wait' then 'third-party-notice'
        when 'awaiting_payment' then 'payment' else 'claim' end, received_on + 3,
      case when state = 'in_progress' then (select r.estimate_on from records_requests r where r.id = s.id)
        else greatest(received_on + 33, date '${today}' - 5 + floor(30 * pg_temp.pick(n, 31))::int) end,
      '{}'::jsonb, null, null
    from seed_requests s where state not in ('received', 'closed')`;
}

function tasks({ today }: SeedSize): string {
  return `
    insert into records_tasks (id, request_id, department, assignee, what, due_on, state, answer, created_at, answered_at, answered_by)
    select md5(id::text || 'task' || k)::uuid, id, pg_temp.one(${array(seedDepartments)}, n, 60 + k),
      pg_temp.one(${array(seedStaff)}, n, 62 + k), 'Look for the records and say what there is.',
      greatest(received_on + 10, case when is_open then date '${today}' - 3 + floor(20 * pg_temp.pick(n, 64))::int else received_on end),
      case when is_open and pg_temp.pick(n, 66 + k) < 0.7 then 'open' else 'found' end, null, at,
      case when is_open then null else at + interval '6 days' end, null
    from seed_requests cross join generate_series(1, 2) k
    where state <> 'received' and pg_temp.pick(n, 68 + k) < 0.6`;
}

function searches(): string {
  return `
    insert into records_searches (id, request_id, place, terms, found, at, by)
    select md5(id::text || 'search')::uuid, id, 'Shared drive', pg_temp.one(${array(topics)}, n, 11), '12 files', at + interval '4 days', 'seed'
    from seed_requests where state <> 'received' and pg_temp.pick(n, 70) < 0.5`;
}

function time(): string {
  return `
    insert into records_time (id, request_id, staff_id, staff_name, role, activity, on_date, minutes, created_at)
    select md5(id::text || 'time' || k)::uuid, id, pg_temp.one(${array(seedStaff)}, n, 22), pg_temp.one(${array(seedStaff)}, n, 22),
      pg_temp.one(array['clerk', 'clerk', 'records-officer', 'redactor', 'attorney'], n, 72 + k),
      pg_temp.one(array['intake', 'search', 'review', 'redaction', 'legal', 'release'], n, 74 + k), received_on + k,
      (5 + floor(pg_temp.pick(n, 76 + k) * 180))::int, at
    from seed_requests cross join generate_series(1, 2) k where state <> 'received'`;
}
