// Hands every address that is not the API's to the web pages, with the portal on the request.
// It must not read bodies: forms are the pages' own.

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { pageContentPolicy, pageHeaders } from '../serve/http/headers.ts';
import type { PagesApi } from './api.ts';
import { codePages } from './page-coding.ts';
import type { Portal } from '../serve/portal.ts';

/** adapter-node's handler: Node's request and response, and what to do when it has nothing for them. */
export type WebHandler = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

export type PagesFor = (request: FastifyRequest, reply: FastifyReply) => PagesApi;

/** The header names that the pages' server is told to trust, set before it is loaded (pages/built-pages.ts). */
export const protocolHeader = 'x-portal-proto';
export const hostHeader = 'x-portal-host';

declare module 'node:http' {
  interface IncomingMessage {
    /** What pages read through; only on requests that reach them. */
    portal?: PagesApi;
  }
}

export async function webPages(
  app: FastifyInstance,
  portal: Portal,
  handler: WebHandler,
  pagesFor: PagesFor,
): Promise<void> {
  const origin = new URL(portal.config.publicUrl);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: '/*',
    config: { access: 'page' },
    schema: { hide: true },
    handler(request, reply) {
      const { raw } = request;
      // What the client says under these names is not believed; ours replaces it.
      // A proxy that speaks https for us is known by the host of PUBLIC_URL, so forms pass its origin check there.
      raw.headers[protocolHeader] = request.host === origin.host ? origin.protocol.slice(0, -1) : request.protocol;
      raw.headers[hostHeader] = request.host === '' ? origin.host : request.host;
      raw.headers['x-request-id'] = request.id;
      raw.portal = pagesFor(request, reply);
      reply.headers({ ...pageHeaders, 'content-security-policy': pageContentPolicy });
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.hijack();
      codePages(raw, reply.raw);
      handler(raw, reply.raw, (error) => {
        reply.raw.statusCode = error === undefined ? 404 : 500;
        reply.raw.end();
      });
    },
  });
}
