// From reviewed to releasable: handing over, the second person's approval, taking back, and what may go out.
// It must never let somebody approve what they worked on themselves.

import { and, eq, inArray, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { say, inEnglish, sayBoth } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDocuments } from '../../db/tables-documents.ts';
import { appendAudit } from '../../people/audit.ts';
import type { Action } from '../../people/permissions.ts';
import type { Withholding } from '../requests/request.ts';
import { admit } from './deps.ts';
import type { Admitted, DocumentsDeps } from './deps.ts';
import { documentTitle } from './document.ts';
import type { DocumentPage, Rendition } from './document.ts';
import { renditionJob } from './job-names.ts';
import {
  addWorker,
  changeDocument,
  isWorker,
  listPages,
  listRedactions,
  lockDocument,
  requireVersion,
  toDocument,
} from './rows.ts';
import type { DocumentRow } from './rows.ts';
import { toIndex } from './withholding.ts';

type Place = { readonly request: string; readonly document: number };
type Given = { readonly version: number };

async function act(
  deps: DocumentsDeps,
  actor: Actor,
  { request, document }: Place,
  given: Given & { readonly action: Action; readonly what: string },
  change: (of: Admitted & { readonly tx: Transaction; readonly row: DocumentRow }) => Promise<void>,
): Promise<void> {
  const admitted = await admit(deps, actor, request, given.action);
  await deps.db.transaction(async (tx) => {
    const row = await lockDocument(tx, admitted.request.id, document);
    requireVersion(row, given.version);
    await change({ ...admitted, tx, row });
    const event = { kind: `document-${given.what}`, audience: 'staff', data: { document, pages: row.pages } } as const;
    await deps.requests.appendEvent(tx, actor, admitted.request.id, event);
    const details = { document, step: given.what };
    await appendAudit(tx, actor, { action: given.action, subject: `document:${row.id}`, details }, deps.effects);
  });
}

/** Hands the document over for approval. Throws records-invalid while a page is undecided. */
export function submitDocument(deps: DocumentsDeps, actor: Actor, place: Place, given: Given): Promise<void> {
  return act(
    deps,
    actor,
    place,
    { ...given, action: 'document.redact', what: 'submitted' },
    async ({ tx, row, staff }) => {
      if (row.review !== 'open') throw new PortalError('conflict', say('documents.handed-over-already'));
      requireDecided(row, await listPages(tx, row.id));
      await addWorker(tx, row.id, staff.id);
      const at = toInstant(deps.effects.clock.now());
      await changeDocument(tx, row, { review: 'submitted', submittedBy: staff.id, submittedAt: at }, deps.effects);
    },
  );
}

/** What is not decided yet, as a sentence; null when everything is. */
export function findUndecided(
  row: Pick<DocumentRow, 'state' | 'kind' | 'pages' | 'releasedWhole' | 'withholdExemption'>,
  pages: readonly DocumentPage[],
): Sentence | null {
  if (row.state === 'preparing') return say('documents.in-preparation');
  if (row.withholdExemption !== null) return null;
  if (row.state === 'quarantined') return say('documents.quarantined-withhold');
  if (row.kind === 'text' && row.releasedWhole) return null;
  if (row.kind === 'whole') return row.releasedWhole ? null : say('documents.decide-file');
  if (row.pages === 0) return say('documents.no-pages-withhold');
  const open = pages.filter(({ decision }) => decision === 'undecided').map(({ number }) => number);
  if (open.length === 0) return null;
  const shown = open.slice(0, 20);
  if (open.length === shown.length) return say('documents.undecided', { undecided: shown });
  return say('documents.undecided-more', { undecided: shown, more: open.length - shown.length });
}

function requireDecided(row: DocumentRow, pages: readonly DocumentPage[]): void {
  const missing = findUndecided(row, pages);
  if (missing !== null) throw new PortalError('records-invalid', missing);
}

/** The second person's yes; the rendition is made by a durable job that is sent in the same transaction. */
export function approveDocument(deps: DocumentsDeps, actor: Actor, place: Place, given: Given): Promise<void> {
  return act(
    deps,
    actor,
    place,
    { ...given, action: 'document.approve', what: 'approved' },
    async ({ tx, row, staff }) => {
      if (row.review !== 'submitted') throw new PortalError('conflict', say('documents.not-waiting'));
      if (await isWorker(tx, row.id, staff.id)) {
        throw new PortalError('forbidden', say('documents.own-work'));
      }
      const isWithheld = row.withholdExemption !== null;
      const approved = {
        approvedBy: staff.id,
        approvedName: staff.name,
        approvedAt: toInstant(deps.effects.clock.now()),
      };
      const state = isWithheld ? 'none' : 'queued';
      await changeDocument(
        tx,
        row,
        { review: 'approved', ...approved, renditionState: state, renditionProblem: null },
        deps.effects,
      );
      if (!isWithheld) await deps.jobs.send(renditionJob, { document: row.id }, { tx, singletonKey: row.id });
    },
  );
}

/** Back to work: by the one who approves, or by those who redact. What was made of it may no longer be released. */
export async function reopenDocument(deps: DocumentsDeps, actor: Actor, place: Place, given: Given): Promise<void> {
  const action = await admit(deps, actor, place.request, 'document.redact').then(
    () => 'document.redact' as const,
    (error: unknown) => {
      if (error instanceof PortalError && error.code === 'forbidden') return 'document.approve' as const;
      throw error;
    },
  );
  await act(deps, actor, place, { ...given, action, what: 'reopened' }, async ({ tx, row }) => {
    if (row.review === 'open') throw new PortalError('conflict', say('documents.open-already'));
    const nothing = { submittedBy: null, submittedAt: null, approvedBy: null, approvedName: null, approvedAt: null };
    const none = { rendition: null, renditionBytes: null, renditionPages: null, renditionProblem: null };
    await changeDocument(tx, row, { review: 'open', ...nothing, ...none, renditionState: 'none' }, deps.effects);
  });
}

export type ReadyDocument = {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly version: number;
  /** null: withheld in full. */
  readonly rendition: Rendition | null;
  /** Its own lines of the withholding index. */
  readonly withheld: readonly Withholding[];
};

export type ReadyDocuments = {
  readonly documents: readonly ReadyDocument[];
  readonly withheld: readonly Withholding[];
  readonly pages: number; // of the renditions
};

/**
 * What may go out of these documents (ids), and what is withheld of them. Throws not-found for one of another request,
 * records-invalid with everything that is missing.
 */
export async function documentsReady(
  deps: DocumentsDeps,
  tx: Transaction,
  requestId: string,
  documentIds: readonly string[],
): Promise<ReadyDocuments> {
  const wanted = [...new Set(documentIds)];
  if (wanted.some((id) => !isId(id))) throw new PortalError('not-found', say('documents.no-such'));
  const { id, requestId: ofRequest, number } = recordsDocuments;
  const rows = await tx
    .select()
    .from(recordsDocuments)
    .where(and(eq(ofRequest, requestId), wanted.length === 0 ? sql`false` : inArray(id, wanted)))
    .orderBy(number)
    .for('share');
  if (rows.length !== wanted.length) throw new PortalError('not-found', say('documents.no-such-of-request'));
  const missing = rows.flatMap((row) => {
    const reason = whyNotReady(row);
    return reason === null ? [] : [reason];
  });
  if (missing.length > 0) {
    throw new PortalError('records-invalid', {
      detail: say('documents.not-ready', { missing: missing.reduce((first, second) => sayBoth(first, second)) }),
      extra: { missing: missing.map(inEnglish) },
    });
  }
  const documents = await Promise.all(rows.map((row) => readReady(deps, tx, row)));
  const withheld = documents.flatMap((document) => document.withheld);
  return { documents, withheld, pages: documents.reduce((sum, { rendition }) => sum + (rendition?.pages ?? 0), 0) };
}

function whyNotReady(row: DocumentRow): Sentence | null {
  const document = documentTitle(row);
  if (row.review === 'submitted') return say('documents.waits-for-approval', { document });
  if (row.review !== 'approved') return say('documents.still-reviewed', { document });
  if (row.withholdExemption !== null || row.renditionState === 'ready') return null;
  return row.renditionState === 'failed'
    ? say('documents.rendition-failed', { document })
    : say('documents.rendition-in-making', { document });
}

async function readReady(deps: DocumentsDeps, tx: Transaction, row: DocumentRow): Promise<ReadyDocument> {
  const document = toDocument(row, deps.seal);
  const pages = await listPages(tx, row.id);
  const index = toIndex(document, pages, await listRedactions(tx, row.id, null), deps.exemptions());
  const withheld = index.map(({ record, extent, exemption, explanation }) => ({
    record,
    extent,
    exemption,
    explanation,
  }));
  const { id, number, version } = document;
  return { id, number, title: documentTitle(document), version, rendition: document.rendition, withheld };
}
