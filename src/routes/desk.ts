// The clerk's queue and search for programs of the staff: what the pages show, as JSON.
// It must hold no rule; records/desk/desk.ts does. Nothing of who asked is in it.

import { Type } from 'typebox';

import { parseQueueFilter, needs, standings } from '../records/desk/queue.ts';
import type { Queue, QueueRow } from '../records/desk/queue.ts';
import type { FoundRequest } from '../records/desk/search.ts';
import { clockCode } from '../records/law/law.ts';
import { channels, outcomes, requestStates } from '../records/requests/request.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, json, nullable, problems } from '../serve/http/schemas.ts';
import type { Members } from '../serve/http/schemas.ts';
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

const refusals = problems(['bad-request', 'unknown-parameter', 'bad-cursor', 'unauthorized', 'forbidden']);
const defaultLimit = 50;

export async function deskRoutes(app: TypedApp, portal: Portal): Promise<void> {
  const { desk } = portal.records;
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/records/work/queue',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
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
  app.get(
    '/records/work/search',
    {
      config: { access: 'write' },
      schema: {
        tags: ['Records'],
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
