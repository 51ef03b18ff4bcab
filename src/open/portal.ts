// Opens every part of the portal in order, and closes them in the opposite one.
// It must hold no rule of its own, and know no HTTP: app.ts serves what is opened here.

import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemClock } from '../base/clock.ts';
import { closeAll, type Close } from '../base/closing.ts';
import type { Config } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { requireSealKeys } from '../base/seal-key.ts';
import { openSeal } from '../base/seal.ts';
import { openCatalogue } from '../catalogue/datasets.ts';
import { loadCity } from '../city/city.ts';
import { openDatabase } from '../db/open.ts';
import type { OpenedDatabase } from '../db/open.ts';
import { noteSealKeys } from '../db/seal-keys.ts';
import { openJobs } from '../jobs/jobs.ts';
import type { JobsOptions } from '../jobs/jobs.ts';
import { openMail } from '../mail/mail.ts';
import type { PasswordCost } from '../people/passwords.ts';
import { openPeople } from '../people/people.ts';
import { requireMachineKey } from '../people/tokens.ts';
import { openAskingGate } from '../serve/asking-gate.ts';
import { openAnswerCache } from '../serve/read/cache.ts';
import { openClientGate } from '../serve/read/gate.ts';
import { openLifecycle } from '../serve/lifecycle.ts';
import { openLog } from '../serve/http/log.ts';
import type { Log } from '../serve/http/log.ts';
import { openMetrics } from '../serve/metrics.ts';
import type { Portal } from '../serve/portal.ts';
import { openRequestIds } from '../serve/http/request-ids.ts';
import { openStoreHealth } from '../store/health.ts';
import { openStore } from '../store/open.ts';
import { openQueryEngine } from './engine.ts';
import { cityFolder, projectFolder } from './folders.ts';
import { openHot } from './hot.ts';
import { openPublishing } from './publish.ts';
import { openRecordsParts } from './records.ts';

const limits = {
  cacheBytes: 64 * 1024 * 1024,
  answerBytes: 1024 * 1024,
  /** Uncached queries of one client at once. */
  perClient: 16,
} as const;

export type OpenedPortal = { readonly portal: Portal; close(): Promise<void> };

/** What tests make cheaper than a city may have it, or independent of the hour they run at. */
export type OpenOptions = {
  readonly passwordCost?: PasswordCost;
  readonly jobs?: Pick<JobsOptions, 'pollSeconds' | 'scheduled'>;
};

/** Everything but HTTP. Throws data-dir-in-use, setting-invalid and what the parts throw; nothing stays open then. */
export async function openPortal(
  config: Config,
  log: Log = openLog(config.logLevel),
  options: OpenOptions = {},
): Promise<OpenedPortal> {
  const effects: Effects = { clock: systemClock, observe: log.observe };
  const closers: Close[] = [];
  const close = () => closeAll(closers);
  try {
    const portal = await openParts({ config, log, options }, closers, effects);
    return { portal, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Given = { readonly config: Config; readonly log: Log; readonly options: OpenOptions };

/**
 * Other users of the machine read nothing of what is kept. The portal's own PostgreSQL does not run as root and has to
 * pass through DATA_DIR to its folder: then that may be passed through, and not listed.
 */
async function closeFolders({ dataDir, blobs }: Config): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  for (const [path, mode] of [
    [dataDir, isRoot ? 0o711 : 0o700],
    [join(dataDir, 'work'), 0o700],
    ...(blobs.kind === 'folder' ? ([[blobs.path, 0o700]] as const) : []),
  ] as const) {
    await mkdir(path, { recursive: true, mode });
    await chmod(path, mode); // it may have been there
  }
}

async function openParts({ config, log, options }: Given, closers: Close[], effects: Effects): Promise<Portal> {
  const version = await readVersion();
  effects.observe({ kind: 'portal-starting', version, dataDir: config.dataDir });
  const city = await loadCity(cityFolder(config));
  await closeFolders(config);
  const database = await openDatabase(config, effects);
  closers.push(() => database.close());
  const storeHealth = openStoreHealth();
  const [machineKey, seal, jobs, store, engine, catalogue] = await Promise.all([
    requireMachineKey(config.dataDir),
    openPortalSeal(config, database, effects),
    keep(closers, openJobs(database, toJobsOptions(config, database, city, options), effects)),
    keep(closers, openStore(config, storeHealth.watch(effects))),
    keep(closers, openQueryEngine(config, effects)),
    keep(closers, openCatalogue(database, effects)),
  ]);
  const people = await openPeople({ db: database.db, seal, config, city: city.profile, ...options }, effects);
  const mail = openPortalMail({ config, database, seal, store, city }, effects);
  closers.push(() => mail.close());
  const askingGate = openAskingGate(effects);
  const cache = openAnswerCache({ maxBytes: limits.cacheBytes, maxAnswerBytes: limits.answerBytes });
  const gate = openClientGate(limits.perClient);
  const metrics = openMetrics({ engine, cache, gate, storeHealth, mail, jobs });
  const requestIds = openRequestIds();
  const lifecycle = openLifecycle();
  const publishing = openPublishing({ config, engine, store, storeHealth, catalogue, jobs }, effects);
  const publisher = await keep(closers, publishing);
  const under = { config, city, database, seal, store, jobs, mail, publisher, catalogue };
  const requests = await openRecordsParts(under, closers, effects);
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

function openPortalMail(
  { config, database, seal, store, city }: Pick<Portal, 'config' | 'database' | 'seal' | 'store' | 'city'>,
  effects: Effects,
): Portal['mail'] {
  const alone = database.embedded;
  const parts = { db: database.db, seal, store, settings: config.mail, fromName: city.profile.name, alone };
  return openMail(parts, effects);
}

function toJobsOptions(
  config: Config,
  database: OpenedDatabase,
  city: Portal['city'],
  { jobs }: OpenOptions,
): JobsOptions {
  // Nobody but the process that holds DATA_DIR can be working on the PostgreSQL in it.
  const alone = database.embedded;
  return { timeZone: city.profile.timeZone, alone, closeTimeoutMs: config.shutdownMs, ...jobs };
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

async function readVersion(): Promise<string> {
  const text = await readFile(join(projectFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
