// How long requests take: days to the first response and to closing, as a distribution, by month and by department.
// It must say how many requests a median is of; a median of none is null.

import { sql } from '../../db/drizzle.ts';
import type { SQL } from '../../db/drizzle.ts';

import type { Database } from '../../db/open.ts';
import type { WorkCalendar } from '../../city/calendar.ts';
import { countBusinessDays, withFacts } from './year.ts';
import type { Span } from './year.ts';

/** Lower ends, in business days for the response and calendar days for the closing. */
const responseEdges = [0, 1, 2, 3, 4, 5, 6, 11, 21] as const;
const closingEdges = [0, 6, 11, 31, 61, 91, 181, 366] as const;

export type Bucket = { readonly from: number; readonly to: number | null; readonly requests: number };

export type Group = {
  /** A month (2026-03), a department's id, or null: of no department. */
  readonly key: string | null;
  readonly received: number;
  readonly responded: number;
  /** Of those, later than the five business days of RCW 42.56.520(1). */
  readonly respondedLate: number;
  readonly responseMedian: number | null; // business days
  readonly closed: number;
  readonly closingMedian: number | null; // calendar days
  readonly closingAverage: number | null;
};

export type Timeliness = {
  readonly response: readonly Bucket[];
  readonly closing: readonly Bucket[];
  readonly all: Group;
  readonly byMonth: readonly Group[];
  readonly byDepartment: readonly Group[];
};

/** Requests received, first answered or closed within the span, each in the month of that. Asks no permission. */
export async function readTimeliness(
  db: Database,
  calendar: WorkCalendar,
  timeZone: string,
  span: Span,
): Promise<Timeliness> {
  const business = await countBusinessDays(db, calendar, span.to);
  const { from, to } = span;
  const { rows } = await db.execute<{ readonly found: TimelinessRows }>(sql`
    ${withFacts(span, business)}, answered as (
      select f.id, f.department, a.on_date, a.on_date > f.respond_due_on as is_late,
        business.counts[a.on_date - business.before] - business.counts[f.received_on - business.before] as days
      from facts f cross join business
      join records_requests r on r.id = f.id
      cross join lateral (select (r.responded_at at time zone ${timeZone})::date as on_date) a
      where r.responded_at is not null and a.on_date between ${from}::date and ${to}::date
    ), steps as (
      select department, to_char(received_on, 'YYYY-MM') as month, 'received' as step, null::int as days,
        false as is_late
      from facts where is_received
      union all
      select department, to_char(on_date, 'YYYY-MM'), 'responded', days, is_late from answered
      union all
      select department, to_char(closed_on, 'YYYY-MM'), 'closed', days, false from facts where closed_on is not null
    ), numbers as (select grouping(month) = 0 as by_month, grouping(department) = 0 as by_department, month, department,
      ${groupNumbers()} from steps group by grouping sets ((), (month), (department)))
    select jsonb_build_object(
      'groups', (select coalesce(jsonb_agg(to_jsonb(numbers) order by month, department), '[]') from numbers),
      'response', (select coalesce(jsonb_object_agg(place, requests), '{}')
        from (${buckets('responded', responseEdges)}) b),
      'closing', (select coalesce(jsonb_object_agg(place, requests), '{}') from (${buckets('closed', closingEdges)}) b)
    ) as found`);
  const { groups, response, closing } = rows[0]!.found;
  return {
    response: toBuckets(responseEdges, response),
    closing: toBuckets(closingEdges, closing),
    all: toGroup(
      groups.find((row) => !row.by_month && !row.by_department)!,
      null,
    ), // the empty set is always there
    byMonth: groups.filter((row) => row.by_month).map((row) => toGroup(row, row.month)),
    byDepartment: groups.filter((row) => row.by_department).map((row) => toGroup(row, row.department)),
  };
}

type GroupRow = Omit<Group, 'key'> & {
  readonly by_month: boolean;
  readonly by_department: boolean;
  readonly month: string | null;
  readonly department: string | null;
};
type TimelinessRows = {
  readonly groups: readonly GroupRow[];
  readonly response: Readonly<Record<string, number>>;
  readonly closing: Readonly<Record<string, number>>;
};

function groupNumbers(): SQL {
  const median = (step: string) =>
    sql`(percentile_cont(0.5) within group (order by days) filter (where step = ${step}))::float8`;
  return sql`count(*) filter (where step = 'received')::int as received,
    count(*) filter (where step = 'responded')::int as responded,
    count(*) filter (where step = 'responded' and is_late)::int as "respondedLate",
    ${median('responded')} as "responseMedian",
    count(*) filter (where step = 'closed')::int as closed,
    ${median('closed')} as "closingMedian",
    (avg(days) filter (where step = 'closed'))::float8 as "closingAverage"`;
}

function buckets(step: string, edges: readonly number[]): SQL {
  return sql`select width_bucket(days, ${sql.param(edges)}::int[]) as place, count(*)::int as requests
    from steps where step = ${step} group by 1`;
}

/** A day before the first edge cannot be: a response is not sent before the request is received. */
function toBuckets(edges: readonly number[], counts: Readonly<Record<string, number>>): readonly Bucket[] {
  return edges.map((from, at) => {
    const next = edges[at + 1];
    return { from, to: next === undefined ? null : next - 1, requests: counts[String(at + 1)] ?? 0 };
  });
}

function toGroup(row: GroupRow, key: string | null): Group {
  const { received, responded, respondedLate, responseMedian, closed, closingMedian, closingAverage } = row;
  return { key, received, responded, respondedLate, responseMedian, closed, closingMedian, closingAverage };
}
