// Makes a document reviewable: finds its pages, lays out as pages what has none, and lists what its pages do not show.
// It must leave a document that cannot be read flagged and kept, never the request blocked or the job failing for ever.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { and, eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import type { Job } from '../../jobs/job.ts';
import { recordsDocumentPages, recordsDocuments } from '../../db/tables-documents.ts';
import { toFileName } from '../../base/file-name.ts';
import { convertFile } from './convert/convert.ts';
import type { Attachment, Converted, ConvertedKind } from './convert/convert.ts';
import type { DocumentsDeps } from './deps.ts';
import type { DocumentFlag, DocumentProblem, HiddenItem, PageSize } from './document.ts';
import { keepFile } from './intake.ts';
import { indexJob } from './job-names.ts';
import type { Pdf, PdfSource } from './pdf/pdf.ts';
import { changeDocument, hiddenPurpose, lockDocumentById } from './rows.ts';
import type { DocumentRow } from './rows.ts';
import { SandboxError } from './sandbox.ts';

type Prepared = {
  readonly sizes: readonly PageSize[];
  readonly working: { readonly blob: string; readonly bytes: number } | null;
  readonly hidden: readonly HiddenItem[];
  readonly flags: readonly DocumentFlag[];
  readonly attachments: readonly Attachment[];
};

const mostDepth = 3;
const mostAttachments = 1_000; // a mailbox holds many
const mostAttachmentBytes = 256 * 1024 * 1024;
const mostPages = 20_000;

/** What the pages of a document are read from: the original when it is a PDF, else what was laid out of it. */
export function toPdfSource({ vault }: Pick<DocumentsDeps, 'vault'>, row: DocumentRow): PdfSource {
  if (row.working === null) return vault.source(row.original, { document: row.id, role: 'original' }, row.bytes);
  return vault.source(row.working, { document: row.id, role: 'working' }, row.workingBytes ?? 0);
}

/** Doing it twice does nothing: only a document in preparation is prepared. */
export async function prepareDocument(deps: DocumentsDeps, id: string): Promise<void> {
  const [row] = await deps.db.select().from(recordsDocuments).where(eq(recordsDocuments.id, id));
  if (row === undefined || row.state !== 'preparing') return;
  try {
    await keepPrepared(deps, row, await read(deps, row));
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    await needAttention(deps, row, error.failure === 'killed' ? 'failed' : error.failure);
  }
}

export async function runPrepareJob(deps: DocumentsDeps, job: Job): Promise<void> {
  await prepareDocument(deps, String(job.data['document']));
}

async function needAttention(deps: DocumentsDeps, given: DocumentRow, problem: DocumentProblem): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const row = await lockDocumentById(tx, given.id);
    if (row.state !== 'preparing') return;
    await changeDocument(tx, row, { state: 'attention', problem }, deps.effects);
  });
}

async function read(deps: DocumentsDeps, row: DocumentRow): Promise<Prepared> {
  const nothing = { sizes: [], working: null, hidden: [], flags: [], attachments: [] };
  switch (row.kind) {
    case 'whole':
      return nothing;
    case 'pdf':
      // The process that opens it stays open for the reviewer's first page.
      return deps.shelf.use(row.id, toPdfSource(deps, row), (pdf) => readPdf(pdf, { attachments: true }));
    default: {
      const source = deps.vault.source(row.original, { document: row.id, role: 'original' }, row.bytes);
      const converted: Converted = await convertFile(source, {
        kind: row.kind as ConvertedKind,
        mediaType: row.mediaType,
        timeZone: deps.city.timeZone,
      });
      const blob = await deps.vault.keepBytes(converted.pdf, { document: row.id, role: 'working' });
      const bytes = converted.pdf.byteLength;
      const laidOut = { bytes, read: () => pieces(converted.pdf) };
      const { sizes } = await deps.shelf.use(row.id, laidOut, (pdf) => readPdf(pdf, { attachments: false }));
      const { hidden, flags, attachments } = converted;
      return { sizes, working: { blob, bytes }, hidden, flags, attachments };
    }
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readPdf(pdf: Pdf, wanted: { readonly attachments: boolean }): Promise<Prepared> {
  const { sizes, hidden, attachments: names } = pdf.facts;
  if (sizes.length > mostPages) throw new SandboxError('too-large', `${sizes.length} pages`);
  const attachments = wanted.attachments ? await readAttachments(pdf, names) : [];
  const flags: DocumentFlag[] = [];
  if (names.length > 0) flags.push('attachments');
  if (hidden.some(({ kind }) => kind === 'script')) flags.push('scripts');
  return { sizes, working: null, hidden, flags, attachments };
}

async function readAttachments(pdf: Pdf, names: readonly string[]): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = [];
  for (const [index, name] of names.entries()) attachments.push({ name, bytes: await pdf.attachment(index) });
  return attachments;
}

async function keepPrepared(deps: DocumentsDeps, given: DocumentRow, prepared: Prepared): Promise<void> {
  const { sizes, working, hidden, attachments } = prepared;
  // Before the document is ready: a crash between the two does both again, and finds what was kept.
  const left = await keepAttachments(deps, given, attachments);
  await deps.db.transaction(async (tx) => {
    const row = await lockDocumentById(tx, given.id);
    if (row.state !== 'preparing') return;
    const pages = sizes.map(({ width, height }, index) => ({ documentId: row.id, number: index + 1, width, height }));
    for (let at = 0; at < pages.length; at += 1000)
      await tx.insert(recordsDocumentPages).values(pages.slice(at, at + 1000));
    const found: readonly DocumentFlag[] = left > 0 ? [...prepared.flags, 'attachments-left'] : prepared.flags;
    const flags = [...new Set([...(row.flags as DocumentFlag[]), ...found])];
    const sealed = hidden.length === 0 ? null : deps.seal.seal(hidden, hiddenPurpose(row.id));
    const kept = { working: working?.blob ?? null, workingBytes: working?.bytes ?? null, pages: pages.length };
    await changeDocument(tx, row, { state: 'ready', ...kept, hidden: sealed, flags }, deps.effects);
    if (pages.length > 0) await deps.jobs.send(indexJob, { document: row.id }, { tx, singletonKey: row.id });
  });
}

/** What was attached becomes a document of its own, as deep as anybody attaches in earnest; how many were left. */
async function keepAttachments(
  deps: DocumentsDeps,
  row: DocumentRow,
  attachments: readonly Attachment[],
): Promise<number> {
  const files = attachments.filter(({ bytes }) => bytes.byteLength > 0);
  if (files.length === 0 || (await depthOf(deps, row)) >= mostDepth) return files.length;
  const actor: Actor = { kind: 'system', name: 'portal' };
  let room = mostAttachmentBytes;
  let left = Math.max(0, files.length - mostAttachments);
  for (const { name, bytes } of files.slice(0, mostAttachments)) {
    if (bytes.byteLength > room) {
      left++;
      continue;
    }
    room -= bytes.byteLength;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (await isKept(deps, row, sha256)) continue;
    const path = await deps.vault.newPath();
    await writeFile(path, bytes, { mode: 0o600, flag: 'wx' });
    const file = { path, name: toFileName(name, 'upload'), bytes: bytes.byteLength, sha256 };
    const owner = { id: row.uploadedBy, name: row.uploadedName };
    await keepFile(deps, actor, { requestId: row.requestId, parent: row.id, owner, file });
  }
  return left;
}

/** Attached twice, or kept before a crash: one document either way. */
async function isKept({ db }: DocumentsDeps, { id }: DocumentRow, sha256: string): Promise<boolean> {
  const { parent, sha256: ofFile } = recordsDocuments;
  return (
    (
      await db
        .select({ id: recordsDocuments.id })
        .from(recordsDocuments)
        .where(and(eq(parent, id), eq(ofFile, sha256)))
    ).length > 0
  );
}

async function depthOf({ db }: DocumentsDeps, row: DocumentRow): Promise<number> {
  const { rows } = await db.execute<{ depth: number }>(sql`
    with recursive up as (
      select id, parent, 0 as depth from records_documents where id = ${row.id}
      union all select d.id, d.parent, up.depth + 1 from records_documents d join up on d.id = up.parent)
    select max(depth)::int as depth from up`);
  return rows[0]?.depth ?? 0;
}
