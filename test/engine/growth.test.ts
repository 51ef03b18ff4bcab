// How many children there are: one until a query has to wait, then as many as there is work for, and never more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patienceMs } from '../patience.ts';
import { growTo, openBench } from './fixture.ts';

/** No query counts as slow, however busy the machine: a slow one gets its neighbours a child of their own. */
const settings = { extraWorkers: 0, slowAfterMs: patienceMs };
const count = 'select count(*)::varchar from data';

test('one child answers whoever comes alone; another is started when a query waits, and stays', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 2, ...settings });
  for (let round = 0; round < 3; round++) assert.equal((await bench.ask(count)).text, '1000');
  assert.equal(bench.engine.stats().workers, 1);
  await growTo(bench, 2);
  for (let round = 0; round < 3; round++) assert.equal((await bench.ask(count)).text, '1000');
  assert.equal(bench.engine.stats().workers, 2);
});

test('a crowd of queries starts no more children than the setting allows, and all are answered', async (t) => {
  const bench = await openBench(t, 1_000, { workers: 3, ...settings });
  await growTo(bench, 3);
  const answers = await Promise.all(Array.from({ length: 60 }, async () => (await bench.ask(count)).text));
  assert.deepEqual(new Set(answers), new Set(['1000']));
  assert.equal(bench.engine.stats().workers, 3);
  assert.equal(bench.events.filter((event) => event.kind === 'worker-started').length, 3);
});
