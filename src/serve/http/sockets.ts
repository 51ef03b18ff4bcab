// Time-outs of connections that Node leaves open for ever: a reader or a sender that has stopped.
// It must not cut off a client who is waiting while the portal works, nor one who reads slowly but reads.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type SocketLimits = {
  /** From the connection to the end of the headers. */
  readonly headersMs: number;
  /** No byte moved although one should: the client neither sends its body nor takes our answer. */
  readonly stallMs: number;
  /** A body that is no upload has to be here by then. */
  readonly bodyMs: number;
  readonly keepAliveMs: number;
  /** Open connections of one address; null where all clients come through a proxy. */
  readonly perClient: number | null;
};

export const defaultSocketLimits: SocketLimits = {
  headersMs: 15_000,
  stallMs: 45_000,
  bodyMs: 60_000,
  keepAliveMs: 65_000,
  perClient: 512,
};

/** Told of every request whose answer is not written at once, so that its client may wait for us. */
export type WatchExchange = (request: IncomingMessage, response: ServerResponse) => void;

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** Node's own clocks plus ours. Call once, before listening. */
export function guardSockets(server: Server, limits: SocketLimits): WatchExchange {
  server.headersTimeout = limits.headersMs;
  server.requestTimeout = 0; // an upload may take hours; the stall and body clocks below end the others
  server.timeout = limits.stallMs;
  server.keepAliveTimeout = limits.keepAliveMs;
  server.maxRequestsPerSocket = 0;
  const exchanges = new WeakMap<Socket, Exchange>();
  // A listener takes the place of Node's default, which would also end a connection that waits for our work.
  server.on('timeout', (socket: Socket) => endOrWait(socket, exchanges.get(socket), limits.stallMs));
  if (limits.perClient !== null) capConnections(server, limits.perClient);
  return (request, response) => void exchanges.set(request.socket, { request, response });
}

function endOrWait(socket: Socket, exchange: Exchange | undefined, stallMs: number): void {
  const waitsForUs =
    exchange !== undefined &&
    exchange.request.complete &&
    !exchange.response.writableEnded &&
    socket.writableLength === 0 &&
    exchange.response.writableLength === 0;
  if (waitsForUs) socket.setTimeout(stallMs);
  else socket.destroy();
}

export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Takes and forgets what is left of a body that was answered before its end. Otherwise the client's next request would
 * wait behind it, or the answer would be lost to a reset while the client is still sending.
 */
export function drainBody(request: IncomingMessage, limitMs: number): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.resume();
  const timer = setTimeout(() => request.destroy(), limitMs);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
}

function capConnections(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? 'unknown';
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const rest = (open.get(address) ?? 1) - 1;
      if (rest === 0) open.delete(address);
      else open.set(address, rest);
    });
  });
}
