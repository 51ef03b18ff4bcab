// What the log is told of the query engine: the queries that a limit stopped, and no others.

import assert from 'node:assert/strict';
import test from 'node:test';

import { systemClock } from '../../src/base/clock.ts';
import { readConfig } from '../../src/base/config.ts';
import { toLogLine, type PortalEvent } from '../../src/base/events.ts';
import { openQueryEngine, toPortalEvent } from '../../src/open/engine.ts';
import { until } from '../patience.ts';
import { collect, errorOf, makeFolder, makeServingFile, toRequest } from './fixture.ts';

test('a query that its deadline stopped stands in the log; one that ends or has a mistake does not', async (t) => {
  const folder = makeFolder(t);
  const file = await makeServingFile(folder, 'select i as ":id" from range(1, 20001) t(i)');
  const events: PortalEvent[] = [];
  const config = readConfig({ DATA_DIR: folder, QUERY_WORKERS: '1' });
  const engine = await openQueryEngine(config, { clock: systemClock, observe: (event) => events.push(event) });
  t.after(() => engine.close());
  const ask = async (text: string, deadlineMs?: number) =>
    collect(await engine.query(toRequest(file, text, deadlineMs === undefined ? {} : { deadlineMs })));

  assert.equal((await ask('select count(*)::varchar from data')).text, '20000');
  assert.equal((await errorOf(ask(`select error('division by zero')`))).code, 'division-by-zero');
  const endless = 'select count(*)::varchar from data a, data b, data c, data d where a.":id" < b.":id" + c.":id"';
  assert.equal((await errorOf(ask(endless, 200))).code, 'deadline-exceeded');
  await until('no child is busy', () => engine.stats().busy === 0);

  const told = events.filter((event) => event.kind === 'query-stopped');
  assert.deepEqual(
    told.map(({ code }) => code),
    ['deadline-exceeded'],
  );
  const { level, message, fields } = toLogLine(told[0]!);
  assert.equal(level, 'warn');
  assert.match(message, /^A query was stopped after \d+ ms of work: deadline-exceeded$/u);
  assert.deepEqual(Object.keys(fields).toSorted(), ['code', 'event', 'waitedMs', 'workedMs']);
});

test('a process that had to be killed says why it ended; one that was let go says nothing', () => {
  const ended = { kind: 'worker-ended', pid: 7, signal: null, words: '' } as const;
  const reasonOf = (event: Parameters<typeof toPortalEvent>[0]) => {
    const told = toPortalEvent(event);
    return told?.kind === 'worker-ended' ? told.reason : null;
  };
  assert.equal(reasonOf({ ...ended, code: 0, killedByWatchdog: false }), null);
  assert.match(reasonOf({ ...ended, code: null, killedByWatchdog: true }) ?? '', /did not stop/u);
  assert.equal(reasonOf({ ...ended, code: 1, words: 'bad_alloc', killedByWatchdog: false }), 'bad_alloc');
});
