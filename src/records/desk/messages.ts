// A message from the staff to whoever asked: kept sealed with the request, and sent where there is an address.
// It must never be taken for the City's answer: no clock stops for it.

import type { Actor } from '../../base/actor.ts';
import { say } from '../../base/say.ts';
import { queueLetter } from '../../mail/outbox.ts';
import { addressesOf, keepMessage } from '../requests/letters.ts';
import type { LetterParts } from '../requests/letters.ts';
import type { RequestsCore } from '../requests/request.ts';
import { readRow } from '../requests/requests.ts';
import { requireSeen } from '../requests/scope.ts';
import { requireText } from './tasks.ts';

/** Permission `request.message` for a department of the request. Without an address it waits on the request's page. */
export async function sendMessage(
  core: RequestsCore,
  parts: LetterParts,
  actor: Actor,
  idOrNumber: string,
  text: string,
): Promise<void> {
  const request = await core.find(idOrNumber);
  await requireSeen(core.db, actor, request, 'request.message');
  const body = requireText(text, say('desk.message-empty'), 'body');
  await core.db.transaction(async (tx) => {
    const row = await readRow(tx, request.id, true);
    const addresses = await addressesOf(tx, parts.seal, row);
    const via = addresses.length > 0 ? 'email' : 'web';
    const subject = `Your public records request ${request.number}`;
    const said = { kind: 'message', direction: 'out', subject, body, via } as const;
    const message = { ...said, requestId: request.id, author: actor };
    const id = await keepMessage(tx, parts.seal, message, core.effects);
    const data = { message: id };
    await core.appendEvent(tx, actor, request.id, { kind: 'message-sent', audience: 'requester', data });
    for (const [index, to] of addresses.entries()) {
      const link = `${parts.publicUrl}/records/requests/${request.number}`;
      const letter = {
        to,
        subject,
        text: `${body}\n\nYour request, with its dates and messages: ${link}\n`,
        kind: 'request-message',
        requestId: request.id,
        requestNumber: request.number,
        dedupeKey: `${id} ${index}`,
        unsolicited: false,
      };
      await queueLetter(tx, parts.seal, letter, core.effects);
    }
  });
}
