// A whole portal for a test: its own folder, database, engine and store, asked through inject or a socket.
// It must leave nothing behind: everything is closed and removed when the test ends.

import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FastifyInstance, InjectOptions } from 'fastify';

import { buildApp } from '../src/app.ts';
import type { Actor } from '../src/base/actor.ts';
import { closeAll, type Close } from '../src/base/closing.ts';
import { readConfig } from '../src/base/config.ts';
import type { Config, Environment } from '../src/base/config.ts';
import type { Dataset, DatasetMetadata } from '../src/catalogue/dataset.ts';
import { parseMetadata } from '../src/catalogue/metadata.ts';
import { loadSampleInto } from '../src/open/background.ts';
import { openPortal } from '../src/open/portal.ts';
import { openLog } from '../src/serve/http/log.ts';
import type { Log } from '../src/serve/http/log.ts';
import type { Portal } from '../src/serve/portal.ts';
import type { SocketLimits } from '../src/serve/http/sockets.ts';
import { loadWebHandler } from '../src/pages/built-pages.ts';
import type { AnswerCheck, Description } from './answers.ts';
import { isConditionalWith, openAnswerCheck, watchSockets } from './answers.ts';
import type { Cleaner } from './database.ts';
import { openMigratedDatabase } from './database.ts';
import { cheapPasswords } from './people/cheap-passwords.ts';

export type TestPortalOptions = {
  /** True loads the whole sample catalogue; a list loads the sets of these ids; left out: nothing. */
  readonly sample?: boolean | readonly string[];
  /** True builds (when stale) and mounts the web pages. */
  readonly web?: boolean;
  /** Settings beside those a test always has. */
  readonly settings?: Environment;
  readonly sockets?: Partial<SocketLimits>;
  readonly log?: Log;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T;
};

export type PublishOptions = {
  readonly id: string;
  readonly fileName?: string;
  readonly metadata?: Partial<DatasetMetadata>;
  readonly department?: { readonly id: string; readonly name: string };
};

export type TestPortal = {
  readonly portal: Portal;
  readonly app: FastifyInstance;
  readonly config: Config;
  /** Authorization header of the machine that owns the folder. */
  readonly machine: { readonly authorization: string };
  /** Asks without a socket. A string is GET of that address. */
  ask(request: string | InjectOptions): Promise<Answer>;
  /** Begins to listen on a free port of 127.0.0.1 and answers its address. */
  listen(): Promise<string>;
  /** Publishes text or bytes through the publisher. */
  publish(file: string | Buffer, options: PublishOptions): Promise<Dataset>;
};

const root = join(import.meta.dirname, '..');
export const testActor: Actor = { kind: 'machine', name: 'test' };

/** `cleaner` is the test's `t`, or `{ after }` of node:test for a portal that a whole file shares. */
export async function openTestPortal(cleaner: Cleaner, options: TestPortalOptions = {}): Promise<TestPortal> {
  const closing = inReverse(cleaner);
  const dataDir = await mkdtemp(join(tmpdir(), 'portal-http-'));
  closing.after(() => rm(dataDir, { recursive: true, force: true }));
  const database = await openMigratedDatabase(closing);
  const config = readConfig({
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '4',
    QUERY_WORKERS: '2',
    QUERY_MEMORY_MB: '256',
    SAMPLE: 'off',
    QUERY_DEADLINE_SECONDS: '300', // a busy machine is no reason to fail
    ...options.settings,
  });
  const { portal, close } = await openPortal(config, options.log ?? openLog('silent'), {
    passwordCost: cheapPasswords,
    jobs: { scheduled: false },
  });
  closing.after(close);
  const web = options.web === true ? await loadWebHandler(root) : null;
  const app = await buildApp(portal, options.sockets === undefined ? { web } : { web, sockets: options.sockets });
  const check = openAnswerCheck(() => app.swagger() as unknown as Description);
  const wrongOfSockets = watchSockets(app.server, check);
  closing.after(async () => {
    app.server.closeAllConnections();
    await app.close();
    const wrong = wrongOfSockets();
    if (wrong.length > 0) throw new AggregateError(wrong, wrong.map(String).join('\n'));
  });
  await app.ready();
  if (options.sample !== undefined && options.sample !== false) {
    await loadSampleInto(portal, options.sample === true ? null : options.sample);
  }
  return {
    portal,
    app,
    config,
    machine: { authorization: `Bearer ${portal.machineKey}` },
    ask: (request) => ask(app, check, request),
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    publish: (file, given) => publish(portal, file, given),
  };
}

function inReverse(cleaner: Cleaner): Cleaner {
  const closers: Close[] = [];
  cleaner.after(() => closeAll(closers));
  return { after: (close) => void closers.push(close) };
}

/** Every answer is held to the portal's own OpenAPI description. */
async function ask(app: FastifyInstance, check: AnswerCheck, request: string | InjectOptions): Promise<Answer> {
  const given = typeof request === 'string' ? { url: request } : request;
  const asked = { host: 'localhost', ...given.headers };
  const isConditional = isConditionalWith(asked);
  const response = await app.inject({ method: 'GET', ...given, headers: asked });
  const { statusCode: status, rawPayload: bytes } = response;
  const headers = response.headers as IncomingHttpHeaders;
  check.check({ method: given.method ?? 'GET', url: toAddress(given), isConditional, status, headers, bytes });
  return { status, headers, body: response.body, bytes, json: () => JSON.parse(response.body) };
}

function toAddress({ url = '/', path = url }: InjectOptions): string {
  return typeof path === 'string' ? path : path.pathname;
}

async function publish(portal: Portal, file: string | Buffer, options: PublishOptions): Promise<Dataset> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const { dataset } = await portal.publisher.publish({
    actor: testActor,
    id: options.id,
    department: options.department ?? { id: 'planning', name: 'Planning' },
    metadata: parseMetadata({ title: options.id, ...options.metadata }),
    note: null,
    upload: { bytes: pieces(bytes), name: options.fileName ?? `${options.id}.csv` },
  });
  return dataset;
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
