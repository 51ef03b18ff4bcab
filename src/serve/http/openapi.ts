// The OpenAPI 3.1 description, made from the very schemas that the routes carry, at /openapi.json.
// It must not describe anything that is not registered.

import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';

import { isSecure } from './authorization.ts';
import { sendDocument } from './document.ts';
import type { Portal } from '../portal.ts';
import { anyAct, anyAddress, bodies } from './schemas.ts';
import { cookieName } from './session-cookie.ts';
import { toSite } from '../site.ts';

const tags = [
  { name: 'Catalogue', description: 'Datasets and departments: list, search, read.' },
  { name: 'Rows', description: 'Query the rows of a dataset, count them, export them.' },
  { name: 'Revisions', description: 'Every published state of a dataset, for ever.' },
  { name: 'Downloads', description: 'Whole datasets as files.' },
  { name: 'SODA', description: 'The same data for clients of Socrata’s SODA 2.1.' },
  { name: 'Standards', description: 'Descriptions for harvesters and search engines.' },
  { name: 'Public records', description: 'Ask for records, follow a request, and see how its deadlines are counted.' },
  { name: 'Records', description: 'Responsive records, for the staff who work on requests.' },
  { name: 'Publishing', description: 'For holders of a token.' },
  { name: 'Operations', description: 'For those who run the portal.' },
];

export function openapiDocument(portal: Portal): FastifyDynamicSwaggerOptions {
  const { cityName, publicUrl } = toSite(portal);
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: `${cityName}: open data API`,
        version: portal.version,
        description: 'Find, query and download the open data of the city. Reading needs no account.',
      },
      servers: [{ url: publicUrl }],
      tags,
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token of the portal.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: cookieName('session', isSecure(portal)),
            description:
              'The session of a member of the staff who has signed in. A change is sent with the portal’s own Origin.',
          },
        },
        responses: { Refused: anyAddress, ActRefused: anyAct },
      },
    },
    transformObject: (made) => ('openapiObject' in made ? withRefusals(made.openapiObject) : made.swaggerObject),
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `Shape${index}`,
    },
  };
}

type Described = Parameters<NonNullable<FastifyDynamicSwaggerOptions['transformObject']>>[0];
type Document = Extract<Described, { openapiObject: unknown }>['openapiObject'];

/**
 * What is refused before any route is asked, at every address that has no error shape of its own; of acts, with what
 * they refuse.
 */
function withRefusals(document: Document): Document {
  for (const operations of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(operations ?? {})) {
      const responses = responsesOf(operation);
      if (responses === null) continue;
      if (isOfAct(responses['4XX'])) responses['4XX'] = { $ref: '#/components/responses/ActRefused' };
      else if ('4XX' in responses) continue;
      responses['default'] = { $ref: '#/components/responses/Refused' };
    }
  }
  return document;
}

function isOfAct(response: unknown): boolean {
  const isDescribed = typeof response === 'object' && response !== null && 'description' in response;
  return isDescribed && response.description === anyAct.description;
}

function responsesOf(operation: unknown): Record<string, unknown> | null {
  const isOperation = typeof operation === 'object' && operation !== null && 'responses' in operation;
  return isOperation ? (operation.responses as Record<string, unknown>) : null;
}

export async function openapiRoute(app: FastifyInstance): Promise<void> {
  const schema = {
    summary: 'This description',
    operationId: 'readOpenapi',
    tags: ['Standards'],
    response: { 200: bodies('OpenAPI 3.1.', { 'application/json': Type.Object({}, { additionalProperties: true }) }) },
  };
  app.get('/openapi.json', { schema }, async (request, reply) => sendDocument(request, reply, app.swagger()));
}
