// The clerk's desk for a test: records with the city's departments, and short words for what a test does often.
// It must not decide what a test expects.

import type { StaffActor } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { everyRequest } from '../../../src/records/desk/queue.ts';
import type { Queue, QueueFilter } from '../../../src/records/desk/queue.ts';
import type { Desk } from '../../../src/records/desk/desk.ts';
import type { Cleaner } from '../../database.ts';
import { staffActor } from '../../people/staff.ts';
import { openTestRecords } from '../records.ts';
import type { TestRecords } from '../records.ts';

export const clerk = staffActor('clerk');
export const officer = staffActor('records-officer');
export const planner = staffActor('department-lead', 'planning');
export const financier = staffActor('department-lead', 'finance');

export type TestDesk = TestRecords & {
  readonly work: Desk;
  /** Acknowledged with an estimate, and led by a department. */
  progress(given?: {
    readonly text?: string;
    readonly department?: string;
    readonly estimateOn?: string;
  }): Promise<RequestRecord>;
  queue(actor?: StaffActor, filter?: Partial<QueueFilter>, after?: string | null, limit?: number): Promise<Queue>;
};

export async function openTestDesk(cleaner: Cleaner, when = '2026-03-02', poolSize = 8): Promise<TestDesk> {
  const opened = await openTestRecords(cleaner, when, poolSize);
  const { records, database, submit, act } = opened;
  await database.pool.query(
    `insert into departments (id, name, created_at, changed_at)
     values ('planning', 'Planning', now(), now()), ('finance', 'Finance', now(), now())`,
  );
  return {
    ...opened,
    work: records.desk,
    async progress({ text, department, estimateOn = '2026-04-01' } = {}) {
      const request = await submit(text === undefined ? {} : { text });
      const answered = await act(clerk, request, { kind: 'acknowledge', estimateOn, message: '' });
      if (department === undefined) return answered;
      return act(clerk, request, { kind: 'assign', department, assignee: null });
    },
    queue: (actor = clerk, filter = {}, after = null, limit = 50) =>
      records.desk.queue(actor, { ...everyRequest, ...filter }, { after, limit }),
  };
}

/** For assert.rejects: the code of a PortalError. */
export function failsWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof PortalError && error.code === code;
}
