// What the open internet may send to a public portal: each gets a problem with a permanent code, and nobody notices.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { errorTable } from '../../src/base/errors.ts';
import { serve, type Served } from '../cli/portal-process.ts';
import { familyOf, getJson, memoryOf, publishOver, readCode, toCsv } from './ground.ts';

const rows = 60_000;
const deadlineSeconds = 30;
const portalMemoryMb = 700;
const workerMemoryMb = 1_500;

let portal: Served;
const folder = mkdtempSync(join(tmpdir(), 'portal-hostile-'));
const stops: (() => Promise<unknown>)[] = [];

before(async () => {
  const cleaner = { after: (stop: () => Promise<unknown>) => void stops.push(stop) } as unknown as TestContext;
  const dataDir = join(folder, 'data');
  const settings = { SAMPLE: 'off', QUERY_WORKERS: '2', QUERY_DEADLINE_SECONDS: String(deadlineSeconds) };
  portal = await serve(cleaner, dataDir, settings);
  const sent = await publishOver(portal.url, dataDir, 'trees', toCsv('leaf', rows));
  assert.equal(sent.status, 201, JSON.stringify(sent.body));
});
after(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

type Told = { readonly status: number; readonly body: string };

/** One GET with the path exactly as given: fetch would mend it. */
function get(path: string): Promise<Told> {
  const { hostname, port } = new URL(portal.url);
  return new Promise((done, failed) => {
    const asked = request({ hostname, port, path, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += body.length < 100_000 ? text : ''));
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body }));
      answer.on('error', failed);
    });
    asked.on('error', failed);
    asked.end();
  });
}

const native = (parameters: string): string => `/api/v1/datasets/trees/rows?${parameters}`;
const soda = (parameters: string): string => `/resource/trees.json?${parameters}`;
const both = (where: string): readonly string[] => {
  const text = encodeURIComponent(where);
  return [native(`where=${text}`), soda(`$where=${text}`)];
};

function requireProblem(name: string, told: Told): void {
  assert.ok(told.status >= 400 && told.status < 600, `${name}: ${told.status} ${told.body.slice(0, 200)}`);
  assert.notEqual(told.status, 500, `${name}: ${told.body.slice(0, 300)}`);
  const code = readCode(told.body);
  assert.ok(code !== null && Object.hasOwn(errorTable, code), `${name}: ${told.body.slice(0, 300)}`);
  assert.doesNotMatch(told.body, /Binder Error|Parser Error|Catalog Error|node_modules|\/src\/|at \w+ \(/, name);
}

const nested = (depth: number): string => `${'('.repeat(depth)}ward=1${')'.repeat(depth)}`;
const list = (items: number): string => `ward in (${Array.from({ length: items }, (_, index) => index).join(',')})`;
const chain = (name: string, depth: number): string => `${`${name}(`.repeat(depth)}mark${')'.repeat(depth)}='x'`;

/** Each must be refused. */
const refused: readonly (readonly [name: string, path: string])[] = [
  ...[33, 500, 5_000].flatMap((depth) => both(nested(depth)).map((path) => [`${depth} parentheses`, path] as const)),
  ...both('not '.repeat(2_000) + 'ward=1').map((path) => ['2,000 times not', path] as const),
  ...both(list(1_001)).map((path) => ['a list of 1,001', path] as const),
  ...both('ward=1 or '.repeat(1_000) + 'ward=2').map((path) => ['1,001 conditions', path] as const),
  ...both(chain('lower', 40)).map((path) => ['40 times lower', path] as const),
  ...both(`mark like '${'%a'.repeat(8_500)}'`).map((path) => ['a pattern of 17,000 characters', path] as const),
  ...[
    '1=1; drop table data; --',
    'ward=1 union select * from duckdb_settings()',
    "mark = '' or exists (select 1 from read_csv('/etc/passwd'))",
    'ward in (select 1)',
    "read_text('/etc/passwd') is not null",
    "getenv('HOME') is not null",
    'pg_sleep(10) is null',
    "repeat(mark, 100000000) = 'x'",
    "regexp_matches(mark, '(a+)+$')",
    "ward = 1 /* */ ; attach 'x' as y",
    '"ward"" = 1 or ""ward" = 1',
    'ward = $1',
    'ward = ?',
    'COLUMNS(*) = 1',
    '__proto__ = 1',
    'constructor = 1',
    '__proto__(ward) = 1',
    "toString(ward) = '1'",
    "mark = 'open",
    'ward = 0x1F\u0000',
    'ward = \ud800',
  ].flatMap((where) => {
    const text = encodeURIComponent(where.toWellFormed());
    return [[where, native(`where=${text}`)] as const, [where, soda(`$where=${text}`)] as const];
  }),
  ['NUL, percent-encoded', native('where=ward%00=1')],
  ['NUL, percent-encoded, SODA', soda('$where=ward%00=1')],
  ['NUL in a text', native("where=mark='a%00b'")],
  ['NUL in the id', '/api/v1/datasets/tr%00ees/rows'],
  ['half a character', native('where=mark=%27%ED%A0%80%27')],
  ['bytes that are no UTF-8', native('where=mark=%27%FF%FE%27')],
  ['bytes that are no UTF-8, SODA', soda('$where=mark=%27%FF%FE%27')],
  ['a percent sign alone', native('where=%')],
  ['a parameter twice', native('where=ward=1&where=ward=2')],
  ['a parameter twice, SODA', soda('$where=ward=1&$where=ward=2')],
  ['__proto__ as a parameter', native('__proto__=1')],
  ['__proto__ as a parameter, SODA', soda('__proto__=1')],
  ['constructor.prototype as a parameter', native('constructor[prototype][x]=1')],
  ['__proto__ as a dataset', '/api/v1/datasets/__proto__/rows'],
  ['__proto__ as a format', '/resource/trees.__proto__'],
  ['a path that climbs', '/datasets/..%2f..%2f..%2fetc%2fpasswd/download.csv'],
  ['a limit without end', native('limit=99999999999999999999')],
  ['a limit below nothing', soda('$limit=-1')],
  ['an offset of letters', soda('$offset=1e9')],
  ['a cursor from nowhere', native('after=AAAAAAAAAAAAAAAA')],
  ['aliases that double', native(`select=${encodeURIComponent(doubling(40))}`)],
  ['replace that multiplies', native(`select=${encodeURIComponent(multiplying(28))}`)],
];

/** Each alias is twice the one before. */
function doubling(times: number): string {
  const items = Array.from({ length: times }, (_, index) => `concat(a${index}, a${index}) as a${index + 1}`);
  return ['mark as a0', ...items].join(', ');
}

function multiplying(times: number): string {
  return `${'replace('.repeat(times)}mark${", 'e', 'eeeeeeeeeeeeeeeeeeee')".repeat(times)} as x`;
}

test('hostile text is refused with a permanent code', async () => {
  for (const [name, path] of refused) requireProblem(`${name} (${path.slice(0, 60)})`, await get(path));
  assert.equal((await getJson<{ count: number }>(`${portal.url}/api/v1/datasets/trees/count`)).count, rows);
});

/** Heavy but allowed: each is answered, or given up at the deadline. */
const heavy: readonly string[] = [
  native(
    `select=${encodeURIComponent('mark,cost,ward,id,count(*) as n,count(distinct mark) as d')}&group=mark,cost,ward,id&order=d&limit=1000`,
  ),
  soda(`$select=mark,id,count(*)&$group=mark,id&$order=mark%20desc&$limit=50000`),
  native(`where=${encodeURIComponent(`mark like '${'%e'.repeat(2_000)}%zz'`)}`),
  soda(`$where=${encodeURIComponent(`mark like '${'%a_'.repeat(1_500)}'`)}`),
  native(`where=${encodeURIComponent(`mark like '${'%'.repeat(8_000)}x'`)}`),
  native(`where=${encodeURIComponent(chain('lower', 28))}`),
  native(`where=${encodeURIComponent(list(1_000))}&order=mark%20desc`),
  native(`select=${encodeURIComponent(multiplying(6))}&order=x&limit=1000`),
  soda(`$select=${encodeURIComponent(multiplying(6))}&$order=x`),
  native(`q=${encodeURIComponent('leaf number '.repeat(200))}`),
  native('offset=59999&order=mark%20desc'),
];

/** Makes eight thousand letters of each that it finds in every row; never twice the same, so none comes from memory. */
function toBomb(turn: number): string {
  const made = multiplying(3).replace(/ as x$/u, '');
  return native(`where=${encodeURIComponent(`length(${made}) = ${7 + turn}`)}&limit=1`);
}

/** Many times as many as a small query needs to be seen passing one. */
const mostBombs = 40;

/** One that is never asked twice, so that no answer comes from memory. */
let nextId = 0;
async function askSmall(): Promise<Told> {
  nextId += 1;
  return get(native(`where=id=${nextId}&limit=1&select=id,mark`));
}

test('query bombs are answered or given up, and small queries beside them are answered meanwhile', async (t) => {
  assert.equal((await askSmall()).status, 200);
  const waiting = [...heavy];
  const told: { readonly path: string; readonly told: Told }[] = [];
  let [running, overtaken, asked, more] = [0, 0, 0, 0];
  // On a quick machine the list is over before a small query has been seen to pass: then it goes on.
  const next = (): string | undefined =>
    waiting.shift() ?? (overtaken === 0 && more < mostBombs ? toBomb(more++) : undefined);
  const oneByOne = async (): Promise<void> => {
    running += 1;
    for (let path = next(); path !== undefined; path = next()) told.push({ path, told: await get(path) });
    running -= 1;
  };
  // As many as there are query processes.
  const bombs = Promise.allSettled([oneByOne(), oneByOne()]);
  while (running > 0) {
    const before = told.length;
    const wasFull = running === 2;
    const small = await askSmall();
    assert.equal(small.status, 200, small.body.slice(0, 300));
    asked += 1;
    // Asked after two bombs, and answered before either of them.
    if (wasFull && told.length === before) overtaken += 1;
    await wait(20);
  }
  for (const { status } of await bombs) assert.equal(status, 'fulfilled', 'every bomb gets an answer');
  for (const bomb of told) if (bomb.told.status >= 400) requireProblem(bomb.path.slice(0, 80), bomb.told);
  t.diagnostic(
    `${overtaken} of ${asked} small queries were answered before the bombs they were asked beside; ` +
      `bombs: ${told.map((bomb) => bomb.told.status).join(' ')}`,
  );
  assert.ok(overtaken > 0, 'a small query waits for no bomb');
});

/** Sends a request line without end, and gives what came back and how much was taken. */
function flood(bytes: number, head: string): Promise<{ readonly answer: string; readonly sent: number }> {
  const { hostname, port } = new URL(portal.url);
  const block = Buffer.alloc(65_536, 'a');
  return new Promise((done) => {
    let [answer, sent] = ['', 0];
    const socket = connect(Number(port), hostname);
    const pump = (): void => {
      while (sent < bytes && !socket.destroyed) {
        sent += block.length;
        if (!socket.write(block)) return;
      }
      if (sent >= bytes && !socket.destroyed) socket.end('\r\n\r\n');
    };
    socket.on('connect', () => {
      socket.write(head);
      pump();
    });
    socket.on('drain', pump);
    socket.on('data', (chunk) => (answer += answer.length < 10_000 ? chunk.toString('latin1') : ''));
    socket.on('error', () => undefined); // being cut off is what is meant to happen
    socket.on('close', () => done({ answer, sent }));
  });
}

test('a request line of 100 MB is cut off early', async () => {
  for (const head of [
    'GET /api/v1/datasets/trees/rows?where=',
    'GET /resource/trees.json?$where=',
    'GET / HTTP/1.1\r\nX: ',
  ]) {
    const { answer, sent } = await flood(100 * 1024 * 1024, head);
    assert.ok(sent < 20 * 1024 * 1024, `${sent} bytes were taken`);
    // A client that is still writing may lose the answer to a reset; when it arrives, it is a proper one.
    if (answer !== '')
      assert.match(answer, /^HTTP\/1\.1 (431|414|400) [^]*"code":"(headers-too-large|uri-too-long|bad-request)"/);
  }
});

test('a query of 60 KB and one of 1 MB are refused with a code that says so', async () => {
  for (const [size, statuses] of [
    [60_000, [400, 414]],
    [1_000_000, [414, 431]],
  ] as const) {
    for (const path of both(`mark='${'a'.repeat(size)}'`)) {
      const told = await get(path);
      requireProblem(`${size} bytes`, told);
      assert.ok((statuses as readonly number[]).includes(told.status), `${told.status}`);
    }
  }
});

test('a query as JSON is bound by the same limits', async () => {
  const deep = (depth: number): unknown =>
    depth === 0 ? { op: '=', args: [{ property: 'ward' }, 1] } : { op: 'not', args: [deep(depth - 1)] };
  const bodies = [
    JSON.stringify({ where: deep(1_600) }),
    `{"where":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    JSON.stringify({ where: { op: 'in', args: [{ property: 'ward' }, Array.from({ length: 5_000 }, (_, i) => i)] } }),
    JSON.stringify({ where: `mark='${'a'.repeat(1_000_000)}'` }),
    '{"__proto__":{"limit":1}}',
    '{"where":{"constructor":{"prototype":{}}}}',
    '{"where":"ward=1","where":',
  ];
  for (const body of bodies) {
    const answer = await fetch(`${portal.url}/api/v1/datasets/trees/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const told = { status: answer.status, body: await answer.text() };
    requireProblem(body.slice(0, 60), told);
  }
});

test('after all of it the same process serves, within its memory', async (t) => {
  const { nowMb, peakMb } = memoryOf(portal.pid);
  const workers = familyOf(portal.pid).filter(({ pid, command }) => pid !== portal.pid && command.includes('engine'));
  const worst = Math.max(0, ...workers.map(({ pid }) => memoryOf(pid).peakMb).filter((mb) => !Number.isNaN(mb)));
  t.diagnostic(
    `portal ${Math.round(nowMb)} MB, at its highest ${Math.round(peakMb)} MB; workers at most ${Math.round(worst)} MB`,
  );
  assert.ok(peakMb < portalMemoryMb, `${peakMb} MB`);
  assert.ok(workers.length > 0 && worst < workerMemoryMb, `${worst} MB`);
  const told = await get('/health/ready');
  assert.equal(told.status, 200, told.body);
});
