// Retention as one object: the schedule, holds, destruction by two persons, the expiry of requesters' details.
// It must hold no rule; each function lives in the file beside it, and what must never happen in the database.

import { join } from 'node:path';
import type { Readable } from 'node:stream';

import type { Actor } from '../../base/actor.ts';
import type { Effects } from '../../base/effects.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Seal } from '../../base/seal.ts';
import type { Database } from '../../db/open.ts';
import type { Jobs } from '../../jobs/job.ts';
import { requirePermission } from '../../people/permissions.ts';
import type { BlobStore } from '../../store/store.ts';
import { cityDateOf } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import type { Law } from '../law/law.ts';
import type { RequestsCore } from '../requests/request.ts';
import { runDestruction } from './destroy.ts';
import { approveDestruction, cancelDestruction, proposeDestruction } from './destructions.ts';
import { destroyJob, readCandidates, readDestructions } from './destructions.ts';
import type { Candidate, Destruction, DestructionsParts } from './destructions.ts';
import { confirmClock, expiryJob, readExpiry, runExpiry } from './expiry.ts';
import type { ComingExpiry, ExpiryRun, RetentionRun } from './expiry.ts';
import { placeHold, readHolds, releaseHold } from './holds.ts';
import type { Hold, NewHold } from './holds.ts';
import { readSchedules, scheduleOn } from './schedule.ts';
import type { DestroyedSeries, Schedule } from './schedule.ts';

export type RetentionParts = {
  readonly db: Database;
  readonly seal: Seal;
  readonly store: BlobStore;
  readonly jobs: Pick<Jobs, 'send' | 'work' | 'every'>;
  readonly requests: Pick<RequestsCore, 'appendEvent'>;
  readonly law: () => Law;
  readonly cityFolder: string;
  readonly publicUrl: string;
  readonly workFolder: string;
  /** Left out: as city/<name>/records/retention.json says. */
  readonly schedules?: readonly Schedule[];
};

export type Overview = {
  readonly schedule: Schedule;
  readonly holds: readonly Hold[];
  readonly destructions: readonly Destruction[];
  readonly coming: readonly ComingExpiry[];
  readonly runs: readonly RetentionRun[];
};

export type Retention = {
  /** Permission `report.read`. */
  overview(actor: Actor): Promise<Overview>;
  candidates(actor: Actor, series: DestroyedSeries): Promise<readonly Candidate[]>;
  destruction(actor: Actor, id: string): Promise<Destruction>;
  certificate(actor: Actor, id: string): Promise<{ readonly number: string; readonly bytes: Readable }>;
  placeHold(actor: Actor, hold: NewHold): Promise<string>;
  releaseHold(actor: Actor, id: string, reason: string): Promise<void>;
  propose(
    actor: Actor,
    given: { readonly series: DestroyedSeries; readonly requests: readonly string[] },
  ): Promise<string>;
  approve(actor: Actor, id: string): Promise<void>;
  cancel(actor: Actor, id: string, reason: string): Promise<void>;
  confirmClock(actor: Actor): Promise<void>;
  /** One night, as the job does it. */
  runExpiry(signal: AbortSignal): Promise<ExpiryRun>;
};

const destroyDeadlineSeconds = 6 * 3600;

/** Says who does the jobs of retention. Throws setting-invalid when the schedule does not hold. */
export async function openRetention(given: RetentionParts, effects: Effects): Promise<Retention> {
  const { db, store, jobs, law } = given;
  const schedules = given.schedules ?? (await readSchedules(given.cityFolder));
  const today = (): CityDate => cityDateOf(effects.clock.now(), law().city.timeZone);
  const schedule = () => scheduleOn(schedules, today());
  const { city } = law();
  const own = { ...given, schedule, today, city, workFolder: join(given.workFolder, 'retention') };
  const destructions: DestructionsParts = own;
  await jobs.work<{ destruction: string }>(destroyJob, { deadlineSeconds: destroyDeadlineSeconds }, (job) =>
    runDestruction(own, job.data.destruction, job.signal, effects),
  );
  await jobs.every(expiryJob, '40 2 * * *', async ({ signal }) => {
    const run = await runExpiry(own, signal, effects);
    if (run.kind === 'run') return;
    effects.observe({ kind: 'failure', where: 'the expiry of requesters’ details', error: new Error(run.reason) });
  });
  const read = (actor: Actor) => requirePermission(actor, 'report.read');
  const find = async (id: string): Promise<Destruction> => {
    const [found] = await readDestructions(db, id);
    if (found === undefined) throw new PortalError('not-found', say('retention.no-destruction'));
    return found;
  };
  return Object.freeze({
    async overview(actor) {
      read(actor);
      const [holds, all, expiry] = await Promise.all([readHolds(db), readDestructions(db, null), readExpiry(db)]);
      return { schedule: schedule(), holds, destructions: all, ...expiry };
    },
    async candidates(actor, series) {
      read(actor);
      return readCandidates(destructions, series);
    },
    async destruction(actor, id) {
      read(actor);
      return find(id);
    },
    async certificate(actor, id) {
      read(actor);
      const { number, certificate } = await find(id);
      if (certificate === null) throw new PortalError('not-found', say('retention.no-certificate'));
      return { number, bytes: await store.read(certificate) };
    },
    placeHold: (actor, hold) => placeHold(db, actor, hold, effects),
    releaseHold: (actor, id, reason) => releaseHold(db, actor, id, reason, effects),
    propose: (actor, chosen) => proposeDestruction(destructions, actor, chosen, effects),
    approve: (actor, id) => approveDestruction(destructions, actor, id, effects),
    cancel: (actor, id, reason) => cancelDestruction(destructions, actor, id, reason, effects),
    confirmClock: (actor) => confirmClock(own, actor, effects),
    runExpiry: (signal) => runExpiry(own, signal, effects),
  } satisfies Retention);
}
