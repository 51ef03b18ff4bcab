// Requesters' details expire by schedule: seen for nights before, bounded, never by a clock that jumped; the log stays.
// It must find nobody's details anywhere in the database afterwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { addDays } from '../../../src/city/days.ts';
import { closedUntil, keptUntil } from '../../../src/records/retention/schedule.ts';
import type { Schedule } from '../../../src/records/retention/schedule.ts';
import { readLog, wholeLog } from '../../../src/records/reports/log.ts';
import { staffActor } from '../../people/staff.ts';
import { failsWith } from '../desk/fixture.ts';
import { attorney, first, openRetentionGround, toCitySchedule } from './fixture.ts';
import type { Ground } from './fixture.ts';

const nights = 7;

async function open(t: TestContext, atMostPerNight = 500): Promise<Ground> {
  const schedules = (await toCitySchedule()).map((schedule): Schedule => ({
    ...schedule,
    expiry: { ...schedule.expiry, nights, atMostPerNight },
  }));
  return openRetentionGround({ after: (close) => t.after(close) }, schedules);
}

const night = (ground: Ground) => ground.retention.runExpiry(new AbortController().signal);

/** Nights in a row from this day on; the runs of each. */
async function runNights(ground: Ground, from: string, count: number) {
  const runs = [];
  for (let at = 0; at < count; at += 1) {
    ground.at(addDays(from, at));
    runs.push(await night(ground));
  }
  return runs;
}

const expiredOf = async (ground: Ground) =>
  (
    await ground.database.pool.query<{ n: number }>(
      `select count(*)::int as n from records_requests where requester_expired_at is not null`,
    )
  ).rows[0]!.n;

test('details go after enough nights, each told before, and nothing of them stays; the log does', async (t) => {
  const ground = await open(t);
  await ground.close(ground.request, '2026-03-09');
  await ground.database.pool.query(`update letters set state = 'sent', ended_at = now(), claimed_at = null`);
  const before = await runNights(ground, '2028-03-05', 5); // up to the last day on which they are kept
  assert.deepEqual(before.at(-1), { kind: 'run', noticed: 0, expired: 0 });
  const due = await runNights(ground, '2028-03-10', nights);
  assert.deepEqual(due[0], { kind: 'run', noticed: 1, expired: 0 });
  assert.equal(await expiredOf(ground), 0);
  const { coming } = await ground.retention.overview(attorney);
  assert.deepEqual(
    coming.map((each) => [each.number, each.nights]),
    [[ground.request.number, nights]],
  );
  const [last] = await runNights(ground, addDays('2028-03-10', nights), 1);
  assert.deepEqual(last, { kind: 'run', noticed: 0, expired: 1 });
  assert.deepEqual(await night(ground), { kind: 'run', noticed: 0, expired: 0 }); // the same night again
  const { rows } = await ground.database.pool.query(
    `select requester, requester_email_index, requester_name_index, accommodation, requester_expired_at is not null as told,
       (select count(*)::int from letters where request_id = r.id) as letters from records_requests r where id = $1`,
    [ground.request.id],
  );
  assert.deepEqual(rows[0], {
    requester: null,
    requester_email_index: null,
    requester_name_index: null,
    accommodation: null,
    told: true,
    letters: 0,
  });
  assert.equal(await ground.records.requests.requesterOf(first, ground.request.id), null);
  const page = { after: null, limit: 5, identities: true };
  const log = await readLog({ db: ground.database.db, seal: ground.seal }, first, wholeLog, page, ground.effects);
  assert.deepEqual(
    log.entries.map(({ number, identity, text }) => [number, identity, text]),
    [[ground.request.number, 'expired', ground.request.text]],
  );
});

test('a clock that jumps on by more than a day, or back, expires nothing until a person says that it is right', async (t) => {
  const ground = await open(t);
  await ground.close(ground.request, '2026-03-09');
  await runNights(ground, '2026-03-10', 2);
  ground.at('2099-01-01'); // a battery has died
  for (let tries = 0; tries < nights + 3; tries += 1) {
    ground.at(addDays('2099-01-01', tries));
    assert.equal((await night(ground)).kind, 'refused');
  }
  assert.equal(await expiredOf(ground), 0);
  assert.equal((await ground.retention.overview(first)).coming.length, 0);
  ground.at('2026-03-12'); // and has been replaced
  assert.equal((await night(ground)).kind, 'run');
  ground.at('2026-03-01');
  const back = await night(ground);
  assert.equal(back.kind === 'refused' && /behind/u.test(back.reason), true);
  await assert.rejects(ground.retention.confirmClock(staffActor('clerk')), failsWith('forbidden'));
  ground.at('2028-06-01'); // the portal was away for two years
  assert.equal((await night(ground)).kind, 'refused');
  await ground.retention.confirmClock(first);
  const runs = await runNights(ground, '2028-06-01', nights);
  assert.ok(
    runs.every((run) => run.kind === 'run' && run.expired === 0),
    'however late it is, the nights are waited for',
  );
  const [last] = await runNights(ground, addDays('2028-06-01', nights), 1);
  assert.deepEqual(last, { kind: 'run', noticed: 0, expired: 1 });
});

test('what is held, or opened again, is not due; the nights begin anew', async (t) => {
  const ground = await open(t);
  const closed = await ground.close(ground.request, '2026-03-09');
  await runNights(ground, '2028-03-10', nights - 1);
  const hold = { kind: 'litigation', name: 'Doe', reason: 'A suit.', department: null, requests: [] } as const;
  const id = await ground.retention.placeHold(attorney, { ...hold, covers: 'everything' });
  await runNights(ground, '2028-03-16', 3);
  assert.equal((await ground.retention.overview(first)).coming.length, 0);
  await ground.retention.releaseHold(attorney, id, 'Over.');
  const runs = await runNights(ground, '2028-03-19', nights);
  assert.deepEqual(runs[0], { kind: 'run', noticed: 1, expired: 0 });
  assert.equal(await expiredOf(ground), 0);
  await ground.act(first, closed, { kind: 'reopen', reason: 'More was found.', estimateOn: '2028-05-01' });
  await runNights(ground, '2028-03-26', 2);
  assert.equal(await expiredOf(ground), 0);
});

test('no more expire in a night than may, however often the job runs; a run that broke off goes on', async (t) => {
  const ground = await open(t, 2);
  const requests = [ground.request];
  for (let more = 0; more < 4; more += 1) requests.push(await ground.submit({ text: `Request ${more}` }));
  for (const request of requests) await ground.close(request, '2026-03-09');
  await runNights(ground, '2028-03-10', nights);
  ground.at(addDays('2028-03-10', nights));
  const broken = new AbortController();
  broken.abort();
  await assert.rejects(ground.retention.runExpiry(broken.signal), { name: 'AbortError' });
  assert.equal(await expiredOf(ground), 0);
  assert.deepEqual(await night(ground), { kind: 'run', noticed: 0, expired: 2 });
  assert.deepEqual(await night(ground), { kind: 'run', noticed: 0, expired: 0 });
  const runs = await runNights(ground, addDays('2028-03-11', nights), 3);
  assert.deepEqual(
    runs.map((run) => run.kind === 'run' && run.expired),
    [2, 1, 0],
  );
});

test('a time of keeping ends on the day that the calendar says', () => {
  assert.equal(keptUntil({ count: 6, unit: 'months' }, '2026-08-31'), '2027-02-28');
  assert.equal(keptUntil({ count: 1, unit: 'years' }, '2028-02-29'), '2029-02-28');
  assert.equal(keptUntil({ count: 30, unit: 'days' }, '2026-03-02'), '2026-04-01');
  for (const length of [
    { count: 2, unit: 'years' },
    { count: 18, unit: 'months' },
    { count: 45, unit: 'days' },
  ] as const) {
    for (let at = 0; at < 800; at += 7) {
      const today = addDays('2027-01-01', at);
      const until = closedUntil(length, today);
      assert.ok(keptUntil(length, until) < today, `${until} on ${today}`);
      assert.ok(keptUntil(length, addDays(until, 1)) >= today, `the day after ${until} on ${today}`);
    }
  }
});
