// Durable jobs, kept by pg-boss in the schema `jobs` of the portal's database.
// It must not lose a job that was sent: a job ends by being done, or by being parked where staff see it.

import { sql } from '../db/drizzle.ts';
import { fromDrizzle, PgBoss } from 'pg-boss';
import type { Job as BossJob } from 'pg-boss';

import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { isId, newId } from '../base/ids.ts';
import { say } from '../base/say.ts';
import { openTurns } from '../base/turns.ts';
import type { OpenedDatabase } from '../db/open.ts';
import type { JobData, Jobs, RunJob, SendOptions, WorkOptions } from './job.ts';
import { countJobs, readActive, readParked } from './kept-jobs.ts';
import { jobsSchema, parkedQueue } from './kept-jobs.ts';

export type JobsOptions = {
  /** IANA zone in which regular jobs are due. */
  readonly timeZone: string;
  /** True when no other process can be working on this database: what a killed one left is done again at once. */
  readonly alone: boolean;
  /** How long running jobs may go on when the portal stops. */
  readonly closeTimeoutMs: number;
  /** How often a waiting job is looked for. */
  readonly pollSeconds?: number;
  /** False: no regular job begins by the clock on the wall; it can still be sent. True when left out. */
  readonly scheduled?: boolean;
};

type Work = { readonly run: RunJob; readonly options: WorkOptions };

const defaults = { atOnce: 1, tries: 3, pauseSeconds: 5, deadlineSeconds: 15 * 60 } as const;
const longestPauseSeconds = 15 * 60;
/** A job whose process has not been heard of for this long is tried again. */
const heartbeatSeconds = 60;
const doneKeptSeconds = 24 * 3600;
/** Waiting is not forgotten: pg-boss would drop what has waited for two weeks. */
const waitingKeptSeconds = 50 * 365 * 24 * 3600;
const defaultPollSeconds = 2;
/** A database that is away for a moment when the portal has just started: pauses of 1, 2, 4 … 30 s. */
const startAttempts = 10;
const sameMessagePauseMs = 60_000;
/** Statements of pg-boss itself; what jobs do has no part in this. */
const mostAtOnce = 2;

/** Makes or upgrades the schema and is ready to send; jobs are done from `run` on. Throws what the database throws. */
export async function openJobs(
  database: Pick<OpenedDatabase, 'pool'>,
  options: JobsOptions,
  effects: Effects,
): Promise<Jobs> {
  const works = new Map<string, Work>();
  const stopping = new AbortController();
  const tell = sayOnce(effects);
  const sender = newBoss(database, { schedule: false, supervise: false, migrate: true }, tell, effects);
  await sender.start();
  await sender.createQueue(parkedQueue, { policy: 'standard', retentionSeconds: waitingKeptSeconds });
  let worker: PgBoss | null = null;
  const begin = async (boss: PgBoss, name: string, { run, options: given }: Work): Promise<void> => {
    const localConcurrency = given.atOnce ?? defaults.atOnce;
    const pollingIntervalSeconds = options.pollSeconds ?? defaultPollSeconds;
    await boss.work<JobData>(name, { localConcurrency, pollingIntervalSeconds, batchSize: 1 }, async ([job]) => {
      if (job !== undefined) await runOne(name, job, run, stopping.signal, effects);
    });
  };
  const register = async (name: string, work: Work, queue: Parameters<PgBoss['createQueue']>[1]): Promise<void> => {
    if (works.has(name)) throw new Error(`the job ${name} is done by two`);
    works.set(name, work);
    const { policy, ...changeable } = queue!;
    await sender.createQueue(name, { policy, ...changeable });
    await sender.updateQueue(name, changeable); // of an earlier version there may be one with other limits
    if (worker !== null) await begin(worker, name, work);
  };
  return Object.freeze({
    send: (name: string, data: JobData, given: SendOptions = {}) => sendJob(sender, name, data, given, effects),
    work<Data extends JobData>(name: string, given: WorkOptions, run: RunJob<Data>) {
      const queue = { policy: 'short', deadLetter: parkedQueue, ...toQueue(given) };
      return register(name, { run: run as unknown as RunJob, options: given }, queue);
    },
    async every(name: string, cron: string, run: RunJob, given: WorkOptions = {}) {
      // `exclusive`: one waits or runs, however many nodes there are and however long it takes.
      await register(name, { run, options: given }, { policy: 'exclusive', ...toQueue(given) });
      await sender.schedule(name, cron, null, { tz: options.timeZone, missed: 'once' });
    },
    async run() {
      if (worker !== null || stopping.signal.aborted) return;
      worker = newBoss(
        database,
        { schedule: options.scheduled ?? true, supervise: true, migrate: false },
        tell,
        effects,
      );
      await worker.start({ attempts: startAttempts });
      if (options.alone) await giveBack(database, worker);
      for (const [name, work] of works) await begin(worker, name, work);
    },
    parked: () => readParked(database.pool),
    retry: async (id: string) => {
      const moved = isId(id) ? await sender.redrive(parkedQueue, { ids: [id] }) : 0;
      if (moved === 0) throw new PortalError('not-found', say('serve.no-parked-job'));
    },
    counts: () => countJobs(database.pool),
    async close() {
      stopping.abort();
      const timeout = options.closeTimeoutMs;
      await worker?.stop({ graceful: true, timeout });
      await sender.stop({ graceful: true, timeout });
    },
  });
}

function toQueue(given: WorkOptions) {
  return {
    retryLimit: (given.tries ?? defaults.tries) - 1,
    retryDelay: given.pauseSeconds ?? defaults.pauseSeconds,
    retryBackoff: true,
    retryDelayMax: longestPauseSeconds,
    expireInSeconds: given.deadlineSeconds ?? defaults.deadlineSeconds,
    heartbeatSeconds,
    retentionSeconds: waitingKeptSeconds,
    deleteAfterSeconds: doneKeptSeconds,
  };
}

type Say = (severity: 'warn' | 'error', text: string) => void;

/** On the portal's own pool: no connections of its own, and the portal's settings of every one. */
function newBoss(
  { pool }: Pick<OpenedDatabase, 'pool'>,
  parts: { readonly schedule: boolean; readonly supervise: boolean; readonly migrate: boolean },
  say: Say,
  effects: Effects,
): PgBoss {
  const boss = new PgBoss({
    ...parts,
    schema: jobsSchema,
    db: { executeSql: inTurns(pool) },
    registerInstance: false,
    clock: {
      now: () => effects.clock.now(),
      // Timers of a portal that has been closed otherwise must not keep its process.
      setTimeout: (run, ms) => setTimeout(run, ms).unref(),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
      setInterval: (run, ms) => setInterval(run, ms).unref(),
      clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
    },
  });
  boss.on('error', (error) => say('error', error.message));
  boss.on('warning', (warning) => say('warn', warning.message));
  return boss;
}

/** pg-boss looks into all its queues at one moment, and each connection more is a process of PostgreSQL more. */
function inTurns(pool: OpenedDatabase['pool']) {
  const turns = openTurns({ atOnce: mostAtOnce });
  return (text: string, values?: readonly unknown[]) =>
    turns.take(() => pool.query(text, values === undefined ? undefined : [...values]));
}

/** A database that is away makes every look for a job fail: the same words are said once a minute. */
function sayOnce(effects: Effects): Say {
  const said = new Map<string, number>();
  return (severity, text) => {
    const now = effects.clock.monotonicMs();
    for (const [key, at] of said) if (now - at >= sameMessagePauseMs) said.delete(key);
    if (said.has(text)) return;
    said.set(text, now);
    effects.observe({ kind: 'jobs-message', severity, text });
  };
}

async function sendJob(
  boss: PgBoss,
  name: string,
  data: JobData,
  { tx, singletonKey, startAfter }: SendOptions,
  effects: Effects,
): Promise<string | null> {
  const id = newId(effects.clock);
  return boss.send(name, data, {
    id,
    singletonKey: singletonKey ?? id,
    ...(startAfter === undefined ? {} : { startAfter }),
    ...(tx === undefined ? {} : { db: fromDrizzle(tx, sql) }),
  });
}

async function runOne(
  name: string,
  job: BossJob<JobData>,
  run: RunJob,
  stopping: AbortSignal,
  effects: Effects,
): Promise<void> {
  const attempt = job.retryCount + 1;
  const signal = AbortSignal.any([job.signal, stopping]);
  try {
    await run({ id: job.id, data: job.data ?? {}, attempt, signal });
  } catch (error) {
    // What the portal's own end cuts short has not failed: the next start does it.
    if (!stopping.aborted) effects.observe({ kind: 'job-failed', job: name, id: job.id, tries: attempt, error });
    throw error; // pg-boss tries again or parks it
  }
}

/** What a process that is no more was doing: nobody else can be, so it need not be waited for. */
async function giveBack({ pool }: Pick<OpenedDatabase, 'pool'>, boss: PgBoss): Promise<void> {
  for (const { name, id } of await readActive(pool)) {
    await boss.fail(name, id, { message: 'The portal ended while it was doing this.' });
  }
}
