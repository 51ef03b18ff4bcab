// What happens around every request, whatever the route: id, host check, security headers, errors, one log line.
// It must not know any route; routes say only how they may be reached (config.access).

import type { Server } from 'node:http';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { actorName, publicActor } from '../../base/actor.ts';
import type { Actor } from '../../base/actor.ts';
import { PortalError, sayCode } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { Session } from '../../people/people.ts';
import { readAsker } from './authorization.ts';
import type { Addresses, RouteAccess } from './addresses.ts';
import {
  bareContentPolicy,
  noStore,
  openDataHeaders,
  preflightHeaders,
  securityHeaders,
  transportSecurity,
} from './headers.ts';
import type { Portal } from '../portal.ts';
import { problemMediaType, toPortalError, toProblem } from './problem.ts';
import { drainBody, hasBody } from './sockets.ts';

declare module 'fastify' {
  // The way Fastify lets a route carry its own settings
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** A body that may take as long as it keeps moving. */
    upload?: boolean;
    /** Turns an error into the body of a dialect that has its own error shape. */
    problem?: (error: PortalError, request: FastifyRequest) => { readonly mediaType: string; readonly body: string };
  }
  interface FastifyInstance {
    routeAddresses: Addresses;
  }
  interface FastifyRequest {
    actor: Actor;
    /** Of the cookie, also while it is not fully signed in; null for a token and for nobody. */
    session: Session | null;
    startedMs: number;
    failure: PortalError | null;
    recorded: boolean;
  }
}

const longestUrl = 60_000;
/** How long a refused body may go on arriving before its connection is ended. */
const drainMs = 30_000;

export function addHooks(app: FastifyInstance, portal: Portal, addresses: Addresses, bodyMs: number): void {
  const secure = portal.config.publicUrl.startsWith('https:');
  app.decorate('routeAddresses', addresses);
  app.decorateRequest('actor', null as never);
  app.decorateRequest('session', null);
  app.decorateRequest('startedMs', 0);
  app.decorateRequest('failure', null);
  app.decorateRequest('recorded', false);
  app.addHook('onRoute', (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    if (route.url !== '*') addresses.add(methods, route.url, route.config?.access ?? 'open');
  });
  app.addHook('onRequest', async (request, reply) => {
    request.startedMs = portal.effects.clock.monotonicMs();
    request.actor = { kind: 'public' };
    reply.headers({ ...securityHeaders, 'content-security-policy': bareContentPolicy, 'x-request-id': request.id });
    if (secure) reply.header('strict-transport-security', transportSecurity);
    // A client that leaves before the end never makes an onResponse; 499 is what nginx calls it. Nor does an answer
    // that the portal itself cuts: that has a failure (noteCut).
    reply.raw.once('close', () => recordRequest(portal, request, reply, request.failure?.status ?? clientLeft));
    requireOneHost(request);
    requireHost(portal, request);
    requireAddress(request.raw.url ?? '');
    const { actor, session } = await readAsker(portal, request);
    request.actor = actor;
    request.session = session;
    if (request.routeOptions.config.upload !== true && hasBody(request.raw)) limitBody(request, reply, bodyMs);
  });
  app.addHook('onResponse', async (request, reply) => {
    recordRequest(portal, request, reply, reply.statusCode);
    drainBody(request.raw, drainMs);
  });
  app.setErrorHandler((error, request, reply) => answerError(portal, error, request, reply));
  app.setNotFoundHandler((request, reply) => answerUnrouted(portal, addresses, request, reply));
}

/** PostgreSQL takes no text with U+0000, and no text of ours has it: whoever sends it means harm. */
function requireAddress(url: string): void {
  if (url.length > longestUrl) {
    throw new PortalError('uri-too-long', say('serve.address-too-long', { longest: longestUrl }));
  }
  if (url.includes('%00')) {
    throw new PortalError('bad-request', say('serve.address-nul'));
  }
}

/** RFC 9112, 3.2: more than one Host is no request; nor may the address itself name another (3.2.2). */
function requireOneHost({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  const named = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/iu.exec(raw.url ?? '')?.[1];
  const isOther = named !== undefined && named.toLowerCase() !== raw.headers.host?.toLowerCase();
  if (hosts.length > 1 || isOther) throw new PortalError('bad-request', say('serve.two-hosts'));
}

/** Names that only ever mean the very machine, so no other site can hide behind them. */
const ownNames = ['localhost', '127.0.0.1', '[::1]'];

/** A page of another site must not be able to speak to the portal under a name of its own (DNS rebinding). */
function requireHost(portal: Portal, request: FastifyRequest): void {
  const { allowedHosts } = portal.config;
  if (allowedHosts === null) return;
  const name = request.hostname.toLowerCase();
  const plain = name.startsWith('[') ? name.slice(0, name.indexOf(']') + 1) : name.split(':')[0]!;
  if (ownNames.includes(plain)) return;
  if (!allowedHosts.includes(plain) && !allowedHosts.includes(name)) {
    throw new PortalError('misdirected-request', say('serve.host-unknown'));
  }
}

/** A body that is no upload must be here in time, however steadily it drips. */
function limitBody(request: FastifyRequest, reply: FastifyReply, bodyMs: number): void {
  const timer = setTimeout(() => {
    if (!request.raw.complete) request.raw.socket.destroy();
  }, bodyMs);
  timer.unref();
  reply.raw.once('close', () => clearTimeout(timer));
}

/** An answer broke after its first byte: no status can say so any more, but the log does. */
export function noteCut(request: FastifyRequest, error: unknown): void {
  const isLeaving = error instanceof Error && error.name === 'AbortError';
  if (!isLeaving && !request.raw.destroyed) request.failure ??= toPortalError(error);
}

const clientLeft = 499;

/** Once a request, whichever comes first. */
function recordRequest(portal: Portal, request: FastifyRequest, reply: FastifyReply, status: number): void {
  if (request.recorded) return;
  request.recorded = true;
  const elapsedMs = portal.effects.clock.monotonicMs() - request.startedMs;
  portal.metrics.request(request.routeOptions.url ?? '(none)', request.method, status, elapsedMs);
  const { failure } = request;
  const unexpected = failure !== null && failure.status >= 500 && status !== clientLeft;
  if (!unexpected && !portal.log.logsRequests) return;
  const facts = {
    id: request.id,
    method: request.method,
    path: pathOf(request),
    status,
    bytes: lengthOf(reply),
    elapsedMs,
    actor: actorName(request.actor ?? { kind: 'public' }),
  };
  if (unexpected) {
    const error = failure.details.cause ?? failure;
    portal.effects.observe({ kind: 'request-failed', request: facts, code: failure.code, error });
  } else portal.log.request(facts);
}

function lengthOf(reply: FastifyReply): number | null {
  const length = Number(reply.raw.getHeader('content-length'));
  return Number.isFinite(length) ? length : null;
}

/** Addresses whose last part is a secret: whoever reads a log must not be able to use it. */
const secretPaths = [/^(\/sign-in\/invitation\/).+/u, /^(\/records\/(?:follow|new\/return)\/).+/u];

/** Without the query string, without secrets, and of a length that a log can bear. */
function pathOf(request: FastifyRequest): string {
  const path = (request.raw.url ?? '').split('?')[0]!.slice(0, 500);
  return secretPaths.reduce((text, shape) => text.replace(shape, '$1…'), path);
}

function answerError(portal: Portal, thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const error = withText(toPortalError(thrown), request);
  request.failure = error;
  noteRefusal(portal, error, { actor: request.actor ?? publicActor, path: pathOf(request) });
  for (const name of [
    'content-encoding',
    'content-length',
    'content-disposition',
    'etag',
    'last-modified',
    'repr-digest',
  ]) {
    reply.removeHeader(name);
  }
  const { config } = request.routeOptions;
  if (config.access !== 'write') reply.headers(openDataHeaders);
  if (error.details.retryAfterSeconds !== undefined) reply.header('retry-after', error.details.retryAfterSeconds);
  else if (error.status === 503) reply.header('retry-after', 2);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  const place = { publicUrl: portal.config.publicUrl, requestId: request.id };
  const own = config.problem?.(error, request);
  reply.code(error.status).header('cache-control', noStore);
  return reply
    .header('content-type', own?.mediaType ?? problemMediaType)
    .send(own?.body ?? `${JSON.stringify(toProblem(error, place))}\n`);
}

/** Whoever was refused an act stands in the log. */
export function noteRefusal(portal: Portal, error: PortalError, asked: { actor: Actor; path: string }): void {
  const action = error.details.extra?.action;
  if (typeof action !== 'string' || (error.status !== 401 && error.status !== 403)) return;
  portal.effects.observe({ kind: 'access-refused', action, actor: actorName(asked.actor), path: asked.path });
}

/** The planner knows where a mistake is, not the text it is in; the request has it. */
function withText(error: PortalError, request: FastifyRequest): PortalError {
  const { position, text } = error.details;
  if (position?.parameter === undefined || text !== undefined) return error;
  const given = (request.query as Readonly<Record<string, unknown>> | null)?.[position.parameter];
  if (typeof given !== 'string') return error;
  const detail = error.sentence ?? sayCode(error.code);
  return new PortalError(error.code, { ...error.details, detail, text: given });
}

/** What no route takes: OPTIONS of a known address, a known address with another method, or nothing at all. */
function answerUnrouted(portal: Portal, addresses: Addresses, request: FastifyRequest, reply: FastifyReply) {
  const found = addresses.find(pathOf(request));
  if (found === null) return answerError(portal, new PortalError('not-found'), request, reply);
  const allow = found.methods.join(', ');
  reply.header('allow', allow);
  if (request.method !== 'OPTIONS') {
    return answerError(portal, new PortalError('method-not-allowed', say('serve.methods', { allow })), request, reply);
  }
  if (found.access === 'open') reply.headers(preflightHeaders).header('access-control-allow-methods', allow);
  return reply.code(204).header('cache-control', noStore).send();
}

/** Requests that Node's parser refuses before there is a request: the same problem body, by hand. */
export function answerUnreadable(server: Server, portal: Portal): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const refused = new PortalError(unreadableCodes[error.code ?? ''] ?? 'bad-request', {
      detail: unreadableSentences[error.code ?? ''] ?? say('serve.http-unreadable'),
    });
    const body = `${JSON.stringify(toProblem(refused, { publicUrl: portal.config.publicUrl, requestId: 'none' }))}\n`;
    const headers = {
      ...securityHeaders,
      'content-security-policy': bareContentPolicy,
      'content-type': problemMediaType,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const start = `HTTP/1.1 ${refused.status} ${refused.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n`;
    socket.end(
      `${start}${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
    setTimeout(() => socket.destroy(), 1_000).unref();
  });
}

const unreadableCodes = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
} as Readonly<Record<string, 'headers-too-large' | 'request-timeout'>>;

const unreadableSentences: Readonly<Record<string, Sentence>> = {
  HPE_HEADER_OVERFLOW: say('serve.headers-too-long'),
  ERR_HTTP_REQUEST_TIMEOUT: say('serve.request-late'),
};
