// When the page of a request is public, in one condition that every reader of the archive uses.
// It must fail closed: a page whose text was changed after somebody checked it is not public until it is checked again.

import { sql, type SQL } from '../../db/drizzle.ts';

import type { Queryable } from '../../db/open.ts';

/** On `a`, a row of records_archive, and `r`, its request. */
export const isPublic: SQL = sql`(r.visibility = 'public' and a.text = coalesce(r.shown_text, r.text)
  and a.title = r.subject)`;

export async function isPublicPage(db: Queryable, request: { readonly id: string }): Promise<boolean> {
  const { rows } = await db.execute(sql`
    select 1 from records_archive a join records_requests r on r.id = a.request_id
    where r.id = ${request.id} and ${isPublic}`);
  return rows.length > 0;
}
