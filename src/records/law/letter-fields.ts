// Every letter that the state table names, and what each is told when it is written: the one list of both.
// It must hold no wording; city/<name>/records/letters/*.txt does.

import { estimateGroundWords, outcomeWords, reviewWords } from './letter-choices.ts';
import type { CityDate } from '../../city/days.ts';

/** `?` may be null. `choice:` sets one of several flags in the template: `ground-clarify`. Money is in cents. */
export type FieldKind =
  | 'text'
  | 'text?'
  | 'date'
  | 'date?'
  | 'money'
  | 'money?'
  | 'flag'
  | 'lines'
  | 'withheld'
  | 'charges'
  | 'choice:ground'
  | 'choice:outcome'
  | 'choice:review';

export const letterFields = {
  receipt: { dueOn: 'date', basis: 'lines' },
  'five-day': { estimateOn: 'date', message: 'text?' },
  link: { links: 'lines', message: 'text?', limitOn: 'date' },
  clarification: {
    question: 'text',
    isWhole: 'flag',
    answerBy: 'date',
    estimateOn: 'date?',
    noEstimateReason: 'text?',
  },
  clarified: { estimateOn: 'date', message: 'text?' },
  proceeding: { question: 'text?', estimateOn: 'date?' },
  'estimate-revision': { estimateOn: 'date', previousOn: 'date?', ground: 'choice:ground', message: 'text?' },
  'notice-employee': { requestedOn: 'date', records: 'text', releaseOn: 'date' },
  'notice-third-party': { requestText: 'text', records: 'text', releaseOn: 'date' },
  'notice-requester': { records: 'text', releaseOn: 'date', isEmployeeFile: 'flag' },
  'charges-summary': { charges: 'charges', total: 'money' },
  'customized-charge': { why: 'text', expertise: 'text', estimate: 'money', answerBy: 'date' },
  invoice: {
    invoice: 'text',
    charges: 'charges',
    total: 'money',
    payBy: 'date',
    isDeposit: 'flag',
    isFlat: 'flag',
    payUrl: 'text?',
  },
  'payment-receipt': {
    receipt: 'text',
    invoice: 'text',
    amount: 'money',
    method: 'text',
    paidOn: 'date',
    left: 'money',
    credit: 'money?',
  },
  waiver: { invoice: 'text', amount: 'money', rule: 'text', source: 'text' },
  refund: { amount: 'money', method: 'text', reason: 'text' },
  installment: {
    installment: 'text',
    pages: 'text',
    files: 'text',
    message: 'text?',
    withheld: 'withheld',
    finalOn: 'date?',
    claimBy: 'date',
    remains: 'text?',
    nextOn: 'date?',
  },
  closing: {
    outcome: 'choice:outcome',
    reason: 'text?',
    withheld: 'withheld',
    finalOn: 'date?',
    limitOn: 'date',
    questionsBy: 'date?',
  },
  'closing-unclarified': { question: 'text?', askedOn: 'date', limitOn: 'date' },
  'closing-unclaimed': { readyOn: 'date', limitOn: 'date' },
  'closing-unpaid': { invoice: 'text', total: 'money', limitOn: 'date' },
  'reminder-unclarified': { question: 'text', answerBy: 'date' },
  'reminder-unclaimed': { claimBy: 'date' },
  'reminder-unpaid': { invoice: 'text', total: 'money', payBy: 'date' },
  'delegate-link': { link: 'text', mayAct: 'flag' },
  'time-again': { until: 'date', toAnswer: 'flag', toClaim: 'flag', toPay: 'flag', message: 'text?' },
  denial: { withheld: 'withheld', reasons: 'text?', finalOn: 'date', limitOn: 'date' },
  'denial-bot': { belief: 'text', interference: 'text', finalOn: 'date', limitOn: 'date' },
  withdrawal: {},
  reopening: { reason: 'text', estimateOn: 'date' },
  'petition-receipt': { answerBy: 'date', finalOn: 'date' },
  'review-decision': { decision: 'choice:review', reasons: 'text', estimateOn: 'date?', limitOn: 'date' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

export type LetterId = keyof typeof letterFields;
export const letterIds = Object.keys(letterFields) as readonly LetterId[];

/** What a letter must say by law: its template may word these as it likes, but it has to use them. */
export const requiredUses: Readonly<Partial<Record<LetterId, readonly string[]>>> = {
  receipt: ['dueOn'],
  'five-day': ['estimateOn'], // .520(1)(c)
  link: ['links'], // .520(1)(b)
  clarification: ['question', 'isWhole', 'answerBy', 'estimateOn', 'noEstimateReason'], // .520(1)(d)
  'estimate-revision': ['estimateOn', ...Object.keys(estimateGroundWords).map((ground) => `ground-${ground}`)],
  'notice-employee': ['requestedOn', 'records', 'releaseOn'], // .250: (a), (b), (c); (d) is the letter's own words
  'notice-third-party': ['requestText', 'records', 'releaseOn'],
  'notice-requester': ['records', 'releaseOn'],
  'charges-summary': ['charges', 'total'], // .120(2)(f)
  'customized-charge': ['why', 'expertise', 'estimate', 'answerBy'], // .120(3)
  invoice: ['invoice', 'charges', 'total', 'payBy'],
  installment: ['withheld', 'claimBy', 'remains', 'nextOn', 'finalOn'],
  closing: ['withheld', 'limitOn', 'finalOn', ...Object.keys(outcomeWords).map((outcome) => `outcome-${outcome}`)],
  'closing-unclarified': ['limitOn'],
  'closing-unclaimed': ['limitOn'],
  'closing-unpaid': ['limitOn'],
  'delegate-link': ['link', 'mayAct'],
  'time-again': ['until', 'toAnswer', 'toClaim', 'toPay'],
  denial: ['withheld', 'finalOn', 'limitOn'], // .210(3), .520(4)
  'denial-bot': ['belief', 'interference', 'finalOn', 'limitOn'],
  'review-decision': ['reasons', 'limitOn', ...Object.keys(reviewWords).map((decision) => `decision-${decision}`)],
};

/** Fields that every letter is given besides its own: what it is about, and when it is sent. */
export type SharedFields = { readonly number: string; readonly date: CityDate };

/** One withheld or redacted thing; `exemption` is an id of exemptions.json. */
export type LetterWithholding = {
  readonly record: string;
  readonly extent: 'full' | 'part';
  readonly exemption: string;
  readonly explanation: string;
};

/** `rule` says by which rule it is charged. */
export type LetterCharge = { readonly what: string; readonly rule: string; readonly tenths: number };

type ValueOf<K extends FieldKind> = K extends 'text' | 'date'
  ? string
  : K extends 'text?' | 'date?'
    ? string | null
    : K extends 'money'
      ? number
      : K extends 'money?'
        ? number | null
        : K extends 'flag'
          ? boolean
          : K extends 'lines'
            ? readonly string[]
            : K extends 'withheld'
              ? readonly LetterWithholding[]
              : K extends 'charges'
                ? readonly LetterCharge[]
                : K extends 'choice:ground'
                  ? keyof typeof estimateGroundWords
                  : K extends 'choice:outcome'
                    ? keyof typeof outcomeWords
                    : keyof typeof reviewWords;

export type LetterFields<Id extends LetterId> = SharedFields & {
  readonly [Field in keyof (typeof letterFields)[Id]]: (typeof letterFields)[Id][Field] extends FieldKind
    ? ValueOf<(typeof letterFields)[Id][Field]>
    : never;
};
