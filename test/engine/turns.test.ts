// One client's many queries, dear ones and slowly read ones, leave children for the others; the line is served in turn.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineAnswer } from '../../src/engine/engine.ts';
import { until } from '../patience.ts';
import { collect, growTo, openBench, toRequest } from './fixture.ts';

const endless = 'select count(*)::varchar from range(100000000000) t(i) where hash(i) = 1';
const small = 'select count(*)::varchar from data';

test('sixteen endless queries of one client hold half of the children, and another client is answered', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 2, extraWorkers: 2 });
  const leaving = new AbortController();
  const begun = Array.from({ length: 16 }, () => bench.ask(endless, { client: 'a' }, leaving.signal));
  const ended = Promise.allSettled(begun);
  await until('the first are slow', () => bench.engine.stats().busy >= 2);
  for (let round = 0; round < 5; round++) {
    assert.equal((await bench.ask(small, { client: 'b' })).text, '1000');
    assert.equal((await bench.ask(small)).text, '1000', 'the portal’s own');
    assert.ok(bench.engine.stats().busy <= 2, 'a child more is held by the first client');
  }
  assert.equal(bench.engine.stats().queued, 14);
  leaving.abort();
  assert.ok((await ended).every(({ status }) => status === 'rejected'));
});

test('six slow readers of one client hold half of the children, and another client is answered', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 2, extraWorkers: 2 });
  const long = `select repeat('x', 1000) from range(20000) t(i)`;
  const answers: EngineAnswer[] = [];
  const leaving = new AbortController();
  const asked = Array.from({ length: 6 }, async () => {
    answers.push(await bench.engine.query(toRequest(bench.file, long, { client: 'a' }), leaving.signal));
  });
  const ended = Promise.allSettled(asked);
  await until('two are being read', () => answers.length >= 2);
  assert.equal((await bench.ask(small, { client: 'b' })).text, '1000');
  assert.equal(answers.length, 2, 'the other four wait for those two');
  const first = await collect(answers[0]!);
  assert.equal(first.trailer.rows, 20_000);
  await until('the next has its turn', () => answers.length >= 3);
  leaving.abort();
  const trailers = await Promise.allSettled(answers.slice(1).map(({ trailer }) => trailer));
  assert.ok(trailers.every(({ status }) => status === 'rejected'));
  await ended;
});

test('the line is served by client in turn, not by who came first', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 4, extraWorkers: 0, slowAfterMs: 600_000 });
  await growTo(bench, 4);
  const [leaving, first] = [new AbortController(), new AbortController()];
  const hold = (client: string, signal: AbortSignal) => bench.ask(endless, { client }, signal);
  const held = Promise.allSettled([hold('a', leaving.signal), hold('c', leaving.signal), hold('c', leaving.signal)]);
  const freed = Promise.allSettled([hold('d', first.signal)]);
  await until('all children are held', () => bench.engine.stats().busy === 4);
  const order: string[] = [];
  const ask = async (client: string): Promise<void> => {
    await bench.ask(small, { client });
    order.push(client);
  };
  const waiting = [ask('c'), ask('a'), ask('b')];
  await until('they wait', () => bench.engine.stats().queued === 3);
  first.abort();
  await Promise.all(waiting.slice(1));
  assert.deepEqual(order, ['b', 'a'], 'b holds nothing, a holds one, and c as many as one client may');
  leaving.abort();
  await Promise.all([held, freed, ...waiting]);
  assert.equal(order.at(-1), 'c');
});
