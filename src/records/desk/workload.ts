// The workload of each department and person: what is open, what is due within a week, hours logged.
// It must count only: who is asked to do what is decided by people.

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Database } from '../../db/open.ts';
import { addDays } from '../../city/days.ts';
import type { CityDate } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';
import type { CityDays } from '../requests/scope.ts';

export type Load = {
  /** A department's id or a staff id; null: nobody yet. */
  readonly who: string | null;
  readonly openRequests: number;
  readonly openTasks: number;
  /** Requests and tasks whose date is from today to six days on. */
  readonly dueThisWeek: number;
  /** Requests and tasks whose date has passed. */
  readonly late: number;
  /** Logged within the last thirty days. */
  readonly minutes: number;
};

export type Workload = {
  readonly today: CityDate;
  readonly byDepartment: readonly Load[];
  readonly byPerson: readonly Load[];
  /** Open requests by days since receipt. */
  readonly ages: readonly { readonly fromDays: number; readonly toDays: number | null; readonly requests: number }[];
};

const hoursBackDays = 30;
const ageEdges = [0, 6, 15, 31, 61, 91, 181, 366] as const;

/** Permission `request.work`; of a department's people only what concerns the department. */
export async function readWorkload(db: Database, days: CityDays, actor: Actor): Promise<Workload> {
  const departments = departmentsFor(actor, 'request.work');
  const seen = concerns(departments);
  const today = days.today();
  const own = departments === null ? sql`true` : sql`k.department = any(${sql.param(departments)}::text[])`;
  const span = { today, weekEnd: addDays(today, 6), since: addDays(today, -hoursBackDays) };
  const [byDepartment, byPerson, ages] = await Promise.all([
    readLoads(db, 'department', seen, own, span),
    readLoads(db, 'assignee', seen, own, span),
    db.execute<{ age: number; requests: number }>(sql`
      select width_bucket(${today}::date - r.received_on, ${sql.param(ageEdges)}::int[]) as age,
        count(*)::int as requests
      from records_requests r where r.state <> 'closed' and ${seen} group by 1 order by 1`),
  ]);
  const counts = new Map(ages.rows.map((row) => [row.age, row.requests]));
  return {
    today,
    byDepartment,
    byPerson,
    ages: ageEdges.map((fromDays, at) => {
      const next = ageEdges[at + 1];
      return { fromDays, toDays: next === undefined ? null : next - 1, requests: counts.get(at + 1) ?? 0 };
    }),
  };
}

type Span = { readonly today: CityDate; readonly weekEnd: CityDate; readonly since: CityDate };

/** Time is logged by people; a department's is that of the requests it leads. */
async function readLoads(
  db: Database,
  by: 'department' | 'assignee',
  seen: ReturnType<typeof concerns>,
  own: ReturnType<typeof concerns>,
  { today, weekEnd, since }: Span,
): Promise<readonly Load[]> {
  const column = sql.raw(by);
  const logger = by === 'department' ? sql`r.department` : sql`m.staff_id`;
  const { rows } = await db.execute<{ [name in keyof Load]: Load[name] }>(sql`
    select who, sum(requests)::int as "openRequests", sum(tasks)::int as "openTasks", sum(week)::int as "dueThisWeek",
      sum(late)::int as late, sum(minutes)::int as minutes
    from (
      select r.${column} as who, count(*) as requests, 0 as tasks,
        count(*) filter (where r.next_due_on between ${today}::date and ${weekEnd}::date) as week,
        count(*) filter (where r.next_due_on < ${today}::date) as late, 0 as minutes
      from records_requests r where r.state <> 'closed' and ${seen} group by 1
      union all
      select k.${column}, 0, count(*), count(*) filter (where k.due_on between ${today}::date and ${weekEnd}::date),
        count(*) filter (where k.due_on < ${today}::date), 0
      from records_tasks k where k.state = 'open' and ${own} group by 1
      union all
      select ${logger}, 0, 0, 0, 0, sum(m.minutes) from records_time m join records_requests r on r.id = m.request_id
      where m.on_date > ${since}::date and ${seen} group by 1
    ) parts group by who order by sum(requests) + sum(tasks) desc, who`);
  return rows;
}
