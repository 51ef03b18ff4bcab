// Making, listing and revoking API tokens.
// It must hold no rule; people/tokens.ts does.

import { Type } from 'typebox';

import { createToken, listTokens, revokeToken } from '../people/tokens.ts';
import type { TokenSummary } from '../people/tokens.ts';
import { noStore } from '../serve/http/headers.ts';
import type { Portal } from '../serve/portal.ts';
import { exact, nullable } from '../base/schemas.ts';
import { json, nothing, problems } from '../serve/http/schemas.ts';
import type { Members } from '../base/schemas.ts';
import type { TypedApp } from '../serve/http/typed-app.ts';

const tokenProperties = {
  id: Type.String(),
  name: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String(),
  revokedAt: nullable(Type.String({ format: 'date-time' })),
  lastUsedAt: nullable(Type.String({ format: 'date-time', description: 'Exact to a minute; null: never.' })),
} satisfies Members<TokenSummary>;

const shared = { tags: ['Operations'], security: [{ token: [] }] };
const refusals = problems(['unauthorized', 'forbidden']);

export async function tokenRoutes(app: TypedApp, portal: Portal): Promise<void> {
  const { database, effects } = portal;
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', noStore));
  app.get(
    '/tokens',
    {
      config: { access: 'write' },
      schema: {
        ...shared,
        summary: 'Every token, without its secret',
        operationId: 'listTokens',
        response: { 200: json('The tokens.', exact({ data: Type.Array(exact(tokenProperties)) })), ...refusals },
      },
    },
    async (request) => ({ data: await listTokens(database.db, request.actor) }),
  );
  app.post(
    '/tokens',
    {
      config: { access: 'write' },
      schema: {
        ...shared,
        summary: 'Make a token; its secret is in this answer and never again',
        operationId: 'createToken',
        body: exact({ name: Type.String({ description: 'Who or what uses it.', examples: ['permit system'] }) }),
        response: {
          201: json('The token.', exact({ ...tokenProperties, token: Type.String() })),
          ...refusals,
          ...problems(['bad-request', 'metadata-invalid']),
        },
      },
    },
    async (request, reply) => {
      const { summary, token } = await createToken(database.db, request.actor, request.body, effects);
      return reply.code(201).send({ ...summary, token });
    },
  );
  app.delete(
    '/tokens/:id',
    {
      config: { access: 'write' },
      schema: {
        ...shared,
        summary: 'Revoke a token, from the next request on',
        operationId: 'revokeToken',
        params: exact({ id: Type.String() }),
        response: { 204: nothing('Revoked.'), ...refusals, ...problems(['not-found']) },
      },
    },
    async (request, reply) => {
      await revokeToken(database.db, request.actor, request.params.id, effects);
      return reply.code(204).send();
    },
  );
}
