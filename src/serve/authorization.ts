// Who asks: the bearer token of a request, as an actor.
// It must not decide what the actor may do; people/permissions does, in the function that does it.

import type { FastifyRequest } from 'fastify';

import type { Actor } from '../base/actor.ts';
import { publicActor } from '../base/actor.ts';
import { PortalError } from '../base/errors.ts';
import { actorFromToken } from '../people/tokens.ts';
import type { Portal } from './portal.ts';

const longestToken = 200;

/** Nobody in particular without a token. Throws unauthorized for one that is not, or is no longer, valid. */
export async function readActor(portal: Portal, request: FastifyRequest): Promise<Actor> {
  const { authorization } = request.headers;
  if (authorization === undefined) return publicActor;
  const token = /^Bearer +([\w.~+/=-]+)$/iu.exec(authorization)?.[1];
  // Clients of other portals send Basic or OAuth credentials out of habit; reading needs none.
  if (token === undefined) return publicActor;
  const actor = token.length > longestToken ? null : await actorFromToken(portal.database.db, portal.machineKey, token);
  if (actor !== null) return actor;
  throw new PortalError('unauthorized', 'The token is not valid, or no longer.');
}
