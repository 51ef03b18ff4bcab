// Following a request by its secret link: who holds one, and what they see.
// It must show nobody a word of a request whose link they do not hold.

import { and, asc, eq, isNull, ne } from '../../db/drizzle.ts';

import type { Actor, RequesterActor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { newToken } from '../../base/ids.ts';
import type { Sentence } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Queryable } from '../../db/open.ts';
import {
  recordsClocks,
  recordsDelegates,
  recordsEvents,
  recordsMessages,
  recordsRequests,
} from '../../db/tables-records.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { basisSentences } from '../law/basis.ts';
import type { ClockReckoning } from '../law/basis.ts';
import type { ClockId } from '../law/law.ts';
import { readFiles } from '../requests/files.ts';
import type { RequestFile } from '../requests/files.ts';
import { messagePurpose } from '../requests/letters.ts';
import type { MessageContent } from '../requests/letters.ts';
import { openPerson, openRequester } from '../requests/requesters.ts';
import type { Person } from '../requests/requesters.ts';
import type { CityDate, Requester, RequestEvent, RequestRecord } from '../requests/request.ts';
import { insertEvents, momentOf, readRow, requireMay } from '../requests/requests.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { toFacts, toRecord } from '../requests/rows.ts';
import type { RequestRow } from '../requests/rows.ts';
import { hashSecret, secretOf, secretPattern } from '../requests/secrets.ts';

export type Followed = { readonly number: string; readonly actor: RequesterActor };

/** Who holds this link: the requester, or a delegate still trusted; null for nobody. */
export async function findFollower(db: Queryable, secret: string): Promise<Followed | null> {
  if (!secretPattern.test(secret)) return null;
  const hash = hashSecret(secret);
  const { id, number } = recordsRequests;
  const [own] = await db.select({ id, number }).from(recordsRequests).where(eq(recordsRequests.secretHash, hash));
  if (own !== undefined) {
    return { number: own.number, actor: { kind: 'requester', requestId: own.id, delegate: null } };
  }
  const [trusted] = await db
    .select({ id, number, delegate: recordsDelegates.id, mayAct: recordsDelegates.mayAct })
    .from(recordsDelegates)
    .innerJoin(recordsRequests, eq(recordsRequests.id, recordsDelegates.requestId))
    .where(and(eq(recordsDelegates.secretHash, hash), isNull(recordsDelegates.revokedAt)));
  if (trusted === undefined) return null;
  const delegate = { id: trusted.delegate, mayAct: trusted.mayAct };
  return { number: trusted.number, actor: { kind: 'requester', requestId: trusted.id, delegate } };
}

export type OwnClock = {
  readonly clock: ClockId;
  readonly name: string;
  readonly startedOn: CityDate;
  readonly dueOn: CityDate;
  readonly isRunning: boolean;
  readonly stopReason: string | null;
  /** How the date was counted, a sentence each. */
  readonly sentences: readonly Sentence[];
};

export type OwnMessage = {
  readonly id: string;
  readonly at: string;
  readonly direction: 'in' | 'out';
  readonly kind: string;
  readonly subject: string | null;
  readonly body: string;
  readonly via: string;
  /** A delegate wrote it; null for the requester and for the City. */
  readonly byDelegate: boolean;
};

export type OwnDelegate = Person & { readonly id: string; readonly mayAct: boolean; readonly createdAt: string };

/** What whoever holds the link sees. `requester` and `delegates` only for the requester in person. */
export type OwnRequest = {
  readonly request: Omit<RequestRecord, 'deniedBy' | 'enteredBy' | 'assignee'>;
  readonly isDelegate: boolean;
  readonly mayAct: boolean;
  /** What the City asks and has not been told yet. */
  readonly openQuestion: 'whole' | 'part' | null;
  readonly clocks: readonly OwnClock[];
  readonly events: readonly Omit<RequestEvent, 'actor'>[];
  readonly messages: readonly OwnMessage[];
  readonly files: readonly RequestFile[];
  readonly requester: Requester | null;
  readonly delegates: readonly OwnDelegate[];
};

/** Permission `request.follow`; another request's link gets not-found. */
export async function readOwn(parts: RequestsParts, actor: RequesterActor, idOrNumber: string): Promise<OwnRequest> {
  const { db, seal } = parts;
  const row = await readRow(db, idOrNumber);
  await requireMay(db, actor, row, 'request.follow');
  const isDelegate = actor.delegate !== null;
  const { deniedBy: _deniedBy, enteredBy: _enteredBy, assignee: _assignee, ...request } = toRecord(row, seal);
  const [clocks, events, messages, files, delegates] = await Promise.all([
    readClocks(db, row.id),
    readShownEvents(db, row.id),
    readMessages(db, seal, row.id),
    readFiles(db, seal, row.id),
    isDelegate ? [] : readDelegates(db, seal, row.id),
  ]);
  return {
    request,
    isDelegate,
    mayAct: actor.delegate?.mayAct ?? true,
    openQuestion: toFacts(row).clarification?.extent ?? null,
    clocks,
    events,
    messages,
    files,
    requester: isDelegate ? null : openRequester(seal, row),
    delegates,
  };
}

async function readClocks(db: Queryable, requestId: string): Promise<readonly OwnClock[]> {
  const rows = await db
    .select()
    .from(recordsClocks)
    .where(eq(recordsClocks.requestId, requestId))
    .orderBy(asc(recordsClocks.seq));
  return rows.map((row) => {
    const basis = row.basis as ClockReckoning; // stored by startClock
    const { clock, startedOn, dueOn, stopReason } = row;
    const isRunning = row.stoppedAt === null;
    return {
      clock: clock as ClockId,
      name: basis.name,
      startedOn,
      dueOn,
      isRunning,
      stopReason,
      sentences: basisSentences(basis),
    };
  });
}

async function readShownEvents(db: Queryable, requestId: string): Promise<OwnRequest['events']> {
  const { seq, at, onDate, kind, audience, data } = recordsEvents;
  const rows = await db
    .select({ seq, at, onDate, kind, audience, data })
    .from(recordsEvents)
    .where(and(eq(recordsEvents.requestId, requestId), ne(recordsEvents.audience, 'staff')))
    .orderBy(asc(seq));
  return rows.map((row) => ({
    ...row,
    audience: row.audience as RequestEvent['audience'],
    data: row.data as RequestEvent['data'],
  }));
}

async function readMessages(db: Queryable, seal: Seal, requestId: string): Promise<readonly OwnMessage[]> {
  const rows = await db
    .select()
    .from(recordsMessages)
    .where(and(eq(recordsMessages.requestId, requestId), ne(recordsMessages.direction, 'note')))
    .orderBy(asc(recordsMessages.at), asc(recordsMessages.id));
  return rows.map((row) => {
    const { subject, body } = seal.open(row.content, messagePurpose(row.id)) as MessageContent;
    const { id, at, kind, via } = row;
    const byDelegate = row.author.startsWith('delegate');
    return { id, at, direction: row.direction as 'in' | 'out', kind, subject, body, via, byDelegate };
  });
}

async function readDelegates(db: Queryable, seal: Seal, requestId: string): Promise<readonly OwnDelegate[]> {
  const rows = await db
    .select()
    .from(recordsDelegates)
    .where(and(eq(recordsDelegates.requestId, requestId), isNull(recordsDelegates.revokedAt)))
    .orderBy(asc(recordsDelegates.createdAt));
  return rows.map((row) => {
    const { id, mayAct, createdAt } = row;
    return { ...openPerson(seal, row), id, mayAct, createdAt };
  });
}

/** A new link; the old one leads nowhere from now on. Permission `request.delegate`: only the requester. */
export async function replaceLink(
  parts: RequestsParts,
  actor: RequesterActor,
  requestId: string,
  effects: Effects,
): Promise<string> {
  requirePermission(actor, 'request.delegate');
  return parts.db.transaction(async (tx) => {
    const submitKey = newToken('form');
    const secret = secretOf(parts.seal, submitKey);
    const columns = { submitKey, secretHash: hashSecret(secret) };
    await changeRow(tx, parts, actor, { requestId, columns, event: 'link-replaced' }, effects);
    return secret;
  });
}

type Tx = Parameters<typeof readRow>[0] & Parameters<typeof insertEvents>[0];

/** Columns that no state depends on, and the event that tells of their change. */
type OwnChange = { readonly requestId: string; readonly columns: Partial<RequestRow>; readonly event: string };

/** Stores what the requester changes of their own, with its event and audit. */
export async function changeRow(
  tx: Tx,
  parts: RequestsParts,
  actor: Actor,
  { requestId, columns, event: kind }: OwnChange,
  effects: Effects,
): Promise<void> {
  const row = await readRow(tx, requestId, true);
  await requireMay(tx, actor, row, 'request.follow');
  const now = momentOf(parts, actor, effects);
  const version = row.version + 1;
  await tx
    .update(recordsRequests)
    .set({ ...columns, version, changedAt: now.at })
    .where(eq(recordsRequests.id, row.id));
  const told = { kind, audience: 'requester', data: {} } as const;
  await insertEvents(tx, { requestId: row.id, version, events: [told] }, now, actor);
  const event = {
    action: 'request.follow',
    subject: `request:${row.number}`,
    details: { event: kind, version },
  } as const;
  await appendAudit(tx, actor, event, effects);
}
