// The portal as one HTTP application: the visible list of every plugin and prefix. It must not listen or open anything.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import fastifySwagger from '@fastify/swagger';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';

import type { Dataset } from './catalogue/dataset.ts';
import { parseNativeParameters } from './dialects/native/parse.ts';
import { nativeRoutes } from './dialects/native/routes.ts';
import { sodaRoutes } from './dialects/soda/routes.ts';
import { archiveRoutes } from './routes/archive.ts';
import { documentRoutes } from './routes/documents.ts';
import { downloadRoutes } from './routes/downloads.ts';
import { healthRoutes } from './routes/health.ts';
import { lawRoutes } from './routes/law.ts';
import { moneyRoutes } from './routes/money.ts';
import { mailRoutes } from './routes/mail.ts';
import { operationRoutes } from './routes/operations.ts';
import { oidcRoutes, peopleRoutes } from './routes/people.ts';
import { publishingRoutes } from './routes/publishing.ts';
import { releaseRoutes } from './routes/release.ts';
import { reportRoutes } from './routes/reports.ts';
import { retentionRoutes } from './routes/retention.ts';
import { requestRoutes } from './routes/requests.ts';
import { standardsRoutes } from './routes/standards.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { deskRoutes } from './routes/desk.ts';
import { openAddresses } from './serve/http/addresses.ts';
import { toVisitor } from './serve/http/authorization.ts';
import { toSignal } from './serve/http/disconnect.ts';
import { openHighlight } from './pages/highlight.ts';
import { addHooks, answerUnreadable } from './serve/http/hooks.ts';
import { openapiDocument, openapiRoute } from './serve/http/openapi.ts';
import { toPagesApi } from './pages/api.ts';
import { openExamplesCache } from './pages/rows.ts';
import type { Portal } from './serve/portal.ts';
import { openReader } from './serve/read/reader.ts';
import { problemSchema } from './serve/http/schemas.ts';
import { defaultSocketLimits, guardSockets } from './serve/http/sockets.ts';
import type { SocketLimits } from './serve/http/sockets.ts';
import { compileWhenAsked, noteBody } from './serve/http/validators.ts';
import { webPages } from './pages/web.ts';
import type { WebHandler } from './pages/web.ts';

export type AppOptions = {
  /** SvelteKit's handler; null serves the API without pages. */
  readonly web: WebHandler | null;
  readonly sockets?: Partial<SocketLimits>;
  /** True compiles the schemas of all requests at the start, and so finds one that cannot be; for tests. */
  readonly compileAtOnce?: boolean;
};

const largestHead = 65_536;
const longestParameter = 300;

/** Every route of the portal on one server that does not listen yet. */
export async function buildApp(portal: Portal, options: AppOptions): Promise<FastifyInstance> {
  const perClient = portal.config.trustProxy === false ? defaultSocketLimits.perClient : null;
  const limits = { ...defaultSocketLimits, perClient, ...options.sockets };
  const app = Fastify({
    loggerInstance: portal.log.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: (request) => portal.requestIds.next(request as IncomingMessage),
    trustProxy: portal.config.trustProxy === false ? false : [...portal.config.trustProxy],
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestParameter },
    bodyLimit: 65_536,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: 'array',
        useDefaults: false,
        allErrors: false,
        validateSchema: options.compileAtOnce === true, // it would compile the schema of schemas first
      },
      plugins: options.compileAtOnce === true ? [] : [compileWhenAsked],
    },
    // What a schema says is what tests hold answers to; nothing is dropped or changed while an answer is written. Given
    // here and not with setSerializerCompiler, which scopes with schemas of their own do not inherit: they compiled for
    // 0.3 s.
    schemaController: { compilersFactory: { buildSerializer: () => () => (value: unknown) => JSON.stringify(value) } },
    serverFactory: (handle) => openServer(portal, handle, limits),
  });
  app.removeContentTypeParser('text/plain'); // nothing here reads it, so it is refused by name
  app.addHook('onRoute', noteBody);
  const addresses = openAddresses();
  await app.register(fastifySwagger, openapiDocument(portal));
  app.addSchema(problemSchema);
  addHooks(app, portal, addresses, limits.bodyMs);
  const reader = openReader(portal);
  await app.register((scope) => healthRoutes(scope, portal));
  await app.register((scope) => openapiRoute(scope));
  await app.register((scope) => nativeRoutes(scope, reader), { prefix: '/api/v1' });
  await app.register((scope) => publishingRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => operationRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => tokenRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => mailRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => peopleRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => oidcRoutes(scope, portal));
  await app.register((scope) => lawRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => moneyRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => requestRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => deskRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => documentRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => releaseRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => archiveRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => reportRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register((scope) => retentionRoutes(scope, portal), { prefix: '/api/v1' });
  await app.register(async (scope) => sodaRoutes(scope, reader));
  await app.register((scope) => downloadRoutes(scope, portal));
  await app.register((scope) => standardsRoutes(scope, portal));
  if (options.web !== null) await addPages(app, portal, options.web);
  return app;
}

/** Pages read through the functions that answer the API, in process. */
async function addPages(app: FastifyInstance, portal: Portal, web: WebHandler): Promise<void> {
  const parts = {
    parseRows: (parameters: Readonly<Record<string, string>>, dataset: Pick<Dataset, 'current'>) =>
      parseNativeParameters(new Map(Object.entries(parameters)), dataset),
    openapi: () => app.swagger(),
    highlight: openHighlight(),
    examples: openExamplesCache(),
  };
  await app.register((scope) =>
    webPages(scope, portal, web, (request, reply) =>
      toPagesApi(portal, parts, {
        actor: request.actor,
        session: request.session,
        visitor: toVisitor(request),
        signal: toSignal(reply),
      }),
    ),
  );
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Repeated answers leave before Fastify begins; everything else goes through it. */
function openServer(portal: Portal, handle: Handle, limits: SocketLimits) {
  const server = createServer(
    { maxHeaderSize: largestHead, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      if (portal.hot.answer(request, response)) return;
      watch(request, response);
      handle(request, response);
    },
  );
  const watch = guardSockets(server, limits);
  answerUnreadable(server, portal);
  return server;
}
