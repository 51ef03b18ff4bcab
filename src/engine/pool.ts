// openEngine: queries on a crew of DuckDB children, exports and builds on throw-away ones, behind the Engine contract.
// Nothing outside this folder touches DuckDB; nothing in this file runs a query in the portal's own process.

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { PortalError } from '../base/errors.ts';
import { openTurns } from '../base/turns.ts';
import type { Turns } from '../base/turns.ts';
import { openBuildChild } from './build-session.ts';
import type { BuildChild } from './build-session.ts';
import { startCrew } from './crew.ts';
import type { Crew, Lane } from './crew.ts';
import type { BuildOptions, Engine, EngineAnswer, EngineQuery, ServingFile } from './engine.ts';
import { deadlineExceeded, isFatal, overloaded, toExitError, toQueryError } from './failure.ts';
import type { EngineOptions, EngineSettings } from './options.ts';
import { toSettings } from './options.ts';
import { startQuery } from './query-job.ts';
import type { JobEnd } from './query-job.ts';
import { servingFiles } from './serving-files.ts';
import type { ServingFiles } from './serving-files.ts';
import type { Worker } from './worker.ts';

export type EngineEffects = { readonly clock: Clock };

/** A file larger than this is hashed in the heavy lane. */
const largeFileBytes = 256 * 1024 * 1024;
const hashDeadlineMs = 10 * 60_000;
const buildDataLimitBytes = 1_400_000_000;
const buildMemoryBytes = 900_000_000;
/**
 * The kernel counts address space, also what the allocator keeps for later: measured at up to 2.4 times what a build of
 * 10 million rows holds. The engine's own limit is the one that decides; this one stops what the engine does not count.
 */
const addressSpaceShare = 3;

type Desk = {
  readonly settings: EngineSettings;
  readonly clock: Clock;
  readonly crew: Crew;
  readonly files: ServingFiles;
  readonly sessions: Set<BuildChild>;
  readonly exports: Turns;
  nextId: number;
  queries: number;
  killed: number;
  closed: boolean;
};

/** Opens the engine; settles when the first child can take queries. Throws internal-error when none can start. */
export async function openEngine(options: EngineOptions, effects: EngineEffects): Promise<Engine> {
  const folder = await openTempFolder(options.tempFolder);
  const settings: EngineSettings = { ...toSettings(options), tempFolder: folder };
  const crew = await startCrew(settings, effects.clock);
  let nextHash = -1; // below zero: never a query's id
  const hash = async (file: ServingFile): Promise<string> => await hashOnChild(crew, file, nextHash--);
  const desk: Desk = {
    settings,
    clock: effects.clock,
    crew,
    files: servingFiles(async (file) => {
      const found = await hash(file);
      settings.observe({ kind: 'file-checked', path: file.path, intact: found === file.sha256 });
      if (found !== file.sha256) crew.forget(file.path);
      return found;
    }),
    sessions: new Set(),
    exports: openTurns({ atOnce: settings.maxExports, mayWait: settings.maxQueue, full: overloaded }),
    nextId: 1,
    queries: 0,
    killed: 0,
    closed: false,
  };
  return {
    query: async (request, signal) => await runQuery(desk, request, signal),
    exportFile: async (request, signal) => await exportFile(desk, request, signal),
    build: async (build) => await openBuild(desk, build),
    stats: () => {
      const counts = crew.counts();
      return { ...counts, killed: counts.killed + desk.killed, queries: desk.queries };
    },
    close: async () => {
      desk.closed = true;
      await Promise.all([crew.close(), ...[...desk.sessions].map(async (session) => await session.close())]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function runQuery(desk: Desk, request: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer> {
  if (desk.closed) throw new PortalError('not-ready');
  signal?.throwIfAborted();
  desk.queries += 1;
  const fingerprint = await desk.files.requireIntact(request.file);
  const begun = Promise.withResolvers<EngineAnswer>();
  askChild(desk, { request, fingerprint, signal, deadlineMs: request.deadlineMs, mayAskAgain: true }, begun);
  return await begun.promise;
}

type Asked = {
  readonly request: EngineQuery;
  readonly fingerprint: string;
  readonly signal: AbortSignal | undefined;
  /** What is left of the query's deadline. */
  readonly deadlineMs: number;
  readonly mayAskAgain: boolean;
};

/** A child that something from outside has ended takes its query with it: another child is asked, once. */
function askChild(desk: Desk, asked: Asked, begun: PromiseWithResolvers<EngineAnswer>): void {
  const { request, fingerprint, signal, deadlineMs, mayAskAgain } = asked;
  const lane: Lane = request.estimatedRows >= desk.settings.heavyRows ? 'heavy' : 'small';
  const id = desk.nextId++;
  const sinceMs = desk.clock.monotonicMs();
  desk.crew.enqueue({
    lane,
    client: request.client ?? null,
    waitMs: deadlineMs,
    signal,
    refuse: begun.reject,
    run: async (place) => {
      const job = startQuery(
        place.worker,
        request,
        {
          id,
          fingerprint,
          apart: request.passesOnce === true && lane === 'heavy',
          remainingMs: deadlineMs - place.waitedMs,
          longestPauseMs: desk.settings.longestPauseMs,
          signal,
          onParked: place.setParked,
          onKill: place.markKilled,
        },
        desk.clock,
      );
      job.answer.then(begun.resolve, (error: unknown) => {
        const leftMs = deadlineMs - (desk.clock.monotonicMs() - sinceMs);
        if (!mayAskAgain || !job.wasLost() || leftMs <= 0) return begun.reject(error);
        askChild(desk, { ...asked, deadlineMs: leftMs, mayAskAgain: false }, begun);
      });
      const end = await job.done;
      observeEnd(desk, lane, place.waitedMs, end);
      return end;
    },
  });
}

function observeEnd(desk: Desk, lane: Lane, waitedMs: number, end: JobEnd): void {
  const outcome = end.trailer !== null ? 'ok' : end.error instanceof PortalError ? end.error.code : 'aborted';
  const { rows, bytes } = end.trailer ?? { rows: 0, bytes: 0 };
  desk.settings.observe({ kind: 'query-ended', lane, outcome, waitedMs, workedMs: end.workedMs, rows, bytes });
}

/** The file's SHA-256 as a child reads it, in turn with the queries. */
async function hashOnChild(crew: Crew, file: ServingFile, id: number): Promise<string> {
  const end = await hashOnce(crew, file, id);
  // A child that ended while it read says nothing of the file: another reads it, once.
  const last = 'lost' in end && end.lost ? await hashOnce(crew, file, id) : end;
  if ('error' in last) throw last.error;
  return last.sha256;
}

async function hashOnce(crew: Crew, file: ServingFile, id: number): Promise<HashEnd> {
  const found = Promise.withResolvers<HashEnd>();
  crew.enqueue({
    client: null,
    lane: file.bytes > largeFileBytes ? 'heavy' : 'small',
    waitMs: hashDeadlineMs,
    refuse: found.reject,
    run: async ({ worker }) => {
      const end = await askOnce(worker, id, file.path);
      found.resolve(end);
      return { workerUsable: end.workerUsable };
    },
  });
  return await found.promise;
}

type HashEnd = { readonly workerUsable: boolean } & (
  { readonly sha256: string } | { readonly error: unknown; readonly lost: boolean }
);

async function askOnce(worker: Worker, id: number, path: string): Promise<HashEnd> {
  return await new Promise((resolve) => {
    const settle = (end: HashEnd): void => {
      worker.listen(null);
      resolve(end);
    };
    worker.listen({
      rows: () => undefined,
      exit: (exit) => settle({ workerUsable: false, error: toExitError(exit), lost: true }),
      message: (message) => {
        if (message.kind === 'ready' || message.id !== id) return;
        if (message.kind === 'result') settle({ workerUsable: true, sha256: String(message.value) });
        else if (message.kind === 'failed') {
          settle({ workerUsable: !isFatal(message.message), error: toQueryError(message), lost: false });
        }
      },
    });
    worker.send({ kind: 'hash', id, path });
  });
}

async function exportFile(
  desk: Desk,
  request: Parameters<Engine['exportFile']>[0],
  signal?: AbortSignal,
): Promise<{ bytes: number }> {
  if (desk.closed) throw new PortalError('not-ready');
  signal?.throwIfAborted();
  desk.queries += 1;
  const begun = desk.clock.monotonicMs();
  await desk.files.requireIntact(request.file);
  const work = () => exportInTurn(desk, request, begun, signal);
  return await desk.exports.take(work, { signal, waitMs: request.deadlineMs });
}

async function exportInTurn(
  desk: Desk,
  request: Parameters<Engine['exportFile']>[0],
  begunMs: number,
  signal?: AbortSignal,
): Promise<{ bytes: number }> {
  const remainingMs = request.deadlineMs - (desk.clock.monotonicMs() - begunMs);
  if (remainingMs <= 0) throw deadlineExceeded();
  const session = await openSession(desk, {
    folders: [dirname(request.path)],
    attach: request.file.path,
    deadlineMs: remainingMs,
    signal,
    errors: 'query',
    memoryBytes: null,
  });
  try {
    return { bytes: await session.exportFile(request.text, request.params, request.path) };
  } finally {
    await endSession(desk, session);
  }
}

async function openBuild(desk: Desk, build: BuildOptions): ReturnType<Engine['build']> {
  if (desk.closed) throw new PortalError('not-ready');
  const session = await openSession(desk, {
    folders: build.folders,
    attach: null,
    deadlineMs: build.deadlineMs,
    signal: build.signal,
    errors: 'build',
    memoryBytes: build.memoryBytes ?? buildMemoryBytes,
  });
  return { run: session.run, close: async () => await endSession(desk, session) };
}

async function openSession(
  desk: Desk,
  wanted: {
    readonly folders: readonly string[];
    readonly attach: string | null;
    readonly deadlineMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly errors: 'build' | 'query';
    readonly memoryBytes: number | null;
  },
): Promise<BuildChild> {
  const { settings } = desk;
  const memoryLimit =
    wanted.memoryBytes === null ? settings.workerMemoryLimit : `${Math.floor(wanted.memoryBytes / 1_000_000)}MB`;
  const session = await openBuildChild(
    {
      folders: wanted.folders,
      attach: wanted.attach,
      deadlineMs: wanted.deadlineMs,
      signal: wanted.signal,
      errors: wanted.errors,
      limits: { memoryLimit, threads: settings.threads, spillLimit: settings.spillLimit },
      dataLimitBytes: Math.max(buildDataLimitBytes, Math.floor((wanted.memoryBytes ?? 0) * addressSpaceShare)),
      tempFolder: settings.tempFolder,
    },
    desk.clock,
  );
  desk.sessions.add(session);
  return session;
}

async function endSession(desk: Desk, session: BuildChild): Promise<void> {
  if (session.wasKilled()) desk.killed += 1;
  desk.sessions.delete(session);
  await session.close();
}

/** A new folder below `parent`; what a portal that was killed left there is removed. */
async function openTempFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = /^engine-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
  }
  return await mkdtemp(join(parent, `engine-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
