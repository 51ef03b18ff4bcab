// What the machine knows of a request: everything a guard may ask, and how events alone build it up again.
// It must hold nothing of who asked, and nothing that an event does not tell.

import { fromEventData } from './event-clocks.ts';
import type { CityDate, Outcome, RequestEvent, RequestRecord, Withholding } from './request.ts';

/** What the request's row tells as well. */
type RecordFacts = Pick<
  RequestRecord,
  | 'state'
  | 'resumeState'
  | 'cycle'
  | 'outcome'
  | 'outcomeReason'
  | 'receivedOn'
  | 'respondedAt'
  | 'responseKind'
  | 'estimateOn'
  | 'installments'
  | 'firstProductionOn'
  | 'closedAt'
  | 'closedOn'
  | 'deniedAt'
  | 'deniedBy'
  | 'reviewState'
  | 'litigationHold'
  | 'visibility'
  | 'department'
  | 'assignee'
>;

export type Facts = RecordFacts & {
  readonly estimates: number;
  /** The question that is open. */
  readonly clarification: { readonly extent: 'whole' | 'part'; readonly askedOn: CityDate } | null;
  readonly clarifications: number;
  readonly notice: {
    readonly clock: 'employee-notice' | 'third-party-notice';
    readonly injunction: Injunction | null;
  } | null;
  readonly invoice: { readonly name: string; readonly cents: number } | null;
  /** The installment that is ready to be claimed, or was the last one claimed. */
  readonly installment: {
    readonly number: number;
    readonly isLast: boolean;
    readonly isClaimed: boolean;
    readonly readyOn: CityDate;
  } | null;
  /** What was withheld in this cycle, with the exemption and how it applies. */
  readonly withheld: readonly Withholding[];
  /** A letter came back that a clock against the requester relied on: it stands still until they are reached. */
  readonly undelivered: { readonly clock: RequesterClock; readonly subject: string | null } | null;
  /** When the requester was last reminded of each clock that runs against them. */
  readonly reminders: Readonly<Partial<Record<RequesterClock, CityDate>>>;
  /** What the system proposes to close it as; a records officer confirms. */
  readonly proposal: Outcome | null;
};

export type Injunction = { readonly until: CityDate | null };

/** Clocks that run against the requester. */
export type RequesterClock = 'clarification' | 'claim' | 'payment';

export function firstFacts(receivedOn: CityDate): Facts {
  return {
    state: 'received',
    resumeState: null,
    cycle: 1,
    outcome: null,
    outcomeReason: null,
    receivedOn,
    respondedAt: null,
    responseKind: null,
    estimateOn: null,
    estimates: 0,
    installments: 0,
    firstProductionOn: null,
    closedAt: null,
    closedOn: null,
    deniedAt: null,
    deniedBy: null,
    reviewState: null,
    litigationHold: false,
    visibility: 'hidden',
    department: null,
    assignee: null,
    clarification: null,
    clarifications: 0,
    notice: null,
    invoice: null,
    installment: null,
    withheld: [],
    undelivered: null,
    reminders: {},
    proposal: null,
  };
}

/** The facts after an event. An event that changes any names them in `data.set`; a reminder is known by its kind. */
export function evolve(
  facts: Facts,
  event: Pick<RequestEvent, 'kind' | 'data'> & { readonly onDate: CityDate },
): Facts {
  const { set, clock } = fromEventData(event.data);
  const next = isPatch(set) ? { ...facts, ...set } : facts;
  if (event.kind !== reminderSent || !isRequesterClock(clock)) return next;
  return { ...next, reminders: { ...next.reminders, [clock]: event.onDate } };
}

/** The event that a reminder leaves: `data.clock` names the clock. A closing for want of an answer needs it. */
export const reminderSent = 'reminder-sent';

/** Facts from nothing but the events, in order. */
export function replay(events: readonly RequestEvent[]): Facts {
  const [first] = events;
  if (first === undefined) throw new Error('a request has at least the event of its receipt');
  return events.reduce(evolve, firstFacts(String(first.data['receivedOn'])));
}

function isPatch(value: unknown): value is Partial<Facts> {
  return typeof value === 'object' && value !== null;
}

function isRequesterClock(value: unknown): value is RequesterClock {
  return value === 'clarification' || value === 'claim' || value === 'payment';
}
