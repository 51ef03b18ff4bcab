// Does what two persons have approved: keys, words, correspondence and stored files go; the log and a certificate stay.
// It must be able to stop anywhere and go on: each request is one transaction, and files go only after it.

import { join } from 'node:path';
import { mkdir, rm, writeFile } from 'node:fs/promises';

import { and, eq, isNull, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import type { Effects } from '../../base/effects.ts';
import { newId } from '../../base/ids.ts';
import type { Seal } from '../../base/seal.ts';
import { readKeptBlobs } from '../../db/kept-blobs.ts';
import type { Database, Transaction } from '../../db/open.ts';
import { recordsDocumentPages, recordsDocuments } from '../../db/tables-documents.ts';
import { letters } from '../../db/tables-mail.ts';
import { recordsFiles, recordsMessages } from '../../db/tables-records.ts';
import { recordsDestructionItems, recordsDestructions, recordsDocumentKeys } from '../../db/tables-reports.ts';
import { deleteRaw } from '../../mail/waiting.ts';
import { appendAudit } from '../../people/audit.ts';
import type { BlobStore } from '../../store/store.ts';
import { namePurpose } from '../documents/rows.ts';
import type { CityDate } from '../../city/days.ts';
import type { RequestsCore } from '../requests/request.ts';
import { toCertificate } from './certificate.ts';
import { readDestructions } from './destructions.ts';
import type { DestroyedSeries } from './schedule.ts';
import type { DestroyedThing } from './destructions.ts';

export type DestroyParts = {
  readonly db: Database;
  readonly store: BlobStore;
  readonly seal: Seal;
  readonly requests: Pick<RequestsCore, 'appendEvent'>;
  readonly city: { readonly name: string; readonly language: string };
  readonly today: () => CityDate;
  readonly workFolder: string;
};

const system: Actor = { kind: 'system', name: 'retention' };

type Row = typeof recordsDestructions.$inferSelect;
type Taken = { readonly contents: readonly DestroyedThing[]; readonly leftovers: readonly string[] };

/** Run as often as one likes: what was destroyed is not destroyed again, and there is one certificate. */
export async function runDestruction(
  parts: DestroyParts,
  id: string,
  signal: AbortSignal,
  effects: Effects,
): Promise<void> {
  const { db } = parts;
  const [row] = await db.select().from(recordsDestructions).where(eq(recordsDestructions.id, id));
  if (row === undefined || row.state !== 'approved') return;
  const items = await db
    .select({ requestId: recordsDestructionItems.requestId, state: recordsDestructionItems.state })
    .from(recordsDestructionItems)
    .where(eq(recordsDestructionItems.destructionId, id));
  for (const { requestId, state } of items) {
    signal.throwIfAborted();
    if (state === 'waiting') await destroyItem(parts, row, requestId, effects);
    await removeLeftovers(parts, id, requestId);
  }
  await certify(parts, row, effects);
}

async function destroyItem(parts: DestroyParts, row: Row, requestId: string, effects: Effects): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const where = itemOf(row.id, requestId);
    const [item] = await tx.select().from(recordsDestructionItems).where(where).for('update');
    if (item?.state !== 'waiting') return;
    const endedAt = toInstant(effects.clock.now());
    const reason = await whyKept(tx, parts.today(), row, item);
    if (reason !== null) {
      await tx.update(recordsDestructionItems).set({ state: 'kept', reason, endedAt }).where(where);
      return;
    }
    const series = row.series as DestroyedSeries;
    const taken =
      series === 'responsive-records'
        ? await destroyRecords(tx, parts, row.number, requestId, endedAt)
        : await destroyFile(tx, requestId);
    const { contents, leftovers } = taken;
    await tx
      .update(recordsDestructionItems)
      .set({ state: 'destroyed', contents, leftovers: [...leftovers], endedAt })
      .where(where);
    const data = { destruction: row.number, series, things: contents.length };
    await parts.requests.appendEvent(tx, system, requestId, { kind: 'destroyed', audience: 'staff', data });
  });
}

function itemOf(destruction: string, requestId: string) {
  const { destructionId, requestId: ofRequest } = recordsDestructionItems;
  return and(eq(destructionId, destruction), eq(ofRequest, requestId));
}

/** Whatever has come in between: a hold, a claim, a reopening, a clock that was wrong when it was proposed. */
async function whyKept(
  tx: Transaction,
  today: CityDate,
  row: Row,
  item: typeof recordsDestructionItems.$inferSelect,
): Promise<string | null> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(5368211)`); // as require_destroyable does
  await tx.execute(sql`select from records_requests where id = ${item.requestId} for update`);
  const { rows } = await tx.execute<{ kept: string | null; closed_on: string | null; unsent: boolean }>(sql`
    select reason_to_keep(id) as kept, closed_on::text as closed_on,
      exists (select from letters l where l.request_id = r.id and l.state in ('queued', 'sending')) as unsent
    from records_requests r where id = ${item.requestId}`);
  const found = rows[0]!; // the item refers to it
  if (found.kept !== null) return found.kept;
  if (found.closed_on !== item.closedOn) return 'the request was closed again since';
  if (item.dueOn >= today) return 'its time is not over';
  return found.unsent && row.series === 'request-files' ? 'a letter is still to be sent' : null;
}

/** The key first: from then on every copy of the files, wherever it lies, opens for nobody. */
async function destroyRecords(
  tx: Transaction,
  { seal }: DestroyParts,
  number: string,
  requestId: string,
  at: string,
): Promise<Taken> {
  const documents = await tx
    .select()
    .from(recordsDocuments)
    .where(and(eq(recordsDocuments.requestId, requestId), isNull(recordsDocuments.destroyedAt)))
    .for('update');
  for (const { id, number: which, version } of documents) {
    const { documentId } = recordsDocumentKeys;
    await tx.update(recordsDocumentKeys).set({ key: null, destroyedAt: at }).where(eq(documentId, id));
    await tx.update(recordsDocumentPages).set({ words: null }).where(eq(recordsDocumentPages.documentId, id));
    await tx
      .update(recordsDocuments)
      .set({
        name: seal.seal(`Record ${which}, destroyed under ${number}`, namePurpose(id)),
        hidden: null,
        flags: [],
        working: null,
        workingBytes: null,
        rendition: null,
        renditionBytes: null,
        renditionPages: null,
        renditionState: 'none',
        version: version + 1,
        changedAt: at,
        destroyedAt: at,
      })
      .where(eq(recordsDocuments.id, id));
  }
  return {
    contents: documents.map(({ number: which, pages, bytes, sha256 }) => ({
      what: `Record ${which}`,
      pages,
      bytes,
      sha256,
    })),
    leftovers: documents.flatMap(({ original, working, rendition }) =>
      [original, working, rendition].filter((blob) => blob !== null),
    ),
  };
}

/** Messages, notes, letters that have been sent, and the files that came along. */
async function destroyFile(tx: Transaction, requestId: string): Promise<Taken> {
  const { rows: messages } = await tx.execute<{
    at: string;
    direction: string;
    kind: string;
    bytes: number;
    sum: string;
  }>(sql`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as at, direction, kind, octet_length(content) as bytes,
      encode(sha256(content), 'hex') as sum
    from records_messages where request_id = ${requestId} order by records_messages.at, id`);
  const files = await tx.delete(recordsFiles).where(eq(recordsFiles.requestId, requestId)).returning();
  await tx.delete(recordsMessages).where(eq(recordsMessages.requestId, requestId));
  const mails = await deleteRaw(tx, requestId);
  const sent = await tx.delete(letters).where(eq(letters.requestId, requestId)).returning({ blobs: letters.blobs });
  return {
    contents: [
      ...messages.map(({ at, direction, kind, bytes, sum }) => ({
        what: `Message of ${at} (${direction}, ${kind}), as sealed`,
        pages: null,
        bytes,
        sha256: sum,
      })),
      ...mails.map((mail) => ({ what: 'Message by mail as it came, as sealed', pages: null, ...mail })),
      ...files.map(({ bytes, blob }) => ({ what: 'File sent along, as sealed', pages: null, bytes, sha256: blob })),
    ],
    leftovers: [...files.map(({ blob }) => blob), ...sent.flatMap(({ blobs }) => blobs)],
  };
}

/** Stored files go when nothing names them any more: a rendition that was released stays. */
async function removeLeftovers({ db, store }: DestroyParts, destruction: string, requestId: string): Promise<void> {
  const where = itemOf(destruction, requestId);
  const [item] = await db.select().from(recordsDestructionItems).where(where);
  if (item === undefined || item.leftovers.length === 0) return;
  const kept = await readKeptBlobs(db);
  for (const name of item.leftovers) {
    if (kept.has(name) || (await isOfRevision(db, name))) continue;
    if (await store.has(name)) await store.remove(name);
  }
  await db.update(recordsDestructionItems).set({ leftovers: [] }).where(where);
}

/** A released table that became a dataset may have the very bytes of its rendition. */
async function isOfRevision(db: Database, name: string): Promise<boolean> {
  const { rows } = await db.execute<{ found: boolean }>(sql`
    select exists (select from revisions v where position(${name} in to_jsonb(v)::text) > 0) as found`);
  return rows[0]!.found;
}

async function certify(parts: DestroyParts, row: Row, effects: Effects): Promise<void> {
  const { db, store, workFolder } = parts;
  const [destruction] = await readDestructions(db, row.id);
  if (destruction === undefined) throw new Error(`destruction ${row.number} is gone`);
  const endedAt = toInstant(effects.clock.now());
  const bytes = await toCertificate({ ...destruction, endedAt }, parts.city);
  await mkdir(workFolder, { recursive: true });
  const path = join(workFolder, `${newId(effects.clock)}.pdf`);
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
    const { sha256 } = await store.adopt(path);
    await db.transaction(async (tx) => {
      const done = await tx
        .update(recordsDestructions)
        .set({ state: 'done', endedAt, certificate: sha256 })
        .where(and(eq(recordsDestructions.id, row.id), eq(recordsDestructions.state, 'approved')))
        .returning({ id: recordsDestructions.id });
      if (done.length === 0) return; // another process has been as far
      const destroyed = destruction.items.filter(({ state }) => state === 'destroyed').length;
      const details = { step: 'done', destroyed, kept: destruction.items.length - destroyed, certificate: sha256 };
      const subject = `destruction:${row.number}`;
      await appendAudit(tx, system, { action: 'retention.destroy', subject, details }, effects);
    });
  } finally {
    await rm(path, { force: true });
  }
}
