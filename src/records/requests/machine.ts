// The state machine of a records request, pure: facts and a command in; new facts, events, clocks and letters out.
// It must not read a clock, a database or a permission; requests.ts does, and stores what is decided here.

import { refuseStep } from '../../base/fields.ts';
import type { ClockId, Law } from '../law/law.ts';
import { toEventData } from './event-clocks.ts';
import type { Facts } from './facts.ts';
import { reduceResponse } from './machine-responses.ts';
import { reduceEnding } from './machine-endings.ts';
import { reduceProgress } from './machine-progress.ts';
import { reduceWaiting } from './machine-waiting.ts';
import type { Change, Moment, Situation } from './machine-terms.ts';
import { isOpen, toChange, waitingOnOf } from './machine-terms.ts';
import type { NewEvent, RequestCommand, RequestRecord } from './request.ts';

export type { Moment, Situation } from './machine-terms.ts';

export type Decision = {
  readonly facts: Facts;
  readonly events: readonly NewEvent[];
  /** In the order in which they start. */
  readonly start: Change['start'];
  readonly stop: readonly { readonly seq: number; readonly reason: string }[];
  readonly letters: Change['letters'];
  readonly messages: Change['messages'];
  /** Columns that are no facts: words of the staff. */
  readonly words: Change['words'];
};

/** Throws conflict when the command does not fit the state, records-invalid when a guard names what is missing. */
export function decide(situation: Situation, command: RequestCommand, law: Law, now: Moment): Decision {
  const change = reduce(situation, command, law, now);
  const { facts, clocks } = situation;
  const next = { ...facts, ...change.set };
  const isChanged = Object.keys(change.set).length > 0;
  const told = { ...change.event.data, from: facts.state, to: next.state, ...(isChanged ? { set: change.set } : {}) };
  const data = toEventData(told);
  const stop = clocks
    .map((clock) => ({ seq: clock.seq, reason: change.stop(clock) }))
    .filter((each): each is { seq: number; reason: string } => each.reason !== null);
  return {
    facts: next,
    events: [{ ...change.event, data }, ...change.more],
    start: change.start,
    stop,
    letters: change.letters,
    messages: change.messages,
    words: change.words,
  };
}

function reduce(situation: Situation, command: RequestCommand, law: Law, now: Moment): Change {
  switch (command.kind) {
    case 'provide':
    case 'link':
    case 'acknowledge':
    case 'clarify':
    case 'answer-clarification':
    case 'lapse-clarification':
    case 'revise-estimate':
      return reduceResponse(situation, command, law, now);
    case 'notify':
    case 'end-notice':
    case 'injunction':
    case 'await-payment':
    case 'payment-settled':
    case 'release':
    case 'claim':
      return reduceProgress(situation, command, law, now);
    case 'close':
    case 'deny':
    case 'withdraw':
    case 'deny-bot':
    case 'reopen':
    case 'petition':
    case 'decide-review':
      return reduceEnding(situation, command, law, now);
    case 'remind':
    case 'give-time':
      return reduceWaiting(situation, command, law, now);
    case 'flag-litigation':
    case 'assign':
    case 'describe':
    case 'publish-page':
      return reduceKeeping(situation, command);
  }
}

type Keeping = Extract<RequestCommand, { readonly kind: 'flag-litigation' | 'assign' | 'describe' | 'publish-page' }>;

/** Changes that every state takes. */
function reduceKeeping({ facts }: Situation, command: Keeping): Change {
  switch (command.kind) {
    case 'flag-litigation':
      if (facts.litigationHold === command.on)
        refuseStep(null, command.on ? 'The hold is on already.' : 'There is no hold.');
      if (command.note.trim() === '')
        refuseStep('note', 'A litigation hold needs a note that says which claim it is for.');
      return toChange(
        'litigation-flagged',
        'staff',
        { on: command.on, note: command.note },
        {
          litigationHold: command.on,
        },
      );
    case 'assign':
      return toChange(
        'assigned',
        'staff',
        { department: command.department, assignee: command.assignee },
        {
          department: command.department,
          assignee: command.assignee,
        },
      );
    case 'describe': {
      const { kind: _kind, ...given } = command;
      const fields = Object.keys(given).filter((name) => given[name as keyof typeof given] !== undefined);
      if (fields.length === 0) refuseStep(null, 'Nothing was changed.');
      return { ...toChange('described', 'staff', { fields }, {}), words: given };
    }
    case 'publish-page':
      if (facts.visibility === command.visibility) refuseStep(null, `The page is ${command.visibility} already.`);
      return toChange(
        'page-published',
        'requester',
        { visibility: command.visibility },
        {
          visibility: command.visibility,
        },
      );
  }
}

/** The City's own running duty: the first response, the date it set, or the answer to a petition. */
const duties: readonly ClockId[] = ['first-response', 'estimate', 'petition'];

export type RunningDuty = Pick<RequestRecord, 'nextDueOn' | 'nextDuty' | 'waitingOn'>;

/** Who has to act, and by when the City has to. While the requester has to, no date of the City's stands against it. */
export function dutyOf(
  facts: Facts,
  clocks: readonly { readonly clock: ClockId; readonly dueOn: string }[],
): RunningDuty {
  const waitingOn = isOpen(facts) ? waitingOnOf(facts) : null;
  const own = clocks.filter(
    ({ clock }) => duties.includes(clock) && (waitingOn !== 'requester' || clock === 'petition'),
  );
  const next = own.reduce<(typeof own)[number] | null>(
    (first, each) => (first === null || each.dueOn < first.dueOn ? each : first),
    null,
  );
  return { nextDueOn: next?.dueOn ?? null, nextDuty: next?.clock ?? null, waitingOn };
}
