// A released table on its way to a dataset: described by the publish path, filled in from the request, then confirmed.
// Nothing of it is public before somebody who may publish for the department has confirmed it.

import { and, eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { emptyMetadata } from '../../catalogue/dataset.ts';
import type { DatasetMetadata } from '../../catalogue/dataset.ts';
import { parseDatasetId, parseMetadata } from '../../catalogue/metadata.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDatasetDrafts, recordsReleased } from '../../db/tables.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { Publisher } from '../../publish/publisher.ts';
import { noFile } from '../release/download.ts';
import type { ReleasedFile } from '../release/installment.ts';
import { toReleased } from '../release/reading.ts';
import { concerns, departmentsFor, departmentsOf } from '../requests/scope.ts';
import type { ArchiveDeps } from './publish.ts';

export type DraftDeps = ArchiveDeps & {
  readonly publisher: Pick<Publisher, 'describe' | 'publish'>;
  /** The dataset of this readable id, as far as a draft needs to know it; null when there is none. */
  readonly existing: (dataset: string) => { readonly source: string | null; readonly revision: string } | null;
};

/** What the publish path read in the file. */
export type TableDescription = {
  readonly rows: number;
  readonly rowsRefused: number;
  readonly columns: readonly { readonly name: string; readonly title: string; readonly type: string }[];
};

export type DatasetDraft = {
  readonly id: string;
  readonly version: number;
  readonly state: 'draft' | 'published' | 'discarded';
  readonly request: string; // its number
  readonly file: { readonly id: string; readonly title: string; readonly fileName: string; readonly bytes: number };
  readonly department: { readonly id: string; readonly name: string };
  readonly dataset: string;
  readonly title: string;
  readonly description: string;
  readonly table: TableDescription;
  readonly createdName: string;
  readonly createdAt: string;
};

/** What a person may change before it is published. */
export type DraftWords = {
  readonly version: number;
  readonly dataset: string;
  readonly title: string;
  readonly description: string;
  /** RCW 42.56.070(8): somebody has looked whether it is a list of individuals. */
  readonly isNoList: boolean;
};

const tables = /\.(?:csv|tsv|json|ndjson|geojson|parquet)$/iu;

/** Only a file that went out as data: pages of a table are pictures and words. */
export function isTable({ fileName, mediaType }: Pick<ReleasedFile, 'fileName' | 'mediaType'>): boolean {
  return mediaType !== 'application/pdf' && (tables.test(fileName) || mediaType.endsWith('parquet'));
}

/** One step from a released table to a draft. Permission `archive.draft-dataset`. Answers the draft's id. */
export async function createDraft(
  deps: DraftDeps,
  actor: Actor,
  wanted: { readonly request: string; readonly file: string },
): Promise<string> {
  departmentsFor(actor, 'archive.draft-dataset');
  const request = await deps.requests.find(wanted.request);
  const concerned = await departmentsOf(deps.db, request);
  requirePermission(actor, 'archive.draft-dataset', { departments: concerned });
  const { file, title } = await readFile(deps, request.id, wanted.file);
  const department = request.department ?? concerned[0];
  if (department === undefined) {
    const detail = 'No department leads this request yet; assign one, which the dataset will belong to.';
    refuseStep('department', detail);
  }
  const described = await deps.publisher.describe({ bytes: readBlob(deps, file.sha256), name: file.fileName });
  const description = toDescription(described);
  const metadata: DatasetMetadata = {
    ...emptyMetadata,
    title,
    description: `Released by the City in public records request ${request.number}.`,
    source: `Public records request ${request.number}, record “${title}”, ${wanted.file}`,
  };
  const id = newId(deps.effects.clock);
  const now = toInstant(deps.effects.clock.now());
  await deps.db.transaction(async (tx) => {
    const open = and(eq(recordsDatasetDrafts.releasedId, wanted.file), eq(recordsDatasetDrafts.state, 'draft'));
    const before = await tx.select({ id: recordsDatasetDrafts.id }).from(recordsDatasetDrafts).where(open);
    if (before.length > 0) throw new PortalError('already-exists', 'There is a draft of this file already.');
    const who = actor.kind === 'staff' ? { createdBy: actor.id, createdName: actor.name } : null;
    if (who === null) throw new PortalError('forbidden');
    await tx.insert(recordsDatasetDrafts).values({
      id,
      releasedId: wanted.file,
      requestId: request.id,
      state: 'draft',
      department,
      dataset: toFreeId(deps, title),
      metadata,
      description,
      ...who,
      createdAt: now,
      changedAt: now,
    });
    await audit(deps, tx, actor, 'archive.draft-dataset', request.number, { draft: id, rows: description.rows });
  });
  return id;
}

async function readFile(
  deps: DraftDeps,
  requestId: string,
  id: string,
): Promise<{ readonly file: ReleasedFile; readonly title: string }> {
  if (!isId(id)) throw noFile();
  const own = and(eq(recordsReleased.id, id), eq(recordsReleased.requestId, requestId));
  const [row] = await deps.db.select().from(recordsReleased).where(own);
  const released = row === undefined ? null : toReleased(row);
  if (released === null || released.file === null) throw noFile();
  if (!isTable(released.file)) {
    throw new PortalError('records-invalid', 'This record went out as pages, not as a table that could be a dataset.');
  }
  return { file: released.file, title: released.title };
}

async function* readBlob(deps: DraftDeps, name: string): AsyncGenerator<Uint8Array> {
  yield* (await deps.store.read(name)) as AsyncIterable<Uint8Array>;
}

function toDescription({ columns, report }: Awaited<ReturnType<Publisher['describe']>>): TableDescription {
  return {
    rows: report.rowsPublished,
    rowsRefused: report.rowsQuarantined,
    columns: columns.map(({ name, title, type }) => ({ name, title: title ?? name, type: type.kind })),
  };
}

/** The title as a readable id that no dataset has yet. */
function toFreeId(deps: DraftDeps, title: string): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-');
  const stem =
    plain
      .replaceAll(/^-+|-+$/gu, '')
      .slice(0, 80)
      .replace(/-+$/u, '') || 'released-table';
  const first = /^[2-9bcdfghjkmnpqrstvwxyz]{4}-[2-9bcdfghjkmnpqrstvwxyz]{4}$/u.test(stem) ? `${stem}-table` : stem;
  for (let number = 1; ; number++) {
    const id = number === 1 ? first : `${first}-${number}`;
    if (deps.existing(id) === null) return id;
  }
}

type Row = Omit<DatasetDraft, 'file' | 'department' | 'title' | 'description'> & {
  readonly metadata: DatasetMetadata;
  readonly departmentId: string;
  readonly departmentName: string;
  readonly fileId: string;
  readonly fileTitle: string;
  readonly fileName: string;
  readonly bytes: string;
  readonly blob: string;
};

/** Drafts that wait, the newest first. Permission `archive.draft-dataset`; a department's publisher sees its own. */
export async function listDrafts(deps: DraftDeps, actor: Actor): Promise<readonly DatasetDraft[]> {
  const own = departmentsFor(actor, 'archive.draft-dataset');
  const seen = own === null ? sql`true` : sql`(d.department = any(${sql.param([...own])}::text[]) or ${concerns(own)})`;
  return (await readRows(deps, sql`d.state = 'draft' and ${seen}`)).map(toDraft);
}

/** Throws not-found for a draft that is not the actor's to see. */
export async function readDraft(deps: DraftDeps, actor: Actor, id: string): Promise<DatasetDraft> {
  return toDraft(await requireDraft(deps, actor, id));
}

async function requireDraft(deps: DraftDeps, actor: Actor, id: string): Promise<Row> {
  const own = departmentsFor(actor, 'archive.draft-dataset');
  const seen = own === null ? sql`true` : sql`(d.department = any(${sql.param([...own])}::text[]) or ${concerns(own)})`;
  const [row] = isId(id) ? await readRows(deps, sql`d.id = ${id} and ${seen}`) : [];
  if (row === undefined) throw new PortalError('not-found', 'There is no such draft.');
  return row;
}

async function readRows(deps: DraftDeps, where: ReturnType<typeof sql>): Promise<readonly Row[]> {
  const { rows } = await deps.db.execute<Row>(sql`
    select d.id, d.version, d.state, r.number as request, d.dataset, d.metadata, d.description as table,
      d.department as "departmentId", p.name as "departmentName", x.id as "fileId", x.title as "fileTitle",
      x.file_name as "fileName", x.bytes, x.blob, d.created_name as "createdName",
      to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
    from records_dataset_drafts d join records_requests r on r.id = d.request_id
    join records_released x on x.id = d.released_id join departments p on p.id = d.department
    where ${where} order by d.created_at desc, d.id limit 200`);
  return rows;
}

function toDraft(row: Row): DatasetDraft {
  const { id, version, state, request, dataset, metadata, table, createdName, createdAt } = row;
  return {
    ...{ id, version, state, request, dataset, table, createdName, createdAt },
    title: metadata.title,
    description: metadata.description ?? '',
    file: { id: row.fileId, title: row.fileTitle, fileName: row.fileName, bytes: Number(row.bytes) },
    department: { id: row.departmentId, name: row.departmentName },
  };
}

/**
 * Publishes the draft as a new dataset, from the bytes that were released. Permission `dataset.publish` for its
 * department. When it was published and the portal stopped before saying so, doing it again says so.
 */
export async function publishDraft(deps: DraftDeps, actor: Actor, id: string, words: DraftWords): Promise<string> {
  const row = await requireDraft(deps, actor, id);
  requirePermission(actor, 'dataset.publish', { departments: [row.departmentId] });
  requireOpen(row, words.version);
  if (!words.isNoList) {
    const detail =
      'Say that it is no list of individuals that could be wanted for commercial purposes (RCW 42.56.070(8)).';
    refuseStep('isNoList', detail);
  }
  const dataset = parseDatasetId(words.dataset.trim());
  const metadata = parseMetadata({
    ...row.metadata,
    title: words.title.trim(),
    description: words.description.trim() || null,
  });
  const revision = await publishOnce(deps, actor, row, { dataset, metadata });
  await deps.db.transaction(async (tx) => {
    const at = toInstant(deps.effects.clock.now());
    const by = actor.kind === 'staff' ? actor.id : actor.kind;
    const done = { state: 'published', publishedAt: at, publishedBy: by, changedAt: at } as const;
    const set = { ...done, dataset, metadata, version: row.version + 1, revision };
    await changeDraft(tx, id, words.version, set);
    await audit(deps, tx, actor, 'dataset.publish', row.request, { draft: id, dataset });
  });
  return dataset;
}

/** A dataset of this id that says it comes from this very record is what an earlier try has published. */
async function publishOnce(
  deps: DraftDeps,
  actor: Actor,
  row: Row,
  { dataset, metadata }: { readonly dataset: string; readonly metadata: DatasetMetadata },
): Promise<string> {
  const there = deps.existing(dataset);
  if (there !== null && metadata.source !== null && there.source === metadata.source) return there.revision;
  if (there !== null)
    throw new PortalError('already-exists', { detail: 'There is a dataset of this id.', extra: { field: 'dataset' } });
  const published = await deps.publisher.publish({
    actor,
    id: dataset,
    department: { id: row.departmentId, name: row.departmentName },
    metadata,
    note: `From public records request ${row.request}`,
    expected: null,
    upload: { bytes: readBlob(deps, row.blob), name: row.fileName },
  });
  return published.dataset.current.id;
}

async function changeDraft(
  tx: Transaction,
  id: string,
  seen: number,
  set: Partial<typeof recordsDatasetDrafts.$inferInsert>,
): Promise<void> {
  const own = and(eq(recordsDatasetDrafts.id, id), eq(recordsDatasetDrafts.version, seen));
  const changed = await tx.update(recordsDatasetDrafts).set(set).where(own).returning({ id: recordsDatasetDrafts.id });
  if (changed.length === 0) throw new PortalError('conflict');
}

function requireOpen(row: Pick<Row, 'state' | 'version'>, seen: number): void {
  if (row.state !== 'draft') throw new PortalError('conflict', `This draft is ${row.state} already.`);
  if (row.version !== seen) throw new PortalError('conflict', { extra: { version: row.version, seen } });
}

/** Permission `archive.draft-dataset`. */
export async function discardDraft(
  deps: DraftDeps,
  actor: Actor,
  id: string,
  given: { readonly version: number },
): Promise<void> {
  const row = await requireDraft(deps, actor, id);
  requireOpen(row, given.version);
  await deps.db.transaction(async (tx) => {
    const changedAt = toInstant(deps.effects.clock.now());
    const set = { state: 'discarded', version: row.version + 1, changedAt } as const;
    await changeDraft(tx, id, given.version, set);
    await audit(deps, tx, actor, 'archive.draft-dataset', row.request, { draft: id, discarded: true });
  });
}

async function audit(
  deps: DraftDeps,
  tx: Transaction,
  actor: Actor,
  action: 'archive.draft-dataset' | 'dataset.publish',
  number: string,
  details: Readonly<Record<string, string | number | boolean>>,
): Promise<void> {
  await appendAudit(tx, actor, { action, subject: `request:${number}`, details }, deps.effects);
}
