// The shapes that routes of every kind share in their schemas: problems, addresses, links.
// It must not validate anything itself; Fastify does, and the same schemas are the OpenAPI description.

import { Type } from 'typebox';
import type { TSchema } from 'typebox';

import { errorTable } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { exact } from '../../base/schemas.ts';

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'Address of the page that explains this code.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What is wrong here and how to mend it.' }),
    instance: Type.String({ description: 'The request’s id, to quote when asking about it.' }),
    code: Type.Unsafe<ErrorCode>(Type.String({ enum: Object.keys(errorTable) })),
    position: Type.Optional(
      exact({
        parameter: Type.Optional(Type.String()),
        start: Type.Integer({ description: 'First UTF-16 unit of the part that is wrong.' }),
        end: Type.Integer({ description: 'One beyond its last.' }),
      }),
    ),
    pointer: Type.Optional(Type.String({ description: 'The text as sent, with carets under the part that is wrong.' })),
  },
  {
    $id: 'Problem',
    description:
      'An error, as RFC 9457 problem details. Further members name what it is about: a column, a field, a limit.',
    additionalProperties: Type.Union([
      Type.String(),
      Type.Number(),
      Type.Boolean(),
      Type.Null(),
      Type.Array(Type.String()),
    ]),
    examples: [
      {
        type: 'http://localhost:8080/errors#unknown-column',
        title: errorTable['unknown-column'][1],
        status: 400,
        detail: 'There is no column “wrad”; did you mean “ward”?',
        instance: 'urn:request:2f6c1b9d40aa-1',
        code: 'unknown-column',
        position: { parameter: 'where', start: 0, end: 4 },
        pointer: 'wrad = 3\n^^^^',
      },
    ],
  },
);

const toSentences = (codes: readonly ErrorCode[]) =>
  codes.map((code) => `\`${code}\`: ${errorTable[code][1]}`).join(' ');

const problemBody = { 'application/problem+json': { schema: Type.Ref('Problem') } };

/** The problem answers of a route, by status; the codes that may stand in them are listed in the description. */
export function problems(codes: readonly ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = errorTable[code][0];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [String(status), { description: toSentences(names), content: problemBody }]),
  );
}

const anyCodes: readonly ErrorCode[] = [
  'bad-request',
  'unauthorized',
  'forbidden',
  'request-timeout',
  'upload-too-large',
  'uri-too-long',
  'unsupported-media-type',
  'misdirected-request',
  'headers-too-large',
  'internal-error',
  'not-ready',
];

/** What acts of the staff refuse, whichever it is; with what any address does. */
const actCodes: readonly ErrorCode[] = [
  'not-found',
  'department-not-found',
  'conflict',
  'records-invalid',
  'form-invalid',
];

const described = (codes: readonly ErrorCode[]) => ({
  description: toSentences(codes),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** What the server itself refuses, whatever the address is for: before a route is asked, or when it breaks. */
export const anyAddress = described(anyCodes);

/** In the description as `ActRefused`, said once for all acts. */
export const anyAct = described([...anyCodes, ...actCodes]);

/** For the schema of an act's route. */
export const actRefusals = { '4xx': { description: anyAct.description, content: problemBody } };

/** An answer without a body. */
export function nothing(description: string): Readonly<Record<string, unknown>> {
  return { description, type: 'null' };
}

/** An answer that is not an object of ours: its media type and what it is. */
export function bodies(description: string, content: Readonly<Record<string, TSchema>>) {
  return {
    description,
    content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
  };
}

export function json(description: string, schema: TSchema) {
  return bodies(description, { 'application/json': schema });
}

export const datasetId = Type.String({
  description: 'The dataset’s readable id or its `xxxx-xxxx` code.',
  examples: ['building-permits'],
});

export const asOf = Type.Optional(
  Type.String({
    maxLength: 100,
    description: 'Read the data as it was: a revision’s number or id, or an instant. Left out: the current revision.',
    examples: ['1'],
  }),
);

export const datasetParams = exact({ id: datasetId });
