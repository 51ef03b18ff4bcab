// An id for every request: the client's own when it is sane, else one of ours.
// It must never let a client's text into a log line or header unchecked.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type RequestIds = { next(request: IncomingMessage): string };

const sane = /^[\w.:-]{8,64}$/u;

/** Ids of one process share a random beginning and count up, so they cost nothing and never meet another's. */
export function openRequestIds(): RequestIds {
  const start = randomBytes(6).toString('hex');
  let count = 0;
  return {
    next(request) {
      const given = request.headers['x-request-id'];
      if (typeof given === 'string' && sane.test(given)) return given;
      count++;
      return `${start}-${count.toString(36)}`;
    },
  };
}
