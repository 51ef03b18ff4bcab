// A child that something from outside has ended while it idled: the query that was sent to it is answered by another.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patienceMs, until } from '../patience.ts';
import { processorMsOf } from '../processor.ts';
import { errorOf, growTo, livingChildren, openBench, type Bench } from './fixture.ts';

/** Their ends may not have been seen yet. */
const killed = new Set<number>();

const pidsOf = (bench: Bench): readonly number[] => livingChildren(bench).filter((pid) => !killed.has(pid));

function killFirst(bench: Bench): void {
  const pid = pidsOf(bench)[0];
  assert.ok(pid !== undefined, 'there is no child to kill');
  killed.add(pid);
  process.kill(pid, 'SIGKILL');
}

async function untilWorkers(bench: Bench, count: number): Promise<void> {
  await until(`${count} children are there`, () => pidsOf(bench).length >= count);
  assert.equal(pidsOf(bench).length, count);
}

const count = 'select count(*)::varchar from data';

test('a query, and the first look at a file, go to another child when theirs was killed while it idled', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 2, extraWorkers: 0 });
  // The very first query has the file hashed by a child, too.
  killFirst(bench);
  assert.equal((await bench.ask(count)).text, '1000');
  await until('its end is seen', () => livingChildren(bench).every((pid) => !killed.has(pid)));
  await growTo(bench, 2);
  for (let round = 0; round < 3; round++) {
    await untilWorkers(bench, 2);
    killFirst(bench);
    const answers = await Promise.all([bench.ask(count), bench.ask(count)]);
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['1000', '1000'],
    );
  }
  const lost = bench.events.filter((event) => event.kind === 'query-ended' && event.outcome === 'internal-error');
  assert.ok(lost.length > 0, 'a child was lost with its query, and nobody noticed');
});

test('a child that dies in the middle of its query takes the query with it: it may have been the cause', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 2, extraWorkers: 0 });
  await growTo(bench, 2);
  const answered = bench.events.filter((event) => event.kind === 'query-ended').length;
  if (process.platform !== 'linux') return t.skip('what a child computes is read in /proc');
  const before = processorMsOf(pidsOf(bench));
  const work = errorOf(bench.ask(`select count(*)::varchar from range(100000000000) t(i) where hash(i) = 1`));
  await until('a child computes', () => processorMsOf(pidsOf(bench)) > before + 300);
  for (const pid of pidsOf(bench)) process.kill(pid, 'SIGKILL');
  const error = await work;
  assert.equal(error.code, 'internal-error');
  assert.equal(bench.events.filter((event) => event.kind === 'query-ended').length, answered + 1);
});

test('an answer that has begun is never begun again', async (t) => {
  const bench = await openBench(t, 400_000, { workers: 1, extraWorkers: 0 });
  await bench.ask(count);
  const answer = await bench.engine.query({
    file: bench.file,
    text: `select repeat(title, 40) from data`,
    params: [],
    keyColumns: 0,
    maxRows: null,
    maxBytes: null,
    separator: '\n',
    deadlineMs: patienceMs,
    estimatedRows: 10,
  });
  const [pid] = pidsOf(bench);
  const error = await errorOf(
    (async () => {
      let chunks = 0;
      for await (const chunk of answer.chunks)
        if (chunk.length > 0 && chunks++ === 0) process.kill(pid ?? 0, 'SIGKILL');
    })(),
  );
  assert.equal(error.code, 'internal-error');
});
