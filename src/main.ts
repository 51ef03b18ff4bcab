// Serves an opened portal, and stops it so that nothing is lost.
// It must hold no rule of its own: src/open opens the parts, app.ts mounts them.

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FastifyInstance } from 'fastify';

import { buildApp } from './app.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './base/config.ts';
import { readCityDepartments } from './city/departments.ts';
import { runBackground } from './open/background.ts';
import { cityFolder, projectFolder } from './open/folders.ts';
import { openPortal } from './open/portal.ts';
import { loadWebHandler } from './pages/built-pages.ts';
import type { WebHandler } from './pages/web.ts';
import { tellFirstLink } from './people/invitations.ts';
import { openLog } from './serve/http/log.ts';
import type { Log } from './serve/http/log.ts';
import { requireFreePort, toListenError, withPort } from './serve/http/ports.ts';
import type { Portal } from './serve/portal.ts';

export type StartOptions = {
  /** False leaves the pages out: for commands that only need the API. */
  readonly web?: boolean;
  /** False neither loads the sample nor makes missing files in the background. */
  readonly background?: boolean;
  readonly log?: Log;
};

export type RunningPortal = {
  readonly url: string;
  readonly portal: Portal;
  readonly app: FastifyInstance;
  /** Settles when the portal is ready, or rejects with what its background work met. */
  readonly ready: Promise<void>;
  /** Finishes running answers, at most for SHUTDOWN_SECONDS, then closes everything. May be called again. */
  close(reason?: string): Promise<void>;
};

/** Opens the portal and listens. Throws what openPortal throws, and the system's error when the port is taken. */
export async function startPortal(given: Config, options: StartOptions = {}): Promise<RunningPortal> {
  const startedMs = systemClock.monotonicMs();
  const config = await withPort(given);
  const log = options.log ?? openLog(config.logLevel);
  const departments = await readCityDepartments(cityFolder(config));
  await requireFreePort(config);
  const opening = openPortal(config, log);
  const [{ portal, close }, web] = await Promise.all([opening, options.web === false ? null : openPages(log)]).catch(
    async (error: unknown) => {
      // Pages that cannot be built end the start, and nothing of the portal may go on behind it.
      await opening.then((opened) => opened.close());
      throw error;
    },
  );
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
    throw toListenError(config, error);
  }
  const ready = done.then(() =>
    effects.observe({
      kind: 'portal-ready',
      url,
      publicUrl: config.publicUrl,
      startMs: systemClock.monotonicMs() - startedMs,
    }),
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

async function openPages(log: Log): Promise<WebHandler> {
  const startedMs = systemClock.monotonicMs();
  const handler = await loadWebHandler(projectFolder);
  log.observe({ kind: 'pages-ready', elapsedMs: systemClock.monotonicMs() - startedMs });
  return handler;
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
export async function servePortal(config: Config, told: { log: Log; isPlain: boolean }): Promise<void> {
  const { log, isPlain } = told;
  process.once('exit', () => log.flush());
  const running = await startPortal(config, { log }).catch((error: unknown) => {
    log.flush(); // what kept it from starting is said below all that was told
    throw error;
  });
  const stopping = new Promise<string>((heard) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => heard(name));
  });
  // A person reads the address and the link together, below the bar; what kept a start from being ready has been told.
  if (isPlain) await Promise.race([running.ready.catch(() => undefined), stopping]);
  await tellFirstLink(running.portal.people, (text) => void process.stdout.write(text));
  const signal = await stopping;
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => running.app.server.closeAllConnections());
  await running.close(signal);
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
