// What the clerk makes public of a request: its page with a checked title and text, and each released file by itself.
// It must let nothing out by default, and never a text that names whoever asked.

import { and, eq } from '../../db/drizzle.ts';

import type { Actor, StaffActor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { recordsArchive, recordsArchivePages, recordsReleased } from '../../db/tables-archive.ts';
import type { Jobs } from '../../jobs/job.ts';
import { appendAudit } from '../../people/audit.ts';
import type { BlobStore } from '../../store/store.ts';
import { noFile } from '../release/download.ts';
import type { RequestRecord, RequestsCore } from '../requests/request.ts';
import { requireSeen } from '../requests/scope.ts';
import { checkText } from './check.ts';
import type { Finding } from './check.ts';

export type ArchiveDeps = {
  readonly db: Database;
  readonly requests: RequestsCore;
  readonly store: BlobStore;
  readonly jobs: Jobs;
  readonly effects: Effects;
};

export const archiveIndexJob = 'archive.index';

export type PageText = {
  /** Of the request, as it was seen. */
  readonly version: number;
  readonly title: string;
  readonly text: string;
  /** How many findings whoever publishes has seen and let stand. */
  readonly looked: number;
};

const longestTitle = 200;
const longestText = 20_000;

async function admit(
  deps: ArchiveDeps,
  actor: Actor,
  idOrNumber: string,
): Promise<{ readonly staff: StaffActor; readonly request: RequestRecord }> {
  if (actor.kind !== 'staff') {
    const extra = { action: 'archive.publish' };
    throw new PortalError(actor.kind === 'public' ? 'unauthorized' : 'forbidden', { extra });
  }
  const request = await deps.requests.find(idOrNumber);
  await requireSeen(deps.db, actor, request, 'archive.publish');
  return { staff: actor, request };
}

/** What may be personal in a text before it is published. Opens the seal, which is on the record. */
export async function checkPage(
  deps: ArchiveDeps,
  actor: Actor,
  idOrNumber: string,
  text: Pick<PageText, 'title' | 'text'>,
): Promise<readonly Finding[]> {
  const { request } = await admit(deps, actor, idOrNumber);
  const requester = await deps.requests.requesterOf(actor, request.id);
  return checkText(`${text.title}\n${text.text}`, requester);
}

/** Permission `archive.publish`. Throws records-invalid for a text that names the requester or was not looked at. */
export async function publishPage(deps: ArchiveDeps, actor: Actor, idOrNumber: string, given: PageText): Promise<void> {
  const { staff, request } = await admit(deps, actor, idOrNumber);
  const [title, text] = [given.title.replace(/\s+/gu, ' ').trim(), given.text.trim()];
  if (title === '') refuseStep('title', say('records.page-title'));
  if (title.length > longestTitle) refuseStep('title', say('records.title-long', { longest: longestTitle }));
  if (text === '') refuseStep('text', say('records.page-text'));
  if (text.length > longestText) refuseStep('text', say('records.text-long', { longest: longestText }));
  requireChecked(await checkPage(deps, actor, idOrNumber, { title, text }), given.looked);
  await deps.db.transaction(async (tx) => {
    let { version } = given;
    const change = async (command: Parameters<RequestsCore['transition']>[3]) => {
      const changed = await deps.requests.transition(tx, staff, { id: request.id, expectedVersion: version }, command);
      version = changed.version;
    };
    const shownText = text === request.text ? null : text;
    if (request.subject !== title || request.shownText !== shownText)
      await change({ kind: 'describe', subject: title, shownText });
    if (request.visibility !== 'public') await change({ kind: 'publish-page', visibility: 'public' });
    else if (version === given.version) await requireCurrent(deps, tx, request, version);
    const publishedAt = toInstant(deps.effects.clock.now());
    const row = { title, text, publishedAt, publishedBy: staff.id };
    await tx
      .insert(recordsArchive)
      .values({ requestId: request.id, ...row })
      .onConflictDoUpdate({ target: recordsArchive.requestId, set: row });
    await audit(deps, tx, staff, request, { page: 'public', findings: given.looked });
  });
}

/** A second publishing of the same words changes nothing of the request; its version is held to all the same. */
async function requireCurrent(deps: ArchiveDeps, tx: Transaction, request: RequestRecord, seen: number): Promise<void> {
  const now = await deps.requests.find(request.id);
  if (now.version === seen) return;
  throw new PortalError('conflict', { extra: { version: now.version, seen } });
}

function requireChecked(findings: readonly Finding[], looked: number): void {
  const own = findings.filter(({ kind }) => kind === 'requester');
  if (own.length > 0) {
    refuseStep('text', say('records.text-names-requester'));
  }
  if (findings.length > looked) {
    refuseStep('looked', say('records.text-personal', { places: findings.length }));
  }
}

/** The page and every file of it leave the public's eyes at once. Permission `archive.publish`. */
export async function hidePage(
  deps: ArchiveDeps,
  actor: Actor,
  idOrNumber: string,
  given: { readonly version: number },
): Promise<void> {
  const { staff, request } = await admit(deps, actor, idOrNumber);
  await deps.db.transaction(async (tx) => {
    const command = { kind: 'publish-page', visibility: 'hidden' } as const;
    await deps.requests.transition(tx, staff, { id: request.id, expectedVersion: given.version }, command);
    await tx.delete(recordsArchive).where(eq(recordsArchive.requestId, request.id));
    await audit(deps, tx, staff, request, { page: 'hidden' });
  });
}

/** One released file becomes public, or is no longer. Its words are read from the rendition by a durable job. */
export async function publishFile(
  deps: ArchiveDeps,
  actor: Actor,
  idOrNumber: string,
  given: { readonly file: string; readonly isPublic: boolean },
): Promise<void> {
  const { staff, request } = await admit(deps, actor, idOrNumber);
  if (!isId(given.file)) throw noFile();
  await deps.db.transaction(async (tx) => {
    const own = and(eq(recordsReleased.id, given.file), eq(recordsReleased.requestId, request.id));
    const [row] = await tx.select().from(recordsReleased).where(own).for('update');
    if (row === undefined || row.blob === null) throw noFile();
    if ((row.publishedAt !== null) === given.isPublic) return;
    const now = toInstant(deps.effects.clock.now());
    const set = given.isPublic
      ? { publishedAt: now, publishedBy: staff.id, indexState: 'queued' }
      : { publishedAt: null, publishedBy: null, indexState: 'none' };
    await tx.update(recordsReleased).set(set).where(own);
    if (given.isPublic) await deps.jobs.send(archiveIndexJob, { file: row.id }, { tx });
    else await tx.delete(recordsArchivePages).where(eq(recordsArchivePages.releasedId, row.id));
    const data = { document: row.document, isPublic: given.isPublic };
    await deps.requests.appendEvent(tx, staff, request.id, { kind: 'file-published', audience: 'requester', data });
    await audit(deps, tx, staff, request, { document: row.document, file: given.isPublic ? 'public' : 'hidden' });
  });
}

async function audit(
  deps: ArchiveDeps,
  tx: Transaction,
  staff: StaffActor,
  request: RequestRecord,
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  const event = { action: 'archive.publish', subject: `request:${request.number}`, details } as const;
  await appendAudit(tx, staff, event, deps.effects);
}
