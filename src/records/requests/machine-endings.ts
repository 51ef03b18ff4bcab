// How a request ends, is reviewed, and begins again.
// It must never end one for want of an answer before the time has passed and a reminder has gone out in time.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import type { Law } from '../law/law.ts';
import type { Facts } from './facts.ts';
import { atClose, closed, dueOf, lastClocks, requirePassed, responded, toClosing } from './machine-responses.ts';
import { begin, requireComing, requireState, requireText } from './machine-terms.ts';
import { requireWithholdings, runningClock, stopping, toChange, toLetter } from './machine-terms.ts';
import type { GeneralOutcome } from './machine-responses.ts';
import { requireReminded } from './machine-waiting.ts';
import type { Change, ChangeParts, ClockStart, LetterOrder, Moment, Situation } from './machine-terms.ts';
import type { CityDate, CommandOf, Outcome, RequestState } from './request.ts';

/** From which states an outcome can be given by `close`. The other outcomes have commands of their own. */
const closable: Readonly<Partial<Record<Outcome, readonly RequestState[]>>> = {
  fulfilled: ['in_progress'],
  partial: ['in_progress'],
  no_responsive_records: ['received', 'in_progress'],
  not_our_records: ['received', 'in_progress'],
  not_identifiable: ['in_progress', 'clarification'],
  abandoned_unclarified: ['clarification'],
  abandoned_unclaimed: ['installment_ready'],
  abandoned_unpaid: ['awaiting_payment'],
};

const ownCommands: Readonly<Partial<Record<Outcome, string>>> = {
  fulfilled_by_link: 'link',
  denied: 'deny',
  withdrawn: 'withdraw',
  bot_denied: 'deny-bot',
};

/** Rows 7, 17 and 18, and the ends that need a written reason. */
export function close(situation: Situation, command: CommandOf<'close'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const { outcome } = command;
  const states = closable[outcome];
  if (states === undefined)
    refuseStep('outcome', say('records.outcome-by-other', { outcome, command: ownCommands[outcome] ?? outcome }));
  requireState(facts, command, ...states);
  const reason = command.reason.trim();
  requireGrounds(situation, outcome, reason, now);
  const start = [begin(law, 'court-limit', now.onDate)];
  const letter = toCloseLetter(situation, outcome, reason || null, command.letter.trim() || null, start);
  const isFirst = facts.respondedAt === null ? responded('provided', now) : {};
  return toChange(
    'closed',
    'public',
    { outcome, reason: reason || null },
    {
      ...isFirst,
      ...closed(outcome, reason || null, now),
    },
    { start, stop: atClose, letters: [letter] },
  );
}

function toCloseLetter(
  situation: Situation,
  outcome: Outcome,
  reason: string | null,
  text: string | null,
  start: readonly ClockStart[],
): LetterOrder {
  const { facts } = situation;
  const limitOn = dueOf(start, 'court-limit');
  switch (outcome) {
    case 'abandoned_unclarified':
      return toLetter('closing-unclarified', { question: null, askedOn: facts.clarification!.askedOn, limitOn }, text);
    case 'abandoned_unclaimed':
      return toLetter('closing-unclaimed', { readyOn: facts.installment!.readyOn, limitOn }, text);
    case 'abandoned_unpaid':
      return toLetter('closing-unpaid', { invoice: facts.invoice!.name, total: facts.invoice!.cents, limitOn }, text);
    default: {
      const finalOn = runningClock(situation, 'final-action')?.dueOn ?? null;
      // `closable` has no other.
      const ending = { outcome: outcome as GeneralOutcome, reason, withheld: facts.withheld };
      return toClosing(ending, start, finalOn, text);
    }
  }
}

function requireGrounds(situation: Situation, outcome: Outcome, reason: string, now: Moment): void {
  const { facts } = situation;
  switch (outcome) {
    case 'fulfilled':
    case 'partial':
      if (facts.installments === 0) refuseStep('outcome', say('records.nothing-released'));
      if ((outcome === 'partial') !== facts.withheld.length > 0) {
        refuseStep(
          'outcome',
          facts.withheld.length > 0 ? say('records.withheld-partial') : say('records.withheld-nothing'),
        );
      }
      return;
    case 'no_responsive_records':
      if (facts.installments > 0) refuseStep('outcome', say('records.released-no-records'));
      requireText(reason, say('records.where-searched'), 'reason');
      return;
    case 'not_our_records':
      requireText(reason, say('records.why-not-held'), 'reason');
      return;
    case 'not_identifiable':
      if (facts.clarifications === 0) refuseStep('outcome', say('records.ask-first'));
      if (facts.state === 'clarification') requirePassed(situation, 'clarification', now);
      requireText(reason, say('records.why-not-told'), 'reason');
      return;
    case 'abandoned_unclarified':
      if (facts.clarification?.extent !== 'whole') {
        refuseStep('outcome', say('records.part-clear'));
      }
      requireReminded(situation, 'clarification', now);
      return;
    case 'abandoned_unclaimed':
      requireReminded(situation, 'claim', now);
      return;
    case 'abandoned_unpaid':
      requireReminded(situation, 'payment', now);
      return;
    default:
      return;
  }
}

/** Row 19. */
export function deny({ facts }: Situation, command: CommandOf<'deny'>, law: Law, now: Moment): Change {
  const { withheld } = command;
  if (withheld.length === 0) refuseStep('withheld', say('records.denial-names'));
  requireWithholdings(withheld);
  const isFirst = facts.respondedAt === null ? responded('denied', now) : {};
  const start = lastClocks(law, now, true);
  const fields = {
    withheld,
    reasons: null,
    finalOn: dueOf(start, 'final-action'),
    limitOn: dueOf(start, 'court-limit'),
  };
  const letter = toLetter('denial', fields, command.letter.trim() || null);
  return toChange(
    'denied',
    'public',
    { withheld },
    {
      ...isFirst,
      ...closed('denied', null, now),
      withheld: [...facts.withheld, ...withheld],
      deniedAt: now.at,
      deniedBy: now.actorId,
    },
    { start, stop: atDenial, letters: [letter] },
  );
}

const atDenial: Change['stop'] = (clock) => (clock.clock === 'final-action' ? 'a later denial' : atClose(clock));

/** Row 20. What was produced before keeps its year. */
export function withdraw(_situation: Situation, command: CommandOf<'withdraw'>, _law: Law, now: Moment): Change {
  return toChange('withdrawn', 'public', { via: command.via }, closed('withdrawn', null, now), {
    stop: (clock) => (clock.clock === 'court-limit' ? null : atClose(clock)),
    letters: [toLetter('withdrawal', {})],
  });
}

/** Row 21, RCW 42.56.080(3): one of several within 24 hours, and a finding by a person. */
export function denyBot({ facts }: Situation, command: CommandOf<'deny-bot'>, law: Law, now: Moment): Change {
  const others = [...new Set(command.others.map((each) => each.trim()).filter((each) => each !== ''))];
  if (others.length === 0) refuseStep('others', say('records.name-another'));
  const belief = requireText(command.belief, say('records.why-automatic'), 'belief');
  const interference = requireText(command.interference, say('records.functions-interfered'), 'interference');
  const isFirst = facts.respondedAt === null ? responded('denied', now) : {};
  const start = lastClocks(law, now, true);
  return toChange(
    'denied-as-bot',
    'public',
    { belief, interference, others },
    {
      ...isFirst,
      ...closed('bot_denied', belief, now),
      deniedAt: now.at,
      deniedBy: now.actorId,
    },
    {
      start,
      stop: atDenial,
      letters: [
        toLetter('denial-bot', {
          belief,
          interference,
          finalOn: dueOf(start, 'final-action'),
          limitOn: dueOf(start, 'court-limit'),
        }),
      ],
    },
  );
}

/** Row 22: the number stays, a new cycle begins. */
export function reopen({ facts }: Situation, command: CommandOf<'reopen'>, law: Law, now: Moment): Change {
  const reason = requireText(command.reason, say('records.why-reopened'), 'reason');
  const estimateOn = requireComing(command.estimateOn, now, say('records.date-of-estimate'), 'estimateOn');
  const data = { reason, estimateOn, cycle: facts.cycle + 1 };
  return toChange('reopened', 'public', data, reopened(facts, estimateOn, false), {
    ...reopening(law, now, estimateOn),
    letters: [toLetter('reopening', { reason, estimateOn })],
  });
}

/** What was withheld of a request that was answered in part still is, unless the refusal was reversed. */
function reopened(facts: Facts, estimateOn: CityDate, isReversed: boolean): Partial<Facts> {
  return {
    state: 'in_progress',
    cycle: facts.cycle + 1,
    outcome: null,
    outcomeReason: null,
    closedAt: null,
    closedOn: null,
    estimateOn,
    estimates: facts.estimates + 1,
    withheld: facts.outcome === 'partial' && !isReversed ? facts.withheld : [],
    clarifications: 0,
    installment: null,
  };
}

/** A new close starts a new year (Cousins v. DOC); the old one is told no longer. */
function reopening(law: Law, now: Moment, estimateOn: CityDate): Pick<ChangeParts, 'start' | 'stop'> {
  return {
    start: [
      begin(law, 'estimate', now.onDate, { dueOn: estimateOn, setBy: 'by the City as it opened the request again' }),
    ],
    stop: stopping('opened again', 'court-limit', 'retention'),
  };
}

/** Row 23, first half. The second business day after the denial is not moved by it. */
export function petition(situation: Situation, command: CommandOf<'petition'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  if (facts.deniedAt === null) refuseStep(null, say('records.nothing-refused'));
  if (facts.reviewState === 'under_review') refuseStep(null, say('records.review-under-way'));
  const text = requireText(command.text, say('records.review-what'), 'text');
  const petition = begin(law, 'petition', now.onDate);
  const finalOn = runningClock(situation, 'final-action')?.dueOn ?? begin(law, 'final-action', now.onDate).dueOn;
  return toChange(
    'petitioned',
    'requester',
    { via: command.via, decideBy: petition.dueOn },
    { reviewState: 'under_review' },
    {
      start: [petition],
      messages: [{ kind: 'petition', direction: 'in', body: text, via: command.via }],
      letters: [toLetter('petition-receipt', { answerBy: petition.dueOn, finalOn })],
    },
  );
}

/** Row 23, second half: by somebody other than the one who refused. What is reversed is opened again. */
export function decideReview(situation: Situation, command: CommandOf<'decide-review'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const { decision } = command;
  if (facts.reviewState !== 'under_review') refuseStep(null, say('records.no-review'));
  if (facts.deniedBy !== null && facts.deniedBy === now.actorId) {
    refuseStep(null, say('records.review-own'));
  }
  const reasons = requireText(command.reasons, say('records.review-reasons'), 'reasons');
  const opensAgain =
    facts.state === 'closed' && (decision === 'reversed' || command.estimateOn !== null) && decision !== 'affirmed';
  const estimateOn = opensAgain
    ? requireComing(command.estimateOn, now, say('records.date-of-given'), 'estimateOn')
    : null;
  const limitOn = runningClock(situation, 'court-limit')?.dueOn ?? begin(law, 'court-limit', now.onDate).dueOn;
  const again = estimateOn === null ? null : reopening(law, now, estimateOn);
  const isReversed = decision === 'reversed';
  const stop: Change['stop'] = (clock) => (clock.clock === 'petition' ? 'decided' : (again?.stop?.(clock) ?? null));
  const data = { decision, estimateOn, ...(estimateOn === null ? {} : { cycle: facts.cycle + 1 }) };
  return toChange(
    'review-decided',
    'public',
    data,
    {
      reviewState: decision,
      ...(estimateOn === null ? {} : reopened(facts, estimateOn, isReversed)),
    },
    {
      start: again?.start ?? [],
      stop,
      letters: [toLetter('review-decision', { decision, reasons, estimateOn, limitOn })],
    },
  );
}
