// Queries made to take the machine down (a corpus of known bombs): each ends at its deadline, and the next one works.
// How soon after the deadline is watchdog.test.ts to say, by a clock of its own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../patience.ts';
import { errorOf, growTo, openBench } from './fixture.ts';
import type { Bench } from './fixture.ts';

const deadlineMs = 1500;

let bench: Bench;
const closers: (() => unknown)[] = [];
before(async () => {
  bench = await openBench({ after: (close: () => unknown) => closers.push(close) }, 200_000);
  await growTo(bench, 3);
});
after(async () => {
  for (const close of closers) await close();
});

const bombs: readonly [name: string, sql: string][] = [
  ['repeat', `select repeat('x', 2000000000)`],
  ['repeat over rows', `select length(repeat(title, 200000000))::varchar from data`],
  ['lpad', `select lpad('x', 2000000000, 'y')`],
  ['format', `select format('{:>2000000000}', 'x')`],
  ['printf', `select printf('%2000000000d', 1)`],
  ['a list of a range', `select len(range(1000000000))::varchar`],
  ['string_split', `select len(string_split(repeat('a,', 500000000), ','))::varchar`],
  ['levenshtein over repeat', `select levenshtein(repeat('ab', 200000), repeat('ba', 200000))::varchar`],
  ['a cross join', `select count(*)::varchar from data a, data b, data c where a.cost < b.cost + c.cost`],
  [
    'a recursive query',
    `with recursive x as (select 1::hugeint n union all select n + 1 from x) select max(n)::varchar from x`,
  ],
  ['a range of many rows', `select count(*)::varchar from range(100000000000) t(i) where hash(i) = 1`],
  ['list over many rows', `select list(repeat(title, 50))::varchar from data, range(1000)`],
  ['string_agg over many rows', `select string_agg(repeat(title, 50)) from data, range(1000)`],
];

for (const [name, sql] of bombs) {
  test(`${name} ends in time and hurts nobody`, async () => {
    const error = await errorOf(bench.ask(sql, { deadlineMs }));
    assert.ok(['deadline-exceeded', 'answer-too-large', 'evaluation-failed'].includes(error.code), error.code);
    if (error.code === 'deadline-exceeded') assert.ok((error.details.retryAfterSeconds ?? 0) > 0);
    assert.equal((await bench.ask('select count(*)::varchar from data')).text, '200000');
  });
}

test('a child that ignores the interrupt was killed, and others took its place', async () => {
  assert.ok(bench.engine.stats().killed >= 1);
  await until('others are there', () => bench.engine.stats().workers >= 3);
  assert.ok(bench.events.some((event) => event.kind === 'worker-ended' && event.killedByWatchdog));
});

test('a query in another child does not notice a bomb', async () => {
  const bomb = errorOf(bench.ask(`select length(repeat(title, 200000000))::varchar from data`, { deadlineMs }));
  const others = await Promise.all(
    Array.from({ length: 20 }, async () => (await bench.ask('select max(":id")::varchar from data')).text),
  );
  assert.deepEqual(new Set(others), new Set(['200000']));
  await bomb;
});

test('kill -9 of a child ends only its own query, and the next one works', async () => {
  const pids = bench.events.flatMap((event) => (event.kind === 'worker-started' ? [event.pid] : []));
  const endless = `select count(*)::varchar from range(100000000000) t(i) where hash(i) = 1`;
  const work = errorOf(bench.ask(endless));
  await until('a child is busy', () => bench.engine.stats().busy === 1);
  const killed = pids.filter((pid) => isAlive(pid));
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const error = await work;
  assert.equal(error.code, 'internal-error');
  // Idle children were killed too: a query sent to one before its end is known would be told the same.
  const isKnown = (pid: number) => bench.events.some((event) => event.kind === 'worker-ended' && event.pid === pid);
  await until('every end is known', () => killed.every(isKnown));
  assert.equal((await bench.ask('select count(*)::varchar from data')).text, '200000');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
