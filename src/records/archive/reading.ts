// The public page of a request, and what the staff see of it before and after it is published.
// It must give the public nothing but the checked words, published files and what is withheld of those.

import { asc, eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Queryable } from '../../db/open.ts';
import { recordsArchive, recordsReleased } from '../../db/tables-archive.ts';
import { isAllowed } from '../../people/permissions.ts';
import { readInstallments } from '../release/reading.ts';
import type { RequestRecord } from '../requests/request.ts';
import { departmentsFor, requireSeen } from '../requests/scope.ts';
import type { ArchiveOutcome, PublicFile, PublicPage } from './archive-entry.ts';
import type { ArchiveDeps } from './publish.ts';
import { isPublic, isPublicPage } from './public-page.ts';

const numberPattern = /^\d{4}-\d{6}$/u;

/** Throws not-found for a request that has no public page, as for one that is none. */
export async function readPublicPage(db: Queryable, number: string): Promise<PublicPage> {
  const { rows } = await db.execute<
    Omit<PublicPage, 'files' | 'department'> & { id: string; dept: string | null; dept_name: string | null }
  >(
    sql`select r.id, r.number, a.title, a.text, r.received_on::text as "receivedOn", r.closed_on::text as "closedOn",
        coalesce(r.outcome, 'open') as outcome, d.id as dept, d.name as dept_name,
        to_char(a.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "publishedAt"
      from records_archive a join records_requests r on r.id = a.request_id
      left join departments d on d.id = r.department
      where r.number = ${numberPattern.test(number) ? number : ''} and ${isPublic}`,
  );
  const row = rows[0];
  if (row === undefined) throw new PortalError('not-found', say('records.no-public-page'));
  const { id, dept, dept_name: name, ...page } = row;
  return {
    ...page,
    outcome: page.outcome as ArchiveOutcome,
    department: dept === null ? null : { id: dept, name: name ?? dept },
    files: await readPublicFiles(db, id),
  };
}

async function readPublicFiles(db: Queryable, requestId: string): Promise<readonly PublicFile[]> {
  const installments = await readInstallments(db, requestId);
  return installments.flatMap(({ number, releasedOn, withheld, documents }) =>
    documents.flatMap(({ id, document, title, file, publishedAt }) => {
      if (file === null || publishedAt === null) return [];
      const own = withheld.filter((each) => each.document === document).map(({ document: _document, ...line }) => line);
      return [{ id, title, ...file, installment: number, releasedOn, withheld: own }];
    }),
  );
}

export type StaffFile = PublicFile & {
  readonly isPublic: boolean;
  readonly indexState: 'none' | 'queued' | 'ready' | 'failed';
};

export type StaffPage = {
  readonly request: RequestRecord;
  readonly mayPublish: boolean;
  readonly mayDraft: boolean;
  /** Everybody sees the page now. */
  readonly isPublic: boolean;
  /** It was published, and its words were changed since: nobody sees it until it is published again. */
  readonly isStale: boolean;
  readonly title: string;
  readonly text: string;
  readonly files: readonly StaffFile[];
};

/** Permission `request.work`. */
export async function readStaffPage(deps: ArchiveDeps, actor: Actor, idOrNumber: string): Promise<StaffPage> {
  departmentsFor(actor, 'request.work');
  const request = await deps.requests.find(idOrNumber);
  const departments = await requireSeen(deps.db, actor, request, 'request.work');
  const { id, requestId, indexState } = recordsReleased;
  const [installments, [kept], isShown, states] = await Promise.all([
    readInstallments(deps.db, request.id),
    deps.db.select().from(recordsArchive).where(eq(recordsArchive.requestId, request.id)),
    isPublicPage(deps.db, request),
    deps.db.select({ id, indexState }).from(recordsReleased).where(eq(requestId, request.id)).orderBy(asc(id)),
  ]);
  const files = installments.flatMap(({ number, releasedOn, withheld, documents }) =>
    documents.flatMap(({ id: file, document, title, file: facts, publishedAt }) => {
      if (facts === null) return [];
      const own = withheld.filter((each) => each.document === document);
      const state = states.find((each) => each.id === file)?.indexState as StaffFile['indexState'];
      const more = { installment: number, releasedOn, withheld: own, isPublic: publishedAt !== null };
      return [{ id: file, title, ...facts, ...more, indexState: state }];
    }),
  );
  return {
    request,
    mayPublish: isAllowed(actor, 'archive.publish', { departments }),
    mayDraft: isAllowed(actor, 'archive.draft-dataset', { departments }),
    isPublic: isShown,
    isStale: request.visibility === 'public' && !isShown,
    title: request.subject ?? kept?.title ?? '',
    text: request.shownText ?? request.text,
    files,
  };
}
