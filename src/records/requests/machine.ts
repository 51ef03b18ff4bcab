// The state machine of a records request, pure: facts and a command in; new facts, events, clocks and letters out.
// It must not read a clock, a database or a permission; requests.ts does, and stores what is decided here.

import type { ClockId, Law } from '../law/law.ts';
import { commands } from './commands.ts';
import { toEventData } from './event-clocks.ts';
import type { Facts } from './facts.ts';
import type { Change, Moment, Situation } from './machine-terms.ts';
import { isOpen, requireState, waitingOnOf } from './machine-terms.ts';
import type { CommandKind, CommandOf, NewEvent, RequestCommand, RequestRecord } from './request.ts';

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
  const { facts, clocks } = situation;
  requireState(facts, command, ...commands[command.kind].from);
  const change = withoutOldReturn(facts, reduce(situation, command, law, now));
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

/** Once the request goes on, it no longer matters that a letter about where it stood came back. */
function withoutOldReturn(facts: Facts, change: Change): Change {
  const { state } = change.set;
  if (!facts.undelivered || state === undefined || state === facts.state) return change;
  return { ...change, set: { undelivered: null, ...change.set } };
}

/** By the command's own row: the type of the table pairs each kind with the function that takes it. */
function reduce<K extends CommandKind>(situation: Situation, command: CommandOf<K>, law: Law, now: Moment): Change {
  const { reduce: take } = commands[command.kind as K];
  return take(situation, command, law, now);
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
