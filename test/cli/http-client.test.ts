// The command line's HTTP: what it sends is what arrives, and every way of failing has its exit and its sentence.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fastifyMultipart from '@fastify/multipart';
import fastify from 'fastify';
import { CommandError } from '../../src/cli/exit.ts';
import { openHttpClient } from '../../src/cli/http-client.ts';
import type { ProgressEvent } from '../../src/cli/terminal.ts';

async function listen(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function temporaryFile(t: TestContext, bytes: number): { path: string; name: string; bytes: number; sha256: string } {
  const folder = mkdtempSync(join(tmpdir(), 'portal-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a "quoted" näme.csv');
  const content = Buffer.alloc(bytes, 'kent,12345\n');
  writeFileSync(path, content);
  return { path, name: 'a "quoted" näme.csv', bytes, sha256: createHash('sha256').update(content).digest('hex') };
}

const quiet = (): void => undefined;

async function failureOf(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof CommandError, String(error));
  return error;
}

test('fields and a file arrive whole, in order, with the token', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  await app.register(fastifyMultipart, { limits: { fileSize: 1 << 26 } });
  app.post('/upload', async (request) => {
    const parts: string[] = [];
    for await (const part of request.parts()) {
      if (part.type === 'field') parts.push(`${part.fieldname}=${String(part.value)}`);
      else {
        const hash = createHash('sha256');
        for await (const chunk of part.file) hash.update(chunk as Buffer);
        parts.push(`${part.fieldname}:${part.filename}:${hash.digest('hex')}`);
      }
    }
    return { parts, authorization: request.headers.authorization };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const file = temporaryFile(t, 5_000_003);
  const events: ProgressEvent[] = [];
  const fields = { metadata: '{"title":"Ünïcode\\r\\n--x"}', note: 'line\r\nbreak' };
  const answer = await openHttpClient(url, 'secret').upload('/upload', fields, file, (event) => events.push(event));
  assert.deepEqual(answer, {
    parts: [
      `metadata=${fields.metadata}`,
      `note=${fields.note}`,
      `file:${file.name.replaceAll('"', '%22')}:${file.sha256}`,
      `sha256=${file.sha256}`,
    ],
    authorization: 'Bearer secret',
  });
  const last = events.at(-1);
  assert.ok(last !== undefined && last.done === last.total, 'progress reaches its end');
});

test('an empty file can be sent', async (t) => {
  let received = '';
  const url = await listen(t, (request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.toString()));
    request.on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  await openHttpClient(url, null).upload('/x', {}, temporaryFile(t, 0), quiet);
  assert.match(
    received,
    /octet-stream\r\n\r\n\r\n--portal-[^]*name="sha256"\r\n\r\ne3b0c442[0-9a-f]{56}\r\n--portal-.*--\r\n$/,
  );
});

test('progress lines are told and the result is returned', async (t) => {
  const url = await listen(t, (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-ndjson');
    response.write('{"step":"receive","done":1,"total":2}\n{"step":"rel');
    setTimeout(() => response.end('ease"}\n\n{"result":{"ok":true}}\n'), 20);
  });
  const events: ProgressEvent[] = [];
  const answer = await openHttpClient(url, null).send('POST', '/x', {}, (event) => events.push(event));
  assert.deepEqual(answer, { ok: true });
  assert.deepEqual(
    events.filter((event) => event.step !== 'upload'),
    [
      { step: 'receive', done: 1, total: 2 },
      { step: 'release', done: null, total: null },
    ],
  );
});

test('an error in the stream of progress is an error', async (t) => {
  const url = await listen(t, (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-ndjson');
    response.end('{"step":"sniff"}\n{"error":{"code":"empty-file","detail":"It is empty."}}\n');
  });
  const error = await failureOf(openHttpClient(url, null).send('POST', '/x', {}, quiet));
  assert.deepEqual([error.exit, error.code, error.message], ['failed', 'empty-file', 'It is empty.']);
});

test('a stream that ends before its result is an error, never a success', async (t) => {
  const url = await listen(t, (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-ndjson');
    response.end('{"step":"sniff"}\n');
  });
  const error = await failureOf(openHttpClient(url, null).send('POST', '/x', {}, quiet));
  assert.deepEqual([error.exit, error.code], ['failed', 'answer-cut']);
});

test('problems keep their code and sentence, and each leads to its exit', async (t) => {
  let problem: { status: number; code?: string } = { status: 400 };
  const url = await listen(t, (_request, response) => {
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ ...problem, title: 'Title', detail: 'The sentence.' }));
  });
  const client = openHttpClient(url, null);
  const cases = [
    [404, 'dataset-not-found', 'not-found'],
    [401, 'unauthorized', 'not-allowed'],
    [403, 'forbidden', 'not-allowed'],
    [422, 'file-type-mismatch', 'failed'],
    [503, 'overloaded', 'busy'],
    [503, 'stored-file-damaged', 'damaged'],
    [409, 'conflict', 'failed'],
    [404, undefined, 'not-found'],
    [502, undefined, 'failed'],
  ] as const;
  for (const [status, code, exit] of cases) {
    problem = code === undefined ? { status } : { status, code };
    const error = await failureOf(client.get('/x'));
    assert.deepEqual([error.exit, error.code, error.message], [exit, code ?? `http-${status}`, 'The sentence.']);
  }
  problem = { status: 404, code: 'dataset-not-found' };
  assert.equal(await client.find('/x'), null);
});

test('nobody there, a cut connection and a stranger are "no portal answers"', async (t) => {
  const closed = await listen(t, (_request, response) => void response.end());
  const refused = await failureOf(openHttpClient('http://127.0.0.1:9', null).get('/x'));
  assert.equal(refused.exit, 'unreachable');
  assert.match(refused.message, /^No portal answers at http:\/\/127\.0\.0\.1:9: nothing listens there\.$/);
  const cut = await listen(t, (request) => void request.socket.destroy());
  assert.equal((await failureOf(openHttpClient(cut, null).get('/x'))).exit, 'unreachable');
  const stranger = await failureOf(openHttpClient(closed, null).get('/x'));
  assert.deepEqual([stranger.exit, stranger.message.slice(0, 25)], ['unreachable', 'What answers there is not']);
});

test('a refusal that comes before the whole body was sent is heard', async (t) => {
  const url = await listen(t, (request, response) => {
    response.writeHead(413, { 'content-type': 'application/problem+json' });
    response.end('{"code":"upload-too-large","detail":"Too large."}');
    request.resume();
  });
  const error = await failureOf(openHttpClient(url, null).upload('/x', {}, temporaryFile(t, 40_000_000), quiet));
  assert.deepEqual([error.exit, error.code], ['failed', 'upload-too-large']);
});

test('a large file waits for a slow portal that has begun to answer, and leaves no listeners behind', async (t) => {
  let read = 0;
  const url = await listen(t, (request, response) => {
    response.setHeader('content-type', 'application/x-ndjson');
    response.write('{"step":"received"}\n');
    setTimeout(() => {
      request.on('data', (chunk: Buffer) => (read += chunk.length));
      request.on('end', () => response.end('{"result":{"ok":true}}\n'));
    }, 300);
  });
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const file = temporaryFile(t, 60_000_000);
  const sentWhenRead: number[] = [];
  const answer = await openHttpClient(url, null).upload('/x', {}, file, ({ step, done }) => {
    if (step === 'upload' && read === 0) sentWhenRead.push(done ?? 0);
  });
  assert.deepEqual(answer, { ok: true });
  assert.ok(read > file.bytes, 'all of it arrives');
  assert.ok(
    Math.max(...sentWhenRead) < 20_000_000,
    `${Math.max(...sentWhenRead)} bytes were taken from the file unread`,
  );
  assert.deepEqual(warnings, []);
});
