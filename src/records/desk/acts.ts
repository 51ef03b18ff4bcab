// What the desk does beside the commands of a request: notes, messages, tasks, searches, time, many at once, entering.
// It must hold no rule; the desk's functions do. Commands of a request are rows of requests/commands.ts.

import { Type } from 'typebox';
import type { Static } from 'typebox';

import type { Actor } from '../../base/actor.ts';
import { answerOf, check, choiceOr, choiceOrNone, day, line, own, ownOr, text } from '../../base/inputs.ts';
import { required, version, whole, written } from '../../base/inputs.ts';
import type { Inputs } from '../../base/inputs.ts';
import { PortalError } from '../../base/errors.ts';
import { textOf, writtenOf } from '../../base/form.ts';
import type { FormValues } from '../../base/form.ts';
import { say, inEnglish } from '../../base/say.ts';
import { exact, nullable } from '../../base/schemas.ts';
import { actsOf } from '../../people/act.ts';
import type { Act } from '../../people/act.ts';
import { isAllowed } from '../../people/permissions.ts';
import { commands, formOf, toCommand } from '../requests/commands.ts';
import type { Given } from '../requests/commands.ts';
import { channels, deliveries, outcomes, requesterTypes, requestStates } from '../requests/request.ts';
import type { CommandKind, Requester, RequestRecord, RequestsCore } from '../requests/request.ts';
import type { EnteredRequest, Submitted } from '../requests/submissions.ts';
import type { BulkAct, Chosen, BulkResult } from './bulk.ts';
import type { Desk } from './desk.ts';
import type { LetterPreview } from './letters.ts';
import type { NewSearch } from './tasks.ts';
import { activities } from './time.ts';

const mustText = () => required(text());
const searchMembers = { place: Type.String(), terms: nullable(Type.String()), found: Type.String() };
const somebody = exact({
  name: nullable(Type.String()),
  organization: nullable(Type.String()),
  email: nullable(Type.String()),
  phone: nullable(Type.String()),
  address: nullable(Type.String()),
});

/** The desk, and what opens who asked. */
export type DeskPart = { readonly desk: Desk; readonly requests: Pick<RequestsCore, 'requesterOf'> };

const atRequest = actsOf<DeskPart, string>();

/** At a request, by its number. */
export const requestActs = {
  note: atRequest(
    'request.note',
    'Add a note that only the staff see',
    { note: mustText() },
    ({ desk }, actor, number, { note }) => desk.note(actor, number, note),
  ),
  message: atRequest(
    'request.message',
    'Write to the requester; no clock stops for it',
    { body: mustText() },
    ({ desk }, actor, number, { body }) => desk.message(actor, number, body),
  ),
  task: atRequest(
    'request.assign',
    'Ask a department for its records',
    { department: required(line()), assignee: written(), what: mustText(), dueOn: day() },
    async ({ desk }, actor, number, task) => ({ id: await desk.createTask(actor, number, task) }),
    { description: 'The task.', schema: exact({ id: Type.String() }) },
  ),
  search: atRequest(
    'request.task',
    'Log where was looked, with which words, and what was there',
    { place: required(line()), terms: written(), found: mustText(), taskId: { ...written(), read: readTaskId } },
    ({ desk }, actor, number, search) => desk.logSearch(actor, number, search),
  ),
  time: atRequest(
    'request.log-time',
    'Log time spent, for the yearly report; it is never charged',
    {
      activity: answerOf(activities, say('desk.time-activity')),
      onDate: day(),
      minutes: whole(),
      note: written(),
    },
    ({ desk }, actor, number, time) => desk.logTime(actor, number, time),
  ),
  requester: atRequest(
    'request.see-requester',
    'See who asked; each look is on the record',
    {},
    async ({ desk, requests }, actor, number) => {
      const request = await desk.find(actor, number);
      return { requester: await requests.requesterOf(actor, request.id) };
    },
    { description: 'null: nobody said who they are.', schema: exact({ requester: nullable(somebody) }) },
  ),
};

export const requestStanding = Type.Object(
  {
    number: Type.String({ examples: ['2026-000123'] }),
    version: Type.Integer({ description: 'To be sent with the next command.' }),
    state: Type.String({ enum: [...requestStates] }),
    outcome: nullable(Type.String({ enum: [...outcomes] })),
    reviewState: nullable(Type.String({ enum: ['under_review', 'affirmed', 'modified', 'reversed'] })),
    waitingOn: nullable(Type.String({ enum: ['city', 'requester', 'third_party'] })),
    estimateOn: nullable(Type.String({ format: 'date' })),
    nextDueOn: nullable(Type.String({ format: 'date' })),
    closedOn: nullable(Type.String({ format: 'date' })),
    department: nullable(Type.String()),
    assignee: nullable(Type.String()),
    litigationHold: Type.Boolean(),
  },
  { $id: 'RequestStanding', additionalProperties: false },
);
export type RequestStanding = Static<typeof requestStanding>;

/** How a request stands after an act, without who asked and what for. */
export function toStanding(request: RequestRecord): RequestStanding {
  const { number, version: at, state, outcome, reviewState, waitingOn } = request;
  const { estimateOn, nextDueOn, closedOn, department, assignee, litigationHold } = request;
  const dates = { estimateOn, nextDueOn, closedOn };
  return {
    number,
    version: at,
    state,
    outcome,
    reviewState,
    waitingOn,
    ...dates,
    department,
    assignee,
    litigationHold,
  };
}

type CommandValues = Given<CommandKind> & { readonly version: number };
type CommandAct<Answer> = Act<DeskPart, string, CommandValues, Answer>;

/** The command of this kind at a request, by its number. Throws bad-request where no form gives it. */
export function commandAct(kind: string): CommandAct<RequestStanding> {
  const { summary, inputs } = formOf(kind);
  return atRequest<CommandValues, RequestStanding>(
    commands[kind as CommandKind].permission,
    summary,
    { version: version(say('desk.the-request')), ...inputs },
    async ({ desk }, actor, number, { version: seen, ...given }) => {
      const request = await desk.find(actor, number);
      return toStanding(await desk.act(actor, { id: request.id, version: seen }, toCommand(kind, given, request)));
    },
    { description: 'How the request stands now.', schema: Type.Ref('RequestStanding') },
  );
}

const letters = Type.Array(exact({ kind: Type.String(), subject: nullable(Type.String()), body: Type.String() }));

/** The letters that the command would send; nothing is sent, and nothing changes. */
export function previewAct(kind: string): CommandAct<{ readonly letters: readonly LetterPreview[] }> {
  const { permission, inputs } = commandAct(kind);
  return atRequest<CommandValues, { readonly letters: readonly LetterPreview[] }>(
    permission,
    `The letter of “${kind}”, before it is sent`,
    inputs,
    async ({ desk }, actor, number, { version: seen, ...given }) => {
      const request = await desk.find(actor, number);
      const at = { id: request.id, version: seen };
      return { letters: await desk.preview(actor, at, toCommand(kind, given, request)) };
    },
    { description: 'What would be sent.', schema: exact({ letters }) },
  );
}

const atTask = actsOf<DeskPart, string>();

/** At a task, by its id. */
export const taskActs = {
  answer: atTask(
    'request.task',
    'Answer a task: what was found, or where was looked in vain',
    {
      version: version(say('desk.the-request')),
      state: required(choiceOr(['found', 'no_records'], 'found')),
      answer: mustText(),
      search: ownOr<NewSearch | null>(nullable(exact(searchMembers)), null, readSearch),
    },
    ({ desk }, actor, id, { version: seen, ...answer }) => desk.answerTask(actor, { id, version: seen }, answer),
  ),
  cancel: atTask(
    'request.assign',
    'Take a task back that is not answered',
    { version: version(say('desk.the-request')) },
    ({ desk }, actor, id, { version: seen }) => desk.cancelTask(actor, { id, version: seen }),
  ),
};

const bulkAct = Type.Union([
  exact({ kind: Type.Literal('assign'), assignee: nullable(Type.String()) }),
  exact({ kind: Type.Literal('department'), department: nullable(Type.String()) }),
  exact({ kind: Type.Literal('message'), body: Type.String() }),
]);
const chosenRequests = Type.Array(exact({ id: Type.String(), version: Type.Integer({ minimum: 1 }) }));
const problem = exact({ code: Type.String(), message: Type.String() });

type Entry = Omit<EnteredRequest, 'receivedAt'>;

/** What is known of a request that came by mail, e-mail, at the counter or by telephone. */
export const entryInputs: Inputs<Entry> = {
  text: mustText(),
  requester: ownOr<Requester | null>(nullable(somebody), null, readRequester),
  delivery: choiceOr(deliveries, 'electronic'),
  language: { ...line(), absent: 'en', read: (form, name) => writtenOf(form, name) ?? 'en' },
  accommodation: written('text'),
  asksForList: check(),
  listPurpose: written('text'),
  submitKey: written(),
  channel: answerOf(channels, say('desk.channel')),
  receivedOn: day(),
  subject: written(),
  requesterType: choiceOrNone(requesterTypes),
  department: written(),
};

export type Entered = { readonly number: string; readonly secret: string; readonly isSeen: boolean };

/** Whether who entered it may open it. */
export function toEntered({ request, secret }: Submitted, actor: Actor): Entered {
  const departments = request.department === null ? [] : [request.department];
  return { number: request.number, secret, isSeen: isAllowed(actor, 'request.work', { departments }) };
}

type EntryPart = DeskPart & { readonly enter: (actor: Actor, given: EnteredRequest) => Promise<Submitted> };
const anywhere = actsOf<EntryPart, null>();

/** At no request yet, or at many. */
export const deskActs = {
  enter: anywhere(
    'request.enter',
    'Enter a request that came by mail, e-mail, at the counter or by telephone',
    entryInputs,
    async ({ enter }, actor, _at, entry) => toEntered(await enter(actor, entry), actor),
    {
      description: 'Its number, and the secret of the requester’s link: told now and never again.',
      schema: exact({ number: Type.String(), secret: Type.String(), isSeen: Type.Boolean() }),
    },
  ),
  bulk: anywhere(
    'request.message',
    'Assign many requests, or write to who asked; each is guarded as if it stood alone',
    {
      chosen: own<readonly Chosen[]>(chosenRequests, readChosen),
      act: own<BulkAct>(bulkAct, readBulkAct),
    },
    async ({ desk }, actor, _at, { chosen, act }) => ({ data: (await desk.bulk(actor, chosen, act)).map(toTold) }),
    {
      description: 'What became of each.',
      schema: exact({
        data: Type.Array(exact({ id: Type.String(), number: nullable(Type.String()), problem: nullable(problem) })),
      }),
    },
  ),
};

/** A program is told in English. */
function toTold({ id, number, problem: found }: BulkResult) {
  return { id, number, problem: found === null ? null : { code: found.code, message: inEnglish(found.said) } };
}

function readTaskId(form: FormValues): string | null {
  return writtenOf(form, 'task');
}

function readSearch(form: FormValues): NewSearch | null {
  const search = { place: textOf(form, 'place'), terms: writtenOf(form, 'terms'), found: textOf(form, 'found') };
  return search.place !== '' || search.terms !== null || search.found !== '' ? search : null;
}

function readRequester(form: FormValues): Requester | null {
  const requester: Requester = {
    name: writtenOf(form, 'name'),
    organization: writtenOf(form, 'organization'),
    email: writtenOf(form, 'email'),
    phone: writtenOf(form, 'phone'),
    address: writtenOf(form, 'address'),
  };
  return Object.values(requester).every((each) => each === null) ? null : requester;
}

/** `chosen` values are `<id> <version>`: what the page showed beside each box. */
function readChosen(form: FormValues): readonly Chosen[] {
  return (form['chosen'] ?? []).map((value) => {
    const [id = '', seen = ''] = value.split(' ');
    return { id, version: Number(seen) };
  });
}

function readBulkAct(form: FormValues): BulkAct {
  const what = textOf(form, 'what');
  if (what === 'assign') return { kind: 'assign', assignee: writtenOf(form, 'assignee') };
  if (what === 'department') return { kind: 'department', department: writtenOf(form, 'department') };
  if (what === 'message') return { kind: 'message', body: textOf(form, 'body') };
  throw new PortalError('form-invalid', say('desk.bulk-act'));
}
