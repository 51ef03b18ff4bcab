// Repeated answers, found by the request line before any routing: the same question, the same revision, the same bytes.
// It must never answer what could have changed: the dataset's current revision is compared on every request.

import type { IncomingMessage, ServerResponse } from 'node:http';

import { LRUCache } from 'lru-cache';

import { isMatched } from '../http/etag.ts';

export type HotAnswer = {
  readonly datasetId: string;
  readonly revisionId: string;
  readonly immutable: boolean;
  readonly etag: string;
  /** Name, value, name, value … of every header but the request's own id. */
  readonly headers: readonly string[];
  readonly body: Buffer;
};

type Kept = Omit<HotAnswer, 'headers'> & { readonly whole: string[]; readonly unchanged: string[] };

export type HotAnswers = {
  /** True when the answer has been written. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  keep(request: IncomingMessage, answer: HotAnswer): void;
};

export type HotEffects = {
  isCurrent(answer: Pick<HotAnswer, 'datasetId' | 'revisionId' | 'immutable'>): boolean;
  newRequestId(request: IncomingMessage): string;
  finished(request: IncomingMessage, response: ServerResponse, requestId: string, bytes: number, startMs: number): void;
  nowMs(): number;
};

const longestUrl = 4_096;

export function openHotAnswers(maxBytes: number, effects: HotEffects): HotAnswers {
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    sizeCalculation: (answer) => answer.body.length + 2_048,
  });
  return {
    answer(request, response) {
      const key = toKey(request);
      const found = key === null ? undefined : kept.get(key);
      if (key === null || found === undefined) return false;
      if (!effects.isCurrent(found)) {
        kept.delete(key);
        return false;
      }
      write(request, response, found, effects);
      return true;
    },
    keep(request, answer) {
      const key = toKey(request);
      if (key !== null) kept.set(key, toKept(answer));
    },
  };
}

function toKey(request: IncomingMessage): string | null {
  const { headers, url = '' } = request;
  if (request.method !== 'GET' || headers.authorization !== undefined || url.length > longestUrl) return null;
  if (headers['if-modified-since'] !== undefined) return null;
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined) return null;
  return `${headers.host ?? ''}\n${url}\n${headers.accept ?? ''}\n${headers['accept-encoding'] ?? ''}`;
}

function write(request: IncomingMessage, response: ServerResponse, found: Kept, effects: HotEffects): void {
  const startMs = effects.nowMs();
  const requestId = effects.newRequestId(request);
  const same = isMatched(request.headers['if-none-match'], found.etag);
  const headers = same ? found.unchanged : found.whole;
  headers[headers.length - 1] = requestId; // read within writeHead, before anybody else can come
  response.writeHead(same ? 304 : 200, headers);
  response.end(same ? undefined : found.body);
  effects.finished(request, response, requestId, same ? 0 : found.body.length, startMs);
}

const bodyHeaders = new Set(['content-length', 'content-type', 'content-encoding']);

/**
 * Header lists with the request's id as their last value, to be set for each request: nothing is made for an answer.
 */
function toKept(answer: HotAnswer): Kept {
  const { headers, ...rest } = answer;
  const id = ['x-request-id', ''];
  return { ...rest, whole: [...headers, ...id], unchanged: [...withoutBody(headers), ...id] };
}

function withoutBody(headers: readonly string[]): string[] {
  const rest: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!bodyHeaders.has(name)) rest.push(name, headers[at + 1] ?? '');
  }
  return rest;
}
