// Responsive records for a test: a request, durable jobs that run, real processes that read files.
// It must go through the functions that the pages and routes call.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import type { Actor } from '../../../src/base/actor.ts';
import { closeAll, type Close } from '../../../src/base/closing.ts';
import { PortalError } from '../../../src/base/errors.ts';
import type { Jobs } from '../../../src/jobs/job.ts';
import { openJobs } from '../../../src/jobs/jobs.ts';
import { exemptionsOn } from '../../../src/records/law/exemptions.ts';
import type { ScannerAddress } from '../../../src/records/documents/deps.ts';
import { openDocuments } from '../../../src/records/documents/documents.ts';
import type { Documents } from '../../../src/records/documents/documents.ts';
import type { DocumentRecord } from '../../../src/records/documents/document.ts';
import { openPdf } from '../../../src/records/documents/pdf/pdf.ts';
import type { Pdf } from '../../../src/records/documents/pdf/pdf.ts';
import { openStore } from '../../../src/store/open.ts';
import type { OpenedStore } from '../../../src/store/open.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import type { Cleaner } from '../../database.ts';
import { staffActor } from '../../people/staff.ts';
import { openTestRecords } from '../records.ts';
import type { TestRecords } from '../records.ts';
import { patienceMs } from '../../patience.ts';

export const redactor = staffActor('redactor');
export const officer = staffActor('records-officer');
export const reviewer = staffActor('reviewer');
export const why = { exemption: 'account-numbers', explanation: 'The number of a person’s own account.' } as const;

export const failsWith = (code: string, words?: RegExp) => (error: unknown) =>
  error instanceof PortalError && error.code === code && (words === undefined || words.test(error.message));

export type DocumentsGround = TestRecords & {
  readonly documents: Documents;
  readonly store: OpenedStore;
  readonly jobs: Jobs;
  readonly request: RequestRecord;
  readonly workFolder: string;
  /** Uploads, and answers the document as it is when it can be reviewed. */
  upload(bytes: Buffer | string, name: string, actor?: Actor): Promise<DocumentRecord>;
  read(number: number): Promise<DocumentRecord>;
  place(number: number): { readonly request: string; readonly document: number };
  /** Hands over, approves by somebody else, waits for the rendition and answers its bytes. */
  release(number: number): Promise<Buffer>;
  waitFor(number: number, holds: (document: DocumentRecord) => boolean): Promise<DocumentRecord>;
  /** Decides every page of the document that is not yet. */
  releaseRest(number: number): Promise<void>;
};

export type GroundOptions = {
  readonly scanner?: ScannerAddress;
  readonly maxUploadBytes?: number;
  readonly run?: boolean;
};

export async function openDocumentsGround(cleaner: Cleaner, options: GroundOptions = {}): Promise<DocumentsGround> {
  const closers: Close[] = [];
  cleaner.after(() => closeAll(closers));
  const inner: Cleaner = { after: (close) => void closers.push(close) };
  const opened = await openTestRecords(inner);
  const { database, effects, seal, records } = opened;
  const folder = await mkdtemp(join(tmpdir(), 'portal-documents-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const store = await openStore({ blobs: { kind: 'folder', path: join(folder, 'blobs') } }, effects);
  closers.push(() => store.close());
  const settings = { timeZone: 'America/Los_Angeles', alone: true, closeTimeoutMs: 5_000, pollSeconds: 0.5 };
  const jobs = await openJobs(database, settings, database.effects);
  const workFolder = join(folder, 'work');
  const documents = await openDocuments(
    {
      db: database.db,
      store,
      seal,
      jobs,
      requests: records.requests,
      exemptions: () => exemptionsOn(records.law(), '2026-03-02'),
      city: { name: 'City of Kent, Washington', language: 'en', timeZone: 'America/Los_Angeles' },
      workFolder,
      maxUploadBytes: options.maxUploadBytes ?? 64 * 1024 * 1024,
      scanner: options.scanner ?? null,
    },
    database.effects,
  );
  closers.push(() => documents.close());
  closers.push(() => jobs.close());
  if (options.run !== false) await jobs.run();
  const request = await opened.submit();
  return { ...opened, documents, store, jobs, request, workFolder, ...toWords(documents, store, request) };
}

function toWords(documents: Documents, store: OpenedStore, request: RequestRecord) {
  const place = (number: number) => ({ request: request.number, document: number });
  const read = async (number: number) => (await documents.view(officer, place(number))).document;
  const waitFor: DocumentsGround['waitFor'] = async (number, holds) => {
    for (let tries = 0; tries * 50 < patienceMs; tries++) {
      const document = await read(number);
      if (holds(document)) return document;
      await wait(50);
    }
    throw new Error(`document ${number} did not become what was waited for: ${JSON.stringify(await read(number))}`);
  };
  const upload: DocumentsGround['upload'] = async (bytes, name, actor = officer) => {
    const buffer = Buffer.from(bytes);
    const { number } = await documents.receive(actor, request.number, {
      name,
      bytes: pieces(buffer),
      declaredBytes: buffer.length,
    });
    return waitFor(number, ({ state }) => state !== 'preparing');
  };
  return {
    place,
    read,
    waitFor,
    upload,
    async release(number: number) {
      await documents.submit(redactor, place(number), { version: (await read(number)).version });
      await documents.approve(reviewer, place(number), { version: (await read(number)).version });
      const { rendition } = await waitFor(number, ({ renditionState }) => renditionState === 'ready');
      return readAll(await store.read(rendition!.blob));
    },
    async releaseRest(number: number) {
      const { pages } = await documents.view(redactor, place(number));
      const open = pages
        .filter(({ decision }) => decision === 'undecided')
        .map((page) => ({ page: page.number, version: page.version }));
      if (open.length > 0)
        await documents.decide(redactor, place(number), { pages: open, choice: { kind: 'release' } });
    },
  };
}

export async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of stream) read.push(piece);
  return Buffer.concat(read);
}

/** Opens a PDF as a reader would, for looking at what was made. */
export async function withPdf<T>(bytes: Buffer, use: (pdf: Pdf) => Promise<T>): Promise<T> {
  const pdf = await openPdf({ bytes: bytes.length, read: () => pieces(bytes) });
  try {
    return await use(pdf);
  } finally {
    await pdf.close();
  }
}
