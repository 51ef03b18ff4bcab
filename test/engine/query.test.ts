// Answers: rows, budgets, keys, parameters, errors and readers, on real children.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../patience.ts';
import { collect, errorOf, openBench, toRequest } from './fixture.ts';
import type { Bench } from './fixture.ts';

let bench: Bench;
const closers: (() => unknown)[] = [];
before(async () => {
  bench = await openBench({ after: (close: () => unknown) => closers.push(close) }, 200_000);
});
after(async () => {
  for (const close of closers) await close();
});

test('rows come in order with separators between', async () => {
  const { text, trailer } = await bench.ask(`select title from data where ":id" <= 3 order by ":id"`, {
    separator: ',\n',
  });
  assert.equal(text, 'Permit 1,\nPermit 2,\nPermit 3');
  assert.deepEqual(
    { ...trailer, elapsedMs: 0 },
    {
      rows: 3,
      bytes: 28,
      more: false,
      truncated: false,
      lastKeys: [],
      elapsedMs: 0,
    },
  );
});

test('an empty result has no bytes', async () => {
  const { text, trailer } = await bench.ask('select title from data where false', { keyColumns: 0 });
  assert.equal(text, '');
  assert.equal(trailer.rows, 0);
});

test('maxRows stops after the row and says that there is more', async () => {
  const sql = `select title, ":id"::varchar, null::varchar from data order by ":id"`;
  const { text, trailer } = await bench.ask(sql, { maxRows: 2, keyColumns: 2 });
  assert.equal(text, 'Permit 1\nPermit 2');
  assert.equal(trailer.more, true);
  assert.deepEqual(trailer.lastKeys, ['2', null]);
  const exact = await bench.ask(`${sql} limit 2`, { maxRows: 2, keyColumns: 2 });
  assert.equal(exact.trailer.more, false);
  const none = await bench.ask(sql, { maxRows: 0, keyColumns: 2 });
  assert.deepEqual([none.text, none.trailer.more], ['', true]);
});

test('lastKeys are those of the last emitted row beyond a chunk of the engine', async () => {
  const { trailer } = await bench.ask(`select title, ":id"::varchar from data order by ":id"`, {
    maxRows: 5001,
    keyColumns: 1,
  });
  assert.deepEqual(trailer.lastKeys, ['5001']);
  const whole = await bench.ask(`select title, ":id"::varchar from data order by ":id" limit 4096`, {
    maxRows: 4096,
    keyColumns: 1,
  });
  assert.deepEqual([whole.trailer.lastKeys, whole.trailer.more], [['4096'], false]);
});

test('maxBytes never lets more bytes out, ends after a whole row, and says so', async () => {
  const { text, trailer } = await bench.ask(`select title, ":id"::varchar from data order by ":id"`, {
    maxBytes: 1000,
    keyColumns: 1,
  });
  assert.ok(Buffer.byteLength(text) <= 1000);
  assert.equal(trailer.truncated, true);
  assert.equal(text.split('\n').length, trailer.rows);
  assert.equal(text.split('\n').at(-1), `Permit ${trailer.lastKeys[0]}`);
  const error = await errorOf(bench.ask('select title from data', { maxBytes: 3 }));
  assert.equal(error.code, 'answer-too-large');
});

test('bytes survive as they are: every byte value, long and short, null characters, other scripts', async () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const answer = await bench.engine.query(toRequest(bench.file, 'select $1::blob', { params: [all] }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), Buffer.from(all));
  for (const word of ['', 'a', 'twelve bytes', 'thirteen bytes', 'Kent ✓ ਕੈਂਟ \u0000 end', 'x'.repeat(700_000)]) {
    const { text } = await bench.ask('select $1::varchar', { params: [word] });
    assert.equal(text, word);
  }
});

test('every kind of parameter arrives as its type', async () => {
  const { text } = await bench.ask(
    "select concat_ws(' ', typeof($1), typeof($2), typeof($3), typeof($4), typeof($5), typeof($6), $3)",
    {
      params: [1.5, 7n, 2n ** 70n, true, 'x', new Uint8Array([1])],
    },
  );
  assert.equal(text, `DOUBLE BIGINT HUGEINT BOOLEAN VARCHAR BLOB ${2n ** 70n}`);
  const missing = await bench.ask(`select coalesce($1, 'none')`, { params: [null] });
  assert.equal(missing.text, 'none');
  assert.equal((await errorOf(bench.ask('select $1::varchar', { params: [] }))).code, 'internal-error');
});

test('a large answer is the same as DuckDB says', async () => {
  const { text, trailer } = await bench.ask(`select ":id" || ',' || ward || ',' || cost from data order by ":id"`);
  const lines = text.split('\n');
  assert.equal(lines.length, 200_000);
  assert.equal(trailer.bytes, Buffer.byteLength(text));
  const sums = await bench.ask(`select sum(":id") || ' ' || sum(cost)::decimal(18, 2) from data`);
  const ids = lines.reduce((sum, line) => sum + Number(line.split(',')[0]), 0);
  const cents = lines.reduce((sum, line) => sum + Math.round(Number(line.split(',')[2]) * 100), 0);
  assert.equal(sums.text, `${ids} ${(cents / 100).toFixed(2)}`);
});

test('faults in values are told plainly, without SQL or paths', async () => {
  const cases: [string, string][] = [
    [`select title::integer::varchar from data`, 'evaluation-failed'],
    [`select (9223372036854775807 + ward::bigint)::varchar from data`, 'evaluation-failed'],
    [`select error('division by zero')`, 'division-by-zero'],
    [`select geo_geojson('nonsense'::blob)`, 'evaluation-failed'],
    ['select nonsense from data', 'internal-error'],
    ['select from where', 'internal-error'],
  ];
  for (const [sql, code] of cases) {
    const error = await errorOf(bench.ask(sql));
    assert.equal(error.code, code, sql);
    assert.doesNotMatch(error.message, /select|LINE|\/tmp|duckdb|nonsense/i);
  }
});

test('many queries at once all get their own answer', async () => {
  const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
  const answers = await Promise.all(
    numbers.map(
      async (id) => (await bench.ask('select title from data where ":id" = $1', { params: [BigInt(id)] })).text,
    ),
  );
  assert.deepEqual(
    answers,
    numbers.map((id) => `Permit ${id}`),
  );
});

test('a slow reader makes the engine wait: little is read ahead, and its time does not count', async () => {
  const sql = `select repeat(title, 20) from data a, range(20)`;
  const answer = await bench.engine.query(toRequest(bench.file, sql));
  let settled = false;
  const ended = answer.trailer.finally(() => (settled = true));
  const reader = answer.chunks[Symbol.asyncIterator]();
  const first = await reader.next();
  assert.equal(first.done, false);
  const before = process.memoryUsage().rss;
  await sleep(500);
  assert.equal(settled, false, 'the whole answer was read ahead');
  assert.ok(process.memoryUsage().rss - before < 40e6);
  assert.equal(bench.engine.stats().busy, 1);
  await reader.return?.();
  await assert.rejects(ended, { name: 'AbortError' });
  await until('no child is busy', () => bench.engine.stats().busy === 0);
});

test('a reader that takes nothing for too long loses its answer and frees the child', async (t) => {
  const other = await openBench(t, 200_000, { workers: 1, extraWorkers: 0, longestPauseMs: 200 });
  const answer = await other.engine.query(toRequest(other.file, `select repeat(title, 20) from data a, range(20)`));
  const error = await errorOf(answer.trailer);
  assert.equal(error.code, 'deadline-exceeded');
  assert.equal((await other.ask('select 1::varchar')).text, '1');
  await assert.rejects(collect(answer), { code: 'deadline-exceeded' });
});

test('abort ends the query, frees the processor, and the reader gets the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('the client went away');
  const work = bench.ask(
    'select count(*)::varchar from data a, data b, data c where a.cost < b.cost + c.cost',
    {},
    controller.signal,
  );
  const rejected = assert.rejects(work, reason);
  await until('a child is busy', () => bench.engine.stats().busy === 1);
  await sleep(200);
  controller.abort(reason);
  await rejected;
  await until('no child is busy', () => bench.engine.stats().busy === 0);
  const ended = bench.events.findLast((event) => event.kind === 'query-ended');
  assert.equal(ended?.outcome, 'aborted');
  await assert.rejects(bench.ask('select 1::varchar', {}, AbortSignal.abort(reason)), reason);
});

test('leaving the loop early ends the query', async () => {
  const answer = await bench.engine.query(toRequest(bench.file, `select repeat(title, 20) from data a, range(50)`));
  for await (const chunk of answer.chunks) {
    assert.ok(chunk.length > 0);
    break;
  }
  await assert.rejects(answer.trailer, { name: 'AbortError' });
  await until('no child is busy', () => bench.engine.stats().busy === 0);
});

test('a line that is full answers overloaded, and so does a wait longer than the deadline', async (t) => {
  const other = await openBench(t, 1000, { workers: 1, extraWorkers: 0, maxQueue: 1 });
  await other.ask('select 1::varchar');
  const held = await holdChild(other);
  const waiting = other.ask('select 2::varchar');
  await until('one waits', () => other.engine.stats().queued === 1);
  const refused = await errorOf(other.ask('select 1::varchar'));
  assert.equal(refused.code, 'overloaded');
  assert.ok((refused.details.retryAfterSeconds ?? 0) > 0);
  await held.letGo();
  assert.equal((await waiting).text, '2');
  const again = await holdChild(other);
  assert.equal((await errorOf(other.ask('select 1::varchar', { deadlineMs: 300 }))).code, 'overloaded');
  await again.letGo();
  const long = `select count(*)::varchar from data a, data b, data c where a.cost < b.cost + c.cost`;
  assert.equal((await errorOf(other.ask(long, { deadlineMs: 500 }))).code, 'deadline-exceeded');
  assert.equal((await other.ask('select 1::varchar')).text, '1');
});

/** Keeps the only child busy for as long as the test wants: with a reader who takes nothing. */
async function holdChild({ engine, file }: Bench): Promise<{ letGo(): Promise<void> }> {
  const held = await engine.query(toRequest(file, `select repeat(title, 20) from data a, range(400)`));
  const ended = assert.rejects(held.trailer, { name: 'AbortError' });
  const reader = held.chunks[Symbol.asyncIterator]();
  assert.equal((await reader.next()).done, false);
  const letGo = async (): Promise<void> => {
    await reader.return?.();
    await ended;
    await until('no child is busy', () => engine.stats().busy === 0);
  };
  return { letGo };
}
