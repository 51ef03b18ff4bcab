// What a public-records request is: its states, outcomes, record, and every command that changes one.
// It must hold no logic: commands.ts says what each command is, machine.ts decides, requests.ts stores.

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import type { Database, Transaction } from '../../db/open.ts';

export const requestStates = [
  'received',
  'in_progress',
  'clarification',
  'awaiting_payment',
  'notice_wait',
  'installment_ready',
  'closed',
] as const;
export type RequestState = (typeof requestStates)[number];
export const openStates: readonly RequestState[] = requestStates.filter((state) => state !== 'closed');

export const outcomes = [
  'fulfilled',
  'fulfilled_by_link',
  'partial',
  'denied',
  'no_responsive_records',
  'withdrawn',
  'abandoned_unclarified',
  'abandoned_unclaimed',
  'abandoned_unpaid',
  'not_identifiable',
  'bot_denied',
  'not_our_records',
] as const;
export type Outcome = (typeof outcomes)[number];

/** The only grounds for more time: RCW 42.56.520(2). */
export const estimateGrounds = [
  'clarify',
  'locate_and_assemble',
  'notify_third_persons',
  'determine_exemptions',
] as const;
export type EstimateGround = (typeof estimateGrounds)[number];

export const channels = ['web', 'mail', 'email', 'counter', 'phone'] as const;
export type Channel = (typeof channels)[number];

export const requesterTypes = [
  'individual',
  'law_firm',
  'organization',
  'insurer',
  'government',
  'incarcerated',
  'media',
  'anonymous',
  'employee',
  'other',
] as const;
export type RequesterType = (typeof requesterTypes)[number];

export const deliveries = ['electronic', 'mail', 'pick_up', 'inspection'] as const;
export type Delivery = (typeof deliveries)[number];

/** A calendar date of the city, `YYYY-MM-DD`. */
export type CityDate = string;

/** Sealed: never in an event, a log, a public page or a search. */
export type Requester = {
  readonly name: string | null;
  readonly organization: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly address: string | null;
};

/** One row of records_requests, without who asked. */
export type RequestRecord = {
  readonly id: string;
  readonly number: string; // 2026-000123
  readonly version: number;
  readonly cycle: number;
  readonly state: RequestState;
  /** Where 'awaiting_payment' and 'notice_wait' came from. */
  readonly resumeState: RequestState | null;
  readonly outcome: Outcome | null;
  readonly outcomeReason: string | null;
  readonly text: string;
  readonly shownText: string | null;
  readonly subject: string | null;
  readonly receivedAt: string;
  readonly receivedOn: CityDate;
  readonly channel: Channel;
  readonly enteredBy: string | null;
  readonly asksForList: boolean;
  readonly listPurpose: string | null;
  readonly requesterType: RequesterType | null;
  readonly isAnonymous: boolean;
  readonly delivery: Delivery;
  readonly language: string;
  readonly accommodation: string | null;
  readonly department: string | null;
  readonly assignee: string | null;
  readonly respondedAt: string | null;
  readonly responseKind: 'provided' | 'linked' | 'estimated' | 'clarification' | 'denied' | null;
  readonly estimateOn: CityDate | null;
  readonly respondDueOn: CityDate;
  readonly nextDueOn: CityDate | null;
  readonly nextDuty: string | null;
  readonly waitingOn: 'city' | 'requester' | 'third_party' | null;
  readonly installments: number;
  readonly firstProductionOn: CityDate | null;
  readonly closedAt: string | null;
  readonly closedOn: CityDate | null;
  /** The latest refusal of anything, in full or in part: what a petition is against. */
  readonly deniedAt: string | null;
  readonly deniedBy: string | null;
  readonly reviewState: 'under_review' | 'affirmed' | 'modified' | 'reversed' | null;
  readonly litigationHold: boolean;
  readonly visibility: 'hidden' | 'public';
  readonly changedAt: string;
};

/** One withheld or redacted thing, as RCW 42.56.210(3) wants it told. */
export type Withholding = {
  readonly record: string; // what it is: "Email of 2026-03-02, 2 pages"
  readonly extent: 'full' | 'part';
  readonly exemption: string; // id in city/<name>/records/exemptions
  readonly explanation: string; // how it applies to this record
};

/**
 * Every transition of the state table, and the changes that keep the state. A command is refused by the machine with
 * `conflict` (not from this state) or `records-invalid` (a guard says what is missing).
 */
export type RequestCommand =
  | {
      readonly kind: 'provide';
      readonly message: string;
      readonly withheld: readonly Withholding[];
      readonly electronic: boolean;
    } // 2
  | { readonly kind: 'link'; readonly links: readonly string[]; readonly message: string } // 3
  | { readonly kind: 'acknowledge'; readonly estimateOn: CityDate; readonly message: string } // 4
  | {
      readonly kind: 'clarify'; // 5
      readonly question: string;
      readonly extent: 'whole' | 'part';
      readonly estimateOn: CityDate | null; // if it is not clarified
      readonly noEstimateReason: string | null;
    }
  | { readonly kind: 'answer-clarification'; readonly answer: string; readonly via: Channel } // 6
  | { readonly kind: 'lapse-clarification' } // 8; the whole unclear: proposes 7
  | {
      readonly kind: 'revise-estimate';
      readonly estimateOn: CityDate;
      readonly ground: EstimateGround;
      readonly message: string;
    } // 9
  | {
      readonly kind: 'notify'; // 11
      readonly notice: 'employee-file' | 'third-party';
      readonly recipients: readonly string[]; // kinds of recipient: 'employee', 'union', 'requester', 'third party'
      readonly records: string;
      readonly noticeOn: CityDate;
    }
  | { readonly kind: 'end-notice'; readonly reason: 'time-passed' | 'consent' | 'court-order' } // 12
  | { readonly kind: 'injunction'; readonly until: CityDate | null; readonly note: string }
  | {
      readonly kind: 'await-payment';
      readonly invoice: string;
      readonly cents: number;
      readonly purpose: 'deposit' | 'invoice' | 'customized';
    } // 13
  | { readonly kind: 'payment-settled'; readonly invoice: string; readonly how: 'paid' | 'waived' | 'agreed' } // 14
  | {
      readonly kind: 'release'; // 15
      readonly installment: number;
      readonly pages: number;
      readonly files: number;
      readonly electronic: boolean;
      readonly scannedPages: number;
      readonly withheld: readonly Withholding[];
      readonly message: string;
      /** What remains and when; null: this is the last one. */
      readonly remains: { readonly what: string; readonly nextOn: CityDate } | null;
    }
  | {
      readonly kind: 'claim';
      readonly installment: number;
      readonly how: 'download' | 'pick-up' | 'inspection' | 'mailed';
    } // 16, 17
  | { readonly kind: 'close'; readonly outcome: Outcome; readonly reason: string; readonly letter: string } // 7, 17, 18
  | { readonly kind: 'deny'; readonly withheld: readonly Withholding[]; readonly letter: string } // 19
  | { readonly kind: 'withdraw'; readonly via: Channel } // 20
  | {
      readonly kind: 'deny-bot';
      readonly belief: string;
      readonly interference: string;
      readonly others: readonly string[];
    } // 21
  | { readonly kind: 'reopen'; readonly reason: string; readonly estimateOn: CityDate } // 22
  | { readonly kind: 'petition'; readonly text: string; readonly via: Channel } // 23
  | {
      readonly kind: 'decide-review';
      readonly decision: 'affirmed' | 'modified' | 'reversed';
      readonly reasons: string;
      readonly estimateOn: CityDate | null;
    }
  /** `question`: what was asked, where it was. */
  | { readonly kind: 'remind'; readonly question: string | null } // before 7 and 18
  | { readonly kind: 'give-time'; readonly message: string } // before 7 and 18: the whole time once more
  | { readonly kind: 'letter-returned'; readonly letter: string } // its id: nobody was reached by it
  | { readonly kind: 'flag-litigation'; readonly on: boolean; readonly note: string } // 24
  // Changes that keep the state
  | { readonly kind: 'assign'; readonly department: string | null; readonly assignee: string | null }
  | {
      readonly kind: 'describe';
      readonly subject?: string | null;
      readonly requesterType?: RequesterType | null;
      readonly shownText?: string | null;
    }
  | { readonly kind: 'publish-page'; readonly visibility: 'hidden' | 'public' };

export type CommandKind = RequestCommand['kind'];
export type CommandOf<K extends CommandKind> = Extract<RequestCommand, { readonly kind: K }>;

export type RequestEvent = {
  readonly seq: number;
  readonly at: string;
  readonly onDate: CityDate;
  readonly kind: string;
  readonly actor: string;
  readonly audience: 'public' | 'requester' | 'staff';
  readonly data: Readonly<Record<string, unknown>>;
};

/**
 * How every part of `records` changes a request. `transition` runs inside the caller's transaction, so that an
 * invoice, a release or a payment and the request's own change are one: it locks the row, checks the permission of
 * the command, checks `expectedVersion` (null: whatever it is; only for jobs and the requester), asks the machine,
 * writes row, events, clocks, letters (into records_messages and the mail outbox) and the audit event.
 * Throws conflict (a stale version; `extra.version` is the present one), records-invalid, forbidden, not-found.
 */
export type Transition = (
  tx: Transaction,
  actor: Actor,
  request: { readonly id: string; readonly expectedVersion: number | null },
  command: RequestCommand,
) => Promise<RequestRecord>;

export type NewEvent = {
  readonly kind: string;
  readonly audience: RequestEvent['audience'];
  readonly data: Readonly<Record<string, unknown>>;
};

/** What the other parts of `records` are handed by the requests part. */
export type RequestsCore = {
  readonly db: Database;
  readonly effects: Effects;
  readonly transition: Transition;
  /**
   * Appends an event that changes nothing else of the request, raises the version, and audits; in the caller's
   * transaction.
   */
  readonly appendEvent: (tx: Transaction, actor: Actor, requestId: string, event: NewEvent) => Promise<void>;
  /** By id or number. Throws not-found. Asks no permission: the caller has. */
  readonly find: (idOrNumber: string) => Promise<RequestRecord>;
  /** Throws not-found for a requester or delegate of another request: whether it exists is not theirs to know. */
  readonly requireOwn: (actor: Actor, requestId: string) => void;
  /** Opens the seal. Permission `request.see-requester` (or own), and an audit event for staff. */
  readonly requesterOf: (actor: Actor, requestId: string) => Promise<Requester | null>;
};
