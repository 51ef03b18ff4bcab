// The five ways of RCW 42.56.520(1) to answer within five business days, clarification, and estimates.
// It must never let a bare receipt, or a promise without a date, count as an answer.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import { sayDay } from '../../city/days.ts';
import type { ClockId, Law } from '../law/law.ts';
import { estimateGroundWords } from '../law/letter-choices.ts';
import type { outcomeWords } from '../law/letter-choices.ts';
import type { Facts } from './facts.ts';
import { begin, lastingClocks, requireComing, requireText, toChange } from './machine-terms.ts';
import { requireWithholdings, runningClock, stopping, toLetter } from './machine-terms.ts';
import type { Change, ClockStart, LetterOrder, Moment, Situation } from './machine-terms.ts';
import { estimateGrounds } from './request.ts';
import type { CityDate, CommandOf, Withholding } from './request.ts';

/** Outcomes that the general closing letter tells. */
export type GeneralOutcome = keyof typeof outcomeWords;

/** Stops everything that a closed request no longer has. */
export const atClose: Change['stop'] = ({ clock }) =>
  lastingClocks.includes(clock) && clock !== 'court-limit' ? null : 'closed';

export function dueOf(started: readonly ClockStart[], clock: ClockId): CityDate {
  return started.find((each) => each.clock === clock)!.dueOn; // begun by the caller
}

/** How a request ended: with what outcome, for what reason, and what of it is withheld. */
type Ending = {
  readonly outcome: GeneralOutcome;
  readonly reason: string | null;
  readonly withheld: readonly Withholding[];
};

/** The closing letter makes plain that this is the end of it, and from when the law counts (Cousins v. DOC). */
export function toClosing(
  { outcome, reason, withheld }: Ending,
  started: readonly ClockStart[],
  finalOn = started.find(({ clock }) => clock === 'final-action')?.dueOn ?? null,
  text: string | null = null,
): LetterOrder {
  const limitOn = dueOf(started, 'court-limit');
  return toLetter('closing', { outcome, reason, withheld, finalOn, limitOn, questionsBy: null }, text);
}

/** The year of RCW 42.56.550(6), told as information. The final action runs where something was refused. */
export function lastClocks(law: Law, now: Moment, hasWithheld: boolean): readonly ClockStart[] {
  return [...(hasWithheld ? [begin(law, 'final-action', now.onDate)] : []), begin(law, 'court-limit', now.onDate)];
}

/** Row 2: everything is given at once. */
export function provide({ facts }: Situation, command: CommandOf<'provide'>, law: Law, now: Moment): Change {
  const message = requireText(command.message, say('records.provided-what'), 'message');
  requireWithholdings(command.withheld);
  const hasWithheld = command.withheld.length > 0;
  const outcome = hasWithheld ? 'partial' : 'fulfilled';
  const { withheld, electronic } = command;
  const start = lastClocks(law, now, hasWithheld);
  const letter = toClosing({ outcome, reason: message, withheld }, start);
  return toChange(
    'provided',
    'requester',
    { outcome, electronic, withheld },
    {
      ...responded('provided', now),
      ...closed(outcome, null, now),
      firstProductionOn: facts.firstProductionOn ?? now.onDate,
      withheld,
      ...(hasWithheld ? { deniedAt: now.at, deniedBy: now.actorId } : {}),
    },
    { start, stop: atClose, letters: [letter] },
  );
}

/** Row 3: an address that leads to the specific records, which are public as it is sent. */
export function link({ facts }: Situation, command: CommandOf<'link'>, law: Law, now: Moment): Change {
  const links = command.links.map((each) => each.trim()).filter((each) => each !== '');
  if (links.length === 0) refuseStep('links', say('records.address-give'));
  const wrong = links.find((each) => !isWebAddress(each));
  if (wrong !== undefined) refuseStep('links', say('records.address-wrong', { address: wrong.slice(0, 100) }));
  const start = lastClocks(law, now, false);
  const message = command.message.trim() || null;
  return toChange(
    'linked',
    'requester',
    { links },
    {
      ...responded('linked', now),
      ...closed('fulfilled_by_link', null, now),
      firstProductionOn: facts.firstProductionOn ?? now.onDate,
    },
    {
      start,
      stop: atClose,
      letters: [toLetter('link', { links, message, limitOn: dueOf(start, 'court-limit') })],
    },
  );
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

/** Row 4. A date for the first records is the estimate; a date by which an estimate will come is none (CaseHP). */
export function acknowledge({ facts }: Situation, command: CommandOf<'acknowledge'>, law: Law, now: Moment): Change {
  const estimateOn = requireComing(command.estimateOn, now, say('records.date-of-reasonable'), 'estimateOn');
  return toChange(
    'acknowledged',
    'public',
    { estimateOn },
    {
      state: 'in_progress',
      ...responded('estimated', now),
      estimateOn,
      estimates: facts.estimates + 1,
    },
    {
      start: [begin(law, 'estimate', now.onDate, { dueOn: estimateOn, setBy: 'by the City in its five-day letter' })],
      stop: stopping('answered', 'first-response'),
      letters: [toLetter('five-day', { estimateOn, message: command.message.trim() || null })],
    },
  );
}

/** Row 5. Waiting for an answer never moves the first response: the question, complete, is the response. */
export function clarify(situation: Situation, command: CommandOf<'clarify'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const question = requireText(command.question, say('records.unclear-what'), 'question');
  const noEstimateReason = command.noEstimateReason?.trim() ?? '';
  if (command.estimateOn === null && noEstimateReason === '') {
    refuseStep('estimateOn', say('records.unclear-estimate'));
  }
  const given =
    command.estimateOn === null
      ? null
      : requireComing(command.estimateOn, now, say('records.date-of-unclarified'), 'estimateOn');
  const isPart = command.extent === 'part';
  const running = runningClock(situation, 'estimate');
  if (isPart && given === null && running === null) {
    refuseStep('estimateOn', say('records.clear-part-estimate'));
  }
  const isNew = isPart && given !== null && running === null;
  const asked = begin(law, 'clarification', now.onDate);
  const shown = given ?? (isPart ? (running?.dueOn ?? null) : null);
  const fields = {
    question,
    isWhole: !isPart,
    answerBy: asked.dueOn,
    estimateOn: shown,
    noEstimateReason: shown === null ? noEstimateReason : null,
  };
  const data = { extent: command.extent, estimateOn: given, noEstimateReason: noEstimateReason || null };
  return toChange(
    'clarification-asked',
    'public',
    data,
    {
      state: 'clarification',
      ...(facts.respondedAt === null ? responded('clarification', now) : {}),
      ...(given !== null && facts.estimateOn === null ? { estimateOn: given, estimates: facts.estimates + 1 } : {}),
      clarification: { extent: command.extent, askedOn: now.onDate },
      clarifications: facts.clarifications + 1,
    },
    {
      start: [...(isNew ? [begin(law, 'estimate', now.onDate, { dueOn: given })] : []), asked],
      stop: isPart
        ? stopping('answered', 'first-response')
        : stopping('the whole request is being clarified', 'first-response', 'estimate'),
      letters: [toLetter('clarification', fields)],
    },
  );
}

/** Row 6. */
export function answerClarification(
  situation: Situation,
  command: CommandOf<'answer-clarification'>,
  law: Law,
  now: Moment,
): Change {
  const answer = requireText(command.answer, say('records.answer-write'), 'answer');
  const resumed = resume(situation, law, now, 'after the answer to a question');
  return toChange(
    'clarification-answered',
    'public',
    { via: command.via, estimateOn: resumed.estimateOn },
    {
      state: 'in_progress',
      ...resumed.set,
      clarification: null,
      proposal: null,
      reminders: {},
    },
    {
      start: resumed.start,
      stop: (clock) => (clock.clock === 'clarification' ? 'answered' : resumed.stop(clock)),
      messages: [{ kind: 'clarification-answer', direction: 'in', body: answer, via: command.via }],
      letters: [toLetter('clarified', { estimateOn: resumed.estimateOn, message: null })],
    },
  );
}

/**
 * When the requester was waited for, the estimate that stands is kept if the City still has its five business days
 * until then; else it moves to their end. Policy of this portal: no law counts these days.
 */
export function resume(
  situation: Situation,
  law: Law,
  now: Moment,
  why: string,
): { estimateOn: CityDate; set: Partial<Facts>; start: readonly ClockStart[]; stop: Change['stop'] } {
  const { facts } = situation;
  const soonest = begin(law, 'first-response', now.onDate).dueOn;
  const running = runningClock(situation, 'estimate');
  const standing = running?.dueOn ?? facts.estimateOn;
  if (running !== null && running.dueOn >= soonest) {
    return { estimateOn: running.dueOn, set: {}, start: [], stop: () => null };
  }
  const estimateOn = standing !== null && standing > soonest ? standing : soonest;
  const setBy = `${why}: the estimate that stood, or five business days where less was left`;
  const isMoved = estimateOn !== facts.estimateOn;
  return {
    estimateOn,
    set: isMoved ? { estimateOn, estimates: facts.estimates + 1 } : {},
    start: [begin(law, 'estimate', now.onDate, { dueOn: estimateOn, setBy })],
    stop: stopping(`moved ${why}`, 'estimate'),
  };
}

/** Rows 7 and 8: the time for an answer has passed. What is clear goes on; else closing is proposed. */
export function lapseClarification(
  situation: Situation,
  command: CommandOf<'lapse-clarification'>,
  _law: Law,
  now: Moment,
): Change {
  const { facts } = situation;
  requirePassed(situation, 'clarification', now);
  if (facts.clarification?.extent === 'part') {
    return toChange(
      'clarification-lapsed',
      'public',
      {},
      { state: 'in_progress', clarification: null, reminders: {} },
      {
        stop: stopping('lapsed', 'clarification'),
        letters: [
          toLetter('proceeding', { question: null, estimateOn: runningClock(situation, 'estimate')?.dueOn ?? null }),
        ],
      },
    );
  }
  const proposal = 'abandoned_unclarified';
  if (facts.proposal === proposal) refuseStep(null, say('records.closing-proposed'));
  return toChange('closing-proposed', 'staff', { outcome: proposal }, { proposal });
}

/** The whole last day belongs to the requester. */
export function requirePassed(situation: Situation, clock: 'clarification' | 'claim' | 'payment', now: Moment): void {
  if (situation.facts.undelivered) refuseStep(null, say('records.not-reached'));
  const running = runningClock(situation, clock);
  if (running === null) refuseStep(null, say('records.no-clock', { clock }));
  if (running.dueOn >= now.onDate) refuseStep(null, say('records.requester-has-until', { on: sayDay(running.dueOn) }));
}

/** Row 9: before the old date passes, on one of the four grounds of RCW 42.56.520(2). */
export function reviseEstimate(
  situation: Situation,
  command: CommandOf<'revise-estimate'>,
  law: Law,
  now: Moment,
): Change {
  const { facts } = situation;
  const running = runningClock(situation, 'estimate');
  if (running === null) refuseStep(null, say('records.no-estimate'));
  if (running.dueOn < now.onDate) {
    refuseStep(null, say('records.estimate-passed', { on: sayDay(running.dueOn) }));
  }
  if (!estimateGrounds.includes(command.ground)) refuseStep('ground', say('records.more-time-grounds'));
  const estimateOn = requireComing(command.estimateOn, now, say('records.date-of-revised'), 'estimateOn');
  if (estimateOn === running.dueOn) refuseStep('estimateOn', say('records.date-same'));
  const message = requireText(command.message, say('records.more-time-why'), 'message');
  const fields = { previousOn: running.dueOn, estimateOn, ground: command.ground, message };
  const setBy = `by the City, to ${estimateGroundWords[command.ground]} (RCW 42.56.520(2))`;
  return toChange(
    'estimate-revised',
    'public',
    { before: running.dueOn, estimateOn, ground: command.ground },
    {
      estimateOn,
      estimates: facts.estimates + 1,
    },
    {
      start: [begin(law, 'estimate', now.onDate, { dueOn: estimateOn, setBy })],
      stop: stopping('revised', 'estimate'),
      letters: [toLetter('estimate-revision', fields)],
    },
  );
}

export function responded(
  kind: NonNullable<Facts['responseKind']>,
  now: Moment,
): Pick<Facts, 'respondedAt' | 'responseKind'> {
  return { respondedAt: now.at, responseKind: kind };
}

export function closed(outcome: NonNullable<Facts['outcome']>, reason: string | null, now: Moment): Partial<Facts> {
  return {
    state: 'closed',
    resumeState: null,
    outcome,
    outcomeReason: reason,
    closedAt: now.at,
    closedOn: now.onDate,
    clarification: null,
    notice: null,
    invoice: null,
    proposal: null,
    reminders: {},
  };
}
