// The children that run queries and the line of jobs before them: who goes next, when to start or retire a child.
// Small queries always find a child that no long query holds, so this line has lanes and is not of base/turns.ts.
// It must not know what a job does.

import type { Clock } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import type { WorkerExit } from './failure.ts';
import { overloaded } from './failure.ts';
import type { EngineSettings } from './options.ts';
import { startWorker } from './worker.ts';
import type { Worker } from './worker.ts';

export type Lane = 'small' | 'heavy';

/** What a running job may tell of itself. */
export type Place = {
  readonly worker: Worker;
  readonly waitedMs: number;
  /** The job only waits for its reader; it costs no processor. */
  setParked(parked: boolean): void;
  /** The watchdog is about to kill the child. */
  markKilled(): void;
};

export type Job = {
  readonly lane: Lane;
  /** Whose job it is, as in EngineQuery. */
  readonly client: string | null;
  /** Longest wait in the line. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Runs on the child until it is free again; never rejects. */
  run(place: Place): Promise<{ workerUsable: boolean }>;
  /** The job left the line without running. */
  refuse(error: unknown): void;
};

type Waiting = { readonly job: Job; readonly since: number; leave: () => void };

type Member = {
  readonly worker: Worker;
  state: 'starting' | 'idle' | 'busy' | 'gone';
  lane: Lane;
  client: string | null;
  slow: boolean;
  parked: boolean;
  killed: boolean;
};

export type Crew = {
  enqueue(job: Job): void;
  /** Tells every child that a file's bytes are no longer to be trusted. */
  forget(path: string): void;
  counts(): { workers: number; busy: number; queued: number; killed: number };
  close(): Promise<void>;
};

/** A heavy query goes before small ones after waiting for so long, if no other heavy one runs. */
const patienceMs = 1000;
const longestRestartMs = 30_000;

type CrewState = {
  readonly settings: EngineSettings;
  readonly clock: Clock;
  readonly members: Set<Member>;
  /** How many there are to be: one, and another each time a job had to wait; a child that was needed once stays. */
  wanted: number;
  line: Waiting[];
  /** Starts that failed one after the other. */
  failures: number;
  killed: number;
  closed: boolean;
  restart: NodeJS.Timeout | null;
  growth: NodeJS.Immediate | null;
};

/**
 * Settles when the first child can take work; the others are started when a job waits for one. Throws internal-error
 * when it cannot start.
 */
export async function startCrew(settings: EngineSettings, clock: Clock): Promise<Crew> {
  const state: CrewState = {
    settings,
    clock,
    members: new Set(),
    wanted: 1,
    line: [],
    failures: 0,
    killed: 0,
    closed: false,
    restart: null,
    growth: null,
  };
  try {
    await hire(state).ready;
  } catch (error) {
    await closeCrew(state);
    throw new PortalError('internal-error', { detail: 'The query engine could not start.', cause: error });
  }
  return {
    enqueue: (job) => enqueue(state, job),
    forget: (path) => {
      for (const member of state.members) member.worker.send({ kind: 'forget', path });
    },
    counts: () => ({
      workers: state.members.size,
      busy: [...state.members].filter((member) => member.state === 'busy').length,
      queued: state.line.length,
      killed: state.killed,
    }),
    close: async () => await closeCrew(state),
  };
}

async function closeCrew(state: CrewState): Promise<void> {
  state.closed = true;
  if (state.restart !== null) clearTimeout(state.restart);
  for (const waiting of state.line.splice(0)) {
    waiting.leave();
    waiting.job.refuse(new PortalError('not-ready'));
  }
  const members = [...state.members];
  for (const member of members) member.worker.kill();
  await Promise.all(members.map((member) => member.worker.exited));
}

function hire(state: CrewState): Worker {
  const { settings } = state;
  const worker = startWorker({
    settings: {
      limits: {
        memoryLimit: settings.workerMemoryLimit,
        threads: settings.threads,
        spillFolder: 'spill',
        spillLimit: settings.spillLimit,
      },
      openFiles: settings.openFiles,
    },
    dataLimitBytes: settings.workerDataLimitBytes,
    tempFolder: settings.tempFolder,
  });
  const member: Member = {
    worker,
    state: 'starting',
    lane: 'small',
    client: null,
    slow: false,
    parked: false,
    killed: false,
  };
  state.members.add(member);
  worker.ready.then(
    () => {
      state.failures = 0;
      settings.observe({ kind: 'worker-started', pid: worker.pid });
      if (member.state === 'starting') member.state = 'idle';
      pump(state);
    },
    () => {
      state.failures += 1; // its end is told through `exited`
    },
  );
  void worker.exited.then((exit) => part(state, member, exit));
  return worker;
}

/** A child is gone, for whatever reason. */
function part(state: CrewState, member: Member, exit: WorkerExit): void {
  member.state = 'gone';
  state.members.delete(member);
  state.settings.observe({
    kind: 'worker-ended',
    pid: member.worker.pid,
    code: exit.code,
    signal: exit.signal,
    words: exit.words,
    killedByWatchdog: member.killed,
  });
  staff(state);
  pump(state);
}

/** As many children as there must be; after failed starts, only after a while. */
function staff(state: CrewState): void {
  if (state.closed || state.restart !== null) return;
  if (state.failures > 2) {
    const delayMs = Math.min(longestRestartMs, 100 * 2 ** Math.min(state.failures, 10));
    state.restart = setTimeout(() => {
      state.restart = null;
      while (!state.closed && state.members.size < state.wanted) hire(state);
    }, delayMs);
    return;
  }
  while (state.members.size < state.wanted) hire(state);
}

/** Gives jobs to idle children as long as there are both. */
function pump(state: CrewState): void {
  if (state.closed) return;
  for (;;) {
    const member = find(state, 'idle');
    const next = member === null ? null : chooseNext(state, state.clock.monotonicMs());
    if (member === null || next === null) break;
    start(state, member, next);
  }
  if (needsAnother(state)) state.growth ??= setImmediate(() => grow(state));
  if (needsSpare(state)) hire(state);
}

/** A turn later: a child whose answer has just been read to its end is free by then. */
function grow(state: CrewState): void {
  state.growth = null;
  while (!state.closed && needsAnother(state)) {
    state.wanted = Math.max(state.wanted, state.members.size + 1);
    hire(state);
  }
}

/** True when more jobs wait than children are on their way, none idles, and there may be more of them. */
function needsAnother(state: CrewState): boolean {
  if (state.restart !== null || state.members.size >= state.settings.workers) return false;
  const states = [...state.members].map((member) => member.state);
  return !states.includes('idle') && states.filter((one) => one === 'starting').length < state.line.length;
}

function start(state: CrewState, member: Member, waiting: Waiting): void {
  state.line = state.line.filter((other) => other !== waiting);
  waiting.leave();
  const { job } = waiting;
  Object.assign(member, { state: 'busy', lane: job.lane, client: job.client, slow: false, parked: false });
  const slowTimer = setTimeout(() => {
    if (member.parked) return slowTimer.refresh();
    member.slow = true;
    member.worker.yieldToOthers();
    pump(state);
  }, state.settings.slowAfterMs);
  const place: Place = {
    worker: member.worker,
    waitedMs: state.clock.monotonicMs() - waiting.since,
    setParked: (parked) => {
      member.parked = parked;
      pump(state);
    },
    markKilled: () => {
      state.killed += 1;
      member.killed = true;
    },
  };
  void job.run(place).then((end) => {
    clearTimeout(slowTimer);
    finish(state, member, end.workerUsable);
  });
}

/** A child that cannot get its priority back, is spent, or is one too many is replaced or let go. */
function finish(state: CrewState, member: Member, usable: boolean): void {
  if (member.state === 'gone') return;
  const restored = !member.slow || member.worker.restorePriority();
  const surplus = state.members.size > state.settings.workers && (member.slow || find(state, 'idle') !== null);
  if (!usable || !restored || surplus) {
    member.state = 'gone';
    state.members.delete(member);
    member.worker.kill();
    staff(state);
  } else {
    Object.assign(member, { state: 'idle', slow: false, parked: false, lane: 'small', client: null });
  }
  pump(state);
}

function enqueue(state: CrewState, job: Job): void {
  if (state.closed) return job.refuse(new PortalError('not-ready'));
  if (state.line.length >= state.settings.maxQueue) return job.refuse(overloaded());
  if (job.signal?.aborted === true) return job.refuse(job.signal.reason);
  const giveUp = (error: unknown): void => {
    state.line = state.line.filter((other) => other !== waiting);
    waiting.leave();
    job.refuse(error);
  };
  const onAbort = (): void => giveUp(job.signal?.reason);
  const timer = setTimeout(() => giveUp(overloaded()), job.waitMs);
  const waiting: Waiting = {
    job,
    since: state.clock.monotonicMs(),
    leave: () => {
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', onAbort);
    },
  };
  job.signal?.addEventListener('abort', onAbort, { once: true });
  state.line.push(waiting);
  pump(state);
}

function find(state: CrewState, wanted: Member['state']): Member | null {
  for (const member of state.members) if (member.state === wanted) return member;
  return null;
}

/**
 * Small before heavy; heavy ones never hold the last child; a heavy one that waited long goes first when none runs. Of
 * the small ones that client's goes first that holds the fewest children, then the one that waited longest.
 */
function chooseNext(state: CrewState, now: number): Waiting | null {
  const held = countHeld(state);
  const most = Math.max(1, Math.floor((state.settings.workers + state.settings.extraWorkers) / 2));
  const holds = ({ job }: Waiting): number => (job.client === null ? 0 : (held.get(job.client) ?? 0));
  const eligible = state.line.filter((waiting) => holds(waiting) < most);
  const heavyRunning = [...state.members].filter(
    (member) => member.state === 'busy' && !member.parked && isLong(member),
  );
  const heavyAllowed = heavyRunning.length < Math.max(1, state.settings.workers - 1);
  const heavy = heavyAllowed ? eligible.find((waiting) => waiting.job.lane === 'heavy') : undefined;
  if (heavy !== undefined && heavyRunning.length === 0 && now - heavy.since > patienceMs) return heavy;
  const small = eligible.filter((waiting) => waiting.job.lane === 'small');
  const [first, ...others] = small;
  if (first === undefined) return heavy ?? null;
  return others.reduce((best, waiting) => (holds(waiting) < holds(best) ? waiting : best), first);
}

/** How many children each client holds, those included that only wait for a slow reader. */
function countHeld({ members }: CrewState): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const { state, client } of members)
    if (state === 'busy' && client !== null) held.set(client, (held.get(client) ?? 0) + 1);
  return held;
}

/** True when every child is held by a long query or a slow reader, so that the next small query would have to wait. */
function needsSpare(state: CrewState): boolean {
  if (state.members.size >= state.settings.workers + state.settings.extraWorkers || state.restart !== null)
    return false;
  return [...state.members].every((member) => member.state === 'busy' && (member.parked || isLong(member)));
}

function isLong(member: Member): boolean {
  return member.slow || member.lane === 'heavy';
}
