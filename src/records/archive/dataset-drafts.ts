// A released table that is suggested as a dataset: prepared by the publish path, filled in from the request, confirmed.
// It must keep no draft of its own: publish/drafts.ts does. Nothing of one is public before a publisher confirms it.

import { and, eq, sql } from '../../db/drizzle.ts';

import type { Actor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import { emptyMetadata } from '../../catalogue/dataset.ts';
import type { DatasetMetadata } from '../../catalogue/dataset.ts';
import { parseDatasetId, parseMetadata } from '../../catalogue/metadata.ts';
import type { Transaction } from '../../db/open.ts';
import { recordsDatasetDrafts, recordsReleased } from '../../db/tables-archive.ts';
import { appendAudit } from '../../people/audit.ts';
import { requirePermission } from '../../people/permissions.ts';
import { closeDiscarded, keepDraft, keepFile, readDraft as readKept, requireOpen } from '../../publish/drafts.ts';
import type { DraftState, KeptDraft } from '../../publish/drafts.ts';
import type { PreparedFile } from '../../publish/prepare.ts';
import type { Publisher } from '../../publish/publisher.ts';
import { noFile } from '../release/download.ts';
import type { ReleasedFile } from '../release/installment.ts';
import { toReleased } from '../release/reading.ts';
import { concerns, departmentsFor, departmentsOf } from '../requests/scope.ts';
import type { ArchiveDeps } from './publish.ts';

export type DraftDeps = ArchiveDeps & {
  readonly publisher: Pick<Publisher, 'prepare' | 'release'>;
  /** There is a dataset of this id. */
  readonly isTaken: (dataset: string) => boolean;
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
  readonly state: DraftState;
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
    const detail = say('records.no-leading-department');
    refuseStep('department', detail);
  }
  if (actor.kind !== 'staff') throw new PortalError('forbidden');
  const metadata: DatasetMetadata = {
    ...emptyMetadata,
    title,
    description: `Released by the City in public records request ${request.number}.`,
    source: `Public records request ${request.number}, record “${title}”, ${wanted.file}`,
  };
  const id = newId(deps.effects.clock);
  const own = { id, releasedId: wanted.file, requestId: request.id };
  await deps.publisher.prepare(toInput(deps, file.sha256, file.fileName), (prepared) =>
    deps.db.transaction(async (tx) => {
      const draft = {
        ...{ id: toFreeId(deps, title), department: { id: department, name: department }, metadata },
        ...{ note: `From public records request ${request.number}`, expected: null, file: prepared },
      };
      await keepDraft(tx, actor, { id, origin: `released ${wanted.file}`, draft }, deps.effects);
      const description = toDescription(prepared);
      await tx.insert(recordsDatasetDrafts).values({ ...own, description });
      const details = { draft: id, rows: description.rows };
      await audit(deps, tx, actor, { action: 'archive.draft-dataset', request: request.number, details });
    }),
  );
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
    throw new PortalError('records-invalid', say('records.no-table'));
  }
  return { file: released.file, title: released.title };
}

async function* readBlob(deps: DraftDeps, name: string): AsyncGenerator<Uint8Array> {
  yield* (await deps.store.read(name)) as AsyncIterable<Uint8Array>;
}

function toInput(deps: DraftDeps, blob: string, fileName: string) {
  return { upload: { bytes: readBlob(deps, blob), name: fileName }, declared: null };
}

function toDescription({ columns, report }: PreparedFile): TableDescription {
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
    if (!deps.isTaken(id)) return id;
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
  return row ?? noDraft();
}

function noDraft(): never {
  throw new PortalError('not-found', say('records.no-draft'));
}

async function readRows(deps: DraftDeps, where: ReturnType<typeof sql>): Promise<readonly Row[]> {
  const { rows } = await deps.db.execute<Row>(sql`
    select d.id, d.version, d.state, r.number as request, d.dataset, d.metadata, o.description as table,
      d.department as "departmentId", p.name as "departmentName", x.id as "fileId", x.title as "fileTitle",
      x.file_name as "fileName", x.bytes, x.blob, d.created_name as "createdName",
      to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
    from records_dataset_drafts o join dataset_drafts d on d.id = o.id
    join records_requests r on r.id = o.request_id join records_released x on x.id = o.released_id
    join departments p on p.id = d.department
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
 * department. The dataset is there when the draft is closed, and never without it.
 */
export async function publishDraft(deps: DraftDeps, actor: Actor, id: string, words: DraftWords): Promise<string> {
  const row = await requireDraft(deps, actor, id);
  requirePermission(actor, 'dataset.publish', { departments: [row.departmentId] });
  requireOpen(row, words.version);
  if (!words.isNoList) {
    const detail = say('records.no-list');
    refuseStep('isNoList', detail);
  }
  const dataset = parseDatasetId(words.dataset.trim());
  const metadata = parseMetadata({
    ...row.metadata,
    title: words.title.trim(),
    description: words.description.trim() || null,
  });
  if (deps.isTaken(dataset))
    throw new PortalError('already-exists', { detail: say('records.dataset-exists'), extra: { field: 'dataset' } });
  const before = await requireKept(deps, id);
  requireOpen(before, words.version);
  const kept = before.draft.file === null ? await prepareKept(deps, row, before) : before;
  const ready = { ...kept, draft: { ...kept.draft, id: dataset, metadata } };
  await deps.publisher.release(actor, ready, (tx) =>
    audit(deps, tx, actor, { action: 'dataset.publish', request: row.request, details: { draft: id, dataset } }),
  );
  return dataset;
}

/** A draft from before files were kept with them has its words alone. */
function prepareKept(deps: DraftDeps, row: Row, kept: KeptDraft): Promise<KeptDraft> {
  const input = toInput(deps, row.blob, row.fileName);
  return deps.publisher.prepare(input, (file) => keepFile(deps.db, kept, file, deps.effects));
}

async function requireKept(deps: DraftDeps, id: string): Promise<KeptDraft> {
  return (await readKept(deps.db, id)) ?? noDraft();
}

/** Permission `archive.draft-dataset`. */
export async function discardDraft(
  deps: DraftDeps,
  actor: Actor,
  id: string,
  given: { readonly version: number },
): Promise<void> {
  const row = await requireDraft(deps, actor, id);
  const kept = await requireKept(deps, id);
  requireOpen(kept, given.version);
  await deps.db.transaction(async (tx) => {
    await closeDiscarded(tx, kept, deps.effects);
    const details = { draft: id, discarded: true };
    await audit(deps, tx, actor, { action: 'archive.draft-dataset', request: row.request, details });
  });
}

/** What was done with a draft of a request, which is named by its number. */
type DraftAct = {
  readonly action: 'archive.draft-dataset' | 'dataset.publish';
  readonly request: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
};

async function audit(
  deps: DraftDeps,
  tx: Transaction,
  actor: Actor,
  { action, request, details }: DraftAct,
): Promise<void> {
  await appendAudit(tx, actor, { action, subject: `request:${request}`, details }, deps.effects);
}
