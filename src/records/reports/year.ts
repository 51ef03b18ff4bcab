// What every request was in one year, as SQL: received, answered, produced, withheld, closed, opened again. Set-based.
// It must take everything from events and dates, so that the report of a year is the same whenever it is made.

import { sql } from '../../db/drizzle.ts';
import type { SQL } from '../../db/drizzle.ts';

import type { Database } from '../../db/open.ts';
import { isBusinessDay } from '../../city/calendar.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import { addDays } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';

export type Span = { readonly from: CityDate; readonly to: CityDate };

export function yearSpan(year: number): Span {
  return { from: `${year}-01-01`, to: `${year}-12-31` };
}

/** How many business days there were up to each day: two of them subtracted are the days between. */
export type BusinessCount = { readonly first: CityDate; readonly counts: readonly number[] };

/** From the earliest receipt to the end of the span. */
export async function countBusinessDays(db: Database, calendar: WorkCalendar, to: CityDate): Promise<BusinessCount> {
  const { rows } = await db.execute<{ first: string | null }>(
    sql`select min(received_on)::text as first from records_requests`,
  );
  const first = rows[0]?.first ?? to;
  const counts: number[] = [];
  let count = 0;
  for (let day = first; day <= to; day = addDays(day, 1)) {
    if (isBusinessDay(calendar, day)) count += 1;
    counts.push(count);
  }
  return { first, counts };
}

/** Kinds of event that may close a request or open one again: src/records/requests/machine-*.ts. */
const turns = [
  'provided',
  'linked',
  'closed',
  'claimed',
  'denied',
  'withdrawn',
  'denied-as-bot',
  'reopened',
  'review-decided',
];

/** Begins a statement: `with … facts as (…)`, one row for each request that had come by the end of the span. */
export function withFacts({ from, to }: Span, business: BusinessCount): SQL {
  return sql`with ${turnParts({ from, to })}, ${workParts({ from, to })}, business as materialized (
    select ${business.first}::date - 1 as before, ${sql.param(business.counts)}::int[] as counts
  ), facts as (
    select r.id, r.number, r.subject, r.department, r.received_on, r.requester_type,
      r.received_on >= ${from}::date as is_received,
      r.received_on < ${from}::date and coalesce(before.state, 'open') <> 'closed' as is_open_before,
      coalesce(after.state, 'open') <> 'closed' as is_open_after,
      closing.closed_on, closing.outcome, closing.is_again,
      closing.closed_on - r.received_on as days,
      business.counts[closing.closed_on - business.before]
        - business.counts[r.received_on - business.before] as business_days,
      case when production.first_on >= ${from}::date then production.first_on end as produced_on, r.respond_due_on,
      production.electronic, production.physical, production.scanned,
      answer.estimate_on, withheld.request_id is not null as is_withheld,
      clarified.request_id is not null as is_clarified, spent.minutes
    from records_requests r
    cross join business
    left join befores before on before.request_id = r.id
    left join afters after on after.request_id = r.id
    left join closings closing on closing.request_id = r.id
    left join productions production on production.request_id = r.id
    left join answers answer on answer.request_id = r.id
    left join withheld on withheld.request_id = r.id
    left join clarified on clarified.request_id = r.id
    left join spent on spent.request_id = r.id
    where r.received_on <= ${to}::date
  )`;
}

/**
 * Closings and reopenings up to the end of the span; of each request the last before it, the last of it, its closing.
 */
function turnParts({ from, to }: Span): SQL {
  return sql`turns as materialized (
    select request_id, seq, on_date, data ->> 'to' as state, data -> 'set' ->> 'outcome' as outcome,
      count(*) filter (where data ->> 'to' <> 'closed') over (partition by request_id order by seq) > 0 as is_again
    from records_events
    where kind = any(${sql.param(turns)}::text[]) and on_date <= ${to}::date
      and (data ->> 'to' = 'closed') <> (data ->> 'from' = 'closed')
  ), befores as (
    select distinct on (request_id) request_id, state from turns where on_date < ${from}::date
    order by request_id, seq desc
  ), afters as (
    select distinct on (request_id) request_id, state from turns order by request_id, seq desc
  ), closings as (
    select distinct on (request_id) request_id, on_date as closed_on, outcome, is_again
    from turns where state = 'closed' and on_date >= ${from}::date order by request_id, seq desc
  )`;
}

function workParts({ from, to }: Span): SQL {
  const inSpan = sql`between ${from}::date and ${to}::date`;
  return sql`productions as (
    select request_id, min(on_date) filter (where kind <> 'released' or (data ->> 'isLast')::boolean) as first_on,
      bool_or(kind = 'linked' or (data ->> 'electronic')::boolean)
        filter (where on_date >= ${from}::date) as electronic,
      bool_or(kind <> 'linked' and not (data ->> 'electronic')::boolean)
        filter (where on_date >= ${from}::date) as physical,
      bool_or(coalesce((data ->> 'scannedPages')::int, 0) > 0) filter (where on_date >= ${from}::date) as scanned
    from records_events where kind in ('provided', 'linked', 'released') and on_date <= ${to}::date group by request_id
  ), withheld as (
    select distinct request_id from records_events
    where kind in ('provided', 'released', 'denied') and on_date ${inSpan}
      and jsonb_array_length(coalesce(data -> 'withheld', '[]')) > 0
  ), clarified as (
    select distinct request_id from records_events where kind = 'clarification-asked' and on_date ${inSpan}
  ), answers as (
    select e.request_id, max((e.data ->> 'estimateOn')::date) as estimate_on
    from records_events e join records_requests r on r.id = e.request_id and r.responded_at = e.at
    where e.kind in ('acknowledged', 'clarification-asked') and e.on_date ${inSpan} group by e.request_id
  ), spent as (
    select request_id, sum(minutes)::int as minutes from records_time where on_date ${inSpan} group by request_id
  )`;
}
