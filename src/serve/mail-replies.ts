// How an answer by e-mail joins its request.
// It must lose nothing of it: what the request cannot hold yet stays, whole, for a person.

import { createHash } from 'node:crypto';

import { PortalError } from '../base/errors.ts';
import type { OnReply, Reply } from '../mail/receive.ts';
import type { Records } from '../records/open.ts';

/** The request keeps a message once by its Message-ID, so a call that broke off may be made again. */
export function toReplyTaker(records: Pick<Records, 'takeReply'>): OnReply {
  return async (_tx, reply) => {
    const { requestNumber, from, subject, text, attachments } = reply;
    if (attachments.length > 0)
      throw new PortalError('records-invalid', 'The message has attachments; open it and add them to the request.');
    if (from === null) throw new PortalError('records-invalid', 'The message does not say who wrote it.');
    await records.takeReply({ requestNumber, messageId: reply.messageId ?? madeId(reply), from, subject, text });
  };
}

function madeId({ from, subject, text }: Reply): string {
  return `<${createHash('sha256').update(`${from}\0${subject}\0${text}`).digest('hex')}@without-message-id>`;
}
