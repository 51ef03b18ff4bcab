// The desk for programs of the staff: its queue, its search, a request as it stands, and every act of its pages.
// It must hold no rule; records/desk does. Of who asked nothing is in it but in the one act that says so.

import { Type } from 'typebox';

import type { AnyAct } from '../people/act.ts';
import { commandAct, deskActs, previewAct, requestActs, requestStanding } from '../records/desk/acts.ts';
import { taskActs, toStanding } from '../records/desk/acts.ts';
import type { DeskPart } from '../records/desk/acts.ts';
import { parseQueueFilter, needs, standings } from '../records/desk/queue.ts';
import type { Queue, QueueRow } from '../records/desk/queue.ts';
import type { FoundRequest } from '../records/desk/search.ts';
import { clockCode } from '../records/law/law.ts';
import { commandKinds, commands } from '../records/requests/commands.ts';
import { channels, outcomes, requesterTypes, requestStates } from '../records/requests/request.ts';
import { addAct } from '../serve/http/acts.ts';
import type { ActPlace } from '../serve/http/acts.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, nullable } from '../base/schemas.ts';
import { json, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const text = nullable(Type.String());
const date = Type.String({ format: 'date' });
const words = (list: readonly string[]) => Type.String({ enum: [...list] });

const queueRow = exact({
  id: Type.String(),
  number: Type.String({ examples: ['2026-000123'] }),
  version: Type.Integer(),
  state: words(requestStates),
  need: words(needs),
  urgency: words(['late', 'at-risk', 'waiting', 'due', 'none']),
  isExtended: Type.Boolean({ description: 'A valid extension; never late.' }),
  isPartlyReleased: Type.Boolean(),
  waitingOn: text,
  dueOn: nullable(date),
  duty: text,
  waitsUntil: nullable(date),
  summary: Type.String(),
  receivedOn: date,
  channel: words(channels),
  department: text,
  assignee: text,
  openTasks: Type.Integer(),
  nextTaskOn: nullable(date),
  litigationHold: Type.Boolean(),
} satisfies Members<QueueRow>);

const counts = exact({
  total: Type.Integer(),
  needs: exact(Object.fromEntries(needs.map((need) => [need, Type.Integer()]))),
  standings: exact(Object.fromEntries(standings.map((standing) => [standing, Type.Integer()]))),
} satisfies Members<Queue['counts']>);

const foundRow = exact({
  id: Type.String(),
  number: Type.String(),
  state: words(requestStates),
  outcome: nullable(words(outcomes)),
  summary: Type.String(),
  receivedOn: date,
  closedOn: nullable(date),
  department: text,
  assignee: text,
} satisfies Members<FoundRequest>);

const page = {
  after: Type.Optional(Type.String({ maxLength: 100, description: '`next` of the page before.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: 'Left out: 50.' })),
};

const filters = {
  mine: Type.Optional(Type.String({ maxLength: 5, description: 'Anything: what is assigned to whoever asks.' })),
  department: Type.Optional(Type.String({ maxLength: 63 })),
  assignee: Type.Optional(Type.String({ maxLength: 100, description: 'A staff id, or `nobody`.' })),
  state: Type.Optional(words(requestStates)),
  channel: Type.Optional(words(channels)),
  due_by: Type.Optional(date),
  need: Type.Optional(words(needs)),
  standing: Type.Optional(words(standings)),
};

const workRow = exact({
  ...requestStanding.properties,
  text: Type.String(),
  shownText: text,
  subject: text,
  receivedOn: date,
  channel: words(channels),
  requesterType: nullable(words(requesterTypes)),
  installments: Type.Integer(),
  actions: Type.Array(
    exact({
      kind: Type.String({ description: 'POST …/do/{kind} gives it.' }),
      isFinal: Type.Boolean({ description: 'It ends the request, or refuses something.' }),
      sendsLetter: Type.Boolean({ description: 'POST …/do/{kind}/preview shows the letter first.' }),
    }),
    { description: 'What whoever asks may do now.' },
  ),
  tasks: Type.Array(
    exact({
      id: Type.String(),
      version: Type.Integer(),
      department: Type.String(),
      assignee: text,
      what: Type.String(),
      dueOn: date,
      state: words(['open', 'found', 'no_records', 'cancelled']),
      answer: text,
    }),
  ),
});

const number = { number: Type.String({ pattern: '^\\d{4}-\\d{6}$', description: 'The request’s number.' }) };
const task = { task: Type.String({ maxLength: 36, description: 'The task’s id.' }) };
const base = '/records/work/requests';

const refusals = problems(['bad-request', 'unknown-parameter', 'bad-cursor', 'unauthorized', 'forbidden']);
const defaultLimit = 50;

export async function deskRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addSchema(requestStanding);
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  addQueue(app, portal);
  addSearch(app, portal);
  addRequest(app, portal);
  addActs(app, portal);
}

function addQueue(app: TypedApp, portal: Portal): void {
  const { desk } = portal.records;
  app.get(
    '/records/work/queue',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
        security: [{ session: [] }],
        summary: 'Open requests by what the law needs next',
        description: 'For the staff who work on requests; of a department’s people, what concerns the department.',
        operationId: 'workQueue',
        querystring: exact({ ...filters, ...page }),
        response: {
          200: json(
            'A page of the queue.',
            exact({ today: date, data: Type.Array(queueRow), total: Type.Integer(), counts, next: text }),
          ),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { after = null, limit = defaultLimit, ...parameters } = request.query;
      const {
        today,
        rows,
        total,
        counts: all,
        next,
      } = await desk.queue(request.actor, parseQueueFilter(parameters), { after, limit });
      const law = portal.records.law();
      const data = rows.map((row) => ({ ...row, duty: row.duty === null ? null : clockCode(law, row.duty) }));
      return { today, data, total, counts: all, next };
    },
  );
}

function addSearch(app: TypedApp, portal: Portal): void {
  const { desk } = portal.records;
  app.get(
    '/records/work/search',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
        security: [{ session: [] }],
        summary: 'Requests by number or words, the latest first',
        operationId: 'searchRequests',
        querystring: exact({
          q: Type.String({ minLength: 1, maxLength: 300, examples: ['storm drain'] }),
          ...page,
        }),
        response: {
          200: json(
            'A page of what was found.',
            exact({
              data: Type.Array(foundRow),
              total: nullable(Type.Integer({ description: 'null: more than 5,000, not counted.' })),
              next: text,
            }),
          ),
          ...refusals,
        },
      },
    },
    async (request) => {
      const { q, after = null, limit = defaultLimit } = request.query;
      const { rows, total, next } = await desk.search(request.actor, { q, after, limit });
      return { data: rows, total, next };
    },
  );
}

function addRequest(app: TypedApp, portal: Portal): void {
  app.get(
    `${base}/:number`,
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
        security: [{ session: [] }],
        summary: 'A request as it stands, with what may be done now',
        operationId: 'workRequest',
        params: exact(number),
        response: {
          200: json('The request, without who asked.', workRow),
          ...problems(['bad-request', 'unauthorized', 'forbidden', 'not-found']),
        },
      },
    },
    async (asked) => {
      const { request, actions, tasks } = await portal.records.desk.view(asked.actor, asked.params.number);
      const { text: words_, shownText, subject, receivedOn, channel, requesterType, installments } = request;
      return {
        ...toStanding(request),
        ...{ text: words_, shownText, subject, receivedOn, channel, requesterType, installments },
        actions: actions.map(({ kind, isFinal, sendsLetter }) => ({ kind, isFinal, sendsLetter })),
        tasks: tasks.map(({ id, version, department, assignee, what, dueOn, state, answer }) => ({
          ...{ id, version, department, assignee, what, dueOn, state, answer },
        })),
      };
    },
  );
}

/** Whoever acts at the desk works on requests: a requester's own link does nothing here. */
const shared = { tag: 'Records', needs: ['request.work'] as const };

function addActs(app: TypedApp, { records }: Portal): void {
  const atRequest = (path: string, operationId: string): ActPlace<string> => ({
    ...shared,
    path: `${base}/:number/${path}`,
    operationId,
    params: number,
    at: (params) => String(params['number']),
  });
  for (const kind of commandKinds) {
    const { form } = commands[kind];
    if (form === null) continue;
    addAct(app, commandAct(kind), atRequest(`do/${kind}`, toOperation('command', kind)), records);
    if (!form.sendsLetter) continue;
    addAct(app, previewAct(kind), atRequest(`do/${kind}/preview`, toOperation('preview', kind)), records);
  }
  for (const [name, act] of Object.entries<AnyAct<DeskPart, string>>(requestActs)) {
    addAct(app, act, atRequest(name, toOperation('request', name)), records);
  }
  for (const [name, act] of Object.entries<AnyAct<DeskPart, string>>(taskActs)) {
    const path = `/records/work/tasks/:task/${name}`;
    const place = { ...shared, path, operationId: toOperation('task', name), params: task };
    addAct(app, act, { ...place, at: (params) => String(params['task']) }, records);
  }
  const entry = { ...shared, path: base, operationId: 'enterRequest', params: {}, at: () => null };
  addAct(app, deskActs.enter, entry, records);
  addAct(app, deskActs.bulk, { ...entry, path: '/records/work/bulk', operationId: 'actOnRequests' }, records);
}

/** `revise-estimate` → `commandReviseEstimate`. */
function toOperation(what: string, name: string): string {
  return what + name.replaceAll(/(?:^|-)(\w)/gu, (_found, letter: string) => letter.toUpperCase());
}
