// Durable jobs on a real PostgreSQL: one with the transaction that sent them, tried again, parked, done after kill -9.
// It must wait for what it caused, never for a time that is hoped to be enough.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { sql } from '../../src/db/drizzle.ts';

import { closeAll, type Close } from '../../src/base/closing.ts';
import { systemClock } from '../../src/base/clock.ts';
import { PortalError } from '../../src/base/errors.ts';
import type { PortalEvent } from '../../src/base/events.ts';
import type { Jobs, RunJob } from '../../src/jobs/job.ts';
import { openJobs } from '../../src/jobs/jobs.ts';
import { openTestDatabase } from '../database.ts';
import { patienceMs } from '../patience.ts';
import type { TestDatabase } from '../database.ts';

const quick = { timeZone: 'America/Los_Angeles', alone: true, closeTimeoutMs: 5_000, pollSeconds: 0.5 };

type Ground = TestDatabase & { readonly jobs: Jobs; readonly events: PortalEvent[]; open(): Promise<Jobs> };

async function openGround(t: TestContext): Promise<Ground> {
  const closers: Close[] = [];
  t.after(() => closeAll(closers));
  const database = await openTestDatabase({ after: (close) => void closers.push(close) }, 4);
  const events: PortalEvent[] = [];
  const effects = { clock: systemClock, observe: (event: PortalEvent) => void events.push(event) };
  const open = async () => {
    const jobs = await openJobs(database, quick, effects);
    closers.push(() => jobs.close());
    return jobs;
  };
  return { ...database, jobs: await open(), events, open };
}

async function until<T>(what: string, look: () => Promise<T | null> | T | null, withinMs = patienceMs): Promise<T> {
  const end = systemClock.monotonicMs() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (systemClock.monotonicMs() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await wait(50);
  }
}

const idle = (jobs: Jobs) =>
  until('every job done', async () => {
    const { waiting, running } = await jobs.counts();
    return waiting + running === 0 ? true : null;
  });

suite('durable jobs', { concurrency: true }, () => {
  test('a job is there when its transaction commits, and never was when it does not', async (t) => {
    const { jobs, db } = await openGround(t);
    const done: string[] = [];
    await jobs.work<{ what: string }>('print', {}, async ({ data }) => void done.push(data.what));
    await assert.rejects(
      db.transaction(async (tx) => {
        await jobs.send('print', { what: 'rolled back' }, { tx });
        throw new Error('changed my mind');
      }),
      /changed my mind/u,
    );
    await db.transaction(async (tx) => {
      await jobs.send('print', { what: 'committed' }, { tx });
      assert.deepEqual(await jobs.counts(), { waiting: 0, running: 0, parked: 0 });
    });
    assert.deepEqual(await jobs.counts(), { waiting: 1, running: 0, parked: 0 });
    await jobs.run();
    await idle(jobs);
    assert.deepEqual(done, ['committed']);
  });

  test('while a job of one key waits another is not added; later jobs wait for their time', async (t) => {
    const { jobs } = await openGround(t);
    const done: string[] = [];
    await jobs.work<{ n: string }>('count', {}, async ({ data }) => void done.push(data.n));
    assert.notEqual(await jobs.send('count', { n: '1' }, { singletonKey: 'a' }), null);
    assert.equal(await jobs.send('count', { n: '2' }, { singletonKey: 'a' }), null);
    assert.notEqual(await jobs.send('count', { n: '3' }, { singletonKey: 'b' }), null);
    assert.notEqual(await jobs.send('count', { n: '4' }), null);
    assert.notEqual(await jobs.send('count', { n: '5' }), null);
    await jobs.send('count', { n: 'in 2099' }, { startAfter: '2099-01-01T00:00:00.000Z' });
    await jobs.run();
    await until('four jobs', () => (done.length === 4 ? true : null));
    assert.deepEqual([...done].sort(), ['1', '3', '4', '5']);
    assert.equal((await jobs.counts()).waiting, 1);
    await assert.rejects(jobs.send('nobody-does-this', {}), /does not exist/u);
  });

  test('a job that fails is tried again, then parked with its reason; staff may give it its tries again', async (t) => {
    const { jobs, events } = await openGround(t);
    const attempts: number[] = [];
    let mended = false;
    await jobs.work('fragile', { tries: 3, pauseSeconds: 0 }, async ({ attempt }) => {
      attempts.push(attempt);
      if (!mended) throw new Error('the printer is on fire');
    });
    const others: string[] = [];
    await jobs.work<{ n: string }>('sound', {}, async ({ data }) => void others.push(data.n));
    await jobs.send('fragile', { page: 7 });
    await jobs.send('sound', { n: 'not held up' });
    await jobs.run();
    const [parked] = await until('parked', async () => {
      const list = await jobs.parked();
      return list.length > 0 ? list : null;
    });
    assert.deepEqual(attempts, [1, 2, 3]);
    assert.deepEqual(others, ['not held up']);
    assert.equal(parked!.name, 'fragile');
    assert.equal(parked!.reason, 'the printer is on fire');
    assert.equal(parked!.mayRetry, true);
    assert.equal(events.filter((event) => event.kind === 'job-failed').length, 3);
    mended = true;
    await jobs.retry(parked!.id);
    assert.deepEqual(await jobs.parked(), []);
    await until('done after all', () => (attempts.length === 4 ? true : null));
    await idle(jobs);
    const isNotFound = (error: unknown) => error instanceof PortalError && error.code === 'not-found';
    await assert.rejects(jobs.retry(parked!.id), isNotFound);
    for (const other of ["x' or true", '-'.repeat(36)]) await assert.rejects(jobs.retry(other), isNotFound);
  });

  test('a regular job runs once for all that was missed, never beside itself, and its failure is seen until it works', async (t) => {
    const { jobs, pool } = await openGround(t);
    let [runs, atOnce, most] = [0, 0, 0];
    let broken = true;
    await jobs.every('tidy', '0 3 * * *', async () => {
      runs += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await wait(50);
      atOnce -= 1;
      if (broken) throw new Error('no room');
    });
    await pool.query(`update jobs.queue set retry_limit = 0 where name = 'tidy'`);
    // as if the portal had been down for three days
    await pool.query(
      `update jobs.schedule set created_on = now() - interval '9 days', updated_on = now() - interval '9 days'`,
    );
    assert.notEqual(await jobs.send('tidy', {}, { singletonKey: '' }), null);
    assert.equal(await jobs.send('tidy', {}, { singletonKey: '' }), null);
    await jobs.run();
    const [failed] = await until('seen as failed', async () => {
      const list = await jobs.parked();
      return list.length > 0 ? list : null;
    });
    assert.deepEqual([failed!.name, failed!.reason, failed!.mayRetry], ['tidy', 'no room', false]);
    broken = false;
    const before = runs;
    await until('sent again', async () => jobs.send('tidy', {}, { singletonKey: '' }));
    await until('ran again', () => (runs > before ? true : null));
    await idle(jobs);
    assert.deepEqual(await jobs.parked(), []);
    assert.equal(most, 1);
    const { rows } = await pool.query(`select cron, timezone from jobs.schedule where name = 'tidy'`);
    assert.deepEqual(rows, [{ cron: '0 3 * * *', timezone: 'America/Los_Angeles' }]);
  });

  test('what was missed while the portal was down runs once when it is back, however many days and nodes', async (t) => {
    const { jobs, pool, open } = await openGround(t);
    const runs: string[] = [];
    const second = await open();
    for (const [node, each] of [['a', jobs] as const, ['b', second] as const])
      await each.every('sweep', '0 3 * * *', async () => void runs.push(node));
    await pool.query(`update jobs.schedule set created_on = now() - interval '9 days'`);
    await pool.query(`update jobs.version set cron_on = now() - interval '3 days'`); // when it last looked
    await jobs.run();
    await second.run();
    await until('the sweep', () => (runs.length > 0 ? true : null));
    await idle(jobs);
    assert.equal(runs.length, 1);
  });

  test('a clock that jumps a day either way makes a regular job run no more than once, and skips none', async (t) => {
    for (const [jump, wanted] of [
      ['-1 day', 1], // set forward: the last look seems a day ago
      ['1 day', 0], // set back: it is not due again before it is due
    ] as const) {
      const { jobs, pool } = await openGround(t);
      let runs = 0;
      await jobs.every('sweep', '0 3 * * *', async () => void (runs += 1));
      await jobs.work('after', {}, async () => undefined);
      await pool.query(`update jobs.schedule set created_on = now() - interval '9 days'`);
      await pool.query(`update jobs.version set cron_on = now() + $1::interval`, [jump]);
      await jobs.run();
      if (wanted > 0) await until('the sweep', () => (runs > 0 ? true : null));
      await jobs.send('after', {});
      await idle(jobs);
      assert.equal(runs, wanted, jump);
    }
  });

  test('a job that a killed process was doing is done by the next one, its effect exactly once', async (t) => {
    const { url, db, pool, open } = await openGround(t);
    await pool.query('create table effects (job uuid primary key, tries integer not null default 1)');
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed-worker.ts'), url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', (text: Buffer) => void (said += text.toString()));
    await until('the child is in the middle of its job', () => (said.includes('halfway') ? true : null));
    child.kill('SIGKILL');
    await new Promise((done) => child.once('exit', done));
    const { rows: left } = await pool.query(`select state from jobs.job where name = 'halfway'`);
    assert.deepEqual(left, [{ state: 'active' }]);
    const next = await open();
    const attempts: number[] = [];
    await next.work('halfway', { pauseSeconds: 0 }, async ({ id, attempt }) => {
      attempts.push(attempt);
      await db.execute(sql`insert into effects (job) values (${id}) on conflict (job) do nothing`);
    });
    await next.run();
    await until('done by the next process', async () => {
      const { rows } = await pool.query(`select 1 from jobs.job where name = 'halfway' and state = 'completed'`);
      return rows.length === 1 ? true : null;
    });
    assert.deepEqual(attempts, [2]);
    const { rows } = await pool.query('select count(*)::int as n from effects');
    assert.deepEqual(rows, [{ n: 1 }]);
  });

  test('closing lets a running job finish, tells it to, and takes no new one', async (t) => {
    const { open } = await openGround(t);
    const jobs = await open();
    const told = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let finished = 0;
    await jobs.work('slow', {}, async ({ signal }) => {
      begun.resolve();
      if (!signal.aborted) await new Promise<void>((heard) => signal.addEventListener('abort', () => heard()));
      told.resolve();
      finished += 1;
    });
    await jobs.send('slow', {});
    await jobs.send('slow', {});
    await jobs.run();
    await begun.promise;
    await jobs.close();
    await told.promise;
    assert.equal(finished, 1);
  });

  test('what a stop cuts short is no failure, and the next start does it', async (t) => {
    const { open, events } = await openGround(t);
    const begun = Promise.withResolvers<void>();
    const done: number[] = [];
    const run: RunJob = async ({ attempt, signal }) => {
      begun.resolve();
      if (attempt === 1) {
        await new Promise<void>((heard) => signal.addEventListener('abort', () => heard()));
        signal.throwIfAborted();
      }
      done.push(attempt);
    };
    const first = await open();
    await first.work('long', { pauseSeconds: 1 }, run);
    await first.send('long', {});
    await first.run();
    await begun.promise;
    await first.close();
    assert.deepEqual(done, []);
    const next = await open();
    await next.work('long', { pauseSeconds: 1 }, run);
    await next.run();
    await until('the job is done', () => (done.length > 0 ? true : null));
    assert.deepEqual(done, [2]);
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'job-failed'),
      [],
    );
  });
});
