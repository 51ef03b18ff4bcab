// Every command of a request, one row each: who may give it, from which states, what it takes, what it changes.
// Pages, HTTP routes, the machine and their tests read these rows. It must decide nothing: each row's `reduce` does.

import { Type } from 'typebox';

import type { Actor } from '../../base/actor.ts';
import {
  allRequired,
  certainDay,
  check,
  choice,
  choiceOrNone,
  day,
  dayOrNone,
  letter,
  lines,
} from '../../base/inputs.ts';
import { required, text, written, yesOrNo } from '../../base/inputs.ts';
import type { Input, Inputs } from '../../base/inputs.ts';
import type { FormValues } from '../../base/form.ts';
import { say } from '../../base/say.ts';
import { PortalError } from '../../base/errors.ts';
import type { Action } from '../../people/permissions.ts';
import type { Law } from '../law/law.ts';
import { close, decideReview, deny, denyBot, petition, reopen, withdraw } from './machine-endings.ts';
import { assign, describe, flagLitigation, publishPage } from './machine-keeping.ts';
import { awaitPayment, claim, endNotice, enjoin, notify, release, settlePayment } from './machine-progress.ts';
import { acknowledge, answerClarification, clarify, lapseClarification, link } from './machine-responses.ts';
import { provide, reviseEstimate } from './machine-responses.ts';
import { giveTime, letterReturned, remind } from './machine-waiting.ts';
import type { Change, Moment, Situation } from './machine-terms.ts';
import { channels, estimateGrounds, openStates, outcomes, requestStates, requesterTypes } from './request.ts';
import type { Channel, CommandKind, CommandOf, Outcome, RequestCommand, RequestRecord } from './request.ts';
import type { RequestState, Withholding } from './request.ts';

/** What whoever gives it says; the number of a claimed installment is the request's own. */
export type Given<K extends CommandKind> = Omit<CommandOf<K>, 'kind' | (K extends 'claim' ? 'installment' : never)>;

/** No form gives these, but an invoice, a release, a payment, a page, a returned letter or a clock that ran out. */
type Formless =
  | 'lapse-clarification'
  | 'remind'
  | 'letter-returned'
  | 'await-payment'
  | 'payment-settled'
  | 'release'
  | 'publish-page';
/** Their forms stand somewhere of their own on the page, not among what may be done next. */
type Aside = 'assign' | 'describe';
export type ListedKind = Exclude<CommandKind, Formless | Aside>;

/** How the staff give a command. */
export type CommandForm<K extends CommandKind> = {
  /** One line, for the description of the API. */
  readonly summary: string;
  readonly inputs: Inputs<Given<K>>;
  /** It sends the requester a letter, which can be looked at first. */
  readonly sendsLetter: boolean;
  /** It ends the request, or refuses something: shown apart from the rest. */
  readonly isFinal: boolean;
  /** Whether it is worth offering, where the state alone does not say; the machine guards it in any case. */
  readonly isOffered: (request: RequestRecord) => boolean;
};

export type CommandRow<K extends CommandKind> = {
  readonly permission: Action;
  /** The states that take it. */
  readonly from: readonly RequestState[];
  readonly reduce: (situation: Situation, command: CommandOf<K>, law: Law, now: Moment) => Change;
  readonly form: K extends Formless ? null : CommandForm<K>;
  /** The staff may give it without having seen the latest state: it cannot undo what another just did. */
  readonly isBlind?: true;
};

type Commands = { readonly [K in CommandKind]: CommandRow<K> };

const spoken = channels.filter((channel) => channel !== 'web');
/** How the requester's word came, where the staff write it down. */
const via = (): Input<Channel> => choice<Channel>(channels, spoken);
const waits: readonly RequestState[] = ['clarification', 'awaiting_payment', 'installment_ready'];
const claims = ['download', 'pick-up', 'inspection', 'mailed'] as const;
/** The other outcomes have commands of their own. */
const closingOutcomes = outcomes.filter(
  (outcome) => !['denied', 'withdrawn', 'bot_denied', 'fulfilled_by_link'].includes(outcome),
);
const mustText = () => required(text());
const mustLines = () => required(lines());

function form<K extends CommandKind>(
  summary: string,
  inputs: Inputs<Given<K>>,
  more: Partial<Omit<CommandForm<K>, 'summary' | 'inputs'>> = {},
): CommandForm<K> {
  return { summary, inputs, sendsLetter: false, isFinal: false, isOffered: () => true, ...more };
}

const withLetter = { sendsLetter: true } as const;
const ending = { sendsLetter: true, isFinal: true } as const;

/** In the order in which a clerk needs them; those without a form last. */
export const commands: Commands = {
  acknowledge: {
    permission: 'request.respond',
    from: ['received'],
    reduce: acknowledge,
    form: form('Acknowledge with an estimate of the date', { estimateOn: day(), message: text() }, withLetter),
  },
  provide: {
    permission: 'request.respond',
    from: ['received'],
    reduce: provide,
    form: form(
      'Provide everything at once',
      { message: mustText(), electronic: check(), withheld: withholdings() },
      ending,
    ),
  },
  link: {
    permission: 'request.respond',
    from: ['received'],
    reduce: link,
    form: form('Give the addresses of the records', { links: mustLines(), message: text() }, ending),
  },
  clarify: {
    permission: 'request.respond',
    from: ['received', 'in_progress'],
    reduce: clarify,
    form: form(
      'Ask the requester what is meant',
      {
        question: mustText(),
        extent: choice(['whole', 'part']),
        estimateOn: dayOrNone(),
        noEstimateReason: written(),
      },
      withLetter,
    ),
  },
  'answer-clarification': {
    permission: 'request.answer-clarification',
    from: ['clarification'],
    reduce: answerClarification,
    form: form('Write down the requester’s answer', { answer: mustText(), via: via() }, withLetter),
  },
  'revise-estimate': {
    permission: 'request.revise-estimate',
    from: openStates.filter((state) => state !== 'received'),
    reduce: reviseEstimate,
    form: form(
      'Revise the estimate before it passes',
      { estimateOn: day(), ground: choice(estimateGrounds), message: mustText() },
      { ...withLetter, isOffered: ({ estimateOn }) => estimateOn !== null },
    ),
  },
  notify: {
    permission: 'request.notify-third-party',
    from: ['in_progress'],
    reduce: notify,
    form: form(
      'Notify third parties, or an employee, of the release',
      {
        notice: choice(['employee-file', 'third-party']),
        recipients: mustLines(),
        records: mustText(),
        noticeOn: certainDay(),
      },
      withLetter,
    ),
  },
  'end-notice': {
    permission: 'request.notify-third-party',
    from: ['notice_wait'],
    reduce: endNotice,
    form: form('End the wait for a notice', { reason: choice(['time-passed', 'consent', 'court-order']) }),
  },
  injunction: {
    permission: 'request.notify-third-party',
    from: ['notice_wait'],
    reduce: enjoin,
    form: form('Record an injunction', { until: dayOrNone(), note: mustText() }),
  },
  claim: {
    permission: 'request.claim',
    from: ['installment_ready'],
    reduce: claim,
    isBlind: true,
    form: form('Record that the installment was claimed', {
      how: choice<(typeof claims)[number]>(claims, ['pick-up', 'inspection', 'mailed', 'download']),
    }),
  },
  'give-time': {
    permission: 'request.close',
    from: waits,
    reduce: giveTime,
    form: form('Give the requester the whole time once more', { message: text() }, withLetter),
  },
  petition: {
    permission: 'request.petition',
    from: requestStates,
    reduce: petition,
    form: form(
      'Write down a petition for review',
      { text: mustText(), via: via() },
      { ...withLetter, isOffered: ({ state }) => state === 'closed' },
    ),
  },
  'decide-review': {
    permission: 'request.decide-review',
    from: requestStates,
    reduce: decideReview,
    form: form(
      'Decide a petition for review',
      { decision: choice(['affirmed', 'modified', 'reversed']), reasons: mustText(), estimateOn: dayOrNone() },
      { ...withLetter, isOffered: ({ reviewState }) => reviewState === 'under_review' },
    ),
  },
  reopen: {
    permission: 'request.reopen',
    from: ['closed'],
    reduce: reopen,
    form: form('Open a closed request again', { reason: mustText(), estimateOn: day() }, withLetter),
  },
  close: {
    permission: 'request.close',
    from: openStates,
    reduce: close,
    form: form(
      'Close with an outcome',
      { outcome: choice<Outcome>(outcomes, closingOutcomes), reason: text(), letter: letter() },
      ending,
    ),
  },
  deny: {
    permission: 'request.deny',
    from: openStates,
    reduce: deny,
    form: form(
      'Deny, with each record, its exemption and why',
      { withheld: required(withholdings()), letter: letter() },
      ending,
    ),
  },
  withdraw: {
    permission: 'request.withdraw',
    from: openStates,
    reduce: withdraw,
    form: form('Record that the requester withdrew it', { via: via() }, ending),
  },
  'deny-bot': {
    permission: 'request.deny',
    from: openStates,
    reduce: denyBot,
    form: form(
      'Deny as one of several automatic requests (RCW 42.56.080(3))',
      { belief: mustText(), interference: mustText(), others: mustLines() },
      ending,
    ),
  },
  'flag-litigation': {
    permission: 'request.flag-litigation',
    from: requestStates,
    reduce: flagLitigation,
    form: form('Put a litigation hold on, or take it off', { on: yesOrNo(), note: mustText() }),
  },
  assign: {
    permission: 'request.assign',
    from: requestStates,
    reduce: assign,
    form: form('Say who leads it; null: nobody', allRequired({ department: written(), assignee: written() })),
  },
  describe: {
    permission: 'request.describe',
    from: requestStates,
    reduce: describe,
    form: form('Say what it is about: subject, type of requester, public text; what is left out stays', {
      subject: left(written()),
      requesterType: left(choiceOrNone(requesterTypes)),
      shownText: left(written('text')),
    }),
  },
  'lapse-clarification': {
    permission: 'request.lapse',
    from: ['clarification'],
    reduce: lapseClarification,
    form: null,
  },
  remind: { permission: 'request.lapse', from: waits, reduce: remind, form: null },
  'letter-returned': { permission: 'request.lapse', from: requestStates, reduce: letterReturned, form: null },
  'await-payment': {
    permission: 'fee.invoice',
    from: ['in_progress'],
    reduce: awaitPayment,
    form: null,
    isBlind: true,
  },
  'payment-settled': {
    permission: 'fee.record-payment',
    from: ['awaiting_payment'],
    reduce: settlePayment,
    form: null,
    isBlind: true,
  },
  release: { permission: 'request.release', from: ['in_progress'], reduce: release, form: null },
  'publish-page': { permission: 'archive.publish', from: requestStates, reduce: publishPage, form: null },
};

export const commandKinds = Object.keys(commands) as readonly CommandKind[];
const aside: readonly CommandKind[] = ['assign', 'describe'] satisfies readonly Aside[];

export function isListed(kind: CommandKind): kind is ListedKind {
  return commands[kind].form !== null && !aside.includes(kind);
}

/**
 * A clock that ran out ends a notice without anybody; to waive or withdraw an invoice is another right than to be paid.
 */
export function actionOf(command: RequestCommand, actor: Actor): Action {
  if (command.kind === 'end-notice' && actor.kind === 'system') return 'request.lapse';
  if (command.kind === 'payment-settled' && command.how === 'waived') return 'fee.waive';
  if (command.kind === 'payment-settled' && command.how === 'agreed') return 'fee.invoice';
  return commands[command.kind].permission;
}

export function needsVersion(command: RequestCommand, actor: Actor): boolean {
  return actor.kind === 'staff' && commands[command.kind].isBlind !== true;
}

/** The form of a command by its name. Throws bad-request where no form gives it. */
export function formOf(kind: string): CommandForm<CommandKind> {
  const row = Object.hasOwn(commands, kind) ? commands[kind as CommandKind] : null;
  if (row === null || row.form === null) throw new PortalError('bad-request', say('desk.no-action'));
  return row.form as CommandForm<CommandKind>;
}

/** What was given as a command. What is missing is for the machine to say. */
export function toCommand(kind: string, given: Given<CommandKind>, request: RequestRecord): RequestCommand {
  const own = kind === 'claim' ? { installment: request.installments } : {};
  return { kind, ...own, ...given } as RequestCommand; // the values of the kind's own inputs
}

/** JSON that leaves it out leaves it as it is; a form always sends it. */
function left<T>({ absent: _absent, ...input }: Input<T>): Input<T> {
  return input;
}

function withholdings(): Input<readonly Withholding[]> {
  const one = Type.Object(
    {
      record: Type.String({ examples: ['E-mail of 2026-03-02, 2 pages'] }),
      extent: Type.String({ enum: ['full', 'part'] }),
      exemption: Type.String({ description: 'Its id, as /records/law lists them.' }),
      explanation: Type.String({ description: 'How it applies to this record.' }),
    },
    { additionalProperties: false },
  );
  return { kind: 'withheld', isRequired: false, options: [], schema: Type.Array(one), absent: [], read: readWithheld };
}

/** Rows that were left empty are no rows; a row half filled stays, for the machine to say what it lacks. */
function readWithheld(values: FormValues): readonly Withholding[] {
  const [records, extents] = [values['withheldRecord'] ?? [], values['withheldExtent'] ?? []];
  const [exemptions, explanations] = [values['withheldExemption'] ?? [], values['withheldExplanation'] ?? []];
  return records.flatMap((record, at) => {
    const exemption = exemptions[at]?.trim() ?? '';
    const explanation = explanations[at]?.trim() ?? '';
    if (record.trim() === '' && exemption === '' && explanation === '') return [];
    const extent = extents[at] === 'full' ? 'full' : 'part';
    return [{ record: record.trim(), extent, exemption, explanation }];
  });
}
