// What may be done with a request as it stands: each command with the states it fits and the fields its guards ask for.
// It must decide nothing: the machine does, and refuses what a form lets through.

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
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

/** One value or several of one name, as a form sends them. */
export type FormFields = {
  readonly get: (name: string) => string | null;
  readonly all: (name: string) => readonly string[];
};

const mostWithheld = 50;

/**
 * A form's fields as a command. What is missing is for the machine to say; what is no choice at all is refused here.
 */
export function parseCommand(kind: string, form: FormFields, request: RequestRecord): RequestCommand {
  const text = (name: string): string => form.get(name)?.trim() ?? '';
  const date = (name: string): string | null => text(name) || null;
  const lines = (name: string): readonly string[] =>
    text(name)
      .split(/[\n,]/u)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const choice = <T extends string>(name: string, allowed: readonly T[]): T => {
    const found = allowed.find((each) => each === text(name));
    if (found === undefined) refuseStep(name, 'Choose one of the answers.');
    return found;
  };
  switch (kind as ActionKind) {
    case 'acknowledge':
      return { kind: 'acknowledge', estimateOn: text('estimateOn'), message: text('message') };
    case 'provide': {
      const electronic = form.get('electronic') !== null;
      return { kind: 'provide', message: text('message'), withheld: parseWithheld(form), electronic };
    }
    case 'link':
      return { kind: 'link', links: lines('links'), message: text('message') };
    case 'clarify': {
      const extent = choice('extent', ['whole', 'part']);
      const noEstimateReason = text('noEstimateReason') || null;
      return { kind: 'clarify', question: text('question'), extent, estimateOn: date('estimateOn'), noEstimateReason };
    }
    case 'answer-clarification':
      return { kind: 'answer-clarification', answer: text('answer'), via: choice('via', channels) };
    case 'revise-estimate': {
      const ground = choice('ground', estimateGrounds);
      return { kind: 'revise-estimate', estimateOn: text('estimateOn'), ground, message: text('message') };
    }
    case 'notify': {
      const notice = choice('notice', ['employee-file', 'third-party']);
      const [recipients, records, noticeOn] = [
        lines('recipients'),
        text('records'),
        requireDate(text('noticeOn'), 'noticeOn'),
      ];
      return { kind: 'notify', notice, recipients, records, noticeOn };
    }
    case 'end-notice':
      return { kind: 'end-notice', reason: choice('reason', ['time-passed', 'consent', 'court-order']) };
    case 'injunction':
      return { kind: 'injunction', until: date('until'), note: text('note') };
    case 'claim': {
      const how = choice('how', ['download', 'pick-up', 'inspection', 'mailed']);
      return { kind: 'claim', installment: request.installments, how };
    }
    case 'give-time':
      return { kind: 'give-time', message: text('message') };
    default:
      return parseEnding(kind, form, { text, date, lines, choice });
  }
}

type Readers = {
  readonly text: (name: string) => string;
  readonly date: (name: string) => string | null;
  readonly lines: (name: string) => readonly string[];
  readonly choice: <T extends string>(name: string, allowed: readonly T[]) => T;
};

function parseEnding(kind: string, form: FormFields, { text, date, lines, choice }: Readers): RequestCommand {
  switch (kind as ActionKind) {
    case 'petition':
      return { kind: 'petition', text: text('text'), via: choice('via', channels) };
    case 'decide-review': {
      const decision = choice('decision', ['affirmed', 'modified', 'reversed']);
      return { kind: 'decide-review', decision, reasons: text('reasons'), estimateOn: date('estimateOn') };
    }
    case 'reopen':
      return { kind: 'reopen', reason: text('reason'), estimateOn: text('estimateOn') };
    case 'close':
      return { kind: 'close', outcome: choice('outcome', outcomes), reason: text('reason'), letter: text('letter') };
    case 'deny':
      return { kind: 'deny', withheld: parseWithheld(form), letter: text('letter') };
    case 'withdraw':
      return { kind: 'withdraw', via: choice('via', channels) };
    case 'deny-bot':
      return { kind: 'deny-bot', belief: text('belief'), interference: text('interference'), others: lines('others') };
    case 'flag-litigation':
      return { kind: 'flag-litigation', on: choice('on', ['yes', 'no']) === 'yes', note: text('note') };
    default:
      throw new PortalError('bad-request', 'There is no such action.');
  }
}

/** Rows that were left empty are no rows; a row half filled stays, for the machine to say what it lacks. */
function parseWithheld(form: FormFields): readonly Withholding[] {
  const [records, extents] = [form.all('withheldRecord'), form.all('withheldExtent')];
  const [exemptions, explanations] = [form.all('withheldExemption'), form.all('withheldExplanation')];
  return records.slice(0, mostWithheld).flatMap((record, at) => {
    const exemption = exemptions[at]?.trim() ?? '';
    const explanation = explanations[at]?.trim() ?? '';
    if (record.trim() === '' && exemption === '' && explanation === '') return [];
    const extent = extents[at] === 'full' ? 'full' : 'part';
    return [{ record: record.trim(), extent, exemption, explanation }];
  });
}

function requireDate(given: string, name: string): string {
  if (!/^\d{4}-\d\d-\d\d$/u.test(given)) refuseStep(name, 'The date is missing, or is none; write it as 2026-03-02.');
  return given;
}

/** What a form offers for an exemption: its id, and what a clerk knows it by. */
export type ExemptionChoice = Pick<Exemption, 'id' | 'cite' | 'title' | 'covers'>;
