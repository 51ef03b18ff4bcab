// Changes to the catalogue that are no release: metadata, departments, files derived from a revision.
// It must never touch what a released revision says of itself; the database refuses it too.

import { and, eq } from '../db/drizzle.ts';
import { type Actor, actorName } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Database, Transaction } from '../db/open.ts';
import { datasets, departments, outbox, revisions } from '../db/tables.ts';
import { appendAudit } from '../people/audit.ts';
import { anywhere, requirePermission } from '../people/permissions.ts';
import type { Column } from '../query/column.ts';
import { announce, everything } from './announce.ts';
import type { Contact, DatasetMetadata, Revision } from './dataset.ts';
import { parseContact, parseDepartmentId, parseMetadata, parseText } from './metadata.ts';
import { indexDataset } from './search-index.ts';

/** What is made from a revision's Parquet file after its release; parts left out stay as they are. */
export type Derived = Partial<Pick<Revision, 'serving' | 'downloads' | 'profile'>>;

/**
 * Replaces the metadata of a dataset. `expected` is the `metadataChangedAt` that the writer has read.
 * Throws dataset-not-found, metadata-invalid, conflict.
 */
export async function saveMetadata(
  db: Database,
  actor: Actor,
  change: { readonly id: string; readonly metadata: unknown; readonly department?: string; readonly expected?: string },
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'dataset.describe', anywhere(actor));
  const metadata = parseMetadata(change.metadata);
  await db.transaction(async (tx) => {
    const [held] = await tx.select().from(datasets).where(eq(datasets.id, change.id)).for('update');
    if (held === undefined) throw new PortalError('dataset-not-found');
    if (change.expected !== undefined && change.expected !== held.metadataChangedAt)
      throw new PortalError('conflict', {
        detail: say('catalogue.metadata-changed', { dataset: change.id, moment: held.metadataChangedAt }),
        extra: { current: held.metadataChangedAt, expected: change.expected },
      });
    const department = change.department ?? held.department;
    for (const each of [held.department, department]) {
      requirePermission(actor, 'dataset.describe', { departments: [each] });
    }
    const metadataChangedAt = toInstant(effects.clock.now());
    await requireDepartment(tx, department);
    await tx.update(datasets).set({ metadata, department, metadataChangedAt }).where(eq(datasets.code, held.code));
    await indexAgain(tx, held.code);
    await announce(tx, held.code);
    const payload = { dataset: held.id, code: held.code };
    await tx.insert(outbox).values({ kind: 'metadata-changed', payload, createdAt: metadataChangedAt });
    const subject = `dataset:${held.code}`;
    await appendAudit(tx, actor, { action: 'dataset.describe', subject, details: { dataset: held.id } }, effects);
  });
  effects.observe({ kind: 'metadata-changed', dataset: change.id, actor: actorName(actor) });
}

/** Makes or changes a department. Throws metadata-invalid. */
export async function saveDepartment(
  db: Database,
  actor: Actor,
  department: {
    readonly id: string;
    readonly name: string;
    readonly description: string | null;
    readonly contact: Contact | null;
  },
  effects: Effects,
): Promise<void> {
  requirePermission(actor, 'department.save', { departments: [department.id] });
  const id = parseDepartmentId(department.id);
  const name = parseText(department.name, 'department.name', 200);
  if (name === null)
    throw new PortalError('metadata-invalid', {
      detail: say('catalogue.department-name'),
      extra: { field: 'department.name' },
    });
  const description = parseText(department.description, 'department.description', 10_000);
  const contact = parseContact(department.contact, 'department.contact');
  const now = toInstant(effects.clock.now());
  await db.transaction(async (tx) => {
    const row = { name, description, contact, changedAt: now };
    await tx
      .insert(departments)
      .values({ id, createdAt: now, ...row })
      .onConflictDoUpdate({ target: departments.id, set: row });
    const own = await tx
      .select({ code: datasets.code })
      .from(datasets)
      .where(eq(datasets.department, id))
      .orderBy(datasets.code)
      .for('update');
    for (const { code } of own) await indexAgain(tx, code);
    await announce(tx, everything);
    const event = { action: 'department.save', subject: `department:${id}`, details: { name } } as const;
    await appendAudit(tx, actor, event, effects);
  });
  effects.observe({ kind: 'department-saved', department: id, actor: actorName(actor) });
}

/** Sets the files and figures made from a revision. Throws revision-not-found. No person did this: no audit event. */
export async function setDerived(db: Database, code: string, number: number, derived: Derived): Promise<void> {
  const given = Object.fromEntries(Object.entries(derived).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return;
  await db.transaction(async (tx) => {
    const changed = await tx
      .update(revisions)
      .set(given)
      .where(and(eq(revisions.code, code), eq(revisions.number, number)))
      .returning({ number: revisions.number });
    if (changed.length === 0) throw new PortalError('revision-not-found');
    await announce(tx, code);
  });
}

async function requireDepartment(tx: Transaction, id: string): Promise<void> {
  const [found] = await tx.select({ id: departments.id }).from(departments).where(eq(departments.id, id));
  if (found === undefined) throw new PortalError('department-not-found');
}

async function indexAgain(tx: Transaction, code: string): Promise<void> {
  const [found] = await tx
    .select({ dataset: datasets, department: departments, revision: revisions })
    .from(datasets)
    .innerJoin(departments, eq(departments.id, datasets.department))
    .innerJoin(revisions, and(eq(revisions.code, datasets.code), eq(revisions.number, datasets.current)))
    .where(eq(datasets.code, code));
  if (found === undefined) throw new PortalError('internal-error', `The dataset ${code} has no current revision.`);
  const { dataset, department, revision } = found;
  await indexDataset(tx, {
    code,
    id: dataset.id,
    department: { id: department.id, name: department.name },
    metadata: dataset.metadata as DatasetMetadata,
    columns: revision.columns as readonly Column[],
    rows: revision.rows,
    dataUpdatedAt: revision.publishedAt,
  });
}
