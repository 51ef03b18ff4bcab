// The portal's HTTP API as the command line uses it: JSON in and out, uploads streamed, progress read line by line.
// It must not know what a dataset is; commands do.

import { once } from 'node:events';
import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { CommandError, exitOfCode } from './exit.ts';
import { toMultipart, type UploadFile } from './multipart.ts';
import type { ProgressEvent } from './terminal.ts';

export type HttpClient = {
  readonly url: string;
  get(path: string): Promise<unknown>;
  /** Like get, but null when the portal says 404. */
  find(path: string): Promise<unknown>;
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, onProgress?: OnProgress): Promise<unknown>;
  /** Bytes of a type of their own, as they are. */
  post(path: string, contentType: string, bytes: Buffer): Promise<unknown>;
  upload(
    path: string,
    fields: Readonly<Record<string, string>>,
    file: UploadFile,
    onProgress: OnProgress,
  ): Promise<unknown>;
};

export type OnProgress = (event: ProgressEvent) => void;

type Body = { readonly contentType: string; readonly bytes: number; chunks(): AsyncIterable<Uint8Array> };

type Ask = {
  readonly method: string;
  readonly path: string;
  readonly body: Body | null;
  readonly onProgress: OnProgress | null;
};

/** Waiting this long without a byte either way is giving up. */
const silenceMs = 15 * 60_000;

export function openHttpClient(url: string, token: string | null): HttpClient {
  const ask = (question: Ask): Promise<unknown> => exchange(url, token, question);
  const get = (path: string): Promise<unknown> => ask({ method: 'GET', path, body: null, onProgress: null });
  return {
    url,
    get,
    find: async (path) => {
      try {
        return await get(path);
      } catch (error) {
        if (error instanceof CommandError && error.exit === 'not-found') return null;
        throw error;
      }
    },
    send: (method, path, body, onProgress) =>
      ask({ method, path, body: body === undefined ? null : toJsonBody(body), onProgress: onProgress ?? null }),
    post: (path, contentType, bytes) =>
      ask({ method: 'POST', path, body: toBody(contentType, bytes), onProgress: null }),
    upload: (path, fields, file, onProgress) =>
      ask({ method: 'POST', path, body: toMultipart(fields, file), onProgress }),
  };
}

function toJsonBody(value: unknown): Body {
  return toBody('application/json', Buffer.from(JSON.stringify(value)));
}

function toBody(contentType: string, bytes: Buffer): Body {
  return {
    contentType,
    bytes: bytes.length,
    async *chunks() {
      yield bytes;
    },
  };
}

async function exchange(base: string, token: string | null, ask: Ask): Promise<unknown> {
  const url = new URL(base + ask.path);
  const accept = ask.onProgress === null ? 'application/json' : 'application/x-ndjson, application/json;q=0.5';
  const headers: Record<string, string> = { accept, 'user-agent': 'portal-cli' };
  if (token !== null) headers['authorization'] = `Bearer ${token}`;
  if (ask.body !== null) {
    headers['content-type'] = ask.body.contentType;
    headers['content-length'] = String(ask.body.bytes);
  }
  // A connection that is kept: a server that refuses early then reads on, and its answer is not lost to a reset.
  const agent = url.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const open = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = open(url, { method: ask.method, headers, agent });
  request.setTimeout(silenceMs, () => request.destroy(new Error('nothing was heard for fifteen minutes')));
  const answered = waitForAnswer(request);
  // What goes wrong before the answer rejects `answered`; after it, only a body the portal no longer wants is cut.
  request.on('error', () => undefined);
  try {
    const answer = answered.then((response) => readAnswer(response, ask.onProgress));
    return await Promise.race([answer, sendBody(request, ask).then(() => answer)]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw unreachable(base, error);
  } finally {
    request.destroy();
    agent.destroy();
  }
}

async function waitForAnswer(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/**
 * Writes the body no faster than it is taken; stops early, without fault, when the portal has refused it or is gone.
 * Throws only what reading the body throws: what happens to the connection is told by the answer.
 */
async function sendBody(request: ClientRequest, { body, onProgress }: Ask): Promise<void> {
  const unwanted = new AbortController();
  request.once('close', () => unwanted.abort());
  request.once('response', ({ statusCode = 0 }: IncomingMessage) => {
    if (statusCode >= 400) unwanted.abort();
  });
  let sent = 0;
  for await (const chunk of body?.chunks() ?? []) {
    if (unwanted.signal.aborted) return;
    if (!request.write(chunk)) await drained(request, unwanted.signal);
    sent += chunk.length;
    onProgress?.({ step: 'upload', done: sent, total: body?.bytes ?? null });
  }
  if (!unwanted.signal.aborted) request.end();
}

/** Resolves when more may be written, or none is wanted any more. */
function drained(request: ClientRequest, unwanted: AbortSignal): Promise<void> {
  return new Promise((resume) => {
    const go = (): void => {
      request.off('drain', go);
      unwanted.removeEventListener('abort', go);
      resume();
    };
    request.on('drain', go);
    unwanted.addEventListener('abort', go);
    if (unwanted.aborted) go();
  });
}

function unreachable(base: string, error: unknown): CommandError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why =
    code === 'ECONNREFUSED'
      ? 'nothing listens there'
      : code === 'ENOTFOUND'
        ? 'there is no such host'
        : code === 'ECONNRESET' || code === 'EPIPE'
          ? 'the connection was cut'
          : error instanceof Error && error.message !== ''
            ? error.message
            : String(error);
  return new CommandError('unreachable', 'unreachable', `No portal answers at ${base}: ${why}.`);
}

async function readAnswer(response: IncomingMessage, onProgress: OnProgress | null): Promise<unknown> {
  const type = response.headers['content-type'] ?? '';
  const status = response.statusCode ?? 0;
  if (status < 400 && type.startsWith('application/x-ndjson')) return readEvents(response, onProgress);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const value = type.includes('json') && text !== '' ? (JSON.parse(text) as unknown) : null;
  if (status >= 400) throw toRefusal(value, status);
  if (value === null && status !== 204) {
    throw new CommandError('unreachable', 'unreachable', `What answers there is not a portal (${type || 'no type'}).`);
  }
  return value;
}

type StreamedLine = {
  readonly step?: string;
  readonly done?: number | null;
  readonly total?: number | null;
  readonly result?: unknown;
  readonly error?: unknown;
};

async function readEvents(response: IncomingMessage, onProgress: OnProgress | null): Promise<unknown> {
  for await (const line of toLines(response)) {
    const event = JSON.parse(line) as StreamedLine;
    if (event.error !== undefined) throw toRefusal(event.error, 0);
    if (event.result !== undefined) return event.result;
    if (event.step !== undefined) {
      onProgress?.({ step: event.step, done: event.done ?? null, total: event.total ?? null });
    }
  }
  throw new CommandError('failed', 'answer-cut', 'The portal stopped answering before it gave the result.');
}

/** The lines that are not blank; a last one without a line break is one too. */
async function* toLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield line;
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield rest;
}

/** A problem document (RFC 9457) as the error to tell. */
function toRefusal(problem: unknown, status: number): CommandError {
  const given = (typeof problem === 'object' && problem !== null ? problem : {}) as Record<string, unknown>;
  const code = typeof given['code'] === 'string' ? given['code'] : `http-${status}`;
  const sentence = [given['detail'], given['title']].find((each) => typeof each === 'string' && each !== '');
  const exit = typeof given['code'] === 'string' ? exitOfCode(code) : exitOfStatus(status);
  return new CommandError(exit, code, String(sentence ?? `The portal answered ${status} without saying why.`));
}

function exitOfStatus(status: number): 'not-found' | 'not-allowed' | 'busy' | 'failed' {
  if (status === 404) return 'not-found';
  if (status === 401 || status === 403) return 'not-allowed';
  return status === 429 || status === 503 ? 'busy' : 'failed';
}
