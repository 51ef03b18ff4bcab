// Whom a requester trusts with their request: links of their own, mailed to them where there is an address, and ended.
// It must show no delegate how to reach the requester, and keep no link.

import { and, eq, isNull } from '../../db/drizzle.ts';

import type { RequesterActor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseField } from '../../base/fields.ts';
import { isId, newId, newToken } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDelegates } from '../../db/tables-records.ts';
import { parseMailAddress } from '../../mail/address.ts';
import { queueLetter, withdrawLetter } from '../../mail/outbox.ts';
import { requirePermission } from '../../people/permissions.ts';
import { fillLetter } from '../law/letters.ts';
import { delegatePurpose } from '../requests/requesters.ts';
import type { CityDate, RequestsCore } from '../requests/request.ts';
import { momentOf, readRow } from '../requests/requests.ts';
import type { RequestsParts } from '../requests/requests.ts';
import type { RequestRow } from '../requests/rows.ts';
import { hashSecret } from '../requests/secrets.ts';

export type NewDelegate = { readonly name: string; readonly email: string | null; readonly mayAct: boolean };

const mostDelegates = 10;
const longestName = 200;

/** The delegate's own secret link, told now and never again. Permission `request.delegate`: only the requester. */
export async function addDelegate(
  parts: RequestsParts,
  core: RequestsCore,
  actor: RequesterActor,
  requestId: string,
  given: NewDelegate,
): Promise<string> {
  requirePermission(actor, 'request.delegate');
  core.requireOwn(actor, requestId);
  const delegate = requireDelegate(given);
  const secret = newToken('req');
  const id = newId(core.effects.clock);
  await parts.db.transaction(async (tx) => {
    const row = await readRow(tx, requestId, true);
    await requireRoom(tx, requestId);
    const { name, email, mayAct } = delegate;
    await tx.insert(recordsDelegates).values({
      id,
      requestId,
      person: parts.seal.seal({ name, email }, delegatePurpose(id)),
      secretHash: hashSecret(secret),
      mayAct,
      createdAt: toInstant(core.effects.clock.now()),
    });
    await core.appendEvent(tx, actor, requestId, {
      kind: 'delegate-added',
      audience: 'requester',
      data: { delegate: id, mayAct },
    });
    if (email === null) return;
    const date = momentOf(parts, actor, core.effects).onDate;
    await mailLink(tx, parts, row, { id, email, mayAct, secret, date }, core.effects);
  });
  return secret;
}

function requireDelegate(given: NewDelegate): NewDelegate {
  const name = given.name.trim();
  const email = given.email?.trim() || null;
  if (name === '' || name.length > longestName) {
    refuseField('name', say('records.delegate-name', { longest: longestName }));
  }
  if (email !== null && parseMailAddress(email) === null) refuseField('email', say('records.delegate-email'));
  return { name, email, mayAct: given.mayAct };
}

async function requireRoom(tx: Transaction, requestId: string): Promise<void> {
  const live = await tx
    .select({ id: recordsDelegates.id })
    .from(recordsDelegates)
    .where(and(eq(recordsDelegates.requestId, requestId), isNull(recordsDelegates.revokedAt)));
  if (live.length >= mostDelegates) refuseField('name', say('records.delegates-many', { most: mostDelegates }));
}

/** A delegate who has an address, the link they are given, and the day on which they are. */
type Linked = {
  readonly id: string;
  readonly email: string;
  readonly mayAct: boolean;
  readonly secret: string;
  readonly date: CityDate;
};

/**
 * The only copy of the link beside the requester's own: in the sealed letter, and in no letter of the request's file.
 */
async function mailLink(
  tx: Transaction,
  parts: RequestsParts,
  request: Pick<RequestRow, 'id' | 'number'>,
  { id, email, mayAct, secret, date }: Linked,
  effects: Effects,
): Promise<void> {
  const link = `${parts.publicUrl}/records/follow/${secret}`;
  const { subject, body } = fillLetter(parts.law(), 'delegate-link', { number: request.number, date, link, mayAct });
  await queueLetter(
    tx,
    parts.seal,
    {
      to: email,
      subject,
      text: body,
      kind: 'request-delegate-link',
      requestId: request.id,
      requestNumber: request.number,
      dedupeKey: letterKey(id),
      unsolicited: true,
    },
    effects,
  );
}

function letterKey(delegateId: string): string {
  return `delegate ${delegateId}`;
}

/** From the next page on the link is nobody's. Throws not-found for another request's delegate. */
export async function revokeDelegate(
  parts: RequestsParts,
  core: RequestsCore,
  actor: RequesterActor,
  requestId: string,
  delegateId: string,
): Promise<void> {
  requirePermission(actor, 'request.delegate');
  core.requireOwn(actor, requestId);
  if (!isId(delegateId)) throw new PortalError('not-found');
  await parts.db.transaction(async (tx) => {
    const { id } = recordsDelegates;
    const revoked = await tx
      .update(recordsDelegates)
      .set({ revokedAt: toInstant(core.effects.clock.now()) })
      .where(and(eq(id, delegateId), eq(recordsDelegates.requestId, requestId), isNull(recordsDelegates.revokedAt)))
      .returning({ id });
    if (revoked.length === 0) throw new PortalError('not-found', say('records.delegate-gone'));
    await withdrawLetter(tx, letterKey(delegateId));
    const data = { delegate: delegateId };
    await core.appendEvent(tx, actor, requestId, { kind: 'delegate-revoked', audience: 'requester', data });
  });
}
