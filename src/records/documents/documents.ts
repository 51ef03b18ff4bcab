// Responsive records, as the rest of the portal uses them: one object of functions over one set of dependencies.
// It must hold no rule: each function lives in the file that its name points to.

import { rm } from 'node:fs/promises';

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import type { Transaction } from '../../db/open.ts';
import type { Exemption } from '../law/law.ts';
import { approveDocument, documentsReady, reopenDocument, submitDocument } from './approval.ts';
import type { ReadyDocuments } from './approval.ts';
import type { DocumentsDeps } from './deps.ts';
import type { Rendition } from './document.ts';
import { runIndexJob } from './indexing.ts';
import { takeIn } from './intake.ts';
import type { Intake, TakenIn } from './intake.ts';
import { indexJob, prepareJob, renditionJob } from './job-names.ts';
import { openPdfShelf } from './pdf/pdf.ts';
import type { Preview } from './pdf/pdf.ts';
import { prepareDocument, runPrepareJob } from './prepare.ts';
import {
  addHiddenContent,
  listOf,
  openOriginal,
  openRendition,
  pagePicture,
  searchDocument,
  suggestFor,
  viewDocument,
  viewPage,
} from './reading.ts';
import type { DocumentList, DocumentView, Found, PageView, Place, PreviewSize } from './reading.ts';
import type { Suggestion } from './detectors.ts';
import { makeRendition } from './rendition.ts';
import type { Redacted } from './review.ts';
import {
  addRedactions,
  decidePages,
  describeDocument,
  releaseWhole,
  removeRedaction,
  withholdDocument,
} from './review.ts';
import type { Mark, PageChoice, PageVersion, Reason } from './review.ts';
import type { RedactionOrigin } from './document.ts';
import type { Hit } from './search.ts';
import { openVault } from './vault.ts';

type Version = { readonly version: number };

/** `Place.request` is a request's id or number, `Place.document` the document's number in it. */
export type Documents = {
  readonly exemptions: () => readonly Exemption[];
  list(actor: Actor, request: string): Promise<DocumentList>;
  view(actor: Actor, place: Place): Promise<DocumentView>;
  page(actor: Actor, place: Place, number: number): Promise<PageView>;
  picture(actor: Actor, place: Place, wanted: { readonly page: number; readonly size: PreviewSize }): Promise<Preview>;
  original(actor: Actor, place: Place): ReturnType<typeof openOriginal>;
  rendition(actor: Actor, place: Place): Promise<Rendition>;
  search(actor: Actor, place: Place, text: string): Promise<Found<Hit>>;
  suggestions(actor: Actor, place: Place): Promise<Found<Suggestion>>;
  /** Answers when the document can be reviewed, or after a few seconds: then it is prepared in the background. */
  receive(actor: Actor, request: string, intake: Intake): Promise<TakenIn>;
  addHiddenContent(actor: Actor, place: Place): Promise<TakenIn>;
  redact(
    actor: Actor,
    place: Place,
    given: { readonly marks: readonly Mark[]; readonly reason: Reason; readonly origin: RedactionOrigin },
  ): Promise<Redacted>;
  unredact(actor: Actor, place: Place, given: PageVersion & { readonly redaction: string }): Promise<void>;
  decide(
    actor: Actor,
    place: Place,
    given: { readonly pages: readonly PageVersion[]; readonly choice: PageChoice },
  ): Promise<void>;
  withhold(actor: Actor, place: Place, given: Version & { readonly reason: Reason | null }): Promise<void>;
  releaseWhole(actor: Actor, place: Place, given: Version & { readonly release: boolean }): Promise<void>;
  describe(actor: Actor, place: Place, given: Version & { readonly title: string }): Promise<void>;
  submit(actor: Actor, place: Place, given: Version): Promise<void>;
  approve(actor: Actor, place: Place, given: Version): Promise<void>;
  reopen(actor: Actor, place: Place, given: Version): Promise<void>;
  /** For a release, in its transaction: what may go out of these documents (ids), and what is withheld of them. */
  ready(tx: Transaction, requestId: string, documentIds: readonly string[]): Promise<ReadyDocuments>;
  close(): Promise<void>;
};

const openAtOnce = 2;
const idleMs = 60_000;
const prepareWaitMs = 4_000;
const renditionDeadlineSeconds = 3_600;

/** Says who does the jobs of documents; they begin when the portal's jobs do. */
export async function openDocuments(
  parts: Omit<DocumentsDeps, 'vault' | 'shelf' | 'effects'>,
  effects: Effects,
): Promise<Documents> {
  await rm(parts.workFolder, { recursive: true, force: true }); // what a crash left; nothing else works here
  const shelf = openPdfShelf(openAtOnce, idleMs);
  const deps: DocumentsDeps = Object.freeze({ ...parts, effects, shelf, vault: openVault(parts, effects) });
  const running = new Map<string, Promise<void>>();
  const long = { deadlineSeconds: renditionDeadlineSeconds };
  await parts.jobs.work(prepareJob, {}, async (job) => {
    await running.get(String(job.data['document']))?.catch(() => undefined); // it has been told; this is the next try
    await runPrepareJob(deps, job);
  });
  await parts.jobs.work(indexJob, long, (job) => runIndexJob(deps, job));
  await parts.jobs.work(renditionJob, long, (job) => makeRendition(deps, job));
  return Object.freeze({
    exemptions: parts.exemptions,
    ...toReaders(deps),
    async receive(actor: Actor, request: string, intake: Intake) {
      const taken = await takeIn(deps, actor, request, intake);
      await prepareNow(deps, taken.id, running);
      return taken;
    },
    ...toActs(deps),
    ready: (tx: Transaction, requestId: string, ids: readonly string[]) => documentsReady(deps, tx, requestId, ids),
    async close() {
      await Promise.allSettled(running.values());
      await shelf.close();
    },
  } satisfies Documents);
}

/** At once rather than at the next look for jobs; whatever fails here the job does again. */
async function prepareNow(deps: DocumentsDeps, id: string, running: Map<string, Promise<void>>): Promise<void> {
  const work = prepareDocument(deps, id).catch((error: unknown) => {
    deps.effects.observe({ kind: 'failure', where: 'preparing a document', error });
  });
  running.set(id, work);
  const done = work.then(() => void running.delete(id));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, prepareWaitMs)));
  await Promise.race([done, late]);
  clearTimeout(timer);
}

function toReaders(deps: DocumentsDeps) {
  return {
    list: (actor, request) => listOf(deps, actor, request),
    view: (actor, place) => viewDocument(deps, actor, place),
    page: (actor, place, number) => viewPage(deps, actor, place, number),
    picture: (actor, place, wanted) => pagePicture(deps, actor, place, wanted),
    original: (actor, place) => openOriginal(deps, actor, place),
    rendition: (actor, place) => openRendition(deps, actor, place),
    search: (actor, place, text) => searchDocument(deps, actor, place, text),
    suggestions: (actor, place) => suggestFor(deps, actor, place),
  } satisfies Partial<Documents>;
}

function toActs(deps: DocumentsDeps) {
  return {
    addHiddenContent: (actor, place) => addHiddenContent(deps, actor, place),
    redact: (actor, place, given) => addRedactions(deps, actor, place, given),
    unredact: (actor, place, given) => removeRedaction(deps, actor, place, given),
    decide: (actor, place, given) => decidePages(deps, actor, place, given),
    withhold: (actor, place, given) => withholdDocument(deps, actor, place, given),
    releaseWhole: (actor, place, given) => releaseWhole(deps, actor, place, given),
    describe: (actor, place, given) => describeDocument(deps, actor, place, given),
    submit: (actor, place, given) => submitDocument(deps, actor, place, given),
    approve: (actor, place, given) => approveDocument(deps, actor, place, given),
    reopen: (actor, place, given) => reopenDocument(deps, actor, place, given),
  } satisfies Partial<Documents>;
}
