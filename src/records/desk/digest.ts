// The morning letter to each member of the staff: what is late, at risk and due of theirs and their department's.
// It must name requests by number and the staff's own words only: letters are no place for what a requester wrote.

import { sql } from '../../db/drizzle.ts';

import type { Database } from '../../db/open.ts';
import type { Effects } from '../../base/effects.ts';
import type { Seal } from '../../base/seal.ts';
import { queueLetter } from '../../mail/outbox.ts';
import { longDate } from '../../city/days.ts';
import type { CityDate } from '../requests/request.ts';
import { readColleagues } from './people.ts';
import type { Colleague } from './people.ts';
import type { CityDays } from '../requests/scope.ts';

type Item = {
  readonly number: string;
  readonly subject: string | null;
  readonly dueOn: CityDate;
  readonly what: 'request' | 'task' | 'reach';
  readonly department: string | null;
  readonly assignee: string | null;
};

export type DigestParts = { readonly db: Database; readonly seal: Seal; readonly publicUrl: string };

/** One letter each, once a day however often it is asked for. Answers how many people have something to hear. */
export async function sendDigests(parts: DigestParts, days: CityDays, effects: Effects): Promise<number> {
  const { db } = parts;
  const today = days.today();
  const riskUntil = days.addBusinessDays(today, 1);
  const items = await readItems(db, today, riskUntil);
  const colleagues = await readColleagues(db);
  let told = 0;
  for (const colleague of colleagues) {
    const own = items.filter((item) => concernsColleague(item, colleague));
    if (own.length === 0) continue;
    told += 1;
    await db.transaction((tx) =>
      queueLetter(
        tx,
        parts.seal,
        {
          to: colleague.email,
          subject: subjectOf(own, today),
          text: toText(own, today, parts.publicUrl),
          kind: 'work-digest',
          dedupeKey: `work-digest ${today} ${colleague.id}`,
          unsolicited: false,
        },
        effects,
      ),
    );
  }
  return told;
}

/** What the City owes by then, open tasks whose day it is, and requesters whom a letter did not reach. */
async function readItems(db: Database, today: CityDate, until: CityDate): Promise<readonly Item[]> {
  const { rows } = await db.execute<{ [name in keyof Item]: Item[name] }>(sql`
    select number, subject, next_due_on::text as "dueOn", 'request' as what, department, assignee
    from records_requests
    where (state <> 'closed' or review_state = 'under_review') and next_due_on <= ${until}::date
    union all
    select r.number, r.subject, k.due_on::text, 'task', k.department, k.assignee
    from records_tasks k join records_requests r on r.id = k.request_id
    where k.state = 'open' and k.due_on <= ${until}::date
    union all
    select number, subject, ${today}, 'reach', department, assignee
    from records_requests where state <> 'closed' and facts ->> 'undelivered' is not null
    order by 3, 1`);
  return rows;
}

/**
 * Theirs by name; what nobody has taken, to those who lead the department or, where no department does, to the clerks.
 */
function concernsColleague(item: Item, { id, grants }: Colleague): boolean {
  if (item.assignee !== null) return item.assignee === id;
  if (item.department !== null) {
    return grants.some(({ role, department }) => role === 'department-lead' && department === item.department);
  }
  return grants.some(({ role, department }) => (role === 'clerk' || role === 'records-officer') && department === null);
}

function subjectOf(items: readonly Item[], today: CityDate): string {
  const late = items.filter(({ dueOn }) => dueOn < today).length;
  return late > 0
    ? `Records requests: ${late} late, ${items.length - late} due by the next business day`
    : `Records requests: ${items.length} due by the next business day`;
}

function toText(items: readonly Item[], today: CityDate, publicUrl: string): string {
  const part = (title: string, chosen: readonly Item[]): string =>
    chosen.length === 0 ? '' : `${title}\n${chosen.map((item) => lineOf(item, publicUrl)).join('\n')}\n\n`;
  const late = part(
    'LATE',
    items.filter(({ dueOn }) => dueOn < today),
  );
  const now = part(
    'TODAY',
    items.filter(({ dueOn }) => dueOn === today),
  );
  const next = part(
    'THE NEXT BUSINESS DAY',
    items.filter(({ dueOn }) => dueOn > today),
  );
  return `${longDate(today)}\n\n${late}${now}${next}The whole queue: ${publicUrl}/staff/requests?mine=1\n`;
}

function lineOf({ number, subject, dueOn, what }: Item, publicUrl: string): string {
  const words = subject === null ? '' : `: ${subject}`;
  const task = what === 'task' ? ' (task)' : what === 'reach' ? ' (a letter came back: reach the requester)' : '';
  return `- ${number}${task}${words}, due ${longDate(dueOn)}\n  ${publicUrl}/staff/requests/${number}`;
}
