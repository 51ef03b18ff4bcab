// Documents, pages and redactions as they are stored, and as the rest of the folder knows them.
// It must ask no permission and change nothing but what it is named for; review.ts and approval.ts decide.

import { and, asc, eq, getTableColumns, inArray, isNull, sql } from '../../db/drizzle.ts';

import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Queryable, Transaction } from '../../db/open.ts';
import {
  recordsDocumentPages,
  recordsDocuments,
  recordsDocumentWorkers,
  recordsRedactions,
} from '../../db/tables-documents.ts';
import type { Box, DocumentPage, DocumentRecord, HiddenItem, Redaction, Rendition } from './document.ts';

type DocumentRow = typeof recordsDocuments.$inferSelect;

export function namePurpose(document: string): string {
  return `records_documents.name:${document}`;
}

export function hiddenPurpose(document: string): string {
  return `records_documents.hidden:${document}`;
}

/** Nothing sealed and no blob's name goes along but the rendition's. The checks of the table hold its words. */
export function toDocument(row: DocumentRow, seal: Seal): DocumentRecord {
  const { withholdExemption: exemption, withholdExplanation: explanation } = row;
  const { id, requestId, number, version, parent, title, mediaType, bytes, sha256, pages, releasedWhole } = row;
  const { uploadedName, uploadedAt, submittedAt, approvedName, approvedAt, renditionProblem, changedAt } = row;
  return {
    ...{ id, requestId, number, version, parent, title, mediaType, bytes, sha256, pages, releasedWhole },
    ...{ uploadedName, uploadedAt, submittedAt, approvedName, approvedAt, renditionProblem, changedAt },
    name: String(seal.open(row.name, namePurpose(row.id))),
    kind: row.kind as DocumentRecord['kind'],
    state: row.state as DocumentRecord['state'],
    problem: row.problem as DocumentRecord['problem'],
    flags: row.flags as DocumentRecord['flags'],
    review: row.review as DocumentRecord['review'],
    withheld: exemption === null || explanation === null ? null : { exemption, explanation },
    rendition: toRendition(row, String(seal.open(row.name, namePurpose(row.id)))),
    renditionState: row.renditionState as DocumentRecord['renditionState'],
  };
}

/** Of the file's own name nothing is told but what kind of text it is. */
const textEndings = ['csv', 'tsv', 'json', 'geojson', 'ndjson', 'xml', 'md'];

function toRendition(row: DocumentRow, name: string): Rendition | null {
  if (row.rendition === null || row.renditionState !== 'ready') return null;
  const isWhole = row.kind === 'whole' || row.releasedWhole;
  const ending = /\.([a-z]{2,7})$/iu.exec(name)?.[1]?.toLowerCase() ?? '';
  const own =
    row.kind === 'text' ? `.${textEndings.find((each) => each === ending) ?? 'txt'}` : extensionOf(row.mediaType);
  const stem = `${row.title ?? `document-${row.number}`}`.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '');
  return {
    blob: row.rendition,
    bytes: row.renditionBytes ?? 0,
    pages: row.renditionPages,
    mediaType: isWhole ? row.mediaType : 'application/pdf',
    fileName: isWhole ? `${stem}${own}` : `${stem}.pdf`,
  };
}

function extensionOf(mediaType: string): string {
  const subtype = mediaType.split('/')[1] ?? '';
  return /^[a-z0-9]{2,5}$/u.test(subtype) ? `.${subtype}` : '.bin';
}

/** Throws not-found, for a document of another request as for none. */
export async function requireDocument(db: Queryable, requestId: string, number: number): Promise<DocumentRow> {
  if (!Number.isInteger(number) || number < 1 || number > 2_000_000_000) throw noDocument();
  const found = await db
    .select()
    .from(recordsDocuments)
    .where(and(eq(recordsDocuments.requestId, requestId), eq(recordsDocuments.number, number)));
  if (found[0] === undefined) throw noDocument();
  return found[0];
}

function noDocument(): PortalError {
  return new PortalError('not-found', say('documents.no-such-of-request'));
}

export async function listDocuments(db: Queryable, requestId: string): Promise<readonly DocumentRow[]> {
  return db
    .select()
    .from(recordsDocuments)
    .where(eq(recordsDocuments.requestId, requestId))
    .orderBy(asc(recordsDocuments.number));
}

/** Holds the document until the transaction ends, so that changes of it come one after the other. */
export async function lockDocument(tx: Transaction, requestId: string, number: number): Promise<DocumentRow> {
  const { id } = await requireDocument(tx, requestId, number);
  return lockDocumentById(tx, id);
}

export async function lockDocumentById(tx: Transaction, id: string): Promise<DocumentRow> {
  const [row] = await tx.select().from(recordsDocuments).where(eq(recordsDocuments.id, id)).for('update');
  if (row === undefined) throw noDocument();
  return row;
}

/** Throws conflict when somebody else changed the document since it was read. */
export function requireVersion(row: DocumentRow, expected: number): void {
  if (row.version === expected) return;
  throw new PortalError('conflict', {
    detail: say('documents.changed'),
    extra: { version: row.version },
  });
}

/** The locked document with these changes, its version one higher. */
export async function changeDocument(
  tx: Transaction,
  row: DocumentRow,
  change: Partial<DocumentRow>,
  effects: Effects,
): Promise<DocumentRow> {
  const [changed] = await tx
    .update(recordsDocuments)
    .set({ ...change, version: row.version + 1, changedAt: toInstant(effects.clock.now()) })
    .where(eq(recordsDocuments.id, row.id))
    .returning();
  return changed!;
}

export async function addWorker(tx: Transaction, documentId: string, staffId: string): Promise<void> {
  await tx.insert(recordsDocumentWorkers).values({ documentId, staffId }).onConflictDoNothing();
}

export async function isWorker(db: Queryable, documentId: string, staffId: string): Promise<boolean> {
  const found = await db
    .select({ staffId: recordsDocumentWorkers.staffId })
    .from(recordsDocumentWorkers)
    .where(and(eq(recordsDocumentWorkers.documentId, documentId), eq(recordsDocumentWorkers.staffId, staffId)));
  return found.length > 0;
}

export type PageRow = typeof recordsDocumentPages.$inferSelect;

export async function requirePage(db: Queryable, documentId: string, number: number): Promise<PageRow> {
  const { documentId: ofDocument, number: itsNumber } = recordsDocumentPages;
  const isNumber = Number.isInteger(number) && number >= 1 && number <= 2_000_000_000;
  const found = isNumber
    ? await db
        .select()
        .from(recordsDocumentPages)
        .where(and(eq(ofDocument, documentId), eq(itsNumber, number)))
    : [];
  if (found[0] === undefined) throw new PortalError('not-found', say('documents.no-page'));
  return found[0];
}

/** Every page without its words. */
/** Every page, or `only` the one of this number. */
export async function listPages(
  db: Queryable,
  documentId: string,
  only: number | null = null,
): Promise<readonly DocumentPage[]> {
  const { rows } = await db.execute<DocumentPage & { redactions: string }>(sql`
    select p.number, p.version, p.width, p.height, p.words is not null as "isRead", p.problem, p.decision, p.exemption,
      p.explanation, (select count(*) from records_redactions r
        where r.document_id = p.document_id and r.page = p.number and r.removed_at is null) as redactions
    from records_document_pages p
    where p.document_id = ${documentId} and ${only === null ? sql`true` : sql`p.number = ${only}`} order by p.number`);
  return rows.map((row) => ({ ...row, redactions: Number(row.redactions) }));
}

export async function listRedactions(
  db: Queryable,
  documentId: string,
  pages: readonly number[] | null,
): Promise<readonly Redaction[]> {
  const { documentId: ofDocument, removedAt, removedBy: _removedBy, ...shown } = getTableColumns(recordsRedactions);
  const { page, madeAt, id } = shown;
  const where = [eq(ofDocument, documentId), isNull(removedAt)];
  if (pages !== null) where.push(inArray(page, [...pages]));
  const rows = await db
    .select(shown)
    .from(recordsRedactions)
    .where(and(...where))
    .orderBy(asc(page), asc(madeAt), asc(id));
  return rows.map(({ boxes, origin, ...row }) => ({
    ...row,
    boxes: boxes as readonly Box[],
    origin: origin as Redaction['origin'],
  }));
}

export function readHidden(row: DocumentRow, seal: Seal): readonly HiddenItem[] {
  return row.hidden === null ? [] : (seal.open(row.hidden, hiddenPurpose(row.id)) as readonly HiddenItem[]);
}

export type { DocumentRow };
