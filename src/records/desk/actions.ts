// What may be done with a request as it stands: each command with the states it fits and the fields its guards ask for.
// It must decide nothing: the machine does, and refuses what a form lets through.

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { choiceOf, isTicked, linesOf, textOf, writtenOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import { isAllowed } from '../../people/permissions.ts';
import type { Exemption } from '../law/law.ts';
import { actionOf } from '../requests/command-actions.ts';
import { channels, estimateGrounds, outcomes } from '../requests/request.ts';
import type { RequestCommand, RequestRecord, RequestState, Withholding } from '../requests/request.ts';

export type FieldKind = 'line' | 'text' | 'date' | 'choice' | 'check' | 'lines' | 'withheld' | 'letter';

/** A choice's words are the catalogue's, by field and option; those of exemptions come with them. */
export type ActionField = {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired: boolean;
  readonly options: readonly string[];
};

export type ActionKind = Exclude<
  RequestCommand['kind'],
  'lapse-clarification' | 'remind' | 'await-payment' | 'payment-settled' | 'release' | 'assign' | 'describe'
>;

export type WorkAction = {
  readonly kind: ActionKind;
  /** It ends the request, or refuses something: shown apart from the rest. */
  readonly isFinal: boolean;
  /** It sends the requester a letter, which can be looked at first. */
  readonly sendsLetter: boolean;
  readonly fields: readonly ActionField[];
};

type Entry = WorkAction & { readonly fits: (request: RequestRecord) => boolean };

const required = (name: string, kind: FieldKind, options: readonly string[] = []): ActionField => ({
  name,
  kind,
  isRequired: true,
  options,
});
const optional = (name: string, kind: FieldKind, options: readonly string[] = []): ActionField => ({
  ...required(name, kind, options),
  isRequired: false,
});

const isIn =
  (...states: readonly RequestState[]) =>
  (request: RequestRecord): boolean =>
    states.includes(request.state);
const isOpen = (request: RequestRecord): boolean => request.state !== 'closed';
const always = (): boolean => true;

const spoken = channels.filter((channel) => channel !== 'web');
const noticeKinds = ['employee-file', 'third-party'];
const endings = ['time-passed', 'consent', 'court-order'];
const claims = ['pick-up', 'inspection', 'mailed', 'download'];
const decisions = ['affirmed', 'modified', 'reversed'];
/** The other outcomes have commands of their own. */
const closingOutcomes = outcomes.filter(
  (outcome) => !['denied', 'withdrawn', 'bot_denied', 'fulfilled_by_link'].includes(outcome),
);

function entry(
  kind: ActionKind,
  fits: Entry['fits'],
  fields: readonly ActionField[],
  more: { readonly isFinal?: boolean; readonly sendsLetter?: boolean } = {},
): Entry {
  return { kind, fits, fields, isFinal: more.isFinal ?? false, sendsLetter: more.sendsLetter ?? false };
}

const letter = { sendsLetter: true } as const;
const ending = { sendsLetter: true, isFinal: true } as const;

/** In the order in which a clerk needs them. */
const entries: readonly Entry[] = [
  entry('acknowledge', isIn('received'), [required('estimateOn', 'date'), optional('message', 'text')], letter),
  entry(
    'provide',
    isIn('received'),
    [required('message', 'text'), optional('electronic', 'check'), optional('withheld', 'withheld')],
    ending,
  ),
  entry('link', isIn('received'), [required('links', 'lines'), optional('message', 'text')], ending),
  entry(
    'clarify',
    isIn('received', 'in_progress'),
    [
      required('question', 'text'),
      required('extent', 'choice', ['whole', 'part']),
      optional('estimateOn', 'date'),
      optional('noEstimateReason', 'line'),
    ],
    letter,
  ),
  entry(
    'answer-clarification',
    isIn('clarification'),
    [required('answer', 'text'), required('via', 'choice', spoken)],
    letter,
  ),
  entry(
    'revise-estimate',
    (request) => isOpen(request) && request.state !== 'received' && request.estimateOn !== null,
    [required('estimateOn', 'date'), required('ground', 'choice', estimateGrounds), required('message', 'text')],
    letter,
  ),
  entry(
    'notify',
    isIn('in_progress'),
    [
      required('notice', 'choice', noticeKinds),
      required('recipients', 'lines'),
      required('records', 'text'),
      required('noticeOn', 'date'),
    ],
    letter,
  ),
  entry('end-notice', isIn('notice_wait'), [required('reason', 'choice', endings)]),
  entry('injunction', isIn('notice_wait'), [optional('until', 'date'), required('note', 'text')]),
  entry('claim', isIn('installment_ready'), [required('how', 'choice', claims)]),
  entry(
    'give-time',
    isIn('clarification', 'awaiting_payment', 'installment_ready'),
    [optional('message', 'text')],
    letter,
  ),
  entry('petition', isIn('closed'), [required('text', 'text'), required('via', 'choice', spoken)], letter),
  entry(
    'decide-review',
    (request) => request.reviewState === 'under_review',
    [required('decision', 'choice', decisions), required('reasons', 'text'), optional('estimateOn', 'date')],
    letter,
  ),
  entry('reopen', isIn('closed'), [required('reason', 'text'), required('estimateOn', 'date')], letter),
  entry(
    'close',
    isOpen,
    [required('outcome', 'choice', closingOutcomes), optional('reason', 'text'), optional('letter', 'letter')],
    ending,
  ),
  entry('deny', isOpen, [required('withheld', 'withheld'), optional('letter', 'letter')], ending),
  entry('withdraw', isOpen, [required('via', 'choice', spoken)], ending),
  entry(
    'deny-bot',
    isOpen,
    [required('belief', 'text'), required('interference', 'text'), required('others', 'lines')],
    ending,
  ),
  entry('flag-litigation', always, [required('on', 'choice', ['yes', 'no']), required('note', 'text')]),
];

/** What this actor may do now; the forms for it. Assigning and describing have places of their own on the page. */
export function actionsFor(
  actor: Actor,
  request: RequestRecord,
  departments: readonly string[],
): readonly WorkAction[] {
  return entries
    .filter(({ fits }) => fits(request))
    .filter(({ kind }) => isAllowed(actor, actionOf({ kind } as RequestCommand, actor), { departments }))
    .map(({ fits: _fits, ...action }) => action);
}

export const actionKinds: readonly ActionKind[] = entries.map(({ kind }) => kind);

const mostWithheld = 50;

/**
 * A form's fields as a command. What is missing is for the machine to say; what is no choice at all is refused here.
 */
export function parseCommand(kind: string, form: FormValues, request: RequestRecord): RequestCommand {
  switch (kind as ActionKind) {
    case 'acknowledge':
      return { kind: 'acknowledge', estimateOn: textOf(form, 'estimateOn'), message: textOf(form, 'message') };
    case 'provide': {
      const electronic = isTicked(form, 'electronic');
      return { kind: 'provide', message: textOf(form, 'message'), withheld: parseWithheld(form), electronic };
    }
    case 'link':
      return { kind: 'link', links: linesOf(form, 'links'), message: textOf(form, 'message') };
    case 'clarify': {
      const extent = requireAnswer(form, 'extent', ['whole', 'part']);
      const noEstimateReason = writtenOf(form, 'noEstimateReason');
      return {
        kind: 'clarify',
        question: textOf(form, 'question'),
        extent,
        estimateOn: writtenOf(form, 'estimateOn'),
        noEstimateReason,
      };
    }
    case 'answer-clarification':
      return {
        kind: 'answer-clarification',
        answer: textOf(form, 'answer'),
        via: requireAnswer(form, 'via', channels),
      };
    case 'revise-estimate': {
      const ground = requireAnswer(form, 'ground', estimateGrounds);
      return {
        kind: 'revise-estimate',
        estimateOn: textOf(form, 'estimateOn'),
        ground,
        message: textOf(form, 'message'),
      };
    }
    case 'notify': {
      const notice = requireAnswer(form, 'notice', ['employee-file', 'third-party']);
      const [recipients, records, noticeOn] = [
        linesOf(form, 'recipients'),
        textOf(form, 'records'),
        requireDate(textOf(form, 'noticeOn'), 'noticeOn'),
      ];
      return { kind: 'notify', notice, recipients, records, noticeOn };
    }
    case 'end-notice':
      return { kind: 'end-notice', reason: requireAnswer(form, 'reason', ['time-passed', 'consent', 'court-order']) };
    case 'injunction':
      return { kind: 'injunction', until: writtenOf(form, 'until'), note: textOf(form, 'note') };
    case 'claim': {
      const how = requireAnswer(form, 'how', ['download', 'pick-up', 'inspection', 'mailed']);
      return { kind: 'claim', installment: request.installments, how };
    }
    case 'give-time':
      return { kind: 'give-time', message: textOf(form, 'message') };
    default:
      return parseEnding(kind, form);
  }
}

function parseEnding(kind: string, form: FormValues): RequestCommand {
  switch (kind as ActionKind) {
    case 'petition':
      return { kind: 'petition', text: textOf(form, 'text'), via: requireAnswer(form, 'via', channels) };
    case 'decide-review': {
      const decision = requireAnswer(form, 'decision', ['affirmed', 'modified', 'reversed']);
      return {
        kind: 'decide-review',
        decision,
        reasons: textOf(form, 'reasons'),
        estimateOn: writtenOf(form, 'estimateOn'),
      };
    }
    case 'reopen':
      return { kind: 'reopen', reason: textOf(form, 'reason'), estimateOn: textOf(form, 'estimateOn') };
    case 'close':
      return {
        kind: 'close',
        outcome: requireAnswer(form, 'outcome', outcomes),
        reason: textOf(form, 'reason'),
        letter: textOf(form, 'letter'),
      };
    case 'deny':
      return { kind: 'deny', withheld: parseWithheld(form), letter: textOf(form, 'letter') };
    case 'withdraw':
      return { kind: 'withdraw', via: requireAnswer(form, 'via', channels) };
    case 'deny-bot':
      return {
        kind: 'deny-bot',
        belief: textOf(form, 'belief'),
        interference: textOf(form, 'interference'),
        others: linesOf(form, 'others'),
      };
    case 'flag-litigation':
      return {
        kind: 'flag-litigation',
        on: requireAnswer(form, 'on', ['yes', 'no']) === 'yes',
        note: textOf(form, 'note'),
      };
    default:
      throw new PortalError('bad-request', 'There is no such action.');
  }
}

/** Rows that were left empty are no rows; a row half filled stays, for the machine to say what it lacks. */
function parseWithheld(form: FormValues): readonly Withholding[] {
  const [records, extents] = [form['withheldRecord'] ?? [], form['withheldExtent'] ?? []];
  const [exemptions, explanations] = [form['withheldExemption'] ?? [], form['withheldExplanation'] ?? []];
  return records.slice(0, mostWithheld).flatMap((record, at) => {
    const exemption = exemptions[at]?.trim() ?? '';
    const explanation = explanations[at]?.trim() ?? '';
    if (record.trim() === '' && exemption === '' && explanation === '') return [];
    const extent = extents[at] === 'full' ? 'full' : 'part';
    return [{ record: record.trim(), extent, exemption, explanation }];
  });
}

function requireAnswer<Word extends string>(form: FormValues, name: string, words: readonly Word[]): Word {
  return choiceOf(form, name, words) ?? refuseStep(name, 'Choose one of the answers.');
}

function requireDate(given: string, name: string): string {
  if (!/^\d{4}-\d\d-\d\d$/u.test(given)) refuseStep(name, 'The date is missing, or is none; write it as 2026-03-02.');
  return given;
}

/** What a form offers for an exemption: its id, and what a clerk knows it by. */
export type ExemptionChoice = Pick<Exemption, 'id' | 'cite' | 'title' | 'covers'>;
