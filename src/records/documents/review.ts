// What is kept from the public, decided page by page: redactions, pages withheld, whole documents withheld.
// It must change a page only as the one who changes it last saw it.

import { and, eq, inArray, isNull, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDocumentPages, recordsRedactions } from '../../db/tables-documents.ts';
import { appendAudit } from '../../people/audit.ts';
import type { AuditDetails } from '../../people/audit.ts';
import { admit, citedExemption, requireExplanation } from './deps.ts';
import type { Admitted, DocumentsDeps } from './deps.ts';
import type { Box, RedactionOrigin } from './document.ts';
import { addWorker, changeDocument, listPages, lockDocument, requirePage, requireVersion } from './rows.ts';
import type { DocumentRow, PageRow } from './rows.ts';
import { widen } from './widen.ts';

export type PageVersion = { readonly page: number; readonly version: number };
export type Mark = PageVersion & { readonly boxes: readonly Box[] };
export type Reason = { readonly exemption: string; readonly explanation: string };

type Place = { readonly request: string; readonly document: number };
type Editing = Admitted & { readonly tx: Transaction; readonly row: DocumentRow };

const mostMarks = 5_000;
const mostBoxes = 200;

/**
 * One transaction that holds the document, which must be open for review; whoever changes it is noted as one who
 * worked on it, and may not approve it later.
 */
async function edit<T>(
  deps: DocumentsDeps,
  actor: Actor,
  { request, document }: Place,
  details: AuditDetails,
  change: (editing: Editing) => Promise<T>,
): Promise<T> {
  const admitted = await admit(deps, actor, request, 'document.redact');
  return deps.db.transaction(async (tx) => {
    const row = await lockDocument(tx, admitted.request.id, document);
    requireOpen(row);
    const result = await change({ ...admitted, tx, row });
    await addWorker(tx, row.id, admitted.staff.id);
    const subject = `document:${row.id}`;
    await appendAudit(
      tx,
      actor,
      { action: 'document.redact', subject, details: { document, ...details } },
      deps.effects,
    );
    return result;
  });
}

function requireOpen(row: DocumentRow): void {
  if (row.state === 'quarantined') throw new PortalError('records-invalid', say('documents.quarantined'));
  if (row.state === 'preparing') throw new PortalError('records-invalid', say('documents.in-preparation'));
  if (row.review === 'open') return;
  const detail = say('documents.handed-over');
  throw new PortalError('records-invalid', { detail, extra: { review: row.review } });
}

export type Redacted = {
  readonly ids: readonly string[];
  /** Places among the marks of those that lie off their page, where nobody sees them. */
  readonly leftOut: readonly number[];
};

/** Adds redactions, one for each mark on its page; the pages become pages to redact. */
export async function addRedactions(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: { readonly marks: readonly Mark[]; readonly reason: Reason; readonly origin: RedactionOrigin },
): Promise<Redacted> {
  if (given.marks.length === 0 || given.marks.length > mostMarks) {
    throw new PortalError('form-invalid', say('documents.marks', { most: mostMarks }));
  }
  const exemption = citedExemption(deps, given.reason.exemption).id;
  const explanation = requireExplanation(given.reason.explanation);
  const details = { marks: given.marks.length, exemption, origin: given.origin };
  return edit(deps, actor, place, details, async ({ tx, row, staff }) => {
    const at = toInstant(deps.effects.clock.now());
    const pages = await lockPages(tx, row, given.marks);
    const marks = given.marks.map(({ page, boxes }) => ({
      page,
      boxes: requireBoxes(boxes, pages.get(page)!, deps, row, given.origin),
    }));
    const leftOut = marks.flatMap(({ boxes }, index) => (boxes.length === 0 ? [index] : []));
    if (leftOut.length === marks.length) throw new PortalError('form-invalid', say('documents.boxes-off-page'));
    const rows = marks
      .filter(({ boxes }) => boxes.length > 0)
      .map(({ page, boxes }) => ({
        ...{ id: newId(deps.effects.clock), documentId: row.id, page, boxes },
        exemption,
        explanation,
        origin: given.origin,
        madeBy: staff.id,
        madeName: staff.name,
        madeAt: at,
      }));
    await tx.insert(recordsRedactions).values(rows);
    const decided = { exemption: null, explanation: null, decidedBy: staff.id, decidedAt: at };
    const marked = [...new Set(rows.map(({ page }) => page))];
    await changePages(tx, row, marked, { ...decided, decision: 'redact' });
    await changeDocument(tx, row, { releasedWhole: false }, deps.effects);
    return { ids: rows.map(({ id }) => id), leftOut };
  });
}

/**
 * Within the page and no thinner than a point; what lies off the page is left out, for nobody sees it. A drawn box
 * takes whole words along, so that no half of one stays readable.
 */
function requireBoxes(
  boxes: readonly Box[],
  page: PageRow,
  deps: DocumentsDeps,
  row: DocumentRow,
  origin: RedactionOrigin,
): readonly Box[] {
  if (boxes.length === 0 || boxes.length > mostBoxes) throw badBox();
  const sound = boxes.flatMap((box) => {
    if (box.length !== 4 || !box.every(Number.isFinite)) throw badBox();
    const [left, top] = [Math.max(0, box[0]), Math.max(0, box[1])];
    const [right, bottom] = [Math.min(page.width, box[2]), Math.min(page.height, box[3])];
    return right > left && bottom > top ? [atLeastAPoint([left, top, right, bottom], page)] : [];
  });
  if (sound.length === 0) return [];
  return widen(sound, page, deps.seal, row.id, origin === 'drawn');
}

function atLeastAPoint([left, top, right, bottom]: Box, page: PageRow): Box {
  const stretch = (from: number, to: number, end: number): [number, number] => {
    if (to - from >= 1) return [from, to];
    const start = Math.min(Math.max(0, (from + to - 1) / 2), Math.max(0, end - 1));
    return [start, start + 1];
  };
  const [x0, x1] = stretch(left, right, page.width);
  const [y0, y1] = stretch(top, bottom, page.height);
  return [x0, y0, x1, y1];
}

function badBox(): PortalError {
  return new PortalError('form-invalid', say('documents.box'));
}

/** Takes a redaction away again; a page that has none left is undecided. */
export async function removeRedaction(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: PageVersion & { readonly redaction: string },
): Promise<void> {
  const { page, version, redaction } = given;
  await edit(deps, actor, place, { page, removed: 1 }, async ({ tx, row, staff }) => {
    await lockPages(tx, row, [{ page, version }]);
    const at = toInstant(deps.effects.clock.now());
    const mine = and(eq(recordsRedactions.documentId, row.id), eq(recordsRedactions.page, page));
    const open = and(mine, isNull(recordsRedactions.removedAt));
    const removed = isId(redaction)
      ? await tx
          .update(recordsRedactions)
          .set({ removedBy: staff.id, removedAt: at })
          .where(and(open, eq(recordsRedactions.id, redaction)))
          .returning({ id: recordsRedactions.id })
      : [];
    if (removed.length === 0) throw new PortalError('not-found', say('documents.no-redaction'));
    const left = await tx.select({ id: recordsRedactions.id }).from(recordsRedactions).where(open).limit(1);
    const decision = left.length > 0 ? 'redact' : 'undecided';
    await changePages(tx, row, [page], { decision, decidedBy: staff.id, decidedAt: at });
    await changeDocument(tx, row, {}, deps.effects);
  });
}

export type PageChoice =
  | { readonly kind: 'release' }
  | { readonly kind: 'withhold'; readonly reason: Reason }
  | { readonly kind: 'undecided' };

/** Releases, withholds or leaves open each of these pages. A page with redactions is a page to redact. */
export async function decidePages(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: { readonly pages: readonly PageVersion[]; readonly choice: PageChoice },
): Promise<void> {
  const { choice, pages } = given;
  if (pages.length === 0) throw new PortalError('form-invalid', say('documents.no-page-chosen'));
  const reason = choice.kind === 'withhold' ? toReason(deps, choice.reason) : { exemption: null, explanation: null };
  await edit(deps, actor, place, { pages: pages.length, decision: choice.kind }, async ({ tx, row, staff }) => {
    const locked = await lockPages(tx, row, pages);
    if (choice.kind === 'release') await requireReleasable(tx, row, locked);
    const decided = { decision: choice.kind, ...reason, decidedBy: staff.id };
    await changePages(tx, row, [...locked.keys()], { ...decided, decidedAt: toInstant(deps.effects.clock.now()) });
    const whole = choice.kind === 'release' ? {} : { releasedWhole: false };
    await changeDocument(tx, row, whole, deps.effects);
  });
}

function toReason(deps: DocumentsDeps, { exemption, explanation }: Reason): Reason {
  return { exemption: citedExemption(deps, exemption).id, explanation: requireExplanation(explanation) };
}

async function requireReleasable(
  tx: Transaction,
  row: DocumentRow,
  pages: ReadonlyMap<number, PageRow>,
): Promise<void> {
  const numbers = [...pages.keys()];
  const { documentId, page, removedAt } = recordsRedactions;
  const marked = await tx
    .selectDistinct({ page })
    .from(recordsRedactions)
    .where(and(eq(documentId, row.id), inArray(page, numbers), isNull(removedAt)));
  if (marked.length > 0) {
    const list = marked.map((each) => each.page);
    throw new PortalError('records-invalid', say('documents.pages-redacted', { pages: list }));
  }
  const broken = [...pages.values()].filter(({ problem }) => problem !== null).map(({ number }) => number);
  if (broken.length > 0) {
    throw new PortalError('records-invalid', say('documents.pages-broken', { pages: broken }));
  }
}

/** Withholds the whole document, or no longer; the decisions of its pages stay for the day it is needed. */
export async function withholdDocument(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: { readonly version: number; readonly reason: Reason | null },
): Promise<void> {
  const reason = given.reason === null ? null : toReason(deps, given.reason);
  await edit(deps, actor, place, { whole: reason === null ? 'open' : 'withhold' }, async ({ tx, row, staff }) => {
    requireVersion(row, given.version);
    const change = { withholdExemption: reason?.exemption ?? null, withholdExplanation: reason?.explanation ?? null };
    const withheldBy = reason === null ? null : staff.id;
    await changeDocument(tx, row, { ...change, withheldBy, releasedWhole: false }, deps.effects);
  });
}

/**
 * Sound, video and other files without pages: to be released as they are, or not. So may a text be of which nothing is
 * redacted or withheld: a table goes out as the table it is.
 */
export async function releaseWhole(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: { readonly version: number; readonly release: boolean },
): Promise<void> {
  await edit(deps, actor, place, { whole: given.release ? 'release' : 'open' }, async ({ tx, row }) => {
    requireVersion(row, given.version);
    if (row.kind !== 'whole' && row.kind !== 'text')
      throw new PortalError('records-invalid', say('documents.page-by-page'));
    if (given.release && row.kind === 'text') await requireUntouched(tx, row);
    const nothing = { withholdExemption: null, withholdExplanation: null, withheldBy: null };
    await changeDocument(tx, row, { ...nothing, releasedWhole: given.release }, deps.effects);
  });
}

async function requireUntouched(tx: Transaction, row: DocumentRow): Promise<void> {
  const pages = await listPages(tx, row.id);
  const touched = pages.filter(({ decision }) => decision === 'redact' || decision === 'withhold');
  if (touched.length === 0) return;
  const list = touched.map(({ number }) => number);
  throw new PortalError('records-invalid', say('documents.pages-withheld', { pages: list }));
}

const longestTitle = 200;

/** What the withholding index calls the document. It is public with the index. */
export async function describeDocument(
  deps: DocumentsDeps,
  actor: Actor,
  place: Place,
  given: { readonly version: number; readonly title: string },
): Promise<void> {
  const title = given.title.trim().replaceAll(/\s+/gu, ' ');
  if (title.length > longestTitle)
    throw new PortalError('form-invalid', say('records.title-long', { longest: longestTitle }));
  await edit(deps, actor, place, { described: true }, async ({ tx, row }) => {
    requireVersion(row, given.version);
    await changeDocument(tx, row, { title: title === '' ? null : title }, deps.effects);
  });
}

/** The pages as they are, held; throws conflict with the first that somebody else changed. */
async function lockPages(
  tx: Transaction,
  row: DocumentRow,
  wanted: readonly PageVersion[],
): Promise<ReadonlyMap<number, PageRow>> {
  const pages = new Map<number, PageRow>();
  const versions = new Map(wanted.map(({ page, version }) => [page, version]));
  const numbers = [...versions.keys()];
  if (numbers.length === 1) pages.set(numbers[0]!, await requirePage(tx, row.id, numbers[0]!));
  else {
    const { documentId, number } = recordsDocumentPages;
    const found = await tx
      .select()
      .from(recordsDocumentPages)
      .where(and(eq(documentId, row.id), inArray(number, numbers)));
    for (const page of found) pages.set(page.number, page);
  }
  for (const [page, version] of versions) {
    const found = pages.get(page);
    if (found === undefined) throw new PortalError('not-found', say('documents.no-page'));
    if (found.version !== version) {
      throw new PortalError('conflict', {
        detail: say('documents.page-changed', { page }),
        extra: { page, version: found.version },
      });
    }
  }
  return pages;
}

async function changePages(
  tx: Transaction,
  row: DocumentRow,
  numbers: readonly number[],
  change: Partial<PageRow>,
): Promise<void> {
  const { documentId, number, version } = recordsDocumentPages;
  await tx
    .update(recordsDocumentPages)
    .set({ ...change, version: sql`${version} + 1` })
    .where(and(eq(documentId, row.id), inArray(number, [...numbers])));
}
