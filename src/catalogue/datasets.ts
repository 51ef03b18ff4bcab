// The catalogue as readers see it: every dataset with its current revision in memory, exact after every own write.
// It must never hand out an object that changes: a change is a new object in the place of the old.

import { isDeepStrictEqual } from 'node:util';
import { and, asc, desc, eq, gte, inArray, lte } from '../db/drizzle.ts';
import type { Actor } from '../base/actor.ts';
import { toInstant } from '../base/clock.ts';
import type { Effects } from '../base/effects.ts';
import { listen } from '../db/listen.ts';
import { readKeptBlobs } from '../db/kept-blobs.ts';
import type { OpenedDatabase, Queryable } from '../db/open.ts';
import { datasets, departments, revisions } from '../db/tables.ts';
import { catalogueChannel, everything } from './announce.ts';
import { type Derived, saveDepartment, saveMetadata, setDerived } from './changes.ts';
import type { Dataset, Department, Revision } from './dataset.ts';
import { type ReleaseInput, releaseRevision, type ReleaseOutcome } from './release.ts';
import { toDataset, toDepartment, toRevision } from './rows.ts';
import { searchCatalogue } from './search.ts';
import type { SearchQuery, SearchResult } from './search-types.ts';

export type RevisionSummary = Omit<Revision, 'columns' | 'profile' | 'downloads' | 'report'>;

export type Catalogue = {
  /** By readable id or code; null when there is none. */
  view(id: string): Dataset | null;
  /** In the order of their ids, from after `after`. `next` is the `after` of the next page. */
  list(page: { readonly limit: number; readonly after: string | null }): {
    readonly datasets: readonly Dataset[];
    readonly next: string | null;
    readonly total: number;
  };
  departments(): readonly Department[];
  department(id: string): Department | null;
  search(query: SearchQuery): Promise<SearchResult>;
  /** Newest first. */
  revisions(id: string): Promise<readonly RevisionSummary[]>;
  /** `ref` is a number, the first 16 or all 64 hex digits of the id, or `current`. */
  revision(id: string, ref: string): Promise<Revision | null>;
  /** What `revision` takes, or an instant or day (UTC, its end): the revision that was current then. */
  asOf(id: string, ref: string): Promise<Revision | null>;
  /** The same as the functions of release.ts and changes.ts; this portal's readers see the change when they resolve. */
  release(actor: Actor, input: ReleaseInput): Promise<{ readonly outcome: ReleaseOutcome; readonly dataset: Dataset }>;
  saveMetadata(actor: Actor, change: Parameters<typeof saveMetadata>[2]): Promise<Dataset>;
  saveDepartment(actor: Actor, department: Parameters<typeof saveDepartment>[2]): Promise<Department>;
  setDerived(code: string, number: number, derived: Derived): Promise<void>;
  /** Stored files that no revision names but something else of the portal does. */
  keptBlobs(): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
};

type Snapshot = {
  readonly byCode: Map<string, Dataset>;
  readonly codes: Map<string, string>; // readable id → code
  sorted: readonly Dataset[] | null; // by id; made when asked for
  departments: readonly Department[];
};

/** Reads the whole catalogue and begins to hear changes by other nodes. */
export async function openCatalogue(
  opened: Pick<OpenedDatabase, 'db' | 'connection'>,
  effects: Effects,
): Promise<Catalogue> {
  const { db } = opened;
  const snapshot: Snapshot = { byCode: new Map(), codes: new Map(), sorted: null, departments: [] };
  let queue: Promise<unknown> = Promise.resolve();
  /** One reading after the other, each begun after what it must see: the last one to be stored is the newest. */
  function refresh(codes: readonly string[] | null): Promise<void> {
    const next = queue.then(() => readInto(snapshot, db, codes));
    queue = next.catch(() => undefined); // the caller of this one is told; the next one reads for itself
    return next;
  }
  const onMessage = (payload: string): void => {
    refresh(payload === everything ? null : [payload]).catch((error: unknown) =>
      effects.observe({ kind: 'failure', where: 'reading a changed dataset', error }),
    );
  };
  const listener = await listen(
    opened.connection,
    catalogueChannel,
    { onMessage, onBack: () => refresh(null) },
    effects,
  );
  await refresh(null);
  const view = (id: string): Dataset | null =>
    snapshot.byCode.get(snapshot.codes.get(id) ?? '') ?? snapshot.byCode.get(id) ?? null;
  const reads = readFunctions(snapshot, db, view);
  return {
    ...reads,
    release: async (actor, input) => {
      const outcome = await releaseRevision(db, actor, input, effects);
      await refresh([outcome.code]);
      return { outcome, dataset: requireSeen(view(outcome.code)) };
    },
    saveMetadata: async (actor, change) => {
      const id = view(change.id)?.id ?? change.id;
      await saveMetadata(db, actor, { ...change, id }, effects);
      await refresh([requireSeen(view(id)).code]);
      return requireSeen(view(id));
    },
    saveDepartment: async (actor, department) => {
      await saveDepartment(db, actor, department, effects);
      await refresh(null);
      return requireSeen(reads.department(department.id));
    },
    setDerived: async (code, number, derived) => {
      await setDerived(db, code, number, derived);
      await refresh([code]);
    },
    keptBlobs: () => readKeptBlobs(db),
    close: async () => {
      await listener.close();
      await queue;
    },
  };
}

type Reads = Pick<
  Catalogue,
  'view' | 'list' | 'departments' | 'department' | 'search' | 'revisions' | 'revision' | 'asOf'
>;

function readFunctions(snapshot: Snapshot, db: Queryable, view: (id: string) => Dataset | null): Reads {
  const department = (id: string): Department | null => snapshot.departments.find((one) => one.id === id) ?? null;
  return {
    view,
    list: (page) => listDatasets(snapshot, page),
    departments: () => snapshot.departments,
    department,
    search: (query) => searchCatalogue(db, query, { view, department }),
    revisions: async (id) => {
      const dataset = view(id);
      if (dataset === null) return [];
      const rows = await db
        .select()
        .from(revisions)
        .where(eq(revisions.code, dataset.code))
        .orderBy(desc(revisions.number));
      return rows.map((row) => toSummary(toRevision(row)));
    },
    revision: async (id, ref) => {
      const dataset = view(id);
      return dataset === null ? null : readRevision(db, dataset, ref);
    },
    asOf: async (id, ref) => {
      const dataset = view(id);
      if (dataset === null) return null;
      const instant = toEndOf(ref);
      return instant === null ? readRevision(db, dataset, ref) : readAt(db, dataset, instant);
    },
  };
}

function requireSeen<T>(value: T | null): T {
  if (value === null) throw new Error('A change that was committed is not in the catalogue.');
  return value;
}

function listDatasets(
  snapshot: Snapshot,
  page: { limit: number; after: string | null },
): ReturnType<Catalogue['list']> {
  snapshot.sorted ??= [...snapshot.byCode.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { sorted } = snapshot;
  const { after } = page;
  const from = after === null ? 0 : firstAfter(sorted, after);
  const found = sorted.slice(from, from + page.limit);
  const next = from + page.limit < sorted.length ? (found.at(-1)?.id ?? null) : null;
  return { datasets: found, next, total: sorted.length };
}

function firstAfter(sorted: readonly Dataset[], after: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.id ?? '') <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads these datasets, or all, and the departments, and puts them in the place of what was known of them. */
async function readInto(snapshot: Snapshot, db: Queryable, codes: readonly string[] | null): Promise<void> {
  const [rows, departmentRows] = await Promise.all([
    db
      .select({ dataset: datasets, revision: revisions })
      .from(datasets)
      .innerJoin(revisions, and(eq(revisions.code, datasets.code), eq(revisions.number, datasets.current)))
      .where(codes === null ? undefined : inArray(datasets.code, [...codes])),
    db.select().from(departments).orderBy(asc(departments.name), asc(departments.id)),
  ]);
  const counts = new Map<string, number>();
  const changed = new Map(rows.map((row) => [row.dataset.code, row.dataset.department]));
  for (const [code, old] of snapshot.byCode)
    if (codes !== null && !codes.includes(code))
      counts.set(old.department.id, (counts.get(old.department.id) ?? 0) + 1);
  for (const id of changed.values()) counts.set(id, (counts.get(id) ?? 0) + 1);
  const known = departmentRows.map((row) => toDepartment(row, counts.get(row.id) ?? 0));
  const departmentOf = new Map(known.map((department) => [department.id, department]));
  const byCode = codes === null ? new Map<string, Dataset>() : new Map(snapshot.byCode);
  for (const code of codes ?? []) byCode.delete(code);
  for (const [code, dataset] of byCode) {
    const department = requireKnown(departmentOf, dataset.department.id);
    const same = isDeepStrictEqual(department, dataset.department);
    if (!same) byCode.set(code, Object.freeze({ ...dataset, department }));
  }
  for (const { dataset, revision } of rows)
    byCode.set(dataset.code, toDataset(dataset, requireKnown(departmentOf, dataset.department), toRevision(revision)));
  replace(snapshot, byCode, known);
}

function requireKnown(departmentOf: ReadonlyMap<string, Department>, id: string): Department {
  const found = departmentOf.get(id);
  if (found === undefined) throw new Error(`The department ${id} of a dataset was not read.`);
  return found;
}

/** Nothing waits between these lines, so a reader sees all of the old or all of the new. */
function replace(snapshot: Snapshot, byCode: ReadonlyMap<string, Dataset>, known: readonly Department[]): void {
  snapshot.byCode.clear();
  snapshot.codes.clear();
  for (const [code, dataset] of byCode) {
    snapshot.byCode.set(code, dataset);
    snapshot.codes.set(dataset.id, code);
  }
  snapshot.sorted = null;
  snapshot.departments = Object.freeze(known);
}

async function readRevision(db: Queryable, dataset: Dataset, ref: string): Promise<Revision | null> {
  const { current, code } = dataset;
  if (ref === 'current' || ref === String(current.number) || ref === current.id || ref === current.id.slice(0, 16))
    return current;
  const matches = /^[1-9]\d{0,8}$/.test(ref)
    ? eq(revisions.number, Number(ref))
    : /^[0-9a-f]{64}$/.test(ref)
      ? eq(revisions.sha256, ref)
      : /^[0-9a-f]{16}$/.test(ref)
        ? and(gte(revisions.sha256, ref), lte(revisions.sha256, `${ref}${'f'.repeat(48)}`))
        : null;
  if (matches === null || matches === undefined) return null;
  const [row] = await db
    .select()
    .from(revisions)
    .where(and(eq(revisions.code, code), matches))
    .orderBy(desc(revisions.number)) // the same bytes may have come back: the last time counts
    .limit(1);
  return row === undefined ? null : toRevision(row);
}

async function readAt(db: Queryable, dataset: Dataset, instant: string): Promise<Revision | null> {
  if (dataset.current.publishedAt <= instant) return dataset.current;
  const [row] = await db
    .select()
    .from(revisions)
    .where(and(eq(revisions.code, dataset.code), lte(revisions.publishedAt, instant)))
    .orderBy(desc(revisions.number))
    .limit(1);
  return row === undefined ? null : toRevision(row);
}

function toSummary(revision: Revision): RevisionSummary {
  const { id, number, publishedAt, publishedBy, note, rows, parquet, serving, source, quarantine } = revision;
  return { id, number, publishedAt, publishedBy, note, rows, parquet, serving, source, quarantine };
}

/** `2026-02-21` is the end of that day in UTC; null when `ref` is no moment at all. */
function toEndOf(ref: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(ref)) return null;
  const ms = Date.parse(ref.length === 10 ? `${ref}T23:59:59.999Z` : ref);
  return Number.isNaN(ms) ? null : toInstant(ms);
}
