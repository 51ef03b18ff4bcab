// What went out of a request, for the staff and for the requester; and which documents may go out next.
// It must change nothing, and show a file's name and size but never its blob's bytes.

import { and, asc, eq, inArray } from '../../db/drizzle.ts';

import type { Actor, RequesterActor } from '../../base/actor.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsInstallments, recordsReleased } from '../../db/tables-archive.ts';
import { recordsEvents } from '../../db/tables-records.ts';
import { isAllowed, requirePermission } from '../../people/permissions.ts';
import { documentTitle } from '../documents/document.ts';
import type { DocumentRecord } from '../documents/document.ts';
import type { Delivery } from '../requests/request.ts';
import { departmentsFor, departmentsOf } from '../requests/scope.ts';
import type { CitedWithholding, ClaimedHow, Installment, Readiness, ReleaseView } from './installment.ts';
import type { ReleasedDocument } from './installment.ts';
import type { ReleaseDeps } from './release.ts';

/** Permission `request.work`: every document with what is missing, and every installment. */
export async function viewRelease(deps: ReleaseDeps, actor: Actor, idOrNumber: string): Promise<ReleaseView> {
  departmentsFor(actor, 'request.work');
  const { request, documents } = await deps.documents.list(actor, idOrNumber);
  const [installments, departments] = await Promise.all([
    readInstallments(deps.db, request.id),
    departmentsOf(deps.db, request),
  ]);
  return {
    request,
    mayRelease: isAllowed(actor, 'request.release', { departments }),
    nextInstallment: request.installments + 1,
    documents: documents.map((document) => toReadiness(document, installments)),
    installments,
  };
}

function toReadiness(document: DocumentRecord, installments: readonly Installment[]): Readiness {
  const blob = document.rendition?.blob ?? null;
  const sent = installments.findLast((installment) =>
    installment.documents.some(
      (each) =>
        each.document === document.number && (each.file?.sha256 ?? null) === blob && missingOf(document) === null,
    ),
  );
  return {
    id: document.id,
    number: document.number,
    title: documentTitle(document),
    pages: document.rendition === null ? document.pages : document.rendition.pages,
    isWithheld: document.withheld !== null,
    missing: missingOf(document),
    releasedIn: sent?.number ?? null,
  };
}

function missingOf(document: DocumentRecord): Readiness['missing'] {
  if (document.review === 'open') return 'review';
  if (document.review === 'submitted') return 'approval';
  if (document.withheld !== null || document.renditionState === 'ready') return null;
  return document.renditionState === 'failed' ? 'rendition-failed' : 'rendition';
}

/** Permission `request.follow`; the link of another request gets not-found. */
export async function readOwnInstallments(
  deps: ReleaseDeps,
  actor: RequesterActor,
  idOrNumber: string,
): Promise<readonly Installment[]> {
  requirePermission(actor, 'request.follow');
  const request = await deps.requests.find(idOrNumber);
  deps.requests.requireOwn(actor, request.id);
  return readInstallments(deps.db, request.id);
}

export async function readInstallments(db: Queryable, requestId: string): Promise<readonly Installment[]> {
  const own = eq(recordsEvents.requestId, requestId);
  const [installments, released, claims] = await Promise.all([
    db
      .select()
      .from(recordsInstallments)
      .where(eq(recordsInstallments.requestId, requestId))
      .orderBy(asc(recordsInstallments.number)),
    db
      .select()
      .from(recordsReleased)
      .where(eq(recordsReleased.requestId, requestId))
      .orderBy(asc(recordsReleased.document)),
    db
      .select({ at: recordsEvents.at, data: recordsEvents.data })
      .from(recordsEvents)
      .where(and(own, inArray(recordsEvents.kind, ['claimed']))),
  ]);
  const claimOf = (number: number): Installment['claim'] => {
    const found = claims.find(({ data }) => (data as { readonly installment?: number }).installment === number);
    return found === undefined ? null : { at: found.at, how: (found.data as { readonly how: ClaimedHow }).how };
  };
  return installments.map(({ id, ...row }) => ({
    number: row.number,
    releasedAt: row.releasedAt,
    releasedOn: row.releasedOn,
    delivery: row.delivery as Delivery, // the table's check holds it to these
    place: row.place,
    fromOn: row.fromOn,
    remains: row.remains,
    nextOn: row.nextOn,
    pages: row.pages,
    withheld: row.withheld as readonly CitedWithholding[], // stored by releaseInstallment
    claim: claimOf(row.number),
    documents: released.filter(({ installmentId }) => installmentId === id).map(toReleased),
  }));
}

export type ReleasedRow = typeof recordsReleased.$inferSelect;

export function toReleased(row: ReleasedRow): ReleasedDocument {
  const { id, document, title, firstDownloadAt, publishedAt, blob, fileName, mediaType, bytes, pages } = row;
  const isFile = blob !== null && fileName !== null && mediaType !== null && bytes !== null;
  const file = isFile ? { fileName, mediaType, bytes, pages, sha256: blob } : null;
  return { id, document, title, file, firstDownloadAt, publishedAt };
}
