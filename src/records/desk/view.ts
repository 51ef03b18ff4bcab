// The staff's side of one request on one page: facts, dates and how they were counted, events, messages, tasks, time.
// It must not open who asked; that is asked for apart, with its own permission and its own audit event.

import { eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Sentence } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import { recordsMessages } from '../../db/tables-records.ts';
import { isAllowed } from '../../people/permissions.ts';
import { basisSentences } from '../law/basis.ts';
import type { ClockReckoning } from '../law/basis.ts';
import type { RequesterClock } from '../requests/facts.ts';
import { readFiles } from '../requests/files.ts';
import type { RequestFile } from '../requests/files.ts';
import { messagePurpose } from '../requests/letters.ts';
import type { MessageContent } from '../requests/letters.ts';
import { readRow } from '../requests/requests.ts';
import type { CityDate, Outcome, RequestEvent, RequestRecord, RequestsCore } from '../requests/request.ts';
import { toFacts } from '../requests/rows.ts';
import { actionsFor } from './actions.ts';
import type { WorkAction } from './actions.ts';
import { requireSeen } from '../requests/scope.ts';
import { readSearches, readTasks } from './tasks.ts';
import type { Search, Task } from './tasks.ts';
import { readTime } from './time.ts';
import type { TimeEntry } from './time.ts';

export type ShownClock = {
  readonly seq: number;
  readonly clock: string;
  readonly subject: string | null;
  readonly startedOn: CityDate;
  readonly dueOn: CityDate;
  readonly stoppedAt: string | null;
  readonly stopReason: string | null;
  /** How the date was counted, a sentence a line. */
  readonly account: readonly Sentence[];
};

export type ShownMessage = {
  readonly id: string;
  readonly at: string;
  readonly direction: 'in' | 'out' | 'note';
  readonly kind: string;
  readonly subject: string | null;
  readonly body: string;
  readonly author: string;
  readonly via: string;
};

export type WorkView = {
  readonly request: RequestRecord;
  /** What the system proposes to close it as; a records officer confirms. */
  readonly proposal: Outcome | null;
  /** The clock that stands still because a letter came back that it relied on. */
  readonly undelivered: RequesterClock | null;
  /** Where the requester was last reminded of a clock: clock → date. */
  readonly reminders: Readonly<Record<string, CityDate>>;
  readonly clocks: readonly ShownClock[];
  readonly events: readonly RequestEvent[];
  readonly messages: readonly ShownMessage[];
  readonly tasks: readonly Task[];
  readonly searches: readonly Search[];
  readonly time: readonly TimeEntry[];
  /** What the requester sent along. */
  readonly files: readonly RequestFile[];
  /** The departments that it concerns. */
  readonly concerns: readonly string[];
  readonly actions: readonly WorkAction[];
  readonly may: {
    readonly seeRequester: boolean;
    readonly assign: boolean;
    readonly describe: boolean;
    readonly note: boolean;
    readonly message: boolean;
    readonly task: boolean;
    readonly logTime: boolean;
  };
};

/** Permission `request.work` for a department of the request; not-found where it concerns none of theirs. */
export async function readWork(core: RequestsCore, seal: Seal, actor: Actor, idOrNumber: string): Promise<WorkView> {
  const { db } = core;
  const request = await core.find(idOrNumber);
  const departments = await requireSeen(db, actor, request, 'request.work');
  const may = (action: Parameters<typeof isAllowed>[1]): boolean => isAllowed(actor, action, { departments });
  const { id } = request;
  const [row, clocks, events, messages, tasks, searches, time, files] = await Promise.all([
    readRow(db, id),
    readClocks(db, id),
    readEvents(db, id),
    readMessages(db, seal, id),
    readTasks(db, id),
    readSearches(db, id),
    readTime(db, id),
    readFiles(db, seal, id),
  ]);
  const { proposal, undelivered, reminders } = toFacts(row);
  return {
    ...{ request, proposal, undelivered: undelivered?.clock ?? null, reminders: { ...reminders } },
    ...{ clocks, events, messages, tasks, searches, time, files },
    concerns: departments,
    actions: actionsFor(actor, request, departments),
    may: {
      seeRequester: may('request.see-requester'),
      assign: may('request.assign'),
      describe: may('request.describe'),
      note: may('request.note'),
      message: may('request.message'),
      task: may('request.task'),
      logTime: may('request.log-time'),
    },
  };
}

async function readClocks(db: Database, requestId: string): Promise<readonly ShownClock[]> {
  const { rows } = await db.execute<Omit<ShownClock, 'account'> & { readonly basis: unknown }>(sql`
    select seq, clock, subject, started_on::text as "startedOn", due_on::text as "dueOn",
      to_char(stopped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "stoppedAt",
      stop_reason as "stopReason", basis
    from records_clocks where request_id = ${requestId} order by seq`);
  return rows.map(({ basis, ...clock }) => ({ ...clock, account: toAccount(basis) }));
}

/** A clock keeps its account as the law of its day gave it; seeded ones have none. */
function toAccount(basis: unknown): readonly Sentence[] {
  const isReckoning = typeof basis === 'object' && basis !== null && 'rule' in basis && 'days' in basis;
  return isReckoning ? basisSentences(basis as ClockReckoning) : [];
}

async function readEvents(db: Database, requestId: string): Promise<readonly RequestEvent[]> {
  const { rows } = await db.execute<{ [name in keyof RequestEvent]: RequestEvent[name] }>(sql`
    select seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, on_date::text as "onDate", kind,
      actor, audience, data
    from records_events where request_id = ${requestId} order by seq`);
  return rows;
}

async function readMessages(db: Database, seal: Seal, requestId: string): Promise<readonly ShownMessage[]> {
  const rows = await db
    .select()
    .from(recordsMessages)
    .where(eq(recordsMessages.requestId, requestId))
    .orderBy(recordsMessages.at, recordsMessages.id);
  return rows.map(({ id, at, direction, kind, content, author, via }) => {
    const { subject, body } = seal.open(content, messagePurpose(id)) as MessageContent;
    return { id, at, direction: direction as ShownMessage['direction'], kind, subject, body, author, via };
  });
}
