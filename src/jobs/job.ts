// What a durable job is to those who send and do them.
// It must not know how they are kept; jobs.ts does.

import type { Transaction } from '../db/open.ts';

/** Plain JSON. Nothing personal: data of jobs is kept as it is. Ids, and the work reads what it needs. */
export type JobData = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export type Job<Data extends JobData = JobData> = {
  readonly id: string;
  readonly data: Data;
  /** 1 the first time. */
  readonly attempt: number;
  /** Aborted when the deadline has passed or the portal stops. */
  readonly signal: AbortSignal;
};

/** A job may run again after a crash or a failure: running it twice must do what running it once does. */
export type RunJob<Data extends JobData = JobData> = (job: Job<Data>) => Promise<void>;

export type SendOptions = {
  /** The caller's transaction: the job is there when it commits, and never was when it does not. */
  readonly tx?: Transaction;
  /** While a job of this name and key waits, another is not added. */
  readonly singletonKey?: string;
  /** An instant, RFC 3339. */
  readonly startAfter?: string;
};

export type WorkOptions = {
  /** How many of these this process does at once: 1. */
  readonly atOnce?: number;
  /** How often it is tried before it is parked for staff to see: 3. */
  readonly tries?: number;
  /** The first pause after a failure; each further one is about twice as long: 5 s. */
  readonly pauseSeconds?: number;
  /** A try that takes longer has failed: 15 min. */
  readonly deadlineSeconds?: number;
};

/** A job that failed as often as it may be tried, or a regular one whose last run failed. */
export type ParkedJob = {
  readonly id: string;
  readonly name: string;
  readonly failedAt: string;
  readonly reason: string;
  /** A regular job runs again by itself; only others can be asked for. */
  readonly mayRetry: boolean;
};

export type JobCounts = { readonly waiting: number; readonly running: number; readonly parked: number };

export type Jobs = {
  /** Answers the job's id; null when one of this key waits already. The name must be one that `work` was called for. */
  send(name: string, data: JobData, options?: SendOptions): Promise<string | null>;
  /** Says who does the jobs of a name. They begin with `run`, or at once when that was called. */
  work<Data extends JobData>(name: string, options: WorkOptions, run: RunJob<Data>): Promise<void>;
  /**
   * A regular job: `cron` is minute, hour, day, month, weekday in the city's time. Runs missed while the portal was
   * down are one.
   */
  every(name: string, cron: string, run: RunJob, options?: WorkOptions): Promise<void>;
  /** Begins to do jobs. Until then, and in a process that never calls it, they only wait. */
  run(): Promise<void>;
  parked(): Promise<readonly ParkedJob[]>;
  /** Gives a parked job its tries again. Throws not-found. */
  retry(id: string): Promise<void>;
  counts(): Promise<JobCounts>;
  /** Finishes what runs, for as long as `timeoutMs` allows; what does not finish is done again by the next start. */
  close(): Promise<void>;
};
