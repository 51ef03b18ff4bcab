// What happens while a request is worked on: notices to third parties, payments, installments and their claim.
// It must not count money or pages; it knows only that they were invoiced, paid, released or claimed.

import { refuseStep } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { sayDay } from '../../city/days.ts';
import type { Law } from '../law/law.ts';
import type { Facts } from './facts.ts';
import { atClose, closed, lastClocks, resume, toClosing } from './machine-responses.ts';
import { begin, requireComing, requireText, requireWithholdings } from './machine-terms.ts';
import { runningClock, stopping, toChange, toLetter } from './machine-terms.ts';
import type { Change, LetterOrder, Moment, Situation } from './machine-terms.ts';
import type { CommandOf } from './request.ts';

/** Whom RCW 42.56.250 wants notified when the records are in an employee's file alone. */
const employeeFileRecipients = ['employee', 'union', 'requester'] as const;

/** Row 11. */
export function notify(situation: Situation, command: CommandOf<'notify'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const records = requireText(command.records, say('records.notice-about'), 'records');
  const isEmployee = command.notice === 'employee-file';
  const recipients = command.recipients.map((each) => each.trim().toLowerCase()).filter((each) => each !== '');
  const missing = isEmployee ? employeeFileRecipients.find((each) => !recipients.includes(each)) : undefined;
  if (missing !== undefined) {
    refuseStep('recipients', sayMissing(missing));
  }
  if (recipients.length === 0) refuseStep('recipients', say('records.notice-who'));
  if (command.noticeOn > now.onDate) refuseStep('noticeOn', say('records.notice-to-come'));
  if (command.noticeOn < facts.receivedOn) refuseStep('noticeOn', say('records.notice-older'));
  const clock = isEmployee ? 'employee-notice' : 'third-party-notice';
  const started = begin(law, clock, command.noticeOn);
  const releaseOn = started.basis.actOn ?? started.dueOn;
  const letters: readonly LetterOrder[] = [
    isEmployee
      ? toLetter('notice-employee', { requestedOn: facts.receivedOn, records, releaseOn }, null, 'file')
      : toLetter('notice-third-party', { requestText: situation.text, records, releaseOn }, null, 'file'),
    toLetter('notice-requester', { records, releaseOn, isEmployeeFile: isEmployee }),
  ];
  const data = { notice: command.notice, recipients, noticeOn: command.noticeOn, until: started.dueOn };
  const set = { state: 'notice_wait', resumeState: facts.state, notice: { clock, injunction: null } } as const;
  return toChange('notified', 'requester', data, set, { start: [started], letters });
}

function sayMissing(recipient: (typeof employeeFileRecipients)[number]): Sentence {
  switch (recipient) {
    case 'employee':
      return say('records.notice-no-employee');
    case 'union':
      return say('records.notice-no-union');
    case 'requester':
      return say('records.notice-no-requester');
  }
}

/** Row 12: strictly after the last day of the notice, and never against an injunction. */
export function endNotice(situation: Situation, command: CommandOf<'end-notice'>, _law: Law, now: Moment): Change {
  const { facts } = situation;
  const running = runningClock(situation, 'employee-notice', 'third-party-notice');
  const injunction = facts.notice?.injunction ?? null;
  const isEnjoined = injunction !== null && (injunction.until === null || injunction.until >= now.onDate);
  if (isEnjoined && command.reason !== 'court-order') refuseStep(null, say('records.injunction'));
  if (command.reason === 'time-passed' && running !== null && running.dueOn >= now.onDate) {
    refuseStep(null, say('records.notice-runs', { on: sayDay(running.dueOn) }));
  }
  return toChange('notice-ended', 'requester', { reason: command.reason }, back(facts, { notice: null }), {
    stop: stopping(command.reason, 'employee-notice', 'third-party-notice'),
  });
}

/** To where the wait came from. */
function back(facts: Facts, set: Partial<Facts>): Partial<Facts> {
  return { state: facts.resumeState ?? 'in_progress', resumeState: null, ...set };
}

export function enjoin({ facts }: Situation, command: CommandOf<'injunction'>): Change {
  requireText(command.note, say('records.court-which'), 'note');
  if (facts.notice === null) refuseStep(null, say('records.court-no-notice'));
  return toChange(
    'enjoined',
    'requester',
    { until: command.until, note: command.note },
    {
      notice: { ...facts.notice, injunction: { until: command.until } },
    },
    {},
  );
}

/** Row 13. The invoice, its amounts and its letter are the money's; here the request waits for it. */
export function awaitPayment({ facts }: Situation, command: CommandOf<'await-payment'>, law: Law, now: Moment): Change {
  requireText(command.invoice, say('records.invoice-name'), 'invoice');
  if (!Number.isSafeInteger(command.cents) || command.cents <= 0) refuseStep('cents', say('records.invoice-amount'));
  const { invoice, cents, purpose } = command;
  return toChange(
    'payment-awaited',
    'requester',
    { invoice, cents, purpose },
    {
      state: 'awaiting_payment',
      resumeState: facts.state,
      invoice: { name: invoice, cents },
    },
    { start: [begin(law, 'payment', now.onDate, {}, invoice)] },
  );
}

/** Row 14. */
export function settlePayment(
  situation: Situation,
  command: CommandOf<'payment-settled'>,
  law: Law,
  now: Moment,
): Change {
  const { facts } = situation;
  if (facts.invoice?.name !== command.invoice) refuseStep('invoice', say('records.invoice-other'));
  const resumed = resume(situation, law, now, 'after a payment');
  const { invoice, how } = command;
  return toChange(
    'payment-settled',
    'requester',
    { invoice, how, estimateOn: resumed.estimateOn },
    back(facts, { ...resumed.set, invoice: null, proposal: null, reminders: {} }),
    {
      start: resumed.start,
      stop: (clock) => (clock.clock === 'payment' ? how : resumed.stop(clock)),
    },
  );
}

/** Row 15. */
export function release({ facts }: Situation, command: CommandOf<'release'>, law: Law, now: Moment): Change {
  const number = facts.installments + 1;
  if (command.installment !== number) refuseStep('installment', say('records.installment-next', { number }));
  requireWithholdings(command.withheld);
  if (command.files < 0 || command.pages < 0) refuseStep('files', say('records.installment-counts'));
  if (command.files === 0 && command.withheld.length === 0) refuseStep('files', say('records.installment-empty'));
  const { remains } = command;
  const nextOn =
    remains === null ? null : requireComing(remains.nextOn, now, say('records.date-of-installment'), 'nextOn');
  if (remains !== null) requireText(remains.what, say('records.installment-remains'), 'remains');
  const hasWithheld = command.withheld.length > 0;
  const last = lastClocks(law, now, hasWithheld);
  const claim = begin(law, 'claim', now.onDate, {}, String(number));
  const { pages, files, electronic, scannedPages, withheld } = command;
  const data = {
    installment: number,
    pages,
    files,
    electronic,
    scannedPages,
    withheld,
    isLast: remains === null,
    nextOn,
  };
  const fields = {
    installment: String(number),
    files: String(files),
    pages: String(pages),
    message: command.message.trim() || null,
    withheld,
    finalOn: last.find(({ clock }) => clock === 'final-action')?.dueOn ?? null,
    claimBy: claim.dueOn,
    remains: remains?.what.trim() ?? null,
    nextOn,
  };
  const next =
    nextOn === null
      ? []
      : [begin(law, 'estimate', now.onDate, { dueOn: nextOn, setBy: 'by the City, for the next installment' })];
  return toChange(
    'released',
    'public',
    data,
    {
      state: 'installment_ready',
      installments: number,
      installment: { number, isLast: remains === null, isClaimed: false, readyOn: now.onDate },
      firstProductionOn: facts.firstProductionOn ?? now.onDate,
      ...(nextOn === null ? {} : { estimateOn: nextOn, estimates: facts.estimates + 1 }),
      ...(hasWithheld ? { withheld: [...facts.withheld, ...withheld], deniedAt: now.at, deniedBy: now.actorId } : {}),
      reminders: {},
    },
    {
      start: [...next, claim, ...last],
      stop: ({ clock }) =>
        clock === 'estimate'
          ? 'produced'
          : clock === 'court-limit' || (clock === 'final-action' && hasWithheld)
            ? 'a later production'
            : null,
      letters: [toLetter('installment', fields)],
    },
  );
}

/** Rows 16 and 17: claimed; what remains is worked on, or all of it has been given and the request is closed. */
export function claim(situation: Situation, command: CommandOf<'claim'>, law: Law, now: Moment): Change {
  const { facts } = situation;
  const { installment } = facts;
  if (installment?.number !== command.installment)
    refuseStep('installment', say('records.installment-claimed', { number: installment?.number ?? 0 }));
  const data = { installment: command.installment, how: command.how };
  const claimed = { ...installment, isClaimed: true };
  if (!installment.isLast) {
    const resumed = resume(situation, law, now, 'after an installment was claimed');
    return toChange(
      'claimed',
      'requester',
      { ...data, estimateOn: resumed.estimateOn },
      {
        state: 'in_progress',
        ...resumed.set,
        installment: claimed,
        proposal: null,
        reminders: {},
      },
      { start: resumed.start, stop: (clock) => (clock.clock === 'claim' ? 'claimed' : resumed.stop(clock)) },
    );
  }
  const outcome = facts.withheld.length > 0 ? 'partial' : 'fulfilled';
  const start = [begin(law, 'court-limit', now.onDate)];
  const finalOn = runningClock(situation, 'final-action')?.dueOn ?? null;
  return toChange(
    'claimed',
    'requester',
    data,
    { ...closed(outcome, null, now), installment: claimed },
    {
      more: [{ kind: 'closed', audience: 'public', data: { outcome, reason: null } }],
      start,
      stop: (clock) => (clock.clock === 'claim' ? 'claimed' : atClose(clock)),
      letters: [toClosing({ outcome, reason: null, withheld: facts.withheld }, start, finalOn)],
    },
  );
}
