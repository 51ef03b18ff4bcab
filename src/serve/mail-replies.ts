// How an answer by e-mail joins its request.
// It must lose nothing of it: what the request cannot take in stays, whole, for a person.

import type { OnReply } from '../mail/receive.ts';
import type { Records } from '../records/open.ts';

/** In the transaction that keeps the mail: both or neither. */
export function toReplyTaker(records: Pick<Records, 'takeReply'>): OnReply {
  return async (tx, reply) => {
    await records.takeReply(tx, reply);
  };
}
