// Every date that the city or somebody else owes within a span: clocks of requests and tasks of departments, by day.
// It must not count a date itself: each stands in a clock or a task.

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Database } from '../../db/open.ts';
import type { CityDate } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';

export type DueItem = {
  readonly on: CityDate;
  /** Whose duty: the city's, somebody else's, or a department's task. */
  readonly kind: 'city' | 'others' | 'task';
  /** A clock's name, or null for a task. */
  readonly clock: string | null;
  readonly number: string;
  readonly summary: string;
  readonly department: string | null;
  readonly assignee: string | null;
};

export type DueSpan = { readonly from: CityDate; readonly to: CityDate };

const mostItems = 2_000;

/** In order of date. Permission `request.work`; of a department's people only what concerns the department. */
export async function readDue(
  db: Database,
  actor: Actor,
  span: DueSpan,
): Promise<{ readonly items: readonly DueItem[]; readonly isCut: boolean }> {
  const departments = departmentsFor(actor, 'request.work');
  if (span.to < span.from) throw new PortalError('bad-request', say('desk.span-reversed'));
  const seen = concerns(departments);
  const own = departments === null ? sql`true` : sql`k.department = any(${sql.param(departments)}::text[])`;
  const { rows } = await db.execute<{ [name in keyof DueItem]: DueItem[name] }>(sql`
    select c.due_on::text as "on",
      case when c.clock in ('first-response', 'estimate', 'petition') then 'city' else 'others' end as kind, c.clock,
      r.number, coalesce(r.subject, left(r.text, 120)) as summary, r.department, r.assignee
    from records_clocks c join records_requests r on r.id = c.request_id
    where c.stopped_at is null and c.due_on between ${span.from}::date and ${span.to}::date
      and c.clock in ('first-response', 'estimate', 'clarification', 'employee-notice', 'third-party-notice', 'claim',
        'payment', 'petition') and ${seen}
    union all
    select k.due_on::text, 'task', null, r.number, k.what, k.department, k.assignee
    from records_tasks k join records_requests r on r.id = k.request_id
    where k.state = 'open' and k.due_on between ${span.from}::date and ${span.to}::date and ${own}
    order by 1, 2, number limit ${mostItems + 1}`);
  return { items: rows.slice(0, mostItems), isCut: rows.length > mostItems };
}
