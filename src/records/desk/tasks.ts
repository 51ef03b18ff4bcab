// What departments are asked to do for a request: tasks with dates of their own, their answers, and the log of
// searches. It must never promise the requester anything: the City's own date stays the estimate, and a task ends
// before it.

import { and, eq, sql } from '../../db/drizzle.ts';

import { actorName } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { toInstant } from '../../base/clock.ts';
import { PortalError } from '../../base/errors.ts';
import { refuseStep } from '../../base/fields.ts';
import { isId, newId } from '../../base/ids.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Queryable, Transaction } from '../../db/open.ts';
import { recordsSearches, recordsTasks } from '../../db/tables-records.ts';
import { requirePermission } from '../../people/permissions.ts';
import { isCityDate, sayDay } from '../../city/days.ts';
import type { CityDate, RequestsCore } from '../requests/request.ts';
import { requireSeen, requireStaffId } from '../requests/scope.ts';
import type { CityDays } from '../requests/scope.ts';

export type TaskState = 'open' | 'found' | 'no_records' | 'cancelled';

export type Task = {
  readonly id: string;
  readonly requestId: string;
  readonly department: string;
  readonly assignee: string | null;
  readonly what: string;
  readonly dueOn: CityDate;
  readonly state: TaskState;
  readonly answer: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly answeredAt: string | null;
  readonly answeredBy: string | null;
};

export type Search = {
  readonly id: string;
  readonly taskId: string | null;
  readonly place: string;
  readonly terms: string | null;
  readonly found: string;
  readonly at: string;
  readonly by: string;
};

export type NewTask = {
  readonly department: string;
  readonly assignee: string | null;
  readonly what: string;
  readonly dueOn: CityDate;
};

export type NewSearch = { readonly place: string; readonly terms: string | null; readonly found: string };

export type TaskAnswer = {
  readonly state: 'found' | 'no_records';
  readonly answer: string;
  /** What was looked through for it; "no records" needs one, here or logged before. */
  readonly search: NewSearch | null;
};

const longestText = 10_000;

/**
 * Asks a department for its records. Permission `request.assign`. Throws records-invalid for a date after the estimate.
 */
export async function createTask(
  core: RequestsCore,
  days: CityDays,
  actor: Actor,
  idOrNumber: string,
  task: NewTask,
): Promise<string> {
  requirePermission(actor, 'request.assign');
  const request = await core.find(idOrNumber);
  if (request.state === 'closed') throw new PortalError('conflict', say('desk.request-closed'));
  const what = requireText(task.what, say('desk.task-what'), 'what');
  requireTaskDate(task.dueOn, days.today(), request.estimateOn);
  const id = newId(core.effects.clock);
  await core.db.transaction(async (tx) => {
    await requireDepartment(tx, task.department);
    const { department, assignee, dueOn } = task;
    const createdAt = toInstant(core.effects.clock.now());
    await tx
      .insert(recordsTasks)
      .values({ id, requestId: request.id, department, assignee, what, dueOn, state: 'open', createdAt });
    const data = { task: id, department, dueOn };
    await core.appendEvent(tx, actor, request.id, { kind: 'task-created', audience: 'staff', data });
  });
  return id;
}

function requireTaskDate(dueOn: string, today: CityDate, estimateOn: CityDate | null): void {
  if (!isCityDate(dueOn)) refuseStep('dueOn', say('desk.task-date-missing'));
  if (dueOn < today) refuseStep('dueOn', say('desk.task-date-past'));
  if (estimateOn !== null && dueOn > estimateOn) {
    refuseStep('dueOn', say('desk.task-after-estimate', { on: sayDay(estimateOn) }));
  }
}

/**
 * The department's answer. Permission `request.task` for the task's department. Throws conflict when somebody has
 * changed the task since `version`; records-invalid for "no records" without a word on where was looked.
 */
export async function answerTask(
  core: RequestsCore,
  actor: Actor,
  task: { readonly id: string; readonly version: number },
  given: TaskAnswer,
): Promise<void> {
  const found = await requireTask(core.db, actor, task.id);
  requirePermission(actor, 'request.task', { departments: [found.department] });
  const answer = requireText(given.answer, say('desk.task-found'), 'answer');
  const at = toInstant(core.effects.clock.now());
  await core.db.transaction(async (tx) => {
    const { id: taskId, requestId } = found;
    if (given.search !== null) await insertSearch(core, tx, actor, { ...given.search, requestId, taskId });
    else if (given.state === 'no_records' && !(await hasSearch(tx, found))) {
      refuseStep('place', say('desk.task-needs-search'));
    }
    const set = { state: given.state, answer, answeredAt: at, answeredBy: actorName(actor) };
    await changeTask(tx, task, set);
    const data = { task: found.id, department: found.department, answer: given.state };
    await core.appendEvent(tx, actor, found.requestId, { kind: 'task-answered', audience: 'staff', data });
  });
}

/** Permission `request.assign`. A task that was answered stays answered. */
export async function cancelTask(
  core: RequestsCore,
  actor: Actor,
  task: { readonly id: string; readonly version: number },
): Promise<void> {
  requirePermission(actor, 'request.assign');
  const found = await requireTask(core.db, actor, task.id);
  await core.db.transaction(async (tx) => {
    await changeTask(tx, task, { state: 'cancelled' });
    const data = { task: found.id, department: found.department };
    await core.appendEvent(tx, actor, found.requestId, { kind: 'task-cancelled', audience: 'staff', data });
  });
}

/**
 * Where was looked, with which words, and what was there. Permission `request.task` for a department of the request.
 */
export async function logSearch(
  core: RequestsCore,
  actor: Actor,
  idOrNumber: string,
  search: NewSearch & { readonly taskId: string | null },
): Promise<void> {
  const request = await core.find(idOrNumber);
  await requireSeen(core.db, actor, request, 'request.task');
  if (search.taskId !== null) {
    const task = await requireTask(core.db, actor, search.taskId);
    if (task.requestId !== request.id) throw new PortalError('not-found');
  }
  await core.db.transaction(async (tx) => {
    const id = await insertSearch(core, tx, actor, { ...search, requestId: request.id });
    await core.appendEvent(tx, actor, request.id, { kind: 'search-logged', audience: 'staff', data: { search: id } });
  });
}

export async function readTasks(db: Queryable, requestId: string): Promise<readonly Task[]> {
  const rows = await db
    .select()
    .from(recordsTasks)
    .where(eq(recordsTasks.requestId, requestId))
    .orderBy(recordsTasks.dueOn, recordsTasks.createdAt);
  return rows.map(toTask);
}

export async function readSearches(db: Queryable, requestId: string): Promise<readonly Search[]> {
  const { id, taskId, place, terms, found, at, by } = recordsSearches;
  return db
    .select({ id, taskId, place, terms, found, at, by })
    .from(recordsSearches)
    .where(eq(recordsSearches.requestId, requestId))
    .orderBy(at);
}

/** Throws not-found for a task of a request that is not theirs to see. */
async function requireTask(db: Queryable, actor: Actor, id: string): Promise<Task> {
  const rows = isId(id) ? await db.select().from(recordsTasks).where(eq(recordsTasks.id, id)) : [];
  const [found] = rows;
  if (found === undefined) throw new PortalError('not-found');
  const { rows: requests } = await db.execute<{ id: string; department: string | null }>(
    sql`select id, department from records_requests where id = ${found.requestId}`,
  );
  await requireSeen(db, actor, requests[0]!, 'request.work'); // the table refers to it
  return toTask(found);
}

function toTask(row: typeof recordsTasks.$inferSelect): Task {
  return { ...row, state: row.state as TaskState };
}

/** Only an open task changes, and only the version that was read. */
async function changeTask(
  tx: Transaction,
  task: { readonly id: string; readonly version: number },
  set: Partial<typeof recordsTasks.$inferInsert>,
): Promise<void> {
  const { id, version, state } = recordsTasks;
  const changed = await tx
    .update(recordsTasks)
    .set({ ...set, version: task.version + 1 })
    .where(and(eq(id, task.id), eq(version, task.version), eq(state, 'open')))
    .returning({ id });
  if (changed.length === 0) {
    throw new PortalError('conflict', say('desk.task-changed'));
  }
}

async function insertSearch(
  core: RequestsCore,
  tx: Transaction,
  actor: Actor,
  search: NewSearch & Pick<Search, 'taskId'> & { readonly requestId: string },
): Promise<string> {
  const { requestId, taskId } = search;
  const id = newId(core.effects.clock);
  const place = requireText(search.place, say('desk.place-searched'), 'place');
  const found = requireText(search.found, say('desk.place-found'), 'found');
  const terms = search.terms?.trim() || null;
  const at = toInstant(core.effects.clock.now());
  const byId = requireStaffId(actor);
  await tx
    .insert(recordsSearches)
    .values({ id, requestId, taskId, place, terms, found, at, by: actorName(actor), byId });
  return id;
}

async function hasSearch(tx: Transaction, task: Task): Promise<boolean> {
  const found = await tx
    .select({ id: recordsSearches.id })
    .from(recordsSearches)
    .where(eq(recordsSearches.taskId, task.id))
    .limit(1);
  return found.length > 0;
}

async function requireDepartment(tx: Transaction, id: string): Promise<void> {
  const { rows } = await tx.execute(sql`select 1 from departments where id = ${id}`);
  if (rows.length === 0) refuseStep('department', say('desk.no-department'));
}

export function requireText(text: string, sentence: Sentence, field: string): string {
  const words = text.trim();
  if (words === '') refuseStep(field, sentence);
  if (words.length > longestText) refuseStep(field, say('desk.longer-than', { longest: longestText }));
  return words;
}
