// Over real sockets: repeated answers, slow and vanishing clients, unreadable requests, and a stop that loses nothing.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openLog } from '../../src/serve/http/log.ts';
import { until } from '../patience.ts';
import { openTestPortal } from '../portal.ts';

const lines: string[] = [];
const log = openLog('debug', { write: (line: string) => void lines.push(line) });
const sockets = { headersMs: 1_000, stallMs: 1_500, bodyMs: 1_500, keepAliveMs: 1_000 };
const site = await openTestPortal({ after }, { log, sockets });
let address = '';
let port = 0;
const rowsInFile = 60_000;

before(async () => {
  const rows = Array.from({ length: rowsInFile }, (_, i) => `${i},${'x'.repeat(400)}${i}`);
  await site.publish(`n,words\n${rows.join('\n')}\n`, { id: 'long' });
  await site.publish('n\n1\n2\n3\n', { id: 'short' });
  address = await site.listen();
  port = Number(new URL(address).port);
});

/** Node's own bound for headers is a minute: what the portal's bound of a second ends is over long before. */
const beforeNodeMs = 45_000;
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

function open(text: string): { socket: Socket; received(): string; closed: Promise<number> } {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const startedMs = performance.now();
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined); // a reset is one of the ways a connection ends
  const closed = new Promise<number>((done) => socket.once('close', () => done(performance.now() - startedMs)));
  socket.write(text);
  return { socket, received: () => Buffer.concat(chunks).toString('latin1'), closed };
}

describe('a repeated answer', () => {
  it('is the same, header for header, and gone with the revision', async () => {
    const url = `${address}/api/v1/datasets/short/rows`;
    const ask = async (headers: Record<string, string> = {}) => {
      const answer = await fetch(url, { headers: { 'accept-encoding': 'identity', ...headers } });
      const kept = Object.fromEntries(
        [...answer.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
      );
      return {
        status: answer.status,
        headers: kept,
        body: await answer.text(),
        id: answer.headers.get('x-request-id'),
      };
    };
    const first = await ask();
    const second = await ask();
    assert.deepEqual({ ...second, id: null }, { ...first, id: null });
    assert.notEqual(first.id, second.id);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    assert.match(
      metrics,
      /portal_http_request_duration_seconds_count\{route="\(repeated answer\)",method="GET",status="200"\} [1-9]/u,
    );
    const unchanged = await ask({ 'if-none-match': String(first.headers['etag']) });
    assert.deepEqual([unchanged.status, unchanged.body], [304, '']);
    await site.publish('n\n7\n', { id: 'short' });
    const third = await ask();
    assert.notEqual(third.headers['etag'], first.headers['etag']);
    assert.deepEqual((JSON.parse(third.body) as { data: unknown[] }).data, [{ n: 7 }]);
  });
  it('is one engine query for many who ask at once', async () => {
    const begun = site.portal.engine.stats().queries;
    const url = `${address}/api/v1/datasets/long/rows?where=n>59000&order=words&limit=7`;
    const answers = await Promise.all(Array.from({ length: 12 }, async () => (await fetch(url)).text()));
    assert.equal(new Set(answers).size, 1);
    assert.equal(site.portal.engine.stats().queries - begun, 1);
  });
});

describe('a streamed export', () => {
  it('is whole, and every row is there once', async () => {
    const answer = await fetch(`${address}/api/v1/datasets/long/export.csv?select=n`);
    const seen = (await answer.text()).trim().split('\r\n');
    assert.deepEqual([seen.length, seen[0], seen.at(-1)], [rowsInFile + 1, 'n', String(rowsInFile - 1)]);
  });
  it('stops the engine when the client leaves, and is logged as such', async () => {
    const request = `GET /api/v1/datasets/long/export.csv HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: left-before-the-end\r\n\r\n`;
    const { socket, received } = open(request);
    await until('much is received', () => received().length > 10_000);
    socket.destroy();
    await until('nothing runs', () => site.portal.engine.stats().busy === 0 && site.portal.gate.running() === 0);
    await until('it is logged', () => lines.some((line) => line.includes('left-before-the-end')));
    assert.match(lines.find((line) => line.includes('left-before-the-end')) ?? '', /"status":499/u);
  });
  it('that the portal itself had to cut is a failure in the log, and never a whole answer', async () => {
    const { socket, received, closed } = open(
      'GET /api/v1/datasets/long/export.csv HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: cut-in-the-middle\r\n\r\n',
    );
    await until('much is received', () => received().length > 10_000);
    socket.pause();
    const told = lines.flatMap((line) =>
      line.includes('"worker-') ? [JSON.parse(line) as { event: string; pid: number }] : [],
    );
    const ended = new Set(told.flatMap(({ event, pid }) => (event === 'worker-ended' ? [pid] : [])));
    for (const { event, pid } of told) if (event === 'worker-started' && !ended.has(pid)) process.kill(pid, 'SIGKILL');
    socket.resume();
    await closed;
    assert.ok(!received().endsWith('0\r\n\r\n'), 'the last chunk of a whole answer');
    await until('it is logged', () => lines.some((line) => line.includes('cut-in-the-middle')));
    const line = JSON.parse(lines.find((each) => each.includes('cut-in-the-middle'))!) as Record<string, unknown>;
    assert.deepEqual([line['event'], line['status'], line['code']], ['request-failed', 500, 'internal-error']);
  });
  it('waits for a slow reader without gathering its rows, then ends one that has stopped', async () => {
    const before = process.memoryUsage().rss;
    const { socket, received, closed } = open(
      'GET /api/v1/datasets/long/export.ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    await until('much is received', () => received().length > 10_000);
    socket.pause();
    const ended = until('nothing runs', () => site.portal.gate.running() === 0);
    await wait(500);
    assert.ok(process.memoryUsage().rss - before < 100_000_000, 'rows were gathered for a reader who does not read');
    await ended;
    socket.resume();
    await closed;
    assert.ok(!received().includes(`"n":${rowsInFile - 1}`), 'a short answer must not look whole');
  });
});

describe('requests that Node itself refuses', () => {
  const crowded = `X-Long: ${'x'.repeat(100_000)}\r\n`;
  const table: readonly (readonly [what: string, text: string, status: string, code: string])[] = [
    ['headers beyond the limit', `GET / HTTP/1.1\r\nHost: localhost\r\n${crowded}\r\n`, '431', 'headers-too-large'],
    [
      'an address beyond the limit',
      `GET /?q=${'x'.repeat(61_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      '414',
      'uri-too-long',
    ],
    [
      'two lengths',
      'POST /api/v1/datasets/x/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
      'bad-request',
    ],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', '400', 'bad-request'],
    [
      'an address of another host',
      'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      '400',
      'bad-request',
    ],
    ['no HTTP at all', 'HELO there\r\n\r\n', '400', 'bad-request'],
  ];
  for (const [what, text, status, code] of table) {
    it(`${what} → ${status} ${code}`, async () => {
      const { received, socket } = open(text);
      await until('the refusal', () => received().includes('"code"'));
      assert.match(received(), new RegExp(`^HTTP/1.1 ${status} `, 'u'));
      assert.ok(received().includes(`"code":"${code}"`), received());
      assert.match(received(), /x-content-type-options: nosniff/iu);
      socket.destroy();
    });
  }
  it('a query string of 20 MB does no harm', async () => {
    const { socket, received, closed } = open('GET /api/v1/datasets?q=');
    const piece = 'x'.repeat(65_536);
    for (let sent = 0; sent < 320 && !socket.destroyed; sent++) {
      if (!socket.write(piece)) await Promise.race([new Promise((done) => socket.once('drain', done)), closed]);
    }
    await until('the refusal', () => received().startsWith('HTTP/1.1 431') || socket.destroyed);
    socket.destroy();
    assert.equal((await fetch(`${address}/health/live`)).status, 200);
  });
});

describe('clients that stop half way', () => {
  it('in the headers: closed', async () => {
    const { closed } = open('GET / HTTP/1.1\r\nHost: local');
    assert.ok((await closed) < beforeNodeMs);
  });
  it('in a body that only drips: closed', async () => {
    const head =
      'POST /api/v1/datasets/short/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
    const { socket, closed } = open(`${head}{`);
    const drip = setInterval(() => socket.writable && socket.write(' '), 200);
    assert.ok((await closed) < beforeNodeMs);
    clearInterval(drip);
  });
});

describe('too many queries of one client', () => {
  it('are refused with 429 and when to come again', async () => {
    const leaves = Array.from({ length: 16 }, () => site.portal.gate.enter('127.0.0.1'));
    const answer = await fetch(`${address}/api/v1/datasets/long/rows?where=n=123&limit=3`);
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal(((await answer.json()) as { code: string }).code, 'too-many-requests');
    for (const leave of leaves) leave();
    assert.equal((await fetch(`${address}/api/v1/datasets/long/rows?where=n=123&limit=3`)).status, 200);
  });
});
