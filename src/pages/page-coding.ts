// The way of a page from its server to the client: coded as the client takes it, with the headers that then are true.
// It must not hold more of a page than the client is behind, and must not code what is coded already.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable, pipeline, type Transform } from 'node:stream';

import { openPageCoder, worthCoding, type PageCoding } from '../serve/http/coding.ts';
import { chooseCoding } from '../serve/http/negotiate.ts';

type Given = readonly unknown[];

/** Node's own functions, beneath those that are put over them here. */
type Raw = {
  readonly writeHead: (...given: Given) => ServerResponse;
  readonly write: (...given: Given) => boolean;
  readonly end: (...given: Given) => ServerResponse;
};

/**
 * From here on the response codes what is written to it: text of some length, in the coding that the client likes best.
 * Whoever writes waits for room as ever: by what `write` answers, and by `drain`.
 */
export function codePages(request: IncomingMessage, response: ServerResponse): void {
  const raw: Raw = {
    writeHead: response.writeHead.bind(response) as Raw['writeHead'],
    write: response.write.bind(response) as Raw['write'],
    end: response.end.bind(response) as Raw['end'],
  };
  let out: Pick<Raw, 'write' | 'end'> = raw;
  /** What `end` is given, when nothing was written before it: all there is. */
  let wholeBytes: number | null = null;
  const writeHead: Raw['writeHead'] = (status, ...given) => {
    takeHeaders(response, given);
    mendHeaders(response);
    const coding = chooseFor(request, response, wholeBytes);
    if (coding !== null) out = startCoding(response, raw, coding);
    return raw.writeHead(status, ...given.filter((each) => typeof each === 'string'));
  };
  const write: Raw['write'] = (...given) => {
    if (!response.headersSent) response.writeHead(response.statusCode);
    return out.write(...given);
  };
  const end: Raw['end'] = (...given) => {
    wholeBytes = bytesOf(given);
    if (!response.headersSent) response.writeHead(response.statusCode);
    return out.end(...given);
  };
  Object.assign(response, { writeHead, write, end });
}

/** Headers may be handed to `writeHead` itself; they are looked at like all others. */
function takeHeaders(response: ServerResponse, given: Given): void {
  const headers = given.find((each) => typeof each === 'object' && each !== null) ?? {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
}

const htmlType = 'text/html; charset=utf-8';

/**
 * The pages' server gives one strong tag to a page, which then goes out in several codings: bytes differ, so the tag
 * may only be weak (RFC 9110 §8.8.3.3). And it leaves out the encoding of its HTML.
 */
function mendHeaders(response: ServerResponse): void {
  const etag = response.getHeader('etag');
  if (typeof etag === 'string' && etag.startsWith('"')) response.setHeader('etag', `W/${etag}`);
  if (response.getHeader('content-type') === 'text/html') response.setHeader('content-type', htmlType);
}

/** Media types that are text, or shrink as text does. */
const shrinks = /^(text\/|application\/(json|javascript|xml)\b|image\/x-icon\b|[^;]+\+(json|text|xml)\b)/iu;

/** Says, wherever it is so, that the answer depends on what codings the client takes. */
function chooseFor(request: IncomingMessage, response: ServerResponse, wholeBytes: number | null): PageCoding | null {
  if (!shrinks.test(String(response.getHeader('content-type') ?? ''))) return null;
  if (/\bno-transform\b/iu.test(String(response.getHeader('cache-control') ?? ''))) return null;
  addVary(response);
  const bytes = response.hasHeader('content-length') ? Number(response.getHeader('content-length')) : wholeBytes;
  if (bytes !== null && bytes < worthCoding) return null;
  if (request.method === 'HEAD' || response.hasHeader('content-encoding')) return null;
  return chooseCoding(request.headers['accept-encoding'], ['br', 'gzip']) as PageCoding | null;
}

function addVary(response: ServerResponse): void {
  const told = String(response.getHeader('vary') ?? '');
  if (/(^|,)\s*(\*|accept-encoding)\s*(,|$)/iu.test(told)) return;
  response.setHeader('vary', told === '' ? 'Accept-Encoding' : `${told}, Accept-Encoding`);
}

function startCoding(response: ServerResponse, raw: Raw, coding: PageCoding): Pick<Raw, 'write' | 'end'> {
  response.removeHeader('content-length');
  response.setHeader('content-encoding', coding);
  const coder: Transform = openPageCoder(coding);
  const socket = new Writable({
    write: (chunk, _encoding, done) => void raw.write(chunk, done),
    final: (done) => void raw.end(done),
  });
  coder.on('drain', () => response.emit('drain'));
  response.once('close', () => coder.destroy());
  pipeline(coder, socket, (error) => {
    if (error) response.destroy(error);
  });
  return {
    write: coder.write.bind(coder) as Raw['write'],
    end(...given) {
      (coder.end.bind(coder) as (...all: Given) => void)(...given);
      return response;
    },
  };
}

function bytesOf([chunk, encoding]: Given): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
