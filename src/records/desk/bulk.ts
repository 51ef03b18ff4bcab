// One act for many requests: each in a transaction of its own, guarded as if it stood alone, told one by one.
// It must never stop at the first that fails, nor hide which one did and why.

import type { Actor } from '../../base/actor.ts';
import { PortalError, sayCode } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { RequestRecord, RequestsCore } from '../requests/request.ts';

/** A request as the reader has seen it: its version is asked for, so that nothing newer is overwritten. */
export type Chosen = { readonly id: string; readonly version: number };

export type BulkAct =
  | { readonly kind: 'assign'; readonly assignee: string | null }
  | { readonly kind: 'department'; readonly department: string | null }
  | { readonly kind: 'message'; readonly body: string };

export type BulkResult = {
  readonly id: string;
  readonly number: string | null;
  readonly problem: { readonly code: ErrorCode; readonly said: Sentence } | null;
};

/** How a message goes to the requester of one request; requests' own function, handed in. */
export type SendMessage = (actor: Actor, idOrNumber: string, body: string) => Promise<void>;

const mostAtOnce = 200;

/** Permission `request.assign`, or for a message `request.message`; each request asks its own again. */
export async function actOnMany(
  core: RequestsCore,
  sendMessage: SendMessage,
  actor: Actor,
  chosen: readonly Chosen[],
  act: BulkAct,
): Promise<readonly BulkResult[]> {
  requirePermission(actor, act.kind === 'message' ? 'request.message' : 'request.assign');
  if (chosen.length === 0) refuseField('chosen', say('desk.choose-requests'));
  if (chosen.length > mostAtOnce) refuseField('chosen', say('desk.requests-many', { most: mostAtOnce }));
  if (act.kind === 'message' && act.body.trim() === '') refuseField('body', say('desk.message-empty'));
  const results: BulkResult[] = [];
  for (const each of chosen) results.push(await actOnOne(core, sendMessage, actor, each, act));
  return results;
}

async function actOnOne(
  core: RequestsCore,
  sendMessage: SendMessage,
  actor: Actor,
  { id, version }: Chosen,
  act: BulkAct,
): Promise<BulkResult> {
  let number: string | null = null;
  try {
    const request = await core.find(id);
    number = request.number;
    if (act.kind === 'message') {
      requireUnchanged(request, version);
      await sendMessage(actor, request.id, act.body);
    } else {
      const { department, assignee } =
        act.kind === 'assign' ? { ...request, assignee: act.assignee } : { ...request, department: act.department };
      const seen = { id: request.id, expectedVersion: version };
      await core.db.transaction((tx) => core.transition(tx, actor, seen, { kind: 'assign', department, assignee }));
    }
    return { id, number, problem: null };
  } catch (error) {
    // The rest goes on; what is wrong with this one is told beside it. What nobody expected is thrown.
    if (!(error instanceof PortalError) || error.status >= 500) throw error;
    return { id, number, problem: { code: error.code, said: error.sentence ?? sayCode(error.code) } };
  }
}

function requireUnchanged(request: RequestRecord, version: number): void {
  if (request.version === version) return;
  throw new PortalError('conflict', {
    detail: say('records.request-changed', { number: request.number, now: request.version, seen: version }),
    extra: { version: request.version, seen: version },
  });
}
