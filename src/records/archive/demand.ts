// What many people ask for: requests whose words are alike, in groups, so that a department can publish the thing once.
// It must tell nothing of who asked, and nothing of a request that is not the reader's to see.

import { setImmediate as breathe } from 'node:timers/promises';

import { sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Database } from '../../db/open.ts';
import { anywhere, isAllowed } from '../../people/permissions.ts';
import type { CityDate } from '../requests/request.ts';
import { concerns, departmentsFor } from '../requests/scope.ts';

export type DemandRequest = {
  readonly number: string;
  readonly title: string;
  readonly receivedOn: CityDate;
  readonly isPublic: boolean;
};

export type DemandGroup = {
  /** The words that most of them share. */
  readonly words: readonly string[];
  readonly requests: readonly DemandRequest[]; // the newest first
  readonly count: number;
  readonly departments: readonly { readonly id: string; readonly name: string; readonly count: number }[];
  readonly firstOn: CityDate;
  readonly lastOn: CityDate;
};

/** What answered people before they asked: a dataset or an earlier request. */
export type Answered = { readonly kind: 'dataset' | 'request'; readonly target: string; readonly count: number };

export type Demand = {
  readonly groups: readonly DemandGroup[];
  readonly answered: readonly Answered[];
  /** How many requests were compared: the latest ones. */
  readonly compared: number;
};

const mostCompared = 5_000;
const mostGroups = 40;
const requestsShown = 12;
const answeredShown = 20;
/** Two requests are alike when they share so much of all their words. */
const leastLikeness = 0.45;
const leastShared = 3;
/** Each request is compared with so many of those before it that share a word: alike ones come after each other. */
const neighbours = 60;

type Read = {
  readonly number: string;
  readonly title: string;
  readonly received_on: CityDate;
  readonly is_public: boolean;
  readonly department: string | null;
  readonly name: string | null;
  readonly words: readonly string[];
};

/** A group that somebody sees who may not read its requests has so many that its words are nobody's own. */
const leastUnread = 3;

/**
 * Permission `request.work`, or `archive.draft-dataset` for those who publish: they are told the number of requests,
 * and of the public ones what they ask for. Two are a group; the largest groups first.
 */
export async function readDemand(db: Database, actor: Actor): Promise<Demand> {
  const departments = actor.kind === 'staff' ? anywhere(actor) : { departments: [] };
  const mayRead = isAllowed(actor, 'request.work', departments);
  const seen = concerns(departmentsFor(actor, mayRead ? 'request.work' : 'archive.draft-dataset'));
  const { rows } = await db.execute<Read>(sql`
    select r.number, coalesce(r.subject, left(regexp_replace(r.text, '\\s+', ' ', 'g'), 140)) as title,
      r.received_on::text as received_on, r.visibility = 'public' as is_public, r.department, d.name,
      tsvector_to_array(to_tsvector('english', coalesce(r.subject, '') || ' ' || left(r.text, 600))) as words
    from records_requests r left join departments d on d.id = r.department
    where (r.state = 'closed' or r.visibility = 'public') and ${seen}
      and coalesce(r.outcome, '') not in ('withdrawn', 'bot_denied', 'not_our_records')
    order by r.received_on desc, r.number desc limit ${mostCompared}`);
  const groups = (await toGroups(rows)).flatMap((group) => {
    if (mayRead) return [group];
    const requests = group.requests.filter(({ isPublic }) => isPublic);
    return group.count < leastUnread ? [] : [{ ...group, requests }];
  });
  const { rows: answered } = await db.execute<Answered>(sql`
    select kind, target, count(*)::int as count from records_deflections
    group by kind, target order by count(*) desc, target limit ${answeredShown}`);
  return { groups: groups.slice(0, mostGroups), answered, compared: rows.length };
}

async function toGroups(rows: readonly Read[]): Promise<readonly DemandGroup[]> {
  const sets = rows.map(({ words }) => new Set(words.filter((word) => !/^\d{1,3}$/u.test(word))));
  const leader = rows.map((_row, index) => index);
  const find = (index: number): number => {
    let at = index;
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!;
    return at;
  };
  const holders = new Map<string, number[]>();
  for (const [index, set] of sets.entries()) {
    if (index % 200 === 0) await breathe(); // others are served meanwhile
    const candidates = new Set<number>();
    for (const word of set) {
      const held = holders.get(word) ?? [];
      for (const other of held.slice(-neighbours)) candidates.add(other);
      held.push(index);
      holders.set(word, held);
    }
    for (const other of candidates) {
      if (find(other) !== find(index) && isAlike(set, sets[other]!)) leader[find(index)] = find(other);
    }
  }
  const members = Map.groupBy(rows.keys(), find);
  return [...members.values()]
    .filter((group) => group.length > 1)
    .map((group) => toGroup(group.map((index) => ({ row: rows[index]!, words: sets[index]! }))))
    .sort((a, b) => b.count - a.count || (a.lastOn < b.lastOn ? 1 : -1));
}

function isAlike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  const least = Math.min(leastShared, a.size, b.size);
  return shared >= least && shared / (a.size + b.size - shared) >= leastLikeness;
}

function toGroup(members: readonly { readonly row: Read; readonly words: ReadonlySet<string> }[]): DemandGroup {
  const rows = members.map(({ row }) => row);
  const counts = new Map<string, number>();
  for (const { words } of members) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts]
    .filter(([, count]) => count * 2 > members.length)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([word]) => word);
  const byDepartment = Map.groupBy(
    rows.filter(({ department }) => department !== null),
    ({ department }) => department!,
  );
  const days = rows.map((row) => row.received_on).sort();
  return {
    words: words.slice(0, 8),
    count: rows.length,
    requests: rows.slice(0, requestsShown).map(({ number, title, received_on: receivedOn, is_public: isPublic }) => ({
      number,
      title,
      receivedOn,
      isPublic,
    })),
    departments: [...byDepartment]
      .map(([id, own]) => ({ id, name: own[0]!.name ?? id, count: own.length }))
      .sort((a, b) => b.count - a.count),
    firstOn: days[0]!,
    lastOn: days.at(-1)!,
  };
}
