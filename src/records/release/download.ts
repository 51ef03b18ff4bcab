// Who may have a released file, and what its download means: the first one by the requester claims the installment.
// It must tell nobody that a file exists which is not theirs to have.

import { and, eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Queryable, Transaction } from '../../db/open.ts';
import { recordsInstallments, recordsReleased } from '../../db/tables-archive.ts';
import { appendAudit } from '../../people/audit.ts';
import { isAllowed } from '../../people/permissions.ts';
import type { RequestRecord } from '../requests/request.ts';
import { departmentsOf } from '../requests/scope.ts';
import type { ReleasedFile } from './installment.ts';
import { toReleased } from './reading.ts';
import type { ReleasedRow } from './reading.ts';
import type { ReleaseDeps } from './release.ts';

export type OpenedRelease = ReleasedFile & {
  readonly id: string;
  /** By which right: a public file may be kept by caches. */
  readonly as: 'requester' | 'staff' | 'public';
  readonly releasedAt: string;
};

/** Whether everybody may see the page of this request. The archive says so; here it is only asked. */
export type IsPublicPage = (db: Queryable, request: RequestRecord) => Promise<boolean>;

/**
 * Throws not-found for everybody but the requester, their delegates, the staff who see the request, and what is public.
 */
export async function openReleased(
  deps: ReleaseDeps,
  isPublicPage: IsPublicPage,
  actor: Actor,
  wanted: { readonly request: string; readonly file: string },
): Promise<OpenedRelease> {
  const request = await deps.requests.find(wanted.request);
  const row = await readRow(deps.db, request.id, wanted.file);
  const as = await rightOf(deps, isPublicPage, actor, request, row);
  const file = toReleased(row).file;
  if (as === null || file === null) throw noFile();
  return { ...file, id: row.id, as, releasedAt: row.releasedAt };
}

export function noFile(): PortalError {
  return new PortalError('not-found', say('records.no-released'));
}

async function readRow(
  db: Queryable,
  requestId: string,
  id: string,
): Promise<ReleasedRow & { readonly releasedAt: string; readonly installment: number }> {
  if (!isId(id)) throw noFile();
  const [found] = await db
    .select({
      row: recordsReleased,
      releasedAt: recordsInstallments.releasedAt,
      installment: recordsInstallments.number,
    })
    .from(recordsReleased)
    .innerJoin(recordsInstallments, eq(recordsInstallments.id, recordsReleased.installmentId))
    .where(and(eq(recordsReleased.id, id), eq(recordsReleased.requestId, requestId)));
  if (found === undefined) throw noFile();
  return { ...found.row, releasedAt: found.releasedAt, installment: found.installment };
}

async function rightOf(
  deps: ReleaseDeps,
  isPublicPage: IsPublicPage,
  actor: Actor,
  request: RequestRecord,
  row: ReleasedRow,
): Promise<OpenedRelease['as'] | null> {
  if (actor.kind === 'requester' && actor.requestId === request.id && isAllowed(actor, 'request.follow')) {
    return 'requester';
  }
  if (actor.kind === 'staff') {
    const departments = await departmentsOf(deps.db, request);
    if (isAllowed(actor, 'request.work', { departments })) return 'staff';
  }
  return row.publishedAt !== null && (await isPublicPage(deps.db, request)) ? 'public' : null;
}

/**
 * A download that begins, by the requester or a delegate: noted once, and the installment is claimed by whoever may
 * act. Nothing happens when the staff or the public download.
 */
export async function noteDownload(
  deps: ReleaseDeps,
  actor: Actor,
  wanted: { readonly request: string; readonly file: string },
): Promise<void> {
  if (actor.kind !== 'requester') return;
  const request = await deps.requests.find(wanted.request);
  deps.requests.requireOwn(actor, request.id);
  await deps.db.transaction(async (tx) => {
    const row = await readRow(tx, request.id, wanted.file);
    const isClaim = await isClaimable(tx, request.id, row.installment);
    if (row.firstDownloadAt !== null && !isClaim) return;
    if (isClaim && isAllowed(actor, 'request.claim')) {
      const claim = { kind: 'claim', installment: row.installment, how: 'download' } as const;
      await deps.requests.transition(tx, actor, { id: request.id, expectedVersion: null }, claim);
    }
    if (row.firstDownloadAt !== null) return;
    const at = toInstant(deps.effects.clock.now());
    await tx.update(recordsReleased).set({ firstDownloadAt: at }).where(eq(recordsReleased.id, row.id));
    const details = { installment: row.installment, document: row.document, how: 'download' };
    const event = { action: 'request.follow', subject: `request:${request.number}`, details } as const;
    await appendAudit(tx, actor, event, deps.effects);
  });
}

/** The request waits for this very installment. Two downloads at once: the row is locked, so one of them claims. */
async function isClaimable(tx: Transaction, requestId: string, installment: number): Promise<boolean> {
  const { rows } = await tx.execute<{ waits: boolean }>(sql`
    select state = 'installment_ready' and installments = ${installment} as waits
    from records_requests where id = ${requestId} for no key update`);
  return rows[0]?.waits ?? false;
}
