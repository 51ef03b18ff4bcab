// The clerk's queue: open requests grouped by what the law needs next, the most urgent first, page by page.
// It must never call a valid extension late: late is only what a running duty of the city's own says.

import { sql, type SQL } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { isCityDate } from '../../city/days.ts';
import type { Database } from '../../db/open.ts';
import { channels, requestStates } from '../requests/request.ts';
import type { Channel, CityDate, RequestState } from '../requests/request.ts';
import { concerns, departmentsFor, requireStaffId } from '../requests/scope.ts';
import type { CityDays } from '../requests/scope.ts';

/** What the law needs next, in the order that a day's work should have. */
export const needs = [
  'answer', // within five business days: RCW 42.56.520(1)
  'review', // a petition against a denial
  'estimate', // the date the City itself has set
  'reach', // a letter came back: nobody waits until the requester is reached another way
  'close', // what the requester did not do in time: a records officer confirms
  'notice',
  'payment',
  'clarification',
  'claim',
  'nothing',
] as const;
export type Need = (typeof needs)[number];

/** How a request stands against its dates. `extended` and `partly` may stand beside any other. */
export const standings = ['late', 'at-risk', 'waiting', 'extended', 'partly', 'due'] as const;
export type Standing = (typeof standings)[number];

export type QueueFilter = {
  readonly mine: boolean;
  readonly department: string | null;
  /** A staff id, or 'nobody'. */
  readonly assignee: string | null;
  readonly state: RequestState | null;
  readonly channel: Channel | null;
  readonly dueBy: CityDate | null;
  readonly need: Need | null;
  readonly standing: Standing | null;
};

export const everyRequest: QueueFilter = {
  mine: false,
  department: null,
  assignee: null,
  state: null,
  channel: null,
  dueBy: null,
  need: null,
  standing: null,
};

export type QueueRow = {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly state: RequestState;
  readonly need: Need;
  /** The first word to show: late, at-risk, waiting or due. */
  readonly urgency: 'late' | 'at-risk' | 'waiting' | 'due' | 'none';
  readonly isExtended: boolean;
  readonly isPartlyReleased: boolean;
  readonly waitingOn: 'city' | 'requester' | 'third_party' | null;
  /** The city's own next date, and which clock says it. */
  readonly dueOn: CityDate | null;
  readonly duty: string | null;
  /** Until when somebody else has time. */
  readonly waitsUntil: CityDate | null;
  readonly summary: string;
  readonly receivedOn: CityDate;
  readonly channel: Channel;
  readonly department: string | null;
  readonly assignee: string | null;
  readonly openTasks: number;
  readonly nextTaskOn: CityDate | null;
  readonly litigationHold: boolean;
};

export type QueueCounts = {
  readonly total: number;
  readonly needs: Readonly<Record<Need, number>>;
  readonly standings: Readonly<Record<Standing, number>>;
};

export type Queue = {
  readonly today: CityDate;
  readonly rows: readonly QueueRow[];
  readonly counts: QueueCounts;
  /** Requests that fit the filter, group and standing as well. */
  readonly total: number;
  readonly next: string | null;
};

export type QueuePage = { readonly after: string | null; readonly limit: number };

export const queuePageLength = 50;
const greatestPage = 1_000;
const cursorPattern = /^([1-9])~(\d{4}-\d\d-\d\d|infinity)~(\d{4}-\d{6})$/u;

/** A filter from the parameters of an address. What is not known there is refused, so that no link lies. */
export function parseQueueFilter(parameters: Readonly<Record<string, string | undefined>>): QueueFilter {
  const given = (name: string): string | null => parameters[name]?.trim() || null;
  const among = <T extends string>(name: string, allowed: readonly T[]): T | null => {
    const value = given(name);
    if (value === null) return null;
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw new PortalError('bad-request', say('desk.filter-values', { name, allowed }));
    return found;
  };
  const dueBy = given('due_by');
  if (dueBy !== null && !isCityDate(dueBy)) {
    throw new PortalError('bad-request', say('desk.due-by-shape'));
  }
  return {
    mine: given('mine') !== null,
    department: given('department'),
    assignee: given('assignee'),
    state: among('state', requestStates),
    channel: among('channel', channels),
    dueBy,
    need: among('need', needs),
    standing: among('standing', standings),
  };
}

/** One page of the queue. Permission `request.work`; of a department's people only what concerns the department. */
export async function readQueue(
  db: Database,
  days: CityDays,
  actor: Actor,
  filter: QueueFilter,
  page: QueuePage,
): Promise<Queue> {
  const seen = departmentsFor(actor, 'request.work');
  const today = days.today();
  const riskUntil = days.addBusinessDays(today, 1);
  const conditions = sql.join([concerns(seen), ...toConditions(actor, filter)], sql` and `);
  const limit = Math.max(1, Math.min(page.limit, greatestPage));
  const { rows } = await db.execute<QueueSqlRow>(sql`
    with open as materialized (${openRequests(conditions, today, riskUntil)}),
    shown as (select * from open o where ${narrowing(filter)} and ${afterCursor(page.after)}
      order by rank, due, number limit ${limit + 1}),
    counted as (${counted(filter)})
    select c.counts, s.id, s.number, s.version, s.state, s.rank, s.urgency, s.extended, s.partly, s.waiting_on,
      s.next_due_on::text as due_on, s.next_duty, s.waits_until::text as waits_until, s.due::text as due,
      coalesce(r.subject, left(r.text, 160)) as summary, s.received_on::text as received_on, s.channel, s.department,
      s.assignee, r.litigation_hold, coalesce(t.open, 0)::int as open_tasks, t.next_on::text as next_task_on
    from counted c left join shown s on true left join records_requests r on r.id = s.id
    left join lateral (select count(*) as open, min(due_on) as next_on from records_tasks t
      where t.request_id = s.id and t.state = 'open') t on true
    order by s.rank, s.due, s.number`);
  const { counts, chosen } = toCounts(rows[0]?.counts ?? []);
  const found = rows.filter((row) => row.id !== null);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    today,
    rows: shown.map(toQueueRow),
    counts,
    total: chosen,
    next: found.length > limit && last !== undefined ? `${last.rank}~${last.due}~${last.number}` : null,
  };
}

function toConditions(actor: Actor, filter: QueueFilter): readonly SQL[] {
  const { department, assignee, state, channel } = filter;
  const found: SQL[] = [];
  if (filter.mine) {
    const id = requireStaffId(actor);
    found.push(sql`(r.assignee = ${id} or r.id in (select t.request_id from records_tasks t
      where t.state = 'open' and t.assignee = ${id}))`);
  }
  if (department !== null) found.push(concerns([department]));
  if (assignee !== null) found.push(assignee === 'nobody' ? sql`r.assignee is null` : sql`r.assignee = ${assignee}`);
  if (state !== null) found.push(sql`r.state = ${state}`);
  if (channel !== null) found.push(sql`r.channel = ${channel}`);
  return found;
}

/** Every open request, and the closed ones whose denial is under review, with its group and how it stands. */
function openRequests(conditions: SQL, today: CityDate, riskUntil: CityDate): SQL {
  const columns = sql.raw(
    `r.id, r.number, r.version, r.state, r.review_state, r.waiting_on, r.next_due_on, r.next_duty, r.received_on,
     r.channel, r.department, r.assignee, r.installments > 0 as partly, r.estimate_on, r.respond_due_on, r.responded_at,
     r.facts ->> 'proposal' as proposal, r.facts -> 'undelivered' ->> 'clock' as undelivered`,
  );
  return sql`
    select q.*, coalesce(q.next_due_on, q.waits_until, 'infinity'::date) as due,
      case when q.next_due_on < ${today}::date then 'late'
        when q.next_due_on <= ${riskUntil}::date then 'at-risk'
        when q.waiting_on in ('requester', 'third_party') then 'waiting'
        when q.next_due_on is not null then 'due' else 'none' end as urgency,
      q.responded_at is not null and q.estimate_on > q.respond_due_on
        and coalesce(q.next_due_on, ${today}::date) >= ${today}::date as extended
    from (
      select o.*, w.due_on as waits_until, ${rankOf(today)} as rank
      from (
        select ${columns} from records_requests r where r.state <> 'closed' and ${conditions}
        union all
        select ${columns} from records_requests r
        where r.state = 'closed' and r.review_state = 'under_review' and ${conditions}
      ) o
      left join (
        select request_id, min(due_on) as due_on from records_clocks
        where stopped_at is null
          and clock in ('clarification', 'employee-notice', 'third-party-notice', 'claim', 'payment')
        group by request_id
      ) w on w.request_id = o.id
    ) q`;
}

/** The place of a need in `needs`, from one. */
function rankOf(today: CityDate): SQL {
  const rank = (need: Need): SQL => sql.raw(String(needs.indexOf(need) + 1));
  return sql`case
    when o.state = 'closed' then ${rank('review')}
    when o.state = 'received' then ${rank('answer')}
    when o.undelivered is not null then ${rank('reach')}
    when o.proposal is not null or (w.due_on < ${today}::date
      and o.state in ('clarification', 'awaiting_payment', 'installment_ready')) then ${rank('close')}
    when o.state = 'notice_wait' then ${rank('notice')}
    when o.state = 'awaiting_payment' then ${rank('payment')}
    when o.state = 'clarification' then ${rank('clarification')}
    when o.state = 'installment_ready' then ${rank('claim')}
    when o.next_due_on is not null then ${rank('estimate')}
    else ${rank('nothing')} end`;
}

function narrowing(filter: QueueFilter): SQL {
  const { need, standing, dueBy } = filter;
  const found: SQL[] = [sql`true`];
  if (need !== null) found.push(sql`o.rank = ${needs.indexOf(need) + 1}`);
  if (standing === 'extended') found.push(sql`o.extended`);
  else if (standing === 'partly') found.push(sql`o.partly`);
  else if (standing !== null) found.push(sql`o.urgency = ${standing}`);
  if (dueBy !== null) found.push(sql`o.next_due_on <= ${dueBy}::date`);
  return sql.join(found, sql` and `);
}

function afterCursor(after: string | null): SQL {
  if (after === null) return sql`true`;
  const parts = cursorPattern.exec(after);
  const [, rank, due = '', number] = parts ?? [];
  if (due !== 'infinity' && !isCityDate(due)) throw new PortalError('bad-cursor');
  return sql`(rank, due, number) > (${Number(rank)}, ${due}::date, ${number})`;
}

/** How many requests there are of each kind: grouped once, added up by toCounts. */
function counted(filter: QueueFilter): SQL {
  return sql`select jsonb_agg(jsonb_build_array(rank, urgency, extended, partly, chosen, n)) as counts from (
    select rank, urgency, extended, partly, (${narrowing(filter)}) as chosen, count(*) as n
    from open o group by 1, 2, 3, 4, 5) g`;
}

type QueueSqlRow = {
  id: string;
  number: string;
  version: number;
  state: RequestState;
  rank: number;
  urgency: QueueRow['urgency'];
  extended: boolean;
  partly: boolean;
  waiting_on: QueueRow['waitingOn'];
  due_on: string | null;
  next_duty: string | null;
  waits_until: string | null;
  due: string;
  summary: string;
  received_on: string;
  channel: Channel;
  department: string | null;
  assignee: string | null;
  litigation_hold: boolean;
  open_tasks: number;
  next_task_on: string | null;
  counts: readonly SqlCount[] | null;
};

/** Rank, urgency, extended, partly, fits the filter, how many. */
type SqlCount = readonly [number, QueueRow['urgency'], boolean | null, boolean, boolean | null, number];

function toCounts(groups: readonly SqlCount[]): { readonly counts: QueueCounts; readonly chosen: number } {
  const sum = (fits: (group: SqlCount) => boolean): number =>
    groups.reduce((total, group) => total + (fits(group) ? group[5] : 0), 0);
  const byNeed = needs.map((need, at) => [need, sum(([rank]) => rank === at + 1)] as const);
  const byStanding = standings.map((standing) => {
    if (standing === 'extended') return [standing, sum(([, , extended]) => extended === true)] as const;
    if (standing === 'partly') return [standing, sum(([, , , partly]) => partly)] as const;
    return [standing, sum(([, urgency]) => urgency === standing)] as const;
  });
  const counts = {
    total: sum(() => true),
    needs: Object.fromEntries(byNeed) as Record<Need, number>,
    standings: Object.fromEntries(byStanding) as Record<Standing, number>,
  };
  return { counts, chosen: sum((group) => group[4] === true) };
}

function toQueueRow(row: QueueSqlRow): QueueRow {
  return {
    id: row.id,
    number: row.number,
    version: row.version,
    state: row.state,
    need: needs[row.rank - 1] ?? 'nothing',
    urgency: row.urgency,
    isExtended: row.extended,
    isPartlyReleased: row.partly,
    waitingOn: row.waiting_on,
    dueOn: row.due_on,
    duty: row.next_duty,
    waitsUntil: row.waits_until,
    summary: row.summary,
    receivedOn: row.received_on,
    channel: row.channel,
    department: row.department,
    assignee: row.assignee,
    openTasks: row.open_tasks,
    nextTaskOn: row.next_task_on,
    litigationHold: row.litigation_hold,
  };
}
