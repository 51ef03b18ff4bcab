// Making a revision public: one transaction that inserts it, moves "current", indexes, records and announces it.
// It must not be called before every file that the revision names is whole in the store.

import { isDeepStrictEqual } from 'node:util';
import { and, eq, sql } from '../db/drizzle.ts';
import { type Actor, actorName } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { newDatasetCode } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Database, Transaction } from '../db/open.ts';
import { datasets, departments, outbox, revisions } from '../db/tables.ts';
import { appendAudit, type AuditDetails } from '../people/audit.ts';
import { requirePermission } from '../people/permissions.ts';
import type { Column } from '../query/column.ts';
import { announce } from './announce.ts';
import type { Contact, DatasetMetadata, Revision } from './dataset.ts';
import { parseContact, parseDatasetId, parseDepartmentId, parseMetadata, parseText } from './metadata.ts';
import type { RevisionRow } from './rows.ts';
import { indexDataset } from './search-index.ts';

export type NewRevision = Omit<Revision, 'id' | 'number' | 'publishedAt' | 'publishedBy'>;

export type ReleaseInput = {
  readonly id: string;
  /** Made when there is none of this id; one that is there already stays as it is. */
  readonly department: {
    readonly id: string;
    readonly name: string;
    readonly description?: string | null;
    readonly contact?: Contact | null;
  };
  /** null keeps what the dataset has; a new dataset needs it. */
  readonly metadata: DatasetMetadata | null;
  readonly revision: NewRevision;
  /** The number of the revision that must be current; null: the dataset must be new; left out: whatever is. */
  readonly expected?: number | null | undefined;
  /** Writes what must be true with the release, and never without it, in its transaction. */
  readonly within?: ((tx: Transaction, outcome: ReleaseOutcome) => Promise<void>) | undefined;
};

export type ReleaseOutcome = {
  /**
   * 'unchanged': the current revision has these very rows, published and quarantined; only metadata may have been
   * changed.
   */
  readonly kind: 'released' | 'unchanged';
  readonly code: string;
  readonly number: number;
  readonly created: boolean;
  readonly metadataChanged: boolean;
};

/**
 * Resolves once the release is on disk. Throws conflict when `expected` no longer holds, metadata-invalid, forbidden.
 * Publishers of one dataset wait for each other at the dataset's row, so numbers have no gap and no twin.
 */
export async function releaseRevision(
  db: Database,
  actor: Actor,
  input: ReleaseInput,
  effects: Effects,
): Promise<ReleaseOutcome> {
  requirePermission(actor, 'dataset.publish', { departments: [input.department.id] });
  const checked = checkInput(input);
  const outcome = await db.transaction((tx) => releaseWithin(tx, actor, checked, effects));
  if (outcome.kind === 'released') {
    const { id: dataset, revision } = checked;
    const { number } = outcome;
    effects.observe({ kind: 'revision-released', dataset, number, rows: revision.rows, actor: actorName(actor) });
  }
  if (outcome.metadataChanged)
    effects.observe({ kind: 'metadata-changed', dataset: checked.id, actor: actorName(actor) });
  return outcome;
}

function checkInput(input: ReleaseInput): ReleaseInput {
  const { report, rows } = input.revision;
  if (report.rowsInFile !== report.rowsPublished + report.rowsQuarantined || report.rowsPublished !== rows)
    throw new PortalError('internal-error', {
      detail:
        `The rows do not add up: ${report.rowsInFile} in the file, ${rows} published, ` +
        `${report.rowsQuarantined} quarantined.`,
    });
  const { department } = input;
  return {
    ...input,
    id: parseDatasetId(input.id),
    department: {
      id: parseDepartmentId(department.id),
      name: parseText(department.name, 'department.name', 200) ?? department.id,
      description: parseText(department.description, 'department.description', 10_000),
      contact: parseContact(department.contact, 'department.contact'),
    },
    metadata: input.metadata === null ? null : parseMetadata(input.metadata),
  };
}

type Held = typeof datasets.$inferSelect & { readonly created: boolean };

async function releaseWithin(
  tx: Transaction,
  actor: Actor,
  input: ReleaseInput,
  effects: Effects,
): Promise<ReleaseOutcome> {
  const now = toInstant(effects.clock.now());
  await makeDepartment(tx, input.department, now);
  const held = await holdDataset(tx, input, now);
  // A dataset that passes to another department needs the right in both.
  requirePermission(actor, 'dataset.publish', { departments: [held.department] });
  const last = held.created ? null : await readLast(tx, held);
  requireExpected(input, held);
  const metadata = input.metadata ?? (held.metadata as DatasetMetadata);
  const describedAnew =
    !held.created &&
    (!isDeepStrictEqual(metadata, held.metadata) ||
      (input.metadata !== null && held.department !== input.department.id));
  const unchanged = last !== null && holdsSame(last.current, input.revision);
  const number = unchanged ? last.current.number : (last?.highest.number ?? 0) + 1;
  const kept = { code: held.code, number, created: held.created, metadataChanged: describedAnew };
  const outcome: ReleaseOutcome = { ...kept, kind: unchanged ? 'unchanged' : 'released' };
  if (unchanged && !describedAnew) {
    await input.within?.(tx, outcome);
    return outcome;
  }
  const publishedAt = unchanged ? last.current.publishedAt : after(now, last?.highest.publishedAt ?? null);
  if (!unchanged)
    await tx.insert(revisions).values(toRow(held.code, number, publishedAt, actorName(actor), input.revision));
  const department = describedAnew ? input.department.id : held.department;
  await tx
    .update(datasets)
    .set({ current: number, metadata, department, ...(describedAnew ? { metadataChangedAt: now } : {}) })
    .where(eq(datasets.code, held.code));
  const columns = unchanged ? (last.current.columns as readonly Column[]) : input.revision.columns;
  const rows = unchanged ? last.current.rows : input.revision.rows;
  const named = await readDepartmentName(tx, department);
  const indexed = { code: held.code, id: held.id, metadata, columns, rows, dataUpdatedAt: publishedAt };
  await indexDataset(tx, { ...indexed, department: { id: department, name: named } });
  await announce(tx, held.code);
  await input.within?.(tx, outcome); // before the audit, whose lock is taken last
  await record(tx, actor, { input, kept, released: !unchanged, now }, effects);
  return outcome;
}

/**
 * Rows that could not be published are a part of what was sent: other ones are another revision, so that none is lost.
 */
function holdsSame(current: RevisionRow, { parquet, quarantine, report }: NewRevision): boolean {
  const kept = current.quarantine as Revision['quarantine'];
  // What is said of the files is part of a revision: the next one is read by it.
  if (!isDeepStrictEqual((current.report as Revision['report']).recipe ?? null, report.recipe ?? null)) return false;
  return current.sha256 === parquet.sha256 && (kept?.sha256 ?? null) === (quarantine?.sha256 ?? null);
}

async function makeDepartment(tx: Transaction, department: ReleaseInput['department'], now: string): Promise<void> {
  const { id, name, description, contact } = department;
  await tx
    .insert(departments)
    .values({ id, name, description: description ?? null, contact: contact ?? null, createdAt: now, changedAt: now })
    .onConflictDoNothing();
}

async function readDepartmentName(tx: Transaction, id: string): Promise<string> {
  const [row] = await tx.select({ name: departments.name }).from(departments).where(eq(departments.id, id));
  return row?.name ?? id;
}

/** The dataset's row, locked until the transaction ends; made when there is none. */
async function holdDataset(tx: Transaction, input: ReleaseInput, now: string): Promise<Held> {
  const find = async (): Promise<typeof datasets.$inferSelect | undefined> =>
    (await tx.select().from(datasets).where(eq(datasets.id, input.id)).for('update'))[0];
  const found = await find();
  if (found !== undefined) return { ...found, created: false };
  if (input.metadata === null)
    throw new PortalError('metadata-invalid', {
      detail: say('catalogue.metadata-needed', { dataset: input.id }),
      extra: { field: 'title' },
    });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const row = { id: input.id, department: input.department.id, metadata: input.metadata, current: 1 };
    const made = await tx
      .insert(datasets)
      .values({ ...row, code: newDatasetCode(), createdAt: now, metadataChangedAt: now })
      .onConflictDoNothing()
      .returning();
    if (made[0] !== undefined) return { ...made[0], created: true };
    // Somebody made it meanwhile; otherwise the code was taken, and the next one will not be
    const other = await find();
    if (other !== undefined) return { ...other, created: false };
  }
  throw new PortalError('internal-error', 'No free dataset code was found.');
}

async function readLast(tx: Transaction, held: Held): Promise<{ current: RevisionRow; highest: RevisionRow }> {
  const rows = await tx
    .select()
    .from(revisions)
    .where(
      and(
        eq(revisions.code, held.code),
        sql`(${revisions.number} = ${held.current}
             or ${revisions.number} = (select max(number) from revisions where code = ${held.code}))`,
      ),
    )
    .orderBy(revisions.number);
  const current = rows.find((row) => row.number === held.current);
  const highest = rows.at(-1);
  if (current === undefined || highest === undefined)
    throw new PortalError('internal-error', `The dataset ${held.id} has no current revision.`);
  return { current, highest };
}

function requireExpected(input: ReleaseInput, held: Held): void {
  if (input.expected === undefined) return;
  const current = held.created ? null : held.current;
  if (input.expected === current) return;
  const revision = (number: number) => say('catalogue.revision', { number });
  const expected = input.expected === null ? say('catalogue.not-existing') : revision(input.expected);
  const found = current === null ? say('catalogue.no-revision') : revision(current);
  throw new PortalError('conflict', {
    detail: say('catalogue.not-as-expected', { dataset: input.id, found, expected }),
    extra: { current, expected: input.expected },
  });
}

/** Revisions of one dataset are ordered by time as by number, whatever the clock does. */
function after(now: string, previous: string | null): string {
  return previous === null || previous < now ? now : toInstant(Date.parse(previous) + 1);
}

function toRow(
  code: string,
  number: number,
  publishedAt: string,
  publishedBy: string,
  revision: NewRevision,
): RevisionRow {
  const { note, rows, columns, parquet, source, quarantine, report, serving, downloads, profile } = revision;
  const facts = { note, rows, columns, source, quarantine, report, serving, downloads, profile };
  return { code, number, publishedAt, publishedBy, sha256: parquet.sha256, parquetBytes: parquet.bytes, ...facts };
}

async function record(
  tx: Transaction,
  actor: Actor,
  done: { input: ReleaseInput; kept: Omit<ReleaseOutcome, 'kind'>; released: boolean; now: string },
  effects: Effects,
): Promise<void> {
  const { input, kept, released, now } = done;
  const { sha256 } = input.revision.parquet;
  const payload = { dataset: input.id, code: kept.code, number: kept.number, sha256, created: kept.created };
  const kind = released ? 'revision-released' : 'metadata-changed';
  await tx.insert(outbox).values({ kind, payload, createdAt: now });
  const action = released ? 'dataset.publish' : 'dataset.describe';
  const { rows, report } = input.revision;
  const details: AuditDetails = released
    ? { dataset: input.id, number: kept.number, sha256, rows, rowsQuarantined: report.rowsQuarantined }
    : { dataset: input.id };
  await appendAudit(tx, actor, { action, subject: `dataset:${kept.code}`, details }, effects);
}
