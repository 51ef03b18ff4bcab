// What the form asks, and how its answers become a request.
// It must ask for nothing that the law does not let the City ask: a purpose only where a list of individuals is wanted.

import type { Delivery, Requester } from '../requests/request.ts';
import type { NewRequest } from '../requests/submissions.ts';

/** As typed; nothing is required but the text, and that only when it is sent. */
export type DraftAnswers = {
  readonly text: string;
  /** Guided narrowing, all optional. */
  readonly dates: string;
  readonly place: string;
  readonly caseNumber: string;
  readonly people: string;
  readonly delivery: Delivery;
  readonly name: string;
  readonly organization: string;
  readonly email: string;
  readonly phone: string;
  readonly address: string;
  readonly language: string;
  readonly accommodation: string;
  readonly asksForList: boolean;
  readonly listPurpose: string;
};

export const emptyAnswers: DraftAnswers = {
  text: '',
  dates: '',
  place: '',
  caseNumber: '',
  people: '',
  delivery: 'electronic',
  name: '',
  organization: '',
  email: '',
  phone: '',
  address: '',
  language: 'en',
  accommodation: '',
  asksForList: false,
  listPurpose: '',
};

const narrowing = [
  ['dates', 'Dates'],
  ['place', 'Address or place'],
  ['caseNumber', 'Case, permit or report number'],
  ['people', 'People, e-mail addresses or search words'],
] as const satisfies readonly (readonly [keyof DraftAnswers, string])[];

/** The request as it will stand in the log: what was asked, then what narrows it. */
function toRequestText(answers: DraftAnswers): string {
  const lines = narrowing.flatMap(([field, label]) => {
    const value = answers[field].trim();
    return value === '' ? [] : [`${label}: ${value}`];
  });
  return [answers.text.trim(), ...(lines.length === 0 ? [] : ['', ...lines])].join('\n').trim();
}

export function toNewRequest(answers: DraftAnswers, submitKey: string): NewRequest {
  const { name, organization, email, phone, address } = answers;
  const requester: Requester = { name, organization, email, phone, address };
  const isAnonymous = Object.values(requester).every((each) => each?.trim() === '');
  const wantsList = asksForList(answers);
  return {
    text: answers.text.trim() === '' ? '' : toRequestText(answers),
    requester: isAnonymous ? null : requester,
    delivery: answers.delivery,
    language: answers.language,
    accommodation: answers.accommodation,
    asksForList: wantsList,
    listPurpose: wantsList ? answers.listPurpose : null,
    submitKey,
  };
}

const peopleWords =
  '(?:residents?|people|persons?|individuals?|citizens?|home ?owners?|property owners?|owners?|tenants?|renters?|' +
  'employees?|staff|customers?|account ?holders?|licensees?|license holders?|permit holders?|applicants?|voters?|' +
  'members?|participants?|volunteers?|names|addresses|e-?mails?|phone numbers?|contacts?)';

const listShapes: readonly RegExp[] = [
  new RegExp(
    `\\b(?:list|listing|roster|directory|database|spreadsheet|names)\\b[^.?!\\n]{0,60}\\b${peopleWords}\\b`,
    'iu',
  ),
  new RegExp(`\\b${peopleWords}\\b[^.?!\\n]{0,20}\\b(?:list|listing|roster|directory)\\b`, 'iu'),
  /\b(?:mailing|contact|e-?mail|phone|call) list\b/iu,
  /\bnames and (?:home |mailing |e-?mail |street )?addresses\b/iu,
];

/** RCW 42.56.070(8): the one case in which the purpose may be asked. The box says so, or the words do. */
export function asksForList(answers: Pick<DraftAnswers, 'text' | 'asksForList'>): boolean {
  return answers.asksForList || listShapes.some((shape) => shape.test(answers.text));
}
