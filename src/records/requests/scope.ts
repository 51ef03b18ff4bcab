// Which requests a member of the staff sees: all of them, or those that concern their departments.
// It must not look at what a request says, only at who leads it and who has a task of it.

import { sql, type SQL } from '../../db/drizzle.ts';

import { actorId } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import type { Queryable } from '../../db/open.ts';
import { isAllowed, permissions, requirePermission } from '../../people/permissions.ts';
import type { Action, Subject } from '../../people/permissions.ts';
import type { CityDate, RequestRecord } from './request.ts';

/** The city's calendar, as far as a queue needs it. */
export type CityDays = {
  /** The city's date of this moment. */
  readonly today: () => CityDate;
  /** The business day that is `days` after `from`; the day itself does not count. */
  readonly addBusinessDays: (from: CityDate, days: number) => CityDate;
};

/** null: every request. */
export type SeenDepartments = readonly string[] | null;

/**
 * The departments whose requests this actor may do `action` with. Throws unauthorized or forbidden when there are none.
 */
export function departmentsFor(actor: Actor, action: Action): SeenDepartments {
  if (isAllowed(actor, action)) return null;
  const subjects: readonly Subject[] = permissions[action];
  const own =
    actor.kind === 'staff'
      ? actor.grants.flatMap(({ role, department }) =>
          department !== null && subjects.includes(role) ? [department] : [],
        )
      : [];
  requirePermission(actor, action, { departments: own });
  return [...new Set(own)];
}

/** Condition on `r`, a row of records_requests: it is led by one of the departments or one of them has a task of it. */
export function concerns(departments: SeenDepartments): SQL {
  if (departments === null) return sql`true`;
  const listed = sql`${sql.param(departments)}::text[]`;
  return sql`(r.department = any(${listed}) or r.id in (
    select t.request_id from records_tasks t where t.state <> 'cancelled' and t.department = any(${listed})))`;
}

/** The departments that a request concerns: the one that leads it and those with a task. */
export async function departmentsOf(
  db: Queryable,
  request: Pick<RequestRecord, 'id' | 'department'>,
): Promise<readonly string[]> {
  const { rows } = await db.execute<{ department: string }>(sql`
    select distinct department from records_tasks where request_id = ${request.id} and state <> 'cancelled'`);
  const named = rows.map((row) => row.department);
  return [...new Set(request.department === null ? named : [request.department, ...named])];
}

/**
 * Throws not-found for a request that is not theirs to see (whether it exists is not theirs to know), then forbidden
 * for one that they see but may not act on.
 */
export async function requireSeen(
  db: Queryable,
  actor: Actor,
  request: Pick<RequestRecord, 'id' | 'department'>,
  action: Action,
): Promise<readonly string[]> {
  departmentsFor(actor, 'request.work');
  const departments = await departmentsOf(db, request);
  if (!isAllowed(actor, 'request.work', { departments })) throw new PortalError('not-found');
  requirePermission(actor, action, { departments });
  return departments;
}

/** The id of the member of staff who acts. Only a person works on a request. */
export function requireStaffId(actor: Actor): string {
  const id = actor.kind === 'staff' ? actorId(actor) : null;
  if (id === null) throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden');
  return id;
}
