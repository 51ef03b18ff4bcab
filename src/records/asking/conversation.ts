// What the requester says and does beside the machine's commands: messages, files, a change of address, their own copy.
// It must keep every word sealed; events tell that something was said, never what.

import type { RequesterActor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { say } from '../../base/say.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { clockCode } from '../law/law.ts';
import { addFile } from '../requests/files.ts';
import type { FilesParts, RequestFile } from '../requests/files.ts';
import { changeRow, readOwn } from './following.ts';
import type { OwnClock, OwnRequest } from './following.ts';
import { keepMessage } from '../requests/letters.ts';
import { openRequester, sealRequester } from '../requests/requesters.ts';
import type { Requester, RequestsCore } from '../requests/request.ts';
import { readRow } from '../requests/requests.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { requireRequester } from '../requests/submissions.ts';

export const longestMessage = 20_000;

/** Answers the message's id. Permission `request.message`. */
export async function postMessage(
  parts: RequestsParts,
  core: RequestsCore,
  actor: RequesterActor,
  requestId: string,
  text: string,
): Promise<string> {
  requirePermission(actor, 'request.message');
  core.requireOwn(actor, requestId);
  const body = requireWords(text);
  return parts.db.transaction(async (tx) => {
    const id = await keepMessage(tx, parts.seal, toMessage(actor, requestId, 'message', body), core.effects);
    await core.appendEvent(tx, actor, requestId, messageEvent(id, 'web'));
    return id;
  });
}

/** What was opened again is the officer's to decide; here it is only asked for, on the record. */
export async function askToReopen(
  parts: RequestsParts,
  core: RequestsCore,
  actor: RequesterActor,
  requestId: string,
  text: string,
): Promise<void> {
  requirePermission(actor, 'request.message');
  core.requireOwn(actor, requestId);
  const body = requireWords(text);
  await parts.db.transaction(async (tx) => {
    const row = await readRow(tx, requestId, true);
    if (row.state !== 'closed') throw new PortalError('conflict', say('records.request-open'));
    const id = await keepMessage(tx, parts.seal, toMessage(actor, requestId, 'reopen-asked', body), core.effects);
    await core.appendEvent(tx, actor, requestId, {
      kind: 'reopen-asked',
      audience: 'requester',
      data: { message: id },
    });
  });
}

/** A file for the City, sealed; the event tells its kind and size, never its name. */
export async function addOwnFile(
  parts: RequestsParts & FilesParts,
  core: RequestsCore,
  actor: RequesterActor,
  requestId: string,
  given: { readonly name: string; readonly bytes: AsyncIterable<Uint8Array> },
): Promise<RequestFile> {
  requirePermission(actor, 'request.message');
  core.requireOwn(actor, requestId);
  const file = await addFile(parts, { requestId }, given, core.effects);
  const data = { file: file.id, mediaType: file.mediaType, bytes: file.bytes };
  await parts.db.transaction((tx) =>
    core.appendEvent(tx, actor, requestId, { kind: 'file-received', audience: 'requester', data }),
  );
  return file;
}

export function messageEvent(message: string, via: 'web' | 'email') {
  return { kind: 'message-received', audience: 'requester', data: { message, via } } as const;
}

/** What the requester writes on their page. */
function toMessage(author: RequesterActor, requestId: string, kind: 'message' | 'reopen-asked', body: string) {
  return { requestId, author, kind, direction: 'in', subject: null, body, via: 'web' } as const;
}

function requireWords(text: string): string {
  const body = text.replace(/\r\n?/gu, '\n').trim();
  if (body === '') refuseField('text', say('records.message-empty'));
  if (body.length > longestMessage) refuseField('text', say('records.message-long', { longest: longestMessage }));
  return body;
}

/** How to be reached. Only the requester in person; letters go to the new address from now on. */
export async function changeContact(
  parts: RequestsParts,
  actor: RequesterActor,
  requestId: string,
  given: Requester,
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'request.delegate');
  const requester = requireRequester(given);
  await parts.db.transaction(async (tx) => {
    const columns = sealRequester(parts.seal, requestId, requester);
    await changeRow(tx, parts, actor, { requestId, columns, event: 'contact-changed' }, effects);
  });
}

/** Clocks go by their codes here, as they do in events. */
export type OwnExport = Omit<OwnRequest, 'clocks'> & {
  readonly clocks: readonly (Omit<OwnClock, 'clock'> & { readonly clock: string })[];
  readonly exportedAt: string;
};

/** Everything that is kept of and for the requester. Permission `request.export-own`, and an audit event. */
export async function exportOwn(
  parts: RequestsParts,
  actor: RequesterActor,
  idOrNumber: string,
  effects: Effects,
): Promise<OwnExport> {
  requirePermission(actor, 'request.export-own');
  const own = await readOwn(parts, actor, idOrNumber);
  await parts.db.transaction(async (tx) => {
    const row = await readRow(tx, own.request.id);
    const details = { isAnonymous: openRequester(parts.seal, row) === null };
    const event = { action: 'request.export-own', subject: `request:${row.number}`, details } as const;
    await appendAudit(tx, actor, event, effects);
  });
  const codeOf = (clock: string): string => clockCode(parts.law(), clock);
  const { nextDuty } = own.request;
  return {
    ...own,
    request: { ...own.request, nextDuty: nextDuty === null ? null : codeOf(nextDuty) },
    clocks: own.clocks.map((each) => ({ ...each, clock: codeOf(each.clock) })),
    exportedAt: toInstant(effects.clock.now()),
  };
}
