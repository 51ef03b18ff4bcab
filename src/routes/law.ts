// The public calculator of deadlines.
// It must hold no rule; records/law counts.

import { Type } from 'typebox';

import { inEnglish } from '../base/say.ts';
import { toDaysOff, toDeadline } from '../records/law/deadlines.ts';
import type { DayOffView, DeadlineView } from '../records/law/deadlines.ts';
import { sendDocument } from '../serve/http/document.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, nullable } from '../base/schemas.ts';
import { json, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const date = Type.String({ format: 'date' });
const source = exact({ cite: Type.String(), url: nullable(Type.String()) });

const deadlineSchema = exact(
  {
    clock: Type.String({ description: 'Which clock was counted: C1 is the first response.' }),
    name: Type.String(),
    received: Type.String({ description: 'What was asked.' }),
    receivedOn: Type.String({ format: 'date', description: 'Its calendar date in the city.' }),
    timeZone: Type.String(),
    dueOn: Type.String({ format: 'date', description: 'Due by the end of this day.' }),
    actOn: nullable(
      Type.String({ description: 'The first day on which the city may go on, where it has to let the time pass.' }),
    ),
    rule: Type.String(),
    basis: Type.String({
      enum: ['law', 'practice', 'policy'],
      description: 'What sets the length: a statute, the practice of other agencies, or the portal’s default.',
    }),
    sources: Type.Array(source),
    receiptRule: nullable(Type.String({ enum: ['A', 'B'] })),
    days: Type.Array(
      exact({
        on: date,
        weekday: Type.String(),
        number: nullable(Type.Integer({ description: 'Which day of the count; null for a day that is not counted.' })),
        reason: Type.String({ enum: ['first-day', 'counted', 'weekend', 'holiday', 'closure', 'rolled-to'] }),
        name: nullable(Type.String()),
        source: nullable(source),
      }),
      { description: 'Every day of a count of business days; for calendar days, the days from the last one on.' },
    ),
    sentences: Type.Array(Type.String(), { description: 'The same in plain English.' }),
  } satisfies Members<DeadlineView>,
  { $id: 'Deadline' },
);

const dayOffSchema = exact({
  on: date,
  weekday: Type.String(),
  name: Type.String(),
  isObserved: Type.Boolean({ description: 'True where a weekend moved the holiday to this day.' }),
  kind: Type.String({ enum: ['holiday', 'closure'] }),
  source,
} satisfies Members<DayOffView>);

export async function lawRoutes(app: TypedApp, portal: Portal): Promise<void> {
  app.addSchema(deadlineSchema);
  app.get(
    '/records/deadline',
    {
      schema: {
        summary: 'When a public records request is due, and how each day was counted',
        operationId: 'readDeadline',
        tags: ['Public records'],
        querystring: exact({
          received: Type.String({
            maxLength: 60,
            description: 'The date of receipt, or its moment with an offset: the date in the city counts.',
            examples: ['2026-07-02'],
          }),
          clock: Type.Optional(
            Type.String({
              maxLength: 40,
              description: 'Which clock, by its code or its name, such as `payment`; left out: C1, the first response.',
              examples: ['C1'],
            }),
          ),
        }),
        response: {
          200: json('The due date with its account.', Type.Ref('Deadline')),
          ...problems(['bad-request', 'unknown-parameter']),
        },
      },
    },
    async (request, reply) => {
      const { received, clock } = request.query;
      const found = toDeadline(portal.records.law(), received, clock ?? 'first-response');
      return sendDocument(request, reply, { ...found, sentences: found.sentences.map(inEnglish) });
    },
  );
  app.get(
    '/records/days-off/:year',
    {
      schema: {
        summary: 'The holidays and closure days of a year, each with its source',
        operationId: 'readDaysOff',
        tags: ['Public records'],
        params: exact({ year: Type.String({ description: 'A year from 2000 to 2100.', examples: ['2026'] }) }),
        response: {
          200: json('The days by date.', exact({ year: Type.Integer(), days: Type.Array(dayOffSchema) })),
          ...problems(['not-found', 'unknown-parameter']),
        },
      },
    },
    async (request, reply) => {
      const { year } = request.params;
      const asked = /^\d{4}$/u.test(year) ? Number(year) : Number.NaN;
      return sendDocument(request, reply, toDaysOff(portal.records.law(), asked));
    },
  );
}
