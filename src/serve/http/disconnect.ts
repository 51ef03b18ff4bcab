// Tells a running answer that its client has gone, so that the engine stops at once.
// It must not fire when an answer has simply been finished.

import type { FastifyReply } from 'fastify';

/** Aborted when the connection closes before the answer is whole. */
export function toSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const response = reply.raw;
  if (response.destroyed) controller.abort();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
