// What reaches the client of a page: its coding, its headers, all of its bytes, however the page is written.
// It must speak through a real socket: half of this is about what Node does with a response.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { codePages } from '../../src/pages/page-coding.ts';

const page = `<p>${'An otter holds hands asleep. '.repeat(200)}</p>`;
type Write = (request: IncomingMessage, response: ServerResponse) => unknown;

const html: Write = (_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.setHeader('content-length', Buffer.byteLength(page));
  response.setHeader('etag', '"abc"');
  response.writeHead(200);
  response.write(page.slice(0, 100));
  response.end(page.slice(100));
};

async function serve(t: TestContext, write: Write): Promise<number> {
  const server = createServer((incoming, response) => {
    codePages(incoming, response);
    void write(incoming, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

type Got = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly bytes: Buffer };

async function ask(port: number, accepted: string | undefined, method = 'GET'): Promise<Got> {
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
  const sent = request({ host: '127.0.0.1', port, method, headers }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, bytes: await buffer(answer) };
}

const plain = {
  br: (bytes: Buffer) => brotliDecompressSync(bytes).toString(),
  gzip: (bytes: Buffer) => gunzipSync(bytes).toString(),
  none: (bytes: Buffer) => bytes.toString(),
};

const accepted = [
  ['br, gzip', 'br'],
  ['gzip, br', 'br'],
  ['gzip', 'gzip'],
  ['gzip;q=1, br;q=0.5', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['*', 'br'],
  ['identity', 'none'],
  ['zstd', 'none'],
  ['br;q=0', 'none'],
  [undefined, 'none'],
] as const;

test('a page goes out in the best coding that its reader takes', async (t) => {
  const port = await serve(t, html);
  for (const [header, coding] of accepted) {
    const { headers, bytes } = await ask(port, header);
    assert.equal(headers['content-encoding'] ?? 'none', coding, header);
    assert.equal(plain[coding](bytes), page, header);
    assert.equal(headers.vary, 'Accept-Encoding', header);
    assert.equal(headers['content-length'], coding === 'none' ? String(page.length) : undefined, header);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8', header);
    assert.equal(headers.etag, 'W/"abc"', header);
  }
});

test('HEAD tells of the page as it is', async (t) => {
  const port = await serve(t, html);
  const { headers, bytes } = await ask(port, 'br', 'HEAD');
  assert.deepEqual([bytes.length, headers['content-length']], [0, String(page.length)]);
  assert.deepEqual([headers.vary, headers['content-encoding']], ['Accept-Encoding', undefined]);
});

const left: readonly (readonly [string, Write, string | undefined])[] = [
  ['what is small', (_, response) => response.setHeader('content-type', 'text/html').end('few'), 'Accept-Encoding'],
  [
    'what is small by its own word',
    (_, response) => response.writeHead(200, { 'content-type': 'text/html', 'content-length': 3 }).end('few'),
    'Accept-Encoding',
  ],
  ['what is no text', (_, response) => response.setHeader('content-type', 'image/png').end(page), undefined],
  ['what has no type', (_, response) => response.end(page), undefined],
  [
    'what is coded already',
    (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/css', 'content-encoding': 'br', vary: 'accept-encoding' })
        .end(page),
    'accept-encoding',
  ],
  [
    'what must not be changed on the way',
    (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-transform' }).end(page),
    undefined,
  ],
];

for (const [what, write, vary] of left) {
  test(`${what} is left as it is`, async (t) => {
    const { headers, bytes } = await ask(await serve(t, write), 'br');
    assert.match(bytes.toString(), /^(few|<p>An otter[^]*<\/p>)$/u);
    assert.notEqual(headers['content-encoding'], 'gzip');
    assert.equal(headers['content-encoding'], what === 'what is coded already' ? 'br' : undefined);
    assert.equal(headers.vary, vary);
  });
}

test('what else an answer depends on is still told', async (t) => {
  const port = await serve(t, (_, response) => {
    response.writeHead(404, 'Nothing here', { 'content-type': 'text/html', vary: 'Cookie' });
    response.end(page);
  });
  const { status, headers, bytes } = await ask(port, 'gzip');
  assert.deepEqual([status, headers.vary, plain.gzip(bytes)], [404, 'Cookie, Accept-Encoding', page]);
});

const long = Array.from({ length: 60_000 }, (_, at) => `${at} ${Math.sin(at)}\n`);

test('a long answer arrives whole when it is piped, and when its writer waits for room', async (t) => {
  const whole = long.join('');
  const piped = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    pipeline(Readable.from(long), response, () => undefined);
  });
  let waited = 0;
  const waiting = await serve(t, async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    for (const line of long) {
      if (response.write(line)) continue;
      waited += 1;
      await once(response, 'drain');
    }
    response.end();
  });
  for (const port of [piped, waiting]) {
    assert.equal(plain.br((await ask(port, 'br')).bytes), whole);
    assert.equal(plain.none((await ask(port, undefined)).bytes), whole);
  }
  assert.ok(waited > 0, 'nobody had to wait');
});

test('a reader who leaves ends the answer', async (t) => {
  const ended = Promise.withResolvers<string>();
  const port = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' });
    async function* endless() {
      for (let at = 0; ; at += 1) yield `${at} ${Math.sin(at)}\n`;
    }
    pipeline(Readable.from(endless()), response, (error) => ended.resolve(error?.code ?? 'whole'));
  });
  const sent = request({ host: '127.0.0.1', port, headers: { 'accept-encoding': 'gzip' } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await once(answer, 'data');
  answer.destroy();
  assert.equal(await ended.promise, 'ERR_STREAM_PREMATURE_CLOSE');
});
