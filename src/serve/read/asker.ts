// Who asks a read, on what conditions and until when, from the HTTP request.
// It must be the same for every dialect: whoever forgets one of these answers HEAD with a whole query.

import type { FastifyReply, FastifyRequest } from 'fastify';

import { toSignal } from '../http/disconnect.ts';
import type { ReadRequest } from './answer.ts';

export type Asker = Pick<ReadRequest, 'actor' | 'ifNoneMatch' | 'headOnly' | 'client' | 'signal'>;

export function toAsker(request: FastifyRequest, reply: FastifyReply): Asker {
  return {
    actor: request.actor,
    ifNoneMatch: request.headers['if-none-match'] ?? null,
    headOnly: request.method === 'HEAD',
    client: request.ip,
    signal: toSignal(reply),
  };
}
