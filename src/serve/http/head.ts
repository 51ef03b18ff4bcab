// Answers HEAD with the headers of GET when there is no body in memory to measure.
// It must not read the body: the whole of a file or a query would be made for nobody.

import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

/** Fastify says "0 bytes" for no payload; an empty stream leaves the length that was set, or none. */
export function sendHead(reply: FastifyReply): FastifyReply {
  return reply.send(Readable.from([]));
}
