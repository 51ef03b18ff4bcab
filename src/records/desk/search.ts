// Finding requests again: by number, by words of the text and subject, and, for who may, by exactly who asked.
// It must never answer from what is sealed without the permission for it and an audit event.

import { sql, type SQL } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { isCityDate } from '../../city/days.ts';
import type { Database } from '../../db/open.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { RequestRecord } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';

export type FoundRequest = Pick<
  RequestRecord,
  'id' | 'number' | 'state' | 'outcome' | 'receivedOn' | 'closedOn' | 'department' | 'assignee'
> & { readonly summary: string };

export type Found = {
  readonly rows: readonly FoundRequest[];
  /** Exact up to `countedUpTo`; null: more than that. */
  readonly total: number | null;
  readonly next: string | null;
};

/** The blind index of an address or a name, as it stands in the table. */
export type RequesterIndex = (by: 'email' | 'name', value: string) => Buffer;

export type WorkSearch = { readonly q: string; readonly after: string | null; readonly limit: number };

/** Beyond so many hits, nobody reads them all: they are not counted, and are found by walking back through time. */
export const countedUpTo = 5_000;
const greatestPage = 200;
const longestQuery = 300;
const numberPattern = /^(\d{4})-(\d{1,6})$/u;
const cursorPattern = /^(\d{4}-\d\d-\d\d)~(\d{4}-\d{6})$/u;

/** Latest first. Permission `request.work`; of a department's people only what concerns the department. */
export async function searchRequests(db: Database, actor: Actor, search: WorkSearch): Promise<Found> {
  const seen = concerns(departmentsFor(actor, 'request.work'));
  const q = search.q.trim();
  if (q === '' || q.length > longestQuery) {
    throw new PortalError('bad-request', say('desk.search-words', { longest: longestQuery }));
  }
  const number = toNumber(q);
  if (number !== null) return readPage(db, search, sql`r.number = ${number} and ${seen}`, sql`1`);
  const words = sql`r.words @@ websearch_to_tsquery('english', ${q})`;
  const { rows } = await db.execute<{ hits: number }>(sql`
    select count(*)::int as hits from (select 1 from records_requests r where ${words} limit ${countedUpTo + 1}) h`);
  // Many: back through time, until the page is full. Few: all of them through the index of words.
  const condition = sql`${words} and ${seen}`;
  if ((rows[0]?.hits ?? 0) > countedUpTo) return readPage(db, search, condition, null);
  const few = sql`with few as materialized (select r.id from records_requests r where ${condition})`;
  return readPage(db, search, sql`r.id in (select id from few)`, sql`(select count(*) from few)::int`, few);
}

/**
 * Requests of exactly this address or name. Permission `request.see-requester`; what was searched for is not written
 * into the audit event, only that it was and how many were found.
 */
export async function searchByRequester(
  db: Database,
  indexOf: RequesterIndex,
  actor: Actor,
  search: WorkSearch,
  effects: Effects,
): Promise<Found> {
  requirePermission(actor, 'request.see-requester');
  const q = search.q.trim();
  if (q === '') throw new PortalError('bad-request', say('desk.search-person'));
  const by = q.includes('@') ? 'email' : 'name';
  const column = sql.raw(by === 'email' ? 'r.requester_email_index' : 'r.requester_name_index');
  const condition = sql`${column} = ${indexOf(by, q)}`;
  const counted = sql`(select count(*)::int from records_requests r where ${condition})`;
  const found = await readPage(db, search, condition, counted);
  await db.transaction((tx) =>
    appendAudit(
      tx,
      actor,
      {
        action: 'request.see-requester',
        subject: 'requests',
        details: { by, found: found.total ?? 0 },
      },
      effects,
    ),
  );
  return found;
}

/** `2026-123` is how people write 2026-000123. */
function toNumber(q: string): string | null {
  const parts = numberPattern.exec(q);
  return parts === null ? null : `${parts[1]}-${parts[2]!.padStart(6, '0')}`;
}

/** `total` counts all that fit, on every page; null: nobody counts them. */
async function readPage(
  db: Database,
  search: WorkSearch,
  condition: SQL,
  total: SQL | null,
  before: SQL = sql``,
): Promise<Found> {
  const limit = Math.max(1, Math.min(search.limit, greatestPage));
  const { rows } = await db.execute<FoundRow>(sql`
    ${before} select r.id, r.number, r.state, r.outcome, coalesce(r.subject, left(r.text, 240)) as summary,
      r.received_on::text as "receivedOn", r.closed_on::text as "closedOn", r.department, r.assignee,
      ${total ?? sql`null::int`} as total
    from records_requests r where ${condition} and ${afterCursor(search.after)}
    order by r.received_on desc, r.number desc limit ${limit + 1}`);
  const shown = rows.slice(0, limit).map(({ total: _total, ...row }) => row);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? `${last.receivedOn}~${last.number}` : null;
  return { rows: shown, total: total === null ? null : (rows[0]?.total ?? 0), next };
}

type FoundRow = { [name in keyof FoundRequest]: FoundRequest[name] } & { readonly total: number | null };

function afterCursor(after: string | null): SQL {
  if (after === null) return sql`true`;
  const parts = cursorPattern.exec(after);
  const [, received = '', number] = parts ?? [];
  if (!isCityDate(received)) throw new PortalError('bad-cursor');
  return sql`(r.received_on, r.number) < (${received}::date, ${number})`;
}
