// The public archive, as the rest of the portal uses it: one object of functions over one set of dependencies.
// It must hold no rule: each function lives in the file that its name points to.

import type { Actor } from '../../base/actor.ts';
import type { ReleasedRequest } from '../asking/suggestions.ts';
import type { ArchiveQuery, ArchiveResult, PublicPage } from './archive-entry.ts';
import type { Finding } from './check.ts';
import { createDraft, discardDraft, listDrafts, publishDraft, readDraft } from './dataset-drafts.ts';
import type { DatasetDraft, DraftDeps, DraftWords } from './dataset-drafts.ts';
import { readDemand } from './demand.ts';
import type { Demand } from './demand.ts';
import { indexFile } from './indexing.ts';
import { archiveIndexJob, checkPage, hidePage, publishFile, publishPage } from './publish.ts';
import type { PageText } from './publish.ts';
import { readPublicPage, readStaffPage } from './reading.ts';
import type { StaffPage } from './reading.ts';
import { searchArchive } from './search.ts';
import { suggestReleased } from './suggest.ts';

export type Archive = {
  /** Over public pages and published records alone. Throws bad-cursor. */
  readonly search: (query: ArchiveQuery) => Promise<ArchiveResult>;
  /** Throws not-found. */
  readonly page: (number: string) => Promise<PublicPage>;
  readonly suggestReleased: (text: string) => Promise<readonly ReleasedRequest[]>;
  /** What the staff see of a request's page and files. Permission `request.work`. */
  readonly staffPage: (actor: Actor, request: string) => Promise<StaffPage>;
  readonly check: (
    actor: Actor,
    request: string,
    text: Pick<PageText, 'title' | 'text'>,
  ) => Promise<readonly Finding[]>;
  readonly publishPage: (actor: Actor, request: string, given: PageText) => Promise<void>;
  readonly hidePage: (actor: Actor, request: string, given: { readonly version: number }) => Promise<void>;
  readonly publishFile: (
    actor: Actor,
    request: string,
    given: { readonly file: string; readonly isPublic: boolean },
  ) => Promise<void>;
  readonly drafts: {
    readonly create: (actor: Actor, wanted: { readonly request: string; readonly file: string }) => Promise<string>;
    readonly list: (actor: Actor) => Promise<readonly DatasetDraft[]>;
    readonly read: (actor: Actor, id: string) => Promise<DatasetDraft>;
    readonly publish: (actor: Actor, id: string, words: DraftWords) => Promise<string>;
    readonly discard: (actor: Actor, id: string, given: { readonly version: number }) => Promise<void>;
  };
  /** Permission `request.work`. */
  readonly demand: (actor: Actor) => Promise<Demand>;
};

const indexDeadlineSeconds = 3_600;

/** Says who reads published records; it begins when the portal's jobs do. */
export async function openArchive(deps: DraftDeps): Promise<Archive> {
  await deps.jobs.work(archiveIndexJob, { deadlineSeconds: indexDeadlineSeconds }, (job) => indexFile(deps, job));
  return Object.freeze({
    search: (query) => searchArchive(deps.db, query),
    page: (number) => readPublicPage(deps.db, number),
    suggestReleased: (text) => suggestReleased(deps.db, text),
    staffPage: (actor, request) => readStaffPage(deps, actor, request),
    check: (actor, request, text) => checkPage(deps, actor, request, text),
    publishPage: (actor, request, given) => publishPage(deps, actor, request, given),
    hidePage: (actor, request, given) => hidePage(deps, actor, request, given),
    publishFile: (actor, request, given) => publishFile(deps, actor, request, given),
    drafts: {
      create: (actor, wanted) => createDraft(deps, actor, wanted),
      list: (actor) => listDrafts(deps, actor),
      read: (actor, id) => readDraft(deps, actor, id),
      publish: (actor, id, words) => publishDraft(deps, actor, id, words),
      discard: (actor, id, given) => discardDraft(deps, actor, id, given),
    },
    demand: (actor) => readDemand(deps.db, actor),
  } satisfies Archive);
}
