// Rows of records_requests to records and facts, and back. What a column holds is not held a second time in `facts`.
// It must not open who asked; requesters.ts does.

import type { Seal } from '../../base/seal.ts';
import type { recordsRequests } from '../../db/tables-records.ts';
import type { ClockId } from '../law/law.ts';
import { firstFacts } from './facts.ts';
import type { Facts } from './facts.ts';
import { dutyOf } from './machine.ts';
import type { RequestRecord } from './request.ts';

export type RequestRow = typeof recordsRequests.$inferSelect;

/** Facts that have no column of their own. */
const kept = [
  'clarification',
  'clarifications',
  'notice',
  'invoice',
  'installment',
  'withheld',
  'undelivered',
  'reminders',
  'proposal',
] as const satisfies readonly (keyof Facts)[];

export function toFacts(row: RequestRow): Facts {
  const stored = row.facts as Partial<Pick<Facts, (typeof kept)[number]>>;
  const { state, resumeState, outcome, responseKind, reviewState, visibility } = toRecordWords(row);
  return {
    ...firstFacts(row.receivedOn),
    state,
    resumeState,
    cycle: row.cycle,
    outcome,
    outcomeReason: row.outcomeReason,
    respondedAt: row.respondedAt,
    responseKind,
    estimateOn: row.estimateOn,
    estimates: row.estimates,
    installments: row.installments,
    firstProductionOn: row.firstProductionOn,
    closedAt: row.closedAt,
    closedOn: row.closedOn,
    deniedAt: row.deniedAt,
    deniedBy: row.deniedBy,
    reviewState,
    litigationHold: row.litigationHold,
    visibility,
    department: row.department,
    assignee: row.assignee,
    ...stored,
  };
}

/** The columns that facts and running clocks stand in. */
export function toColumns(facts: Facts, clocks: readonly { readonly clock: ClockId; readonly dueOn: string }[]) {
  const { receivedOn: _receivedOn, ...rest } = facts;
  const own = Object.fromEntries(kept.map((name) => [name, facts[name]]));
  const columns = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !(kept as readonly string[]).includes(name)),
  ) as Omit<Facts, (typeof kept)[number] | 'receivedOn'>;
  return { ...columns, ...dutyOf(facts, clocks), facts: own };
}

/** Texts that the table's checks hold to these words. */
function toRecordWords(row: RequestRow) {
  return row as RequestRow &
    Pick<
      RequestRecord,
      | 'state'
      | 'resumeState'
      | 'outcome'
      | 'channel'
      | 'requesterType'
      | 'delivery'
      | 'responseKind'
      | 'waitingOn'
      | 'reviewState'
      | 'visibility'
    >;
}

export function accommodationPurpose(id: string): string {
  return `records_requests.accommodation ${id}`;
}

export function toRecord(row: RequestRow, seal: Seal): RequestRecord {
  const words = toRecordWords(row);
  const { accommodation } = row;
  return {
    id: row.id,
    number: row.number,
    version: row.version,
    cycle: row.cycle,
    state: words.state,
    resumeState: words.resumeState,
    outcome: words.outcome,
    outcomeReason: row.outcomeReason,
    text: row.text,
    shownText: row.shownText,
    subject: row.subject,
    receivedAt: row.receivedAt,
    receivedOn: row.receivedOn,
    channel: words.channel,
    enteredBy: row.enteredBy,
    asksForList: row.asksForList,
    listPurpose: row.listPurpose,
    requesterType: words.requesterType,
    isAnonymous: row.requester === null && row.requesterExpiredAt === null,
    delivery: words.delivery,
    language: row.language,
    accommodation: accommodation === null ? null : String(seal.open(accommodation, accommodationPurpose(row.id))),
    department: row.department,
    assignee: row.assignee,
    respondedAt: row.respondedAt,
    responseKind: words.responseKind,
    estimateOn: row.estimateOn,
    respondDueOn: row.respondDueOn,
    nextDueOn: row.nextDueOn,
    nextDuty: row.nextDuty,
    waitingOn: words.waitingOn,
    installments: row.installments,
    firstProductionOn: row.firstProductionOn,
    closedAt: row.closedAt,
    closedOn: row.closedOn,
    deniedAt: row.deniedAt,
    deniedBy: row.deniedBy,
    reviewState: words.reviewState,
    litigationHold: row.litigationHold,
    visibility: words.visibility,
    changedAt: row.changedAt,
  };
}
