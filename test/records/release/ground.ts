// Releases for a test: responsive records with real processes, and short ways to an approved document.
// It must go through the functions that the pages and routes call.

import type { Actor } from '../../../src/base/actor.ts';
import { isPublicPage } from '../../../src/records/archive/public-page.ts';
import { openReleases } from '../../../src/records/release/releases.ts';
import type { Releases } from '../../../src/records/release/releases.ts';
import type { ReleaseChoice } from '../../../src/records/release/installment.ts';
import type { DocumentRecord } from '../../../src/records/documents/document.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import type { Database } from '../../../src/db/open.ts';
import type { Cleaner } from '../../database.ts';
import { staffActor } from '../../people/staff.ts';
import { openDocumentsGround, pieces, redactor, reviewer, why } from '../documents/ground.ts';
import type { DocumentsGround } from '../documents/ground.ts';
import { until } from '../../patience.ts';

export const officer = staffActor('records-officer');
export const clerk = staffActor('clerk');

export type Prepared = {
  /** Words that are redacted. */
  readonly redact?: string;
  readonly withhold?: boolean;
  readonly title?: string;
  readonly name?: string;
};

export type ReleaseGround = DocumentsGround & {
  readonly releases: Releases;
  /** The same over another connection to the database. */
  releasesOver(db: Database): Releases;
  /** A request that has been acknowledged. */
  begun(text?: string): Promise<RequestRecord>;
  /** Uploaded, decided, approved by a second person, its rendition made. */
  approved(request: RequestRecord, text: string, how?: Prepared): Promise<DocumentRecord>;
  choice(request: RequestRecord, documents: readonly DocumentRecord[], given?: Partial<ReleaseChoice>): ReleaseChoice;
  fresh(request: RequestRecord): Promise<RequestRecord>;
  /** Decides what is open in a document, hands it over and has it approved. */
  releaseRestOf(request: RequestRecord, number: number): Promise<void>;
};

export async function openReleaseGround(cleaner: Cleaner): Promise<ReleaseGround> {
  const ground = await openDocumentsGround(cleaner);
  const { records, documents, effects, database } = ground;
  const releasesOver = (db: Database) =>
    openReleases({
      db,
      requests: records.requests,
      documents,
      law: records.law,
      effects,
      letters: records.desk.preview,
      isPublicPage,
    });
  const fresh = (request: RequestRecord) => records.requests.find(request.id);
  return {
    ...ground,
    releases: releasesOver(database.db),
    releasesOver,
    fresh,
    async begun(text = 'Inspection reports of the bridge on Meeker Street') {
      const request = await ground.submit({ text });
      await ground.act(officer, request, { kind: 'acknowledge', estimateOn: '2026-04-01', message: '' });
      return fresh(request);
    },
    approved: (request, text, how = {}) => approve(ground, request, text, how),
    releaseRestOf: (request, number) => finish(ground, { request: request.number, document: number }, {}),
    choice: (request, chosen, given = {}) => ({
      version: request.version,
      documents: chosen.map(({ id }) => id),
      delivery: 'electronic',
      place: null,
      fromOn: null,
      scannedPages: 0,
      message: '',
      remains: null,
      ...given,
    }),
  };
}

async function approve(
  ground: DocumentsGround,
  request: RequestRecord,
  text: string,
  how: Prepared,
): Promise<DocumentRecord> {
  const { documents } = ground;
  const bytes = Buffer.from(text);
  const name = how.name ?? 'report.txt';
  const { number } = await documents.receive(officer, request.number, {
    name,
    bytes: pieces(bytes),
    declaredBytes: bytes.length,
  });
  const place = { request: request.number, document: number };
  const view = (actor: Actor) => documents.view(actor, place);
  const version = async () => (await view(redactor)).document.version;
  await waitFor(async () => (await view(redactor)).document.state !== 'preparing');
  if (how.title !== undefined)
    await documents.describe(redactor, place, { version: await version(), title: how.title });
  await finish(ground, place, how);
  return (await view(redactor)).document;
}

async function finish(
  ground: DocumentsGround,
  place: { readonly request: string; readonly document: number },
  how: Prepared,
): Promise<void> {
  const { documents } = ground;
  const view = (actor: Actor) => documents.view(actor, place);
  const version = async () => (await view(redactor)).document.version;
  if (how.withhold === true) await documents.withhold(redactor, place, { version: await version(), reason: why });
  else await decide(ground, place, how.redact);
  await documents.submit(redactor, place, { version: await version() });
  await documents.approve(reviewer, place, { version: await version() });
  if (how.withhold !== true) await waitFor(async () => (await view(redactor)).document.renditionState === 'ready');
}

async function decide(
  { documents }: DocumentsGround,
  place: { readonly request: string; readonly document: number },
  redact: string | undefined,
): Promise<void> {
  const { pages, document } = await documents.view(redactor, place);
  if (document.kind === 'whole')
    return documents.releaseWhole(redactor, place, { version: document.version, release: true });
  if (redact !== undefined) {
    await waitFor(async () => (await documents.search(redactor, place, redact)).unread === 0);
    const { hits } = await documents.search(redactor, place, redact);
    const marks = hits.map((hit) => ({
      page: hit.page,
      version: pages.find((page) => page.number === hit.page)!.version,
      boxes: hit.boxes,
    }));
    await documents.redact(redactor, place, { marks, reason: why, origin: 'search' });
  }
  const open = (await documents.view(redactor, place)).pages
    .filter(({ decision }) => decision === 'undecided')
    .map((page) => ({ page: page.number, version: page.version }));
  if (open.length > 0) await documents.decide(redactor, place, { pages: open, choice: { kind: 'release' } });
}

export async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  await until('what was asked for', holds, 50);
}
