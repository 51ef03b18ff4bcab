// Retention for a test: responsive records in a real store, a schedule that a city might have entered, two officers.
// It must not decide what a test expects.

import { staffActor } from '../../people/staff.ts';
import type { Cleaner } from '../../database.ts';
import { openRetention } from '../../../src/records/retention/retention.ts';
import type { Retention } from '../../../src/records/retention/retention.ts';
import { readSchedules } from '../../../src/records/retention/schedule.ts';
import type { Schedule } from '../../../src/records/retention/schedule.ts';
import type { Job, JobData } from '../../../src/jobs/job.ts';
import type { RequestRecord } from '../../../src/records/requests/request.ts';
import { openDocumentsGround } from '../documents/ground.ts';
import type { DocumentsGround } from '../documents/ground.ts';
import { cityFolder } from '../records.ts';

export const first = staffActor('records-officer');
export const second = { ...staffActor('records-officer'), id: 'staff-second', name: 'Second officer' };
export const attorney = staffActor('attorney');

export type Ground = DocumentsGround & {
  readonly retention: Retention;
  /** What the durable jobs were asked to do, done now, in this process. */
  work(): Promise<void>;
  /** Closed on this day. */
  close(request: { readonly id: string }, on: string): Promise<RequestRecord>;
};

/** Every series kept for two years, as a city's own entry would say. */
export async function toCitySchedule(): Promise<readonly Schedule[]> {
  const [version] = await readSchedules(cityFolder);
  const length = { count: 2, unit: 'years' } as const;
  const entered = { length, dispositionAuthority: 'TEST-01', source: 'Schedule of the test' };
  return [{ ...version!, series: version!.series.map((series) => ({ ...series, ...entered })) }];
}

export async function openRetentionGround(cleaner: Cleaner, schedules: readonly Schedule[]): Promise<Ground> {
  const ground = await openDocumentsGround(cleaner);
  const { database, effects, seal, records, store, workFolder } = ground;
  const sent: { readonly name: string; readonly data: JobData }[] = [];
  const runs = new Map<string, (job: Job) => Promise<void>>();
  const jobs = {
    send: async (name: string, data: JobData) => {
      sent.push({ name, data });
      return null;
    },
    work: async (name: string, _options: unknown, run: unknown) =>
      void runs.set(name, run as (job: Job) => Promise<void>),
    every: async (name: string, _cron: string, run: (job: Job) => Promise<void>) => void runs.set(name, run),
  };
  const parts = { db: database.db, seal, store, jobs, requests: records.requests, law: records.law, cityFolder };
  const retention = await openRetention(
    { ...parts, publicUrl: 'http://localhost:8080', workFolder, schedules },
    effects,
  );
  return {
    ...ground,
    retention,
    async work() {
      for (const { name, data } of sent.splice(0)) {
        await runs.get(name)!({ id: 'test', data, attempt: 1, signal: new AbortController().signal });
      }
    },
    async close(request, on) {
      ground.at(on);
      return ground.act(first, request, { kind: 'withdraw', via: 'phone' });
    },
  };
}
