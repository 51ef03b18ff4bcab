// The words that every part of the state machine speaks: what a change is, who waits, and how a command is refused.
// It must not know any command; the machine-*.ts files do.

import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { startClock } from '../law/clocks.ts';
import type { ClockOptions, StartedClock } from '../law/clocks.ts';
import { isCityDate } from '../../city/days.ts';
import type { ClockId, Law } from '../law/law.ts';
import type { LetterFields, LetterId, SharedFields } from '../law/letter-fields.ts';
import type { Facts } from './facts.ts';
import type { Channel, CityDate, NewEvent, RequestCommand, RequestEvent, RequestRecord } from './request.ts';
import type { RequestState, Withholding } from './request.ts';

/** When the command is given, and by whom. */
export type Moment = { readonly at: string; readonly onDate: CityDate; readonly actorId: string | null };

export type RunningClock = {
  readonly seq: number;
  readonly clock: ClockId;
  readonly subject: string | null;
  readonly startedOn: CityDate;
  readonly dueOn: CityDate;
};

/** `text` is what was asked for, as letters may show it. */
export type Situation = { readonly facts: Facts; readonly clocks: readonly RunningClock[]; readonly text: string };

export type ClockStart = StartedClock & { readonly subject: string | null };

/** What a letter is told beside the number and date that every letter has. */
export type OwnFields<Id extends LetterId> = Omit<LetterFields<Id>, keyof SharedFields>;

/** A letter by its template; `text` is what the staff made of it. To 'file': kept for the staff to send. */
export type LetterOrder = {
  readonly [Id in LetterId]: {
    readonly id: Id;
    readonly fields: OwnFields<Id>;
    readonly text: string | null;
    readonly to: 'requester' | 'file';
  };
}[LetterId];

export function toLetter<Id extends LetterId>(
  id: Id,
  fields: OwnFields<Id>,
  text: string | null = null,
  to: LetterOrder['to'] = 'requester',
): LetterOrder {
  return { id, fields, text, to } as LetterOrder; // one of the union, by its id
}

/** Words that came with the command and are kept sealed, apart from the event. */
export type MessageOrder = {
  readonly kind: string;
  readonly direction: 'in' | 'out' | 'note';
  readonly body: string;
  readonly via: Channel;
};

export type Words = {
  readonly subject?: string | null;
  readonly requesterType?: RequestRecord['requesterType'];
  readonly shownText?: string | null;
};

export type Change = {
  readonly set: Partial<Facts>;
  readonly event: NewEvent;
  readonly more: readonly NewEvent[];
  readonly start: readonly ClockStart[];
  /** Why a running clock stops now; null: it goes on. */
  readonly stop: (clock: RunningClock) => string | null;
  readonly letters: readonly LetterOrder[];
  readonly messages: readonly MessageOrder[];
  readonly words: Words;
};

export type ChangeParts = Partial<Omit<Change, 'event' | 'set'>>;

/** A change that does nothing but what it is told. */
export function toChange(
  kind: string,
  audience: RequestEvent['audience'],
  data: Readonly<Record<string, unknown>>,
  set: Partial<Facts>,
  parts: ChangeParts = {},
): Change {
  return {
    set,
    event: { kind, audience, data },
    more: [],
    start: [],
    stop: () => null,
    letters: [],
    messages: [],
    words: {},
    ...parts,
  };
}

export function begin(
  law: Law,
  clock: ClockId,
  startedOn: CityDate,
  options: ClockOptions = {},
  subject: string | null = null,
): ClockStart {
  return { ...startClock(law, clock, startedOn, options), subject };
}

/** Stops these clocks for a reason. */
export function stopping(reason: string, ...clocks: readonly ClockId[]): Change['stop'] {
  return ({ clock }) => (clocks.includes(clock) ? reason : null);
}

/** Clocks that go on when a request is closed: they tell what the law still gives, not what anybody has to do. */
export const lastingClocks: readonly ClockId[] = ['final-action', 'petition', 'court-limit', 'retention'];

export function isOpen(facts: Pick<Facts, 'state'>): boolean {
  return facts.state !== 'closed';
}

export function waitingOnOf(facts: Facts): RequestRecord['waitingOn'] {
  if (facts.undelivered && isOpen(facts)) return 'city'; // nobody can do what they were never told
  switch (facts.state) {
    case 'received':
    case 'in_progress':
      return 'city';
    case 'clarification':
      return facts.clarification?.extent === 'part' ? 'city' : 'requester';
    case 'awaiting_payment':
    case 'installment_ready':
      return 'requester';
    case 'notice_wait':
      return 'third_party';
    case 'closed':
      return null;
  }
}

function sayState(state: RequestState): Sentence {
  switch (state) {
    case 'received':
      return say('records.state-received');
    case 'in_progress':
      return say('records.state-in-progress');
    case 'clarification':
      return say('records.state-clarification');
    case 'awaiting_payment':
      return say('records.state-awaiting-payment');
    case 'notice_wait':
      return say('records.state-notice-wait');
    case 'installment_ready':
      return say('records.state-installment-ready');
    case 'closed':
      return say('records.state-closed');
  }
}

export function requireState(facts: Facts, command: RequestCommand, ...states: readonly RequestState[]): void {
  if (states.includes(facts.state)) return;
  const wanted = states.map(sayState).reduce((first, second) => say('records.state-or', { first, second }));
  throw new PortalError('conflict', {
    detail: say('records.state-wanted', { command: command.kind, wanted, state: sayState(facts.state) }),
    extra: { command: command.kind, state: facts.state },
  });
}

export function requireText(text: string, sentence: Sentence, field: string): string {
  const words = text.trim();
  if (words === '') refuseStep(field, sentence);
  return words;
}

/** A date that the City promises: today or later. */
export function requireComing(on: CityDate | null, now: Moment, what: Sentence, field: string): CityDate {
  if (on === null || on === '') refuseStep(field, say('records.needed', { what }));
  if (!isCityDate(on)) refuseStep(field, say('records.no-date', { what }));
  if (on < now.onDate) refuseStep(field, say('records.in-the-past', { what }));
  return on;
}

/** RCW 42.56.210(3): the specific exemption, and a brief explanation of how it applies to the record withheld. */
export function requireWithholdings(list: readonly Withholding[]): void {
  for (const [index, each] of list.entries()) {
    const missing = (['record', 'exemption', 'explanation'] as const).find((name) => each[name].trim() === '');
    if (missing === undefined) continue;
    refuseStep(`withheld.${index}.${missing}`, sayLacking(missing, list.length === 1 ? null : index + 1));
  }
}

/** `number`: which of several lacks it; null where there is one. */
function sayLacking(missing: 'record' | 'exemption' | 'explanation', number: number | null): Sentence {
  switch (missing) {
    case 'record':
      return number === null ? say('records.no-record') : say('records.no-record-in', { number });
    case 'exemption':
      return number === null ? say('records.no-exemption') : say('records.no-exemption-in', { number });
    case 'explanation':
      return number === null ? say('records.no-explanation') : say('records.no-explanation-in', { number });
  }
}

export function runningClock(situation: Situation, ...clocks: readonly ClockId[]): RunningClock | null {
  return situation.clocks.find(({ clock }) => clocks.includes(clock)) ?? null;
}
