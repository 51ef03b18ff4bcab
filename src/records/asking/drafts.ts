// A request in the making: kept sealed on the server under a secret of its own until it is sent or has grown stale.
// It must never be read by anybody without that secret; nobody of the staff sees one.

import { createHash } from 'node:crypto';

import { eq, lt, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { dayMs, toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { newId, newToken } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsDrafts, recordsFiles } from '../../db/tables-records.ts';
import { requirePermission } from '../../people/permissions.ts';
import { readOwned } from '../requests/files.ts';
import type { RequestFile } from '../requests/files.ts';
import type { RequestsParts } from '../requests/requests.ts';
import { hashSecret } from '../requests/secrets.ts';
import { longestText, findSubmitted, submitRequest } from '../requests/submissions.ts';
import type { OnCreated, Submitted } from '../requests/submissions.ts';
import { toNewRequest } from './draft-answers.ts';
import type { DraftAnswers } from './draft-answers.ts';

export type Draft = {
  readonly id: string;
  readonly answers: DraftAnswers;
  readonly files: readonly RequestFile[];
  readonly changedAt: string;
};

/** Policy of this portal. */
export const draftDays = 30;
const draftPattern = /^draft_[\w-]{43}$/u;

function draftPurpose(id: string): string {
  return `records_drafts.content ${id}`;
}

export async function readDraft(parts: RequestsParts, secret: string): Promise<Draft | null> {
  const row = await findDraft(parts.db, secret);
  if (row === null) return null;
  const answers = parts.seal.open(row.content, draftPurpose(row.id)) as DraftAnswers;
  const files = await readOwned(parts.db, parts.seal, { draftId: row.id });
  return { id: row.id, answers, files, changedAt: row.changedAt };
}

async function findDraft(db: Queryable, secret: string) {
  if (!draftPattern.test(secret)) return null;
  const [row] = await db
    .select()
    .from(recordsDrafts)
    .where(eq(recordsDrafts.secretHash, hashSecret(secret)));
  return row ?? null;
}

/** Keeps the answers as they are, whole or not; answers the draft's secret. Permission `request.submit`. */
export async function saveDraft(
  parts: RequestsParts,
  actor: Actor,
  secret: string | null,
  answers: DraftAnswers,
  effects: Effects,
): Promise<string> {
  requirePermission(actor, 'request.submit');
  if (JSON.stringify(answers).length > longestText * 2) {
    refuseField('text', say('records.request-long', { longest: longestText }));
  }
  const changedAt = toInstant(effects.clock.now());
  return parts.db.transaction(async (tx) => {
    const known = secret === null ? null : await findDraft(tx, secret);
    if (known !== null && secret !== null) {
      const content = parts.seal.seal(answers, draftPurpose(known.id));
      await tx.update(recordsDrafts).set({ content, changedAt }).where(eq(recordsDrafts.id, known.id));
      return secret;
    }
    const [id, made] = [newId(effects.clock), newToken('draft')];
    const content = parts.seal.seal(answers, draftPurpose(id));
    await tx.insert(recordsDrafts).values({ id, secretHash: hashSecret(made), content, changedAt });
    return made;
  });
}

/** A draft for files to be added to, before anything has been written. */
export async function requireDraftId(
  parts: RequestsParts,
  actor: Actor,
  secret: string | null,
  empty: DraftAnswers,
  effects: Effects,
): Promise<{ readonly secret: string; readonly id: string }> {
  const known = secret === null ? null : await findDraft(parts.db, secret);
  const held = known === null || secret === null ? await saveDraft(parts, actor, null, empty, effects) : secret;
  const row = known ?? (await findDraft(parts.db, held));
  if (row === null) throw new PortalError('link-expired');
  return { secret: held, id: row.id };
}

/**
 * The draft becomes a request, with its files, in one transaction. Sent twice, it is one request. Throws form-invalid
 * for what is missing, and link-expired when there is no such draft and never was a request of it.
 */
export async function sendDraft(
  parts: RequestsParts,
  actor: Actor,
  secret: string,
  effects: Effects,
): Promise<Submitted> {
  const draft = await readDraft(parts, secret);
  const submitKey = createHash('sha256').update(`submit ${secret}`, 'utf8').digest('base64url');
  if (draft === null) {
    if (!draftPattern.test(secret)) throw new PortalError('link-expired');
    const sent = await findSubmitted(parts, actor, submitKey);
    if (sent === null) throw new PortalError('link-expired', say('records.answers-gone'));
    return sent;
  }
  const given = toNewRequest(draft.answers, submitKey);
  const takeOver: OnCreated = async (tx, requestId) => {
    await tx.update(recordsFiles).set({ requestId, draftId: null }).where(eq(recordsFiles.draftId, draft.id));
    await tx.delete(recordsDrafts).where(eq(recordsDrafts.id, draft.id));
  };
  return submitRequest(parts, actor, given, takeOver, effects);
}

/** Removes drafts that nobody came back to; their files' bytes go with the next sweep of the store. */
export async function expireDrafts(parts: RequestsParts, effects: Effects): Promise<number> {
  const before = toInstant(effects.clock.now() - draftDays * dayMs);
  const gone = await parts.db
    .delete(recordsDrafts)
    .where(lt(recordsDrafts.changedAt, before))
    .returning({ id: sql`1` });
  return gone.length;
}
