// The staff as the desk needs them: who can be given work, and where their morning letter goes.
// It must tell nothing of an account but the name, the address and the roles.

import { sql } from '../../db/drizzle.ts';

import type { Role } from '../../base/actor.ts';
import type { Queryable } from '../../db/open.ts';
import { permissions } from '../../people/permissions.ts';

export type Colleague = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly grants: readonly { readonly role: Role; readonly department: string | null }[];
};

const working: readonly string[] = permissions['request.work'];

/** Everybody who works on requests and can sign in, by name. */
export async function readColleagues(db: Queryable): Promise<readonly Colleague[]> {
  const { rows } = await db.execute<{ [name in keyof Colleague]: Colleague[name] }>(sql`
    select p.id, p.name, p.email, jsonb_agg(jsonb_build_object('role', g.role, 'department', g.department)) as grants
    from people p join people_grants g on g.person = p.id
    where p.disabled_at is null and g.role = any(${sql.param(working)}::text[])
    group by p.id order by p.name, p.id`);
  return rows;
}

/** Every department that work can be given to, by name. */
export async function readDepartments(
  db: Queryable,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const { rows } = await db.execute<{ id: string; name: string }>(
    sql`select id, name from departments order by name, id`,
  );
  return rows;
}

/** Names by staff id, also of those who have left: the record keeps them. */
export async function readNames(db: Queryable): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.execute<{ id: string; name: string }>(sql`select id::text as id, name from people`);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
