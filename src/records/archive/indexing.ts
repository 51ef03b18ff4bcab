// Reads the words of a published rendition, page by page, so that the public can search them. A durable job.
// It must open the rendition that went out and nothing else: what was redacted is not in it.

import { eq } from '../../db/drizzle.ts';

import { recordsArchivePages, recordsReleased } from '../../db/tables-archive.ts';
import type { Job } from '../../jobs/job.ts';
import { openPdf } from '../documents/pdf/pdf.ts';
import { SandboxError } from '../documents/sandbox.ts';
import { toReleased } from '../release/reading.ts';
import type { ReleasedFile } from '../release/installment.ts';
import type { ArchiveDeps } from './publish.ts';

const mostPages = 5_000;
const pageCharacters = 100_000;
/** Of a file without pages: as many parts of that length. */
const mostParts = 50;

type Indexed = { readonly page: number; readonly text: string };

export async function indexFile(deps: ArchiveDeps, job: Job): Promise<void> {
  const id = String(job.data['file']);
  const [row] = await deps.db.select().from(recordsReleased).where(eq(recordsReleased.id, id));
  const file = row === undefined ? null : toReleased(row).file;
  if (row === undefined || file === null || row.publishedAt === null) return;
  const pages = await readPages(deps, file, job.signal);
  await deps.db.transaction(async (tx) => {
    const [now] = await tx.select().from(recordsReleased).where(eq(recordsReleased.id, id)).for('update');
    if (now?.publishedAt !== row.publishedAt) return; // hidden meanwhile, or published anew: another job reads it
    await tx.delete(recordsArchivePages).where(eq(recordsArchivePages.releasedId, id));
    for (let at = 0; at < (pages?.length ?? 0); at += 200) {
      const some = pages!.slice(at, at + 200).map((page) => ({ releasedId: id, ...page }));
      await tx.insert(recordsArchivePages).values(some);
    }
    const indexState = pages === null ? 'failed' : 'ready';
    await tx.update(recordsReleased).set({ indexState }).where(eq(recordsReleased.id, id));
  });
}

/** null: the file does not let itself be read; it is found by its request's words alone. */
async function readPages(
  deps: ArchiveDeps,
  file: ReleasedFile,
  signal: AbortSignal,
): Promise<readonly Indexed[] | null> {
  if (file.mediaType.startsWith('text/')) return readText(deps, file.sha256);
  if (file.mediaType !== 'application/pdf') return [];
  try {
    return await readPdf(deps, file, signal);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    deps.effects.observe({ kind: 'failure', where: 'reading a published record', error });
    return null;
  }
}

async function readPdf(deps: ArchiveDeps, file: ReleasedFile, signal: AbortSignal): Promise<readonly Indexed[]> {
  const pdf = await openPdf({ bytes: file.bytes, read: () => readBlob(deps, file.sha256) });
  try {
    const pages: Indexed[] = [];
    for (let page = 1; page <= Math.min(pdf.facts.sizes.length, mostPages); page++) {
      signal.throwIfAborted();
      const { words } = await pdf.read(page);
      // In a rendition every word is an unseen one behind the picture of its page: what survived, and no more.
      const text = clean(words.map((word) => word.text).join(' '));
      if (text !== '') pages.push({ page, text: text.slice(0, pageCharacters) });
    }
    return pages;
  } finally {
    await pdf.close();
  }
}

async function* readBlob(deps: ArchiveDeps, name: string): AsyncGenerator<Uint8Array> {
  yield* (await deps.store.read(name)) as AsyncIterable<Uint8Array>;
}

async function readText(deps: ArchiveDeps, name: string): Promise<readonly Indexed[]> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of readBlob(deps, name)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length >= mostParts * pageCharacters) break;
  }
  const parts: Indexed[] = [];
  for (let at = 0; at < text.length && parts.length < mostParts; at += pageCharacters) {
    const part = clean(text.slice(at, at + pageCharacters));
    if (part !== '') parts.push({ page: parts.length + 1, text: part });
  }
  return parts;
}

/** PostgreSQL holds no NUL; the other control characters mean nothing to a reader and mark matches in search. */
function clean(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]+/gu, ' ').trim();
}
