// While the requester is waited for: the reminder before their time ends, the time given again, and a letter of ours
// that came back.
// It must never shorten what they have: a date against the requester only moves to a later one.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import { businessDayFrom } from '../../city/calendar.ts';
import { addDays, daysBetween, sayDay } from '../../city/days.ts';
import { calendarOn } from '../../city/calendar.ts';
import type { Law } from '../law/law.ts';
import type { Facts, RequesterClock } from './facts.ts';
import { reminderSent } from './facts.ts';
import { requirePassed } from './machine-responses.ts';
import { begin, requireText, runningClock, stopping, toChange, toLetter } from './machine-terms.ts';
import type { Change, ClockStart, LetterOrder, Moment, RunningClock, Situation } from './machine-terms.ts';
import type { CityDate, CommandOf } from './request.ts';

/** How long before the end of the time a reminder must have gone out. Policy of this portal. */
export const reminderDays = 7;

/** Rows 7 and 18: the time has passed, and a reminder went out at least seven days before. */
export function requireReminded(situation: Situation, clock: RequesterClock, now: Moment): void {
  requirePassed(situation, clock, now);
  const reminded = situation.facts.reminders[clock];
  const { dueOn } = runningClock(situation, clock)!; // requirePassed has seen it
  if (reminded === undefined || daysBetween(reminded, dueOn) < reminderDays) {
    refuseStep('outcome', say('records.no-reminder', { days: reminderDays, on: sayDay(dueOn) }));
  }
}

/**
 * Once for each clock. One that goes out too late to count takes the date with it, so that whoever is reminded has the
 * full seven days. Where a part is clear nothing is abandoned: that part waits for no reminder, and no date moves.
 */
export function remind(situation: Situation, command: CommandOf<'remind'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const running = requireWaiting(situation);
  const clock = running.clock;
  if (facts.reminders[clock] !== undefined) refuseStep(null, say('records.reminded'));
  const isPart = facts.clarification?.extent === 'part';
  if (isPart && running.dueOn < now.onDate) refuseStep(null, say('records.time-passed'));
  const isLate = !isPart && daysBetween(now.onDate, running.dueOn) < reminderDays;
  const moved = isLate ? [beginLater(law, running, now)] : [];
  const dueOn = moved[0]?.dueOn ?? running.dueOn;
  const data = { clock, dueOn, ...(isLate ? { before: running.dueOn } : {}) };
  const set: Partial<Facts> = {
    reminders: { ...facts.reminders, [clock]: now.onDate },
    ...(isLate ? { proposal: null } : {}),
  };
  return toChange(reminderSent, 'requester', data, set, {
    start: moved,
    stop: isLate ? stopping('reminded late', clock) : () => null,
    letters: [toReminder(facts, clock, command.question, dueOn)],
  });
}

function beginLater(law: Law, running: WaitingClock, now: Moment): ClockStart {
  const dueOn = businessDayFrom(calendarOn(law, now.onDate), addDays(now.onDate, reminderDays));
  const setBy = `because the reminder went out late: ${reminderDays} days from it, the portal’s default`;
  return begin(law, running.clock, now.onDate, { dueOn, setBy }, running.subject);
}

function toReminder(facts: Facts, clock: RequesterClock, question: string | null, dueOn: CityDate): LetterOrder {
  switch (clock) {
    case 'clarification':
      return toLetter('reminder-unclarified', {
        question: requireText(question ?? '', say('records.question-not-on-file'), 'question'),
        answerBy: dueOn,
      });
    case 'claim':
      return toLetter('reminder-unclaimed', { claimBy: dueOn });
    case 'payment': {
      const { name, cents } = facts.invoice!; // set as long as a payment is awaited
      return toLetter('reminder-unpaid', { invoice: name, total: cents, payBy: dueOn });
    }
  }
}

/**
 * A records officer gives the whole time once more: because no reminder went out, or because the requester needs it.
 */
export function giveTime(situation: Situation, command: CommandOf<'give-time'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const running = facts.undelivered ? null : requireWaiting(situation);
  const { clock, subject } = running ?? facts.undelivered!;
  const again = begin(law, clock, now.onDate, {}, subject);
  if (running !== null && again.dueOn <= running.dueOn) {
    refuseStep(null, say('records.until-already', { on: sayDay(running.dueOn), again: sayDay(again.dueOn) }));
  }
  const { [clock]: _told, ...reminders } = facts.reminders;
  const fields = {
    until: again.dueOn,
    toAnswer: clock === 'clarification',
    toClaim: clock === 'claim',
    toPay: clock === 'payment',
    message: command.message.trim() || null,
  };
  const data = { clock, ...(running === null ? {} : { before: running.dueOn }), until: again.dueOn };
  return toChange(
    'time-given',
    'requester',
    data,
    { reminders, proposal: null, undelivered: null },
    {
      start: [again],
      stop: stopping('given again', clock),
      letters: [toLetter('time-again', fields)],
    },
  );
}

/** The letters that a clock against the requester relies on; one that gives the time again, on whichever runs. */
const relied: Readonly<Record<string, readonly RequesterClock[]>> = {
  clarification: ['clarification'],
  'reminder-unclarified': ['clarification'],
  installment: ['claim'],
  'reminder-unclaimed': ['claim'],
  invoice: ['payment'],
  'customized-charge': ['payment'],
  'reminder-unpaid': ['payment'],
  'time-again': ['clarification', 'claim', 'payment'],
};

/** Nobody loses a request for not having answered what never reached them: the clock stands still. */
export function letterReturned(situation: Situation, { letter }: CommandOf<'letter-returned'>): Change {
  const running = runningClock(situation, ...(relied[letter] ?? []));
  if (running === null) return toChange('letter-returned', 'staff', { letter }, {});
  const clock = running.clock as RequesterClock; // one of those that were asked for
  const set: Partial<Facts> = { undelivered: { clock, subject: running.subject }, proposal: null };
  return toChange('letter-returned', 'staff', { letter, clock }, set, { stop: stopping('a letter came back', clock) });
}

type WaitingClock = RunningClock & { readonly clock: RequesterClock };

/** The clock that runs against the requester: each of the three states has exactly one. */
function requireWaiting(situation: Situation): WaitingClock {
  if (situation.facts.undelivered) refuseStep(null, say('records.not-reached'));
  const running = runningClock(situation, 'clarification', 'claim', 'payment');
  if (running === null) refuseStep(null, say('records.no-time-runs'));
  return running as WaitingClock; // one of the three that were asked for
}
