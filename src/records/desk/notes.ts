// Notes that only the staff see, kept sealed with the request.
// It must never reach the requester: a note has its own direction, and no letter is made of it.

import type { Actor } from '../../base/actor.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import { keepMessage } from '../requests/letters.ts';
import type { RequestsCore } from '../requests/request.ts';
import { requireSeen } from '../requests/scope.ts';
import { requireText } from './tasks.ts';

/** Permission `request.note` for a department of the request. */
export async function addNote(
  core: RequestsCore,
  seal: Seal,
  actor: Actor,
  idOrNumber: string,
  text: string,
): Promise<void> {
  const request = await core.find(idOrNumber);
  await requireSeen(core.db, actor, request, 'request.note');
  const body = requireText(text, say('desk.note-empty'), 'note');
  await core.db.transaction(async (tx) => {
    const said = { kind: 'note', direction: 'note', subject: null, body, via: 'web' } as const;
    const note = { ...said, requestId: request.id, author: actor };
    const id = await keepMessage(tx, seal, note, core.effects);
    await core.appendEvent(tx, actor, request.id, { kind: 'note-added', audience: 'staff', data: { note: id } });
  });
}
