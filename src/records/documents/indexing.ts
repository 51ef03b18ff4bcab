// Reads the words of pages, seals and keeps them, with what a page's annotations say that the page does not show.
// It must not count as a change of the document: nobody's review is older for it.

import { and, asc, eq, isNull } from '../../db/drizzle.ts';

import type { Job } from '../../jobs/job.ts';
import { recordsDocumentPages, recordsDocuments } from '../../db/tables-documents.ts';
import type { DocumentsDeps } from './deps.ts';
import type { DocumentFlag, HiddenItem, Word } from './document.ts';
import { openWords, sealWords } from './page-text.ts';
import type { ReadPage } from './pdf/pdf.ts';
import { toPdfSource } from './prepare.ts';
import { hiddenPurpose, lockDocumentById, readHidden, requirePage } from './rows.ts';
import type { DocumentRow } from './rows.ts';
import { SandboxError } from './sandbox.ts';

const batchPages = 25;
/** More than a person reads; what is beyond is counted by the flag alone. */
const mostHidden = 2_000;

/** Goes on where an earlier run stopped. */
export async function runIndexJob(deps: DocumentsDeps, job: Job): Promise<void> {
  const [row] = await deps.db
    .select()
    .from(recordsDocuments)
    .where(eq(recordsDocuments.id, String(job.data['document'])));
  if (row === undefined) return;
  const { documentId, number, words, problem } = recordsDocumentPages;
  for (;;) {
    job.signal.throwIfAborted();
    const unread = await deps.db
      .select({ number })
      .from(recordsDocumentPages)
      .where(and(eq(documentId, row.id), isNull(words), isNull(problem)))
      .orderBy(asc(number))
      .limit(batchPages);
    if (unread.length === 0) return;
    await readPages(
      deps,
      row,
      unread.map((page) => page.number),
      job.signal,
    );
  }
}

/** The words of one page, read now when they have not been yet. */
export async function wordsOf(deps: DocumentsDeps, row: DocumentRow, number: number): Promise<readonly Word[]> {
  const page = await requirePage(deps.db, row.id, number);
  if (page.words !== null) return openWords(deps.seal, row.id, number, page.words);
  if (page.problem !== null) return [];
  const read = await readPages(deps, row, [number], null);
  return read.get(number)?.words ?? [];
}

type Read = ReadonlyMap<number, ReadPage | null>; // null: could not be read

async function readPages(
  deps: DocumentsDeps,
  row: DocumentRow,
  numbers: readonly number[],
  signal: AbortSignal | null,
): Promise<Read> {
  const read = new Map<number, ReadPage | null>();
  for (const number of numbers) {
    signal?.throwIfAborted();
    read.set(number, await readPage(deps, row, number));
  }
  await keep(deps, row, read);
  return read;
}

/**
 * One page at a time, so that a reviewer who waits for a picture comes next. A page that cannot be read is told by it.
 */
async function readPage(deps: DocumentsDeps, row: DocumentRow, number: number): Promise<ReadPage | null> {
  try {
    return await deps.shelf.use(row.id, toPdfSource(deps, row), (pdf) => pdf.read(number));
  } catch (error) {
    if (error instanceof SandboxError) return null;
    throw error;
  }
}

async function keep(deps: DocumentsDeps, given: DocumentRow, read: Read): Promise<void> {
  const { documentId, number, words: column } = recordsDocumentPages;
  await deps.db.transaction(async (tx) => {
    const row = await lockDocumentById(tx, given.id);
    const hidden: HiddenItem[] = [];
    let hasHiddenText = false;
    for (const [page, found] of read) {
      const words = found === null ? null : sealWords(deps.seal, row.id, page, found.words);
      const change = found === null ? { problem: 'failed' } : { words };
      const changed = await tx
        .update(recordsDocumentPages)
        .set(change)
        .where(and(eq(documentId, row.id), eq(number, page), isNull(column)))
        .returning({ number });
      if (changed.length === 0 || found === null) continue;
      hidden.push(...found.hidden);
      hasHiddenText ||= found.words.some((word) => word.hidden);
    }
    if (hidden.length === 0 && !hasHiddenText) return;
    const flags = new Set(row.flags as readonly DocumentFlag[]);
    if (hasHiddenText) flags.add('hidden-text');
    if (hidden.some(({ kind }) => kind === 'comment')) flags.add('annotations');
    if (hidden.some(({ kind }) => kind === 'form-value')) flags.add('form-fields');
    const all = [...readHidden(row, deps.seal), ...hidden].slice(0, mostHidden);
    const sealed = all.length === 0 ? null : deps.seal.seal(all, hiddenPurpose(row.id));
    await tx
      .update(recordsDocuments)
      .set({ hidden: sealed, flags: [...flags] })
      .where(eq(recordsDocuments.id, row.id));
  });
}
