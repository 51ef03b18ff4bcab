// Opens every part of the portal, serves it, and stops it so that nothing is lost.
// It must hold no rule of its own: parts are opened, handed to app.ts, and closed in the opposite order.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { isSampleDue, loadSample } from '../sample/load.ts';
import { buildApp } from './app.ts';
import type { Actor } from './base/actor.ts';
import { systemClock } from './base/clock.ts';
import { closeAll, type Close } from './base/closing.ts';
import type { Config } from './base/config.ts';
import type { Effects } from './base/effects.ts';
import { PortalError } from './base/errors.ts';
import { requireSealKeys } from './base/seal-key.ts';
import { openSeal } from './base/seal.ts';
import { openCatalogue } from './catalogue/datasets.ts';
import { openDatabase } from './db/open.ts';
import type { OpenedDatabase } from './db/open.ts';
import { noteSealKeys } from './db/seal-keys.ts';
import type { EngineEvent } from './engine/options.ts';
import { openEngine } from './engine/pool.ts';
import { tellFirstLink } from './people/invitations.ts';
import { openPeople } from './people/people.ts';
import { requireMachineKey } from './people/tokens.ts';
import { openJobs } from './jobs/jobs.ts';
import { openPortalArchive, openPortalReleases } from './serve/open-archive.ts';
import { openPortalDocuments } from './serve/open-documents.ts';
import { openPortalRetention } from './serve/open-retention.ts';
import { openMail } from './mail/mail.ts';
import { openPublisher } from './publish/publisher.ts';
import { startUpkeep } from './publish/upkeep.ts';
import { openRecords } from './records/open.ts';
import { openAskingGate } from './serve/asking-gate.ts';
import { openAnswerCache } from './serve/cache.ts';
import { readCityDepartments, saveCityDepartments } from './city/departments.ts';
import type { CityDepartment } from './city/departments.ts';
import { loadCity } from './city/city.ts';
import { openClientGate } from './serve/gate.ts';
import { openHotAnswers } from './serve/hot.ts';
import { openLifecycle } from './serve/lifecycle.ts';
import { openLog } from './serve/log.ts';
import type { Log } from './serve/log.ts';
import { openMetrics } from './serve/metrics.ts';
import type { Portal } from './serve/portal.ts';
import { openRequestIds } from './serve/request-ids.ts';
import { toReplyTaker } from './serve/mail-replies.ts';
import { loadWebHandler } from './pages/built-pages.ts';
import { openStoreHealth } from './store/health.ts';
import { openStore } from './store/open.ts';

const root = resolve(import.meta.dirname, '..');

const limits = {
  cacheBytes: 64 * 1024 * 1024,
  hotBytes: 32 * 1024 * 1024,
  answerBytes: 1024 * 1024,
  /** Uncached queries of one client at once. */
  perClient: 16,
} as const;

export type StartOptions = {
  /** False leaves the pages out: for commands that only need the API. */
  readonly web?: boolean;
  /** False neither loads the sample nor makes missing files in the background. */
  readonly background?: boolean;
  readonly log?: Log;
};

export type OpenedPortal = { readonly portal: Portal; close(): Promise<void> };

export type RunningPortal = {
  readonly url: string;
  readonly portal: Portal;
  readonly app: FastifyInstance;
  /** Settles when the portal is ready, or rejects with what its background work met. */
  readonly ready: Promise<void>;
  /** Finishes running answers, at most for SHUTDOWN_SECONDS, then closes everything. May be called again. */
  close(reason?: string): Promise<void>;
};

/** Everything but HTTP. Throws data-dir-in-use, setting-invalid and what the parts throw; nothing stays open then. */
export async function openPortal(config: Config, log: Log = openLog(config.logLevel)): Promise<OpenedPortal> {
  const effects: Effects = { clock: systemClock, observe: log.observe };
  const closers: Close[] = [];
  const close = () => closeAll(closers);
  try {
    const portal = await openParts(config, log, effects, closers);
    return { portal, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openParts(config: Config, log: Log, effects: Effects, closers: Close[]): Promise<Portal> {
  const version = await readVersion();
  effects.observe({ kind: 'portal-starting', version, dataDir: config.dataDir });
  const city = await loadCity(join(root, 'city', config.city));
  await mkdir(config.dataDir, { recursive: true });
  const database = await openDatabase(config, effects);
  closers.push(() => database.close());
  const storeHealth = openStoreHealth();
  const [machineKey, seal, jobs, store, engine, catalogue] = await Promise.all([
    requireMachineKey(config.dataDir),
    openPortalSeal(config, database, effects),
    keep(closers, openJobs(database, toJobsOptions(config, database, city), effects)),
    keep(closers, openStore(config, storeHealth.watch(effects))),
    keep(closers, openQueryEngine(config, effects)),
    keep(closers, openCatalogue(database, effects)),
  ]);
  const people = await openPeople({ db: database.db, seal, config, city: city.profile }, effects);
  const mail = openPortalMail({ config, database, seal, store, city }, effects);
  closers.push(() => mail.close());
  const askingGate = openAskingGate(effects);
  const cache = openAnswerCache({ maxBytes: limits.cacheBytes, maxAnswerBytes: limits.answerBytes });
  const gate = openClientGate(limits.perClient);
  const metrics = openMetrics({ engine, cache, gate, storeHealth, mail, jobs });
  const requestIds = openRequestIds();
  const lifecycle = openLifecycle();
  const workFolder = join(config.dataDir, 'work', 'publish');
  const publisher = openPublisher(
    { engine, store, catalogue, workFolder, maxUploadBytes: config.maxUploadBytes },
    effects,
  );
  closers.push(() => publisher.close());
  const under = { config, city, database, seal, store, jobs, mail, publisher, catalogue };
  const requests = await openRequestParts(under, closers, effects);
  closers.push(() => jobs.close()); // before all that jobs use
  const parts = { config, version, city, database, machineKey, seal, jobs, mail, people };
  const base = { ...parts, store, engine, catalogue, publisher };
  const hot = openHot({ catalogue, metrics, requestIds, log, effects });
  return Object.freeze({
    ...base,
    ...requests,
    storeHealth,
    askingGate,
    cache,
    hot,
    gate,
    lifecycle,
    metrics,
    requestIds,
    log,
    effects,
  });
}

type UnderRequests = Pick<
  Portal,
  'config' | 'city' | 'database' | 'seal' | 'store' | 'jobs' | 'mail' | 'publisher' | 'catalogue'
>;
type RequestParts = Pick<Portal, 'records' | 'documents' | 'retention' | 'release' | 'archive'>;

/** What public-records requests need, each part on those before it. */
async function openRequestParts(parts: UnderRequests, closers: Close[], effects: Effects): Promise<RequestParts> {
  const { config, city, database, seal, store, jobs, mail, publisher, catalogue } = parts;
  const records = await openRecords(
    { db: database.db, seal, store, cityFolder: join(root, 'city', config.city), ...recordsPlaces(config) },
    effects,
  );
  closers.push(() => records.close());
  await records.work.register(jobs);
  await records.registerAsking(jobs);
  mail.onReply(toReplyTaker(records));
  const documents = await openPortalDocuments({ config, city, database, seal, jobs, store, records }, effects);
  closers.push(() => documents.close());
  const retention = await openPortalRetention(
    { config, database, seal, store, jobs, records },
    join(root, 'city', config.city),
    effects,
  );
  const release = openPortalReleases({ database, records, documents }, effects);
  const archive = await openPortalArchive({ database, records, store, jobs, publisher, catalogue }, effects);
  return { records, documents, retention, release, archive };
}

function openPortalMail(
  { config, database, seal, store, city }: Pick<Portal, 'config' | 'database' | 'seal' | 'store' | 'city'>,
  effects: Effects,
): Portal['mail'] {
  const alone = database.embedded;
  const parts = { db: database.db, seal, store, settings: config.mail, fromName: city.profile.name, alone };
  return openMail(parts, effects);
}

function toJobsOptions(config: Config, database: OpenedDatabase, city: Portal['city']) {
  // Nobody but the process that holds DATA_DIR can be working on the PostgreSQL in it.
  return { timeZone: city.profile.timeZone, alone: database.embedded, closeTimeoutMs: config.shutdownMs };
}

function recordsPlaces(config: Config) {
  const { publicUrl, stripe } = config;
  return { publicUrl, stripe, workFolder: join(config.dataDir, 'work', 'records') };
}

async function openPortalSeal(config: Config, database: OpenedDatabase, effects: Effects): Promise<Portal['seal']> {
  const keys = await requireSealKeys(config.dataDir, config.recordsKeyFile);
  await noteSealKeys(database.db, keys, effects);
  return openSeal(keys);
}

/** What opens is closed even when one that opens beside it fails. */
async function keep<T extends { close(): Promise<void> }>(closers: Close[], opening: Promise<T>): Promise<T> {
  const opened = await opening;
  closers.push(() => opened.close());
  return opened;
}

function openHot(parts: Pick<Portal, 'catalogue' | 'metrics' | 'requestIds' | 'log' | 'effects'>): Portal['hot'] {
  const { catalogue, metrics, requestIds, log, effects } = parts;
  return openHotAnswers(limits.hotBytes, {
    isCurrent({ datasetId, revisionId, immutable }) {
      const dataset = catalogue.view(datasetId);
      return dataset !== null && (immutable || dataset.current.id === revisionId);
    },
    newRequestId: (request) => requestIds.next(request),
    nowMs: () => effects.clock.monotonicMs(),
    finished(request, response, id, bytes, startMs) {
      const elapsedMs = effects.clock.monotonicMs() - startMs;
      metrics.hot(elapsedMs, response.statusCode);
      if (!log.logsRequests) return;
      const path = (request.url ?? '').split('?')[0]!;
      const facts = {
        id,
        method: request.method ?? '',
        path,
        status: response.statusCode,
        bytes,
        elapsedMs,
        actor: 'public',
      };
      log.request(facts);
    },
  });
}

async function openQueryEngine(config: Config, effects: Effects) {
  const tempFolder = join(config.dataDir, 'work', 'engine');
  await mkdir(tempFolder, { recursive: true });
  return openEngine(
    {
      tempFolder,
      workers: config.queryWorkers,
      workerMemoryLimit: `${Math.round(config.queryMemoryBytes / 1024 / 1024)}MB`,
      observe: (event) => observeEngine(event, effects),
    },
    effects,
  );
}

function observeEngine(event: EngineEvent, effects: Effects): void {
  switch (event.kind) {
    case 'worker-started':
      effects.observe({ kind: 'worker-started', pid: event.pid });
      return;
    case 'worker-ended':
      if (event.code === 0 || (event.words === '' && !event.killedByWatchdog)) return;
      effects.observe({ kind: 'worker-ended', pid: event.pid, reason: event.words });
      return;
    case 'file-checked':
    case 'query-ended':
      return;
  }
}

async function readVersion(): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Opens the portal and listens. Throws what openPortal throws, and the system's error when the port is taken. */
export async function startPortal(given: Config, options: StartOptions = {}): Promise<RunningPortal> {
  const startedMs = systemClock.monotonicMs();
  const config = await withPort(given);
  const departments = await readCityDepartments(join(root, 'city', config.city));
  const opening = openPortal(config, options.log);
  const [{ portal, close }, web] = await Promise.all([
    opening,
    options.web === false ? null : loadWebHandler(root),
  ]).catch(async (error: unknown) => {
    // Pages that cannot be built end the start, and nothing of the portal may go on behind it.
    await opening.then((opened) => opened.close());
    throw error;
  });
  const app = await buildApp(portal, { web });
  const { effects, lifecycle } = portal;
  const url = toLocalUrl(config);
  const background = new AbortController();
  const done = options.background === false ? Promise.resolve() : runBackground(portal, departments, background.signal);
  try {
    await app.listen({ host: config.host, port: config.port });
    await writeServerFile(config, url);
  } catch (error) {
    background.abort();
    await app.close();
    await close();
    throw error;
  }
  const ready = done.then(() =>
    effects.observe({ kind: 'portal-ready', url, startMs: systemClock.monotonicMs() - startedMs }),
  );
  ready.catch((error: unknown) => {
    if (!background.signal.aborted) effects.observe({ kind: 'failure', where: 'the start of the portal', error });
  });
  let closing: Promise<void> | null = null;
  return {
    url,
    portal,
    app,
    ready,
    close(reason = 'close') {
      lifecycle.stop();
      closing ??= stopPortal({ portal, app, close, background, done, reason });
      return closing;
    },
  };
}

/** What a start does beside serving: the city's departments, the sample on a first start, then files that a crash left unmade. */
async function runBackground(
  portal: Portal,
  departments: readonly CityDepartment[],
  signal: AbortSignal,
): Promise<void> {
  const { config, lifecycle } = portal;
  const prepared = lifecycle.wait('the catalogue is being prepared');
  await saveCityDepartments(portal.catalogue, { kind: 'machine', name: 'portal' }, departments);
  const empty = portal.catalogue.list({ limit: 1, after: null }).total === 0;
  if (config.sample && (await isSampleDue(config.dataDir, empty))) {
    const loaded = lifecycle.wait('the sample catalogue is being loaded');
    await loadSampleInto(portal, null, signal);
    loaded();
  }
  prepared();
  if (signal.aborted) return;
  await portal.jobs.run();
  portal.mail.run();
  const { publisher, store, storeHealth, effects } = portal;
  const parts = { publisher, store, health: storeHealth, scrubs: config.blobs.kind === 'folder' };
  startUpkeep(parts, effects, signal);
}

/** Two sets at a time through the publisher, all or only those of these ids; a stop lets those finish and the next start goes on. */
export async function loadSampleInto(
  portal: Portal,
  only: readonly string[] | null = null,
  signal?: AbortSignal,
): Promise<void> {
  const { config, catalogue, publisher, effects } = portal;
  const actor: Actor = { kind: 'machine', name: 'portal' };
  await loadSample(
    {
      dataDir: config.dataDir,
      has: (id) => catalogue.view(id) !== null || only?.includes(id) === false,
      publish: ({ id, department, metadata, note, fileName, bytes }) => {
        if (signal?.aborted === true) throw new PortalError('not-ready');
        return publisher.publish({ actor, id, department, metadata, note, upload: { bytes: bytes(), name: fileName } });
      },
    },
    effects,
  );
}

type Stopping = {
  readonly portal: Portal;
  readonly app: FastifyInstance;
  readonly close: () => Promise<void>;
  readonly background: AbortController;
  readonly done: Promise<void>;
  readonly reason: string;
};

const idleCheckMs = 100;

async function stopPortal({ portal, app, close, background, done, reason }: Stopping): Promise<void> {
  const { config, effects, log } = portal;
  const startedMs = effects.clock.monotonicMs();
  effects.observe({ kind: 'portal-stopping', signal: reason });
  await rm(serverFile(config), { force: true });
  background.abort();
  // Connections that finish their answer while we stop are not kept for another request.
  const idle = setInterval(() => app.server.closeIdleConnections(), idleCheckMs);
  const late = setTimeout(() => app.server.closeAllConnections(), config.shutdownMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
  await done.catch(() => undefined); // told already, when it happened
  await close();
  effects.observe({ kind: 'portal-stopped', stopMs: effects.clock.monotonicMs() - startedMs });
  log.flush();
}

/** Serves until SIGTERM or SIGINT; a second signal does not wait. Ends with the portal closed. */
export async function servePortal(config: Config): Promise<void> {
  const running = await startPortal(config);
  process.once('exit', () => running.portal.log.flush());
  await tellFirstLink(running.portal.people, (text) => void process.stdout.write(text));
  const signal = await new Promise<string>((heard) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => heard(name));
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => running.app.server.closeAllConnections());
  await running.close(signal);
}

/** PORT 0 means any free one; it has to be known before the first link is written. */
async function withPort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const port = await new Promise<number>((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, config.host, () => {
      const address = probe.address();
      probe.close(() => found(address === null || typeof address === 'string' ? 0 : address.port));
    });
  });
  const publicUrl = config.publicUrl.endsWith(':0') ? config.publicUrl.replace(/:0$/u, `:${port}`) : config.publicUrl;
  return Object.freeze({ ...config, port, publicUrl });
}

/** How this machine reaches the portal. */
function toLocalUrl(config: Config): string {
  const anyAddress = config.host === '0.0.0.0' || config.host === '::';
  const host = anyAddress ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
}

function serverFile(config: Config): string {
  return join(config.dataDir, 'server.json');
}

/** Tells commands on this machine that a portal is running here, and where; a reader finds all of it or nothing. */
async function writeServerFile(config: Config, url: string): Promise<void> {
  const path = serverFile(config);
  const text = `${JSON.stringify({ pid: process.pid, url })}\n`;
  await writeFile(`${path}.partial`, text, { mode: 0o600, flush: true });
  await rename(`${path}.partial`, path);
}
