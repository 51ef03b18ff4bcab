// The figures of the yearly report that requests tell: which requests each counts, and numbers over them.
// It must not know words or money that is entered; definition.ts has the words, costs.ts the money.

import { sql } from '../../db/drizzle.ts';
import type { SQL } from '../../db/drizzle.ts';

import type { Database } from '../../db/open.ts';
import { requesterTypes } from '../requests/request.ts';
import type { CityDate } from '../requests/request.ts';
import { withFacts } from './year.ts';
import type { BusinessCount, Span } from './year.ts';

const isAbandoned = sql`f.outcome in ('abandoned_unclarified', 'abandoned_unclaimed', 'abandoned_unpaid')`;
const isDeniedFull = sql`coalesce(f.outcome in ('denied', 'bot_denied'), false)`;
const isElectronic = sql`coalesce(f.electronic, false)`;
const isPhysical = sql`coalesce(f.physical, false)`;
const wasHandled = sql`(f.is_received or f.is_open_before)`;

/** Conditions on `f`, a row of facts: the requests that a figure counts, and that its list opens to. */
const counted: Readonly<Record<string, SQL>> = {
  'open-before': sql`f.is_open_before`,
  received: sql`f.is_received`,
  closed: sql`f.closed_on is not null`,
  'open-after': sql`f.is_open_after`,
  handled: wasHandled,
  'provided-business': sql`f.produced_on <= f.respond_due_on`,
  'provided-calendar': sql`f.produced_on <= f.received_on + 5`,
  'estimate-business': sql`f.estimate_on > f.respond_due_on`,
  'estimate-calendar': sql`f.estimate_on > f.received_on + 5`,
  'closed-reopened': sql`f.is_again`,
  clarified: sql`f.is_clarified`,
  'denied-full': isDeniedFull,
  'denied-part': sql`(f.is_withheld or coalesce(f.outcome = 'partial', false)) and not ${isDeniedFull}`,
  abandoned: isAbandoned,
  'abandoned-unclarified': sql`f.outcome = 'abandoned_unclarified'`,
  'abandoned-unclaimed': sql`f.outcome = 'abandoned_unclaimed'`,
  'abandoned-unpaid': sql`f.outcome = 'abandoned_unpaid'`,
  withdrawn: sql`f.outcome = 'withdrawn'`,
  ...Object.fromEntries(
    requesterTypes.map((type) => [`type-${type}`, sql`f.is_received and f.requester_type = ${type}`]),
  ),
  'type-unknown': sql`f.is_received and f.requester_type is null`,
  'fulfilled-electronic': sql`${isElectronic} and not ${isPhysical}`,
  'fulfilled-physical': sql`${isPhysical} and not ${isElectronic}`,
  'fulfilled-both': sql`${isElectronic} and ${isPhysical}`,
  scanned: sql`f.scanned`,
  'time-requests': sql`f.minutes is not null`,
};

/** Numbers over the requests of another figure: its list opens to those. */
const measured: Readonly<Record<string, { readonly value: SQL; readonly of: string }>> = {
  'days-average': { value: sql`avg(f.days)`, of: 'closed' },
  'days-median': { value: sql`percentile_cont(0.5) within group (order by f.days)`, of: 'closed' },
  'business-average': { value: sql`avg(f.business_days)`, of: 'closed' },
  'business-median': { value: sql`percentile_cont(0.5) within group (order by f.business_days)`, of: 'closed' },
  'time-total': { value: sql`sum(f.minutes)`, of: 'time-requests' },
  'time-average': { value: sql`avg(f.minutes)`, of: 'time-requests' },
  'time-median': { value: sql`percentile_cont(0.5) within group (order by f.minutes)`, of: 'time-requests' },
};

/** A figure that is no count of requests, and whose requests it is about. */
const about: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(measured).map(([id, { of }]) => [id, of])),
  'electronic-portion': 'fulfilled-electronic',
  'cost-staff': 'time-requests',
  'cost-overhead': 'time-requests',
  'cost-total': 'time-requests',
  'cost-average': 'handled',
};

/** By figure; null is "not specified". Counts are never null. */
export type Figures = Readonly<Record<string, number | null>>;

/** One pass over the year. */
export async function readFigures(db: Database, span: Span, business: BusinessCount): Promise<Figures> {
  const counts = Object.entries(counted).map(
    ([id, condition]) => sql`count(*) filter (where ${condition})::float8 as ${sql.identifier(id)}`,
  );
  const numbers = Object.entries(measured).map(([id, { value }]) => sql`(${value})::float8 as ${sql.identifier(id)}`);
  const columns = sql.join([...counts, ...numbers], sql`, `);
  const { rows } = await db.execute<Record<string, number | null>>(
    sql`${withFacts(span, business)} select ${columns} from facts f`,
  );
  const found = rows[0]!; // an aggregate has one row
  const parts = ['fulfilled-electronic', 'fulfilled-physical', 'fulfilled-both'].map((id) => found[id] ?? 0);
  const fulfilled = parts.reduce((sum, part) => sum + part, 0);
  return { ...found, 'electronic-portion': fulfilled === 0 ? null : (parts[0]! / fulfilled) * 100 };
}

export type Reason = { readonly exemption: string; readonly requests: number; readonly records: number };

/** Exemptions cited in the span, the most common first. */
export async function readReasons(db: Database, { from, to }: Span): Promise<readonly Reason[]> {
  const { rows } = await db.execute<{ [name in keyof Reason]: Reason[name] }>(sql`
    select item ->> 'exemption' as exemption, count(distinct e.request_id)::int as requests, count(*)::int as records
    from records_events e cross join lateral jsonb_array_elements(e.data -> 'withheld') item
    where e.kind in ('provided', 'released', 'denied') and e.on_date between ${from}::date and ${to}::date
    group by 1 order by 2 desc, 3 desc, 1`);
  return rows;
}

export type BehindRow = {
  readonly number: string;
  readonly subject: string | null;
  readonly department: string | null;
  readonly receivedOn: CityDate;
  readonly closedOn: CityDate | null;
  readonly outcome: string | null;
  readonly days: number | null;
  readonly businessDays: number | null;
  readonly minutes: number | null;
};

export type Behind = {
  readonly rows: readonly BehindRow[];
  readonly total: number;
  /** The number of the last row, for the next page; null: there is none. */
  readonly next: string | null;
};

/**
 * Which requests a figure stands for, as a condition on `f`; null: it stands for none. `reason:<exemption>` for a
 * reason.
 */
export function conditionOf(figure: string, { from, to }: Span): SQL | null {
  const own = counted[about[figure] ?? figure];
  if (own !== undefined) return own;
  const inSpan = sql`between ${from}::date and ${to}::date`;
  if (figure.startsWith('reason:')) {
    return sql`exists (select from records_events e where e.request_id = f.id and e.on_date ${inSpan}
      and e.kind in ('provided', 'released', 'denied')
      and e.data -> 'withheld' @> jsonb_build_array(jsonb_build_object('exemption', ${figure.slice(7)}::text)))`;
  }
  if (figure === 'recovered' || figure === 'recovered-customized') {
    const purpose = figure === 'recovered' ? sql`true` : sql`i.purpose = 'customized'`;
    return sql`exists (select from records_payments p join records_invoices i on i.id = p.invoice_id
      where p.request_id = f.id and p.received_on ${inSpan} and ${purpose})`;
  }
  return null;
}

/** The requests behind a figure, by number. */
export async function readBehind(
  db: Database,
  span: Span,
  business: BusinessCount,
  condition: SQL,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Behind> {
  const after = page.after === null ? sql`true` : sql`number > ${page.after}`;
  const { rows } = await db.execute<BehindRow & { total: number }>(sql`
    ${withFacts(span, business)}, found as (select f.* from facts f where ${condition})
    select number, subject, department, received_on::text as "receivedOn", closed_on::text as "closedOn", outcome, days,
      business_days as "businessDays", minutes, (select count(*)::int from found) as total
    from found where ${after} order by number limit ${page.limit + 1}`);
  const shown = rows.slice(0, page.limit);
  return {
    rows: shown.map(({ total: _total, ...row }) => row),
    total: rows[0]?.total ?? 0,
    next: rows.length > page.limit ? (shown.at(-1)?.number ?? null) : null,
  };
}
