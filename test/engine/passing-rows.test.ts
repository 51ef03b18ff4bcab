// Whole tables that only pass by: read apart, with little memory, and nothing of them kept.

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorOf, openBench, toRequest, type Bench } from './fixture.ts';

const rows = 400_000;
const query = 'select title, ":id"::varchar from data where cost >= 0';
const passing = { keyColumns: 1, estimatedRows: rows, passesOnce: true } as const;

/** How many children hold the serving file open. */
function holders({ events, file }: Bench): number {
  const pids = events.flatMap((event) => (event.kind === 'worker-started' ? [event.pid] : []));
  return pids.filter((pid) => {
    // A child that has ended holds nothing; a file may be closed between being listed and being read.
    const open = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    return open.some((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) === file.path);
  }).length;
}

function unlessGone<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code))) return null;
    throw error;
  }
}

test('a whole table that passes once has the same bytes, and its file is let go of', async (t) => {
  const bench = await openBench(t, rows, { workers: 1, extraWorkers: 0, heavyRows: 1000 });
  const passed = await bench.ask(query, passing);
  // The last byte comes before the file is closed.
  for (let left = 100; left > 0 && holders(bench) > 0; left--) await sleep(50);
  assert.equal(holders(bench), 0);
  const kept = await bench.ask(query, { ...passing, passesOnce: false });
  assert.equal(holders(bench), 1);
  assert.equal(passed.text, kept.text);
  assert.equal(passed.trailer.rows, rows);
  assert.deepEqual(passed.trailer.lastKeys, kept.trailer.lastKeys);
});

test('a small answer is read as ever; a fault or a departed reader of a passing table leaves a child that works', async (t) => {
  const bench = await openBench(t, rows, { workers: 1, extraWorkers: 0, heavyRows: 1000 });
  const error = await errorOf(bench.ask("select (1 / (cost - cost))::integer::varchar, '0' from data", passing));
  assert.equal(error.code, 'evaluation-failed');
  const leave = new AbortController();
  const left = await bench.engine.query(toRequest(bench.file, query, passing), leave.signal);
  await left.chunks[Symbol.asyncIterator]().next();
  leave.abort();
  await assert.rejects(left.trailer);
  const small = await bench.ask('select title, \'0\' from data where ":id" = 7', { ...passing, estimatedRows: 1 });
  assert.equal(small.text, 'Permit 7');
  assert.equal(holders(bench), 1);
});
