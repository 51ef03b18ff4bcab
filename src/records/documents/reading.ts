// What a reviewer is shown: lists, a page with its words, its picture, hits of a search, suggestions, the original
// file. It must write an audit event for every look at something of an original, before it is shown.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { asc, eq } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { recordsDocumentPages } from '../../db/tables-documents.ts';
import { appendAudit } from '../../people/audit.ts';
import type { AuditDetails } from '../../people/audit.ts';
import type { RequestRecord } from '../requests/request.ts';
import { findUndecided } from './approval.ts';
import { touches } from './boxes.ts';
import { admit } from './deps.ts';
import type { DocumentsDeps } from './deps.ts';
import { detectOnPage } from './detectors.ts';
import type { Suggestion } from './detectors.ts';
import { documentTitle } from './document.ts';
import type {
  Box,
  DocumentPage,
  DocumentRecord,
  HiddenItem,
  PageSize,
  Redaction,
  Rendition,
  Word,
} from './document.ts';
import { wordsOf } from './indexing.ts';
import { keepFile } from './intake.ts';
import type { TakenIn } from './intake.ts';
import { openWords, toLines } from './page-text.ts';
import type { Line } from './page-text.ts';
import type { Preview } from './pdf/pdf.ts';
import { toPdfSource } from './prepare.ts';
import {
  isWorker,
  listDocuments,
  listPages,
  listRedactions,
  readHidden,
  requireDocument,
  requirePage,
  toDocument,
} from './rows.ts';
import type { DocumentRow } from './rows.ts';
import { SandboxError } from './sandbox.ts';
import { findOnPage, gatherHits, toPattern } from './search.ts';
import type { Hit } from './search.ts';
import { toIndex } from './withholding.ts';
import type { IndexLine } from './withholding.ts';

export type Place = { readonly request: string; readonly document: number };

export type DocumentView = {
  readonly request: RequestRecord;
  readonly document: DocumentRecord;
  readonly pages: readonly DocumentPage[];
  readonly redactions: readonly Redaction[];
  readonly hidden: readonly HiddenItem[];
  readonly index: readonly IndexLine[];
  /** What is missing before it can be handed over; null: nothing. */
  readonly missing: Sentence | null;
  /** Whoever looks worked on it, and so may not approve it. */
  readonly isOwnWork: boolean;
};

export type PageView = {
  readonly page: DocumentPage;
  readonly lines: readonly Line[];
  readonly redactions: readonly Redaction[];
  readonly suggestions: readonly Suggestion[];
};

export type DocumentList = { readonly request: RequestRecord; readonly documents: readonly DocumentRecord[] };

export async function listOf(deps: DocumentsDeps, actor: Actor, request: string): Promise<DocumentList> {
  const admitted = await admit(deps, actor, request, 'request.work');
  const rows = await listDocuments(deps.db, admitted.request.id);
  return { request: admitted.request, documents: rows.map((row) => toDocument(row, deps.seal)) };
}

export async function viewDocument(deps: DocumentsDeps, actor: Actor, place: Place): Promise<DocumentView> {
  const { staff, request } = await admit(deps, actor, place.request, 'document.see-original');
  const row = await requireDocument(deps.db, request.id, place.document);
  const [pages, redactions, isOwnWork] = await Promise.all([
    listPages(deps.db, row.id),
    listRedactions(deps.db, row.id, null),
    isWorker(deps.db, row.id, staff.id),
  ]);
  const document = toDocument(row, deps.seal);
  const hidden = readHidden(row, deps.seal);
  if (hidden.length > 0) await noteLook(deps, actor, row, { what: 'hidden content' });
  const index = toIndex(document, pages, redactions, deps.exemptions());
  return { request, document, pages, redactions, hidden, index, missing: findUndecided(row, pages), isOwnWork };
}

async function noteLook(deps: DocumentsDeps, actor: Actor, row: DocumentRow, what: AuditDetails): Promise<void> {
  const details = { document: row.number, ...what };
  const event = { action: 'document.see-original', subject: `document:${row.id}`, details } as const;
  await deps.db.transaction((tx) => appendAudit(tx, actor, event, deps.effects));
}

/** Throws records-invalid for a document that has no pages to be seen. */
async function requireSeeable(deps: DocumentsDeps, actor: Actor, place: Place): Promise<DocumentRow> {
  const { request } = await admit(deps, actor, place.request, 'document.see-original');
  const row = await requireDocument(deps.db, request.id, place.document);
  if (row.state === 'ready') return row;
  throw new PortalError('records-invalid', say('documents.no-pages'));
}

export async function viewPage(deps: DocumentsDeps, actor: Actor, place: Place, number: number): Promise<PageView> {
  const row = await requireSeeable(deps, actor, place);
  await requirePage(deps.db, row.id, number);
  await noteLook(deps, actor, row, { page: number, what: 'words' });
  const words = await wordsOf(deps, row, number);
  const redactions = await listRedactions(deps.db, row.id, [number]);
  const [page] = await listPages(deps.db, row.id, number);
  return { page: page!, redactions, lines: toLines(words), suggestions: detectOnPage(number, words) };
}

const previewDpi = { small: 40, normal: 110, large: 180 } as const;
export type PreviewSize = keyof typeof previewDpi;

/** The page as it is, without its redactions: they are drawn over it where it is shown. */
export async function pagePicture(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  { page, size }: { readonly page: number; readonly size: PreviewSize },
): Promise<Preview> {
  const row = await requireSeeable(deps, actor, place);
  await requirePage(deps.db, row.id, page);
  await noteLook(deps, actor, row, { page, what: 'picture' });
  try {
    return await deps.shelf.use(row.id, toPdfSource(deps, row), (pdf) => pdf.preview(page, previewDpi[size]));
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    throw new PortalError('records-invalid', {
      detail: say('documents.page-not-shown'),
      cause: error,
    });
  }
}

/** The file as it came. A quarantined one is not handed out. */
export async function openOriginal(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
): Promise<{ readonly name: string; readonly bytes: number; readonly pieces: AsyncGenerator<Buffer> }> {
  const { request } = await admit(deps, actor, place.request, 'document.see-original');
  const row = await requireDocument(deps.db, request.id, place.document);
  if (row.state === 'quarantined') throw new PortalError('records-invalid', say('documents.malware'));
  await noteLook(deps, actor, row, { what: 'file' });
  const { name } = toDocument(row, deps.seal);
  return { name, bytes: row.bytes, pieces: deps.vault.open(row.original, { document: row.id, role: 'original' }) };
}

/** For the staff to look at before it is released. */
export async function openRendition(deps: DocumentsDeps, actor: Actor, place: Place): Promise<Rendition> {
  const { request } = await admit(deps, actor, place.request, 'request.work');
  const { rendition } = toDocument(await requireDocument(deps.db, request.id, place.document), deps.seal);
  if (rendition === null) throw new PortalError('not-found', say('documents.no-rendition'));
  return rendition;
}

export type Found<T> = { readonly hits: readonly T[]; readonly more: boolean; readonly unread: number };

export async function searchDocument(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  text: string,
): Promise<Found<Hit>> {
  const pattern = toPattern(text);
  return findIn(deps, actor, place, 'search', (page, words) => findOnPage(pattern, page, words));
}

export function suggestFor(deps: DocumentsDeps, actor: Actor, place: Place): Promise<Found<Suggestion>> {
  return findIn(deps, actor, place, 'suggestions', detectOnPage);
}

/** Over the pages whose words are known; how many are not yet is told, so that nobody takes silence for none. */
async function findIn<T extends Hit>(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  what: string,
  find: (page: number, words: readonly Word[]) => readonly T[],
): Promise<Found<T>> {
  const row = await requireSeeable(deps, actor, place);
  await noteLook(deps, actor, row, { what });
  const { documentId, number, words, width, height } = recordsDocumentPages;
  const pages = await deps.db
    .select({ number, words, width, height })
    .from(recordsDocumentPages)
    .where(eq(documentId, row.id))
    .orderBy(asc(number));
  const read = pages.filter((page) => page.words !== null);
  const found = read.map((page) =>
    find(page.number, openWords(deps.seal, row.id, page.number, page.words!)).map((hit) => onPage(hit, page)),
  );
  return { ...(gatherHits(found) as { hits: readonly T[]; more: boolean }), unread: pages.length - read.length };
}

/** Nobody sees what lies off the page: there is nothing of it to redact. */
function onPage<T extends Hit>(hit: T, { width, height }: PageSize): T {
  const page: Box = [0, 0, width, height];
  return { ...hit, offPage: !hit.boxes.some((box) => touches(box, page, 0)) };
}

/** What the pages do not show, as a text document of its own, so that it is reviewed and not passed over. */
export async function addHiddenContent(deps: DocumentsDeps, actor: Actor, place: Place): Promise<TakenIn> {
  const { staff, request } = await admit(deps, actor, place.request, 'document.upload');
  await admit(deps, actor, place.request, 'document.see-original');
  const row = await requireDocument(deps.db, request.id, place.document);
  const items = readHidden(row, deps.seal);
  if (items.length === 0) throw new PortalError('records-invalid', say('documents.hides-nothing'));
  await noteLook(deps, actor, row, { what: 'hidden content' });
  const title = documentTitle(toDocument(row, deps.seal));
  const text = items.map(({ kind, where, text: words }) => `[${kind}, ${where}]\n${words}\n`).join('\n');
  const bytes = Buffer.from(`What “${title}” holds beside its pages\n\n${text}`, 'utf8');
  const path = await deps.vault.newPath();
  await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { path, name: `hidden-content-of-document-${row.number}.txt`, bytes: bytes.length, sha256 };
  return keepFile(deps, actor, {
    requestId: request.id,
    parent: row.id,
    owner: { id: staff.id, name: staff.name },
    file,
  });
}
