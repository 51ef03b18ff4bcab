// Makes what may be released of an approved document, and stores it under its SHA-256. A durable job.
// It must build from the approved decisions alone, and throw away what it built when those have changed meanwhile.

import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Job } from '../../jobs/job.ts';
import { appendAudit } from '../../people/audit.ts';
import type { DocumentsDeps } from './deps.ts';
import { documentTitle } from './document.ts';
import type { DocumentPage, Redaction } from './document.ts';
import { openPdf } from './pdf/pdf.ts';
import type { Pdf, PdfSource, ReleasedPage } from './pdf/pdf.ts';
import { openPdfWriter } from './pdf/writer.ts';
import type { Label, PdfWriter, WrittenPage } from './pdf/writer.ts';
import { toPdfSource } from './prepare.ts';
import { changeDocument, listPages, listRedactions, lockDocumentById } from './rows.ts';
import type { DocumentRow } from './rows.ts';
import { SandboxError } from './sandbox.ts';

/** Dots an inch of a released page: a photocopy's. */
const releaseDpi = 150;
const processes = 2;

export async function makeRendition(deps: DocumentsDeps, job: Job): Promise<void> {
  const id = String(job.data['document']);
  const row = await deps.db.transaction((tx) => lockDocumentById(tx, id));
  if (row.review !== 'approved' || row.renditionState === 'ready' || row.withholdExemption !== null) return;
  const path = await deps.vault.newPath();
  try {
    const built = await build(deps, row, path, job.signal);
    const { sha256, bytes } = await deps.store.adopt(path);
    await keep(deps, row, { rendition: sha256, renditionBytes: bytes, renditionPages: built.pages });
  } catch (error) {
    await note(deps, row, error);
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

/** The version is raised by every change: what was approved is what was built, or it is not kept. */
async function keep(
  deps: DocumentsDeps,
  built: DocumentRow,
  rendition: Pick<DocumentRow, 'rendition' | 'renditionBytes' | 'renditionPages'>,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const row = await lockDocumentById(tx, built.id);
    if (row.approvedAt !== built.approvedAt || row.review !== 'approved') return;
    await changeDocument(tx, row, { ...rendition, renditionState: 'ready', renditionProblem: null }, deps.effects);
    const details = {
      document: row.number,
      step: 'rendition',
      sha256: rendition.rendition,
      pages: rendition.renditionPages,
    };
    const event = { action: 'document.approve', subject: `document:${row.id}`, details } as const;
    await appendAudit(tx, { kind: 'system', name: 'portal' }, event, deps.effects);
  });
}

/** So that the staff see that it could not be made; the job itself is tried again, then parked. */
async function note(deps: DocumentsDeps, built: DocumentRow, error: unknown): Promise<void> {
  const problem = error instanceof SandboxError ? error.failure : error instanceof PortalError ? error.code : 'failed';
  await deps.db.transaction(async (tx) => {
    const row = await lockDocumentById(tx, built.id);
    if (row.approvedAt !== built.approvedAt || row.review !== 'approved') return;
    await changeDocument(tx, row, { renditionState: 'failed', renditionProblem: problem }, deps.effects);
  });
}

async function build(
  deps: DocumentsDeps,
  row: DocumentRow,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly pages: number | null }> {
  if (row.kind === 'whole' || row.releasedWhole) {
    const bytes = deps.vault.open(row.original, { document: row.id, role: 'original' });
    await pipeline(Readable.from(bytes), createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), {
      signal,
    });
    return { pages: null };
  }
  const [pages, redactions] = await Promise.all([listPages(deps.db, row.id), listRedactions(deps.db, row.id, null)]);
  const writer = await openPdfWriter(path, {
    title: documentTitle(row),
    producer: `${deps.city.name}, public records`,
    date: toInstant(deps.effects.clock.now()),
    language: deps.city.language,
  });
  try {
    await writePages(deps, row, { pages, redactions, writer, signal });
    return await writer.finish();
  } catch (error) {
    await writer.close();
    throw error;
  }
}

type Building = {
  readonly pages: readonly DocumentPage[];
  readonly redactions: readonly Redaction[];
  readonly writer: PdfWriter;
  readonly signal: AbortSignal;
};

/** Pages are drawn by two processes at once and written in order; at most a few wait. */
async function writePages(deps: DocumentsDeps, row: DocumentRow, building: Building): Promise<void> {
  const { pages, redactions, writer, signal } = building;
  const byPage = Map.groupBy(redactions, ({ page }) => page);
  const drawn = pages.filter(({ decision }) => decision !== 'withhold');
  const open = drawn.length === 0 ? [] : await openAll(toPdfSource(deps, row), Math.min(processes, drawn.length));
  const cite = toCite(deps);
  try {
    const waiting = new Map<number, Promise<WrittenPage>>();
    const begin = (index: number) => {
      const page = pages[index];
      if (page === undefined) return;
      const made =
        page.decision === 'withhold'
          ? withheldPage(page, cite)
          : drawPage(open[index % open.length]!, page, byPage.get(page.number) ?? [], cite);
      made.catch(() => undefined); // thrown where it is waited for
      waiting.set(index, made);
    };
    for (let index = 0; index < processes * 2; index++) begin(index);
    for (let index = 0; index < pages.length; index++) {
      signal.throwIfAborted();
      await writer.add(await waiting.get(index)!);
      waiting.delete(index);
      begin(index + processes * 2);
    }
  } finally {
    await Promise.all(open.map((pdf) => pdf.close()));
  }
}

async function openAll(source: PdfSource, count: number): Promise<readonly Pdf[]> {
  const opening = await Promise.allSettled(Array.from({ length: count }, () => openPdf(source)));
  const open = opening.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opening.find((each) => each.status === 'rejected');
  if (failed === undefined) return open;
  await Promise.all(open.map((pdf) => pdf.close()));
  throw failed.reason;
}

type Cite = (exemption: string) => string;

function toCite(deps: DocumentsDeps): Cite {
  const cites = new Map(deps.exemptions().map(({ id, cite }) => [id, cite]));
  return (exemption) => cites.get(exemption) ?? exemption;
}

/**
 * Only a page that was let through is drawn; a page whose decision is anything else is a mistake, and stops the job.
 */
async function drawPage(
  pdf: Pdf,
  page: DocumentPage,
  redactions: readonly Redaction[],
  cite: Cite,
): Promise<WrittenPage> {
  const isRedacted = page.decision === 'redact';
  if (isRedacted !== redactions.length > 0 || (page.decision !== 'release' && !isRedacted)) {
    throw new PortalError('records-invalid', say('documents.page-not-as-redacted', { page: page.number }));
  }
  const boxes = redactions.flatMap((redaction) => redaction.boxes);
  const drawn: ReleasedPage = await pdf.release(page.number, boxes, releaseDpi);
  const labels: Label[] = redactions.flatMap((redaction) =>
    redaction.boxes.map((box) => ({ box, text: cite(redaction.exemption) })),
  );
  return { ...drawn, labels, notes: [] };
}

async function withheldPage(page: DocumentPage, cite: Cite): Promise<WrittenPage> {
  const notes = [`Page ${page.number} is withheld.`, cite(page.exemption ?? ''), 'See the withholding index.'];
  return { width: page.width, height: page.height, picture: null, words: [], labels: [], notes };
}
