// The public calculator over HTTP, and closure days: who may enter them, what they change, and what they never change.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';

import type { Actor } from '../../../src/base/actor.ts';
import { roles } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import { startClock } from '../../../src/records/law/clocks.ts';
import { toLawPages } from '../../../src/pages/law.ts';
import { staffActor } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';

const site = await openTestPortal({ after });
const officer = staffActor('records-officer');
const pages = (actor: Actor) => toLawPages(site.portal, actor);
const law = () => site.portal.records.law();

type Deadline = {
  clock: string;
  dueOn: string;
  receivedOn: string;
  days: { on: string; reason: string; name: string | null }[];
};
const ask = async (query: string) => site.ask(`/api/v1/records/deadline?${query}`);

describe('GET /api/v1/records/deadline', () => {
  it('answers the due date and each day with its reason', async () => {
    const answer = await ask('received=2026-07-02');
    assert.equal(answer.status, 200);
    const deadline = answer.json<Deadline>();
    assert.equal(deadline.dueOn, '2026-07-10');
    assert.deepEqual(
      deadline.days.map(({ on, reason }) => `${on.slice(8)} ${reason}`),
      [
        '02 first-day',
        '03 holiday',
        '04 weekend',
        '05 weekend',
        ...[6, 7, 8, 9].map((day) => `0${day} counted`),
        '10 counted',
      ],
    );
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  });

  it('takes a moment by its date in the city', async () => {
    const answer = await ask(`received=${encodeURIComponent('2026-07-03T06:30:00Z')}`);
    assert.deepEqual([answer.json<Deadline>().receivedOn, answer.json<Deadline>().dueOn], ['2026-07-02', '2026-07-10']);
    const local = await ask(`received=${encodeURIComponent('2026-07-02T23:30:00-07:00')}`);
    assert.equal(local.json<Deadline>().dueOn, '2026-07-10');
  });

  it('counts other clocks, and names those that it counts', async () => {
    assert.equal((await ask('received=2026-06-03&clock=C3')).json<Deadline>().dueOn, '2026-07-06');
    assert.equal((await ask('received=2026-03-06&clock=C10')).json<Deadline>().dueOn, '2027-03-08');
    const named = (await ask('received=2026-03-06&clock=court-limit')).json<Deadline>();
    assert.deepEqual([named.clock, named.dueOn], ['C10', '2027-03-08'], 'by its name, told by its code');
    const refused = await ask('received=2026-06-03&clock=C2');
    assert.equal(refused.status, 400);
    assert.match(refused.json<{ detail: string }>().detail, /C1, C3, C4/);
  });

  it('says what is wrong with what it cannot count', async () => {
    for (const received of [
      'yesterday',
      '2026-02-30',
      '2026-07-02T10:00',
      '1999-12-31',
      '2101-01-01',
      '',
      '2026-13-01',
    ]) {
      const answer = await ask(`received=${received}`);
      assert.equal(answer.status, 400, received);
      assert.ok(answer.json<{ detail: string }>().detail.length > 20);
    }
    assert.equal((await ask('')).status, 400);
    assert.equal((await ask('received=2026-07-02&until=x')).status, 400);
  });

  it('lists the days off of a year, each with its source', async () => {
    const { days } = (await site.ask('/api/v1/records/days-off/2027')).json<{
      days: { on: string; isObserved: boolean; source: { cite: string } }[];
    }>();
    assert.equal(days.length, 12);
    assert.ok(days.some(({ on, isObserved }) => on === '2027-12-31' && isObserved));
    assert.ok(days.every(({ source }) => source.cite === 'RCW 1.16.050(1)'));
    assert.equal((await site.ask('/api/v1/records/days-off/1999')).status, 404);
    assert.equal((await site.ask('/api/v1/records/days-off/next')).status, 404);
  });
});

const refused = (code: string) => (thrown: unknown) => thrown instanceof PortalError && thrown.code === code;
const storm = { on: '2031-03-05', name: 'Storm', source: 'Order 7', effectiveFrom: '2031-03-04' };

describe('closure days', () => {
  it('may be entered, withdrawn and listed with what they change by those whom the table names alone', async () => {
    const actors: readonly Actor[] = [
      { kind: 'public' },
      { kind: 'token', id: 't', name: 't' },
      ...roles.map((role) => staffActor(role)),
    ];
    for (const [index, actor] of actors.entries()) {
      const day = `2032-03-${String(index + 1).padStart(2, '0')}`;
      const given = { ...storm, on: day, effectiveFrom: '2032-01-01' };
      const name = actor.kind === 'staff' ? actor.grants[0]?.role : actor.kind;
      for (const act of [
        () => pages(actor).addClosure(given),
        () => pages(actor).withdrawClosure('01900000-0000-7000-8000-000000000000', 'x'),
        () => pages(actor).closures(),
      ]) {
        const outcome = await act().then(
          () => 'done',
          (thrown: unknown) =>
            thrown instanceof PortalError && ['forbidden', 'unauthorized'].includes(thrown.code) ? 'refused' : 'done',
        );
        assert.equal(outcome, isAllowed(actor, 'calendar.edit') ? 'done' : 'refused', name);
      }
    }
  });

  it('count for what starts from their day on; running clocks are listed and never moved', async () => {
    const { pool } = site.portal.database;
    const submitted = await site.portal.records.submit({ kind: 'public' }, { ...plain, submitKey: null });
    const { request } = submitted;
    const between = startClock(law(), 'first-response', request.receivedOn).basis.days.find(
      ({ reason }) => reason === 'counted',
    )!.on;
    const given = { on: between, name: 'City closed', source: 'Order 8', effectiveFrom: request.receivedOn };
    await pages(officer).addClosure(given);
    const closure = (await pages(officer).closures()).find(({ on }) => on === between)!;
    assert.equal(closure.addedBy, officer.name);
    const [affected] = closure.affected;
    assert.deepEqual(
      [affected?.request, affected?.clock, affected?.dueOn],
      [request.number, 'first-response', request.respondDueOn],
    );
    assert.ok(affected!.wouldBeDueOn > affected!.dueOn);
    assert.equal((await site.portal.records.requests.find(request.id)).respondDueOn, request.respondDueOn);
    assert.equal(startClock(law(), 'first-response', request.receivedOn).dueOn, affected!.wouldBeDueOn);
    const api = await site.ask(`/api/v1/records/deadline?received=${request.receivedOn}`);
    const day = api.json<Deadline>().days.find(({ on }) => on === between);
    assert.deepEqual([day?.reason, day?.name], ['closure', 'City closed']);

    await pages(officer).withdrawClosure(closure.id, 'The order was lifted');
    assert.equal(startClock(law(), 'first-response', request.receivedOn).dueOn, request.respondDueOn);
    const past = (await pages(officer).closures()).find(({ id }) => id === closure.id)!;
    assert.equal(past.withdrawn?.reason, 'The order was lifted');
    assert.deepEqual(past.affected, []);
    await assert.rejects(pages(officer).withdrawClosure(closure.id, 'again'), refused('not-found'));
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int as n from audit_events where action = 'calendar.edit' and subject = $1`,
      [`closure:${closure.id}`],
    );
    assert.equal(rows[0]?.n, 2);
    await assert.rejects(pool.query('delete from records_closures'), /withdrawn, never changed/);
    await assert.rejects(pool.query(`update records_closures set name = 'x'`), /withdrawn, never changed/);
  });

  it('are refused when they are none: not a date, no source, a day off already, twice', async () => {
    for (const wrong of [
      { on: '2031-02-30' },
      { effectiveFrom: '' },
      { name: ' ' },
      { source: '' },
      { name: 'x'.repeat(501) },
      { source: 'a\0b' },
    ]) {
      await assert.rejects(pages(officer).addClosure({ ...storm, ...wrong }), refused('form-invalid'));
    }
    await assert.rejects(pages(officer).addClosure({ ...storm, on: '2031-12-25' }), refused('already-exists'));
    const saturday = { ...storm, on: '2031-03-08' };
    await assert.rejects(pages(officer).addClosure(saturday), refused('already-exists'));
    const both = await Promise.allSettled([pages(officer).addClosure(storm), pages(officer).addClosure(storm)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(startClock(law(), 'first-response', '2031-03-03').dueOn, '2031-03-10'); // before its first day
    assert.equal(startClock(law(), 'first-response', '2031-03-04').dueOn, '2031-03-12');
  });
});

const plain = {
  text: 'Inspection reports of 2025',
  requester: null,
  delivery: 'electronic',
  language: 'en',
  accommodation: null,
  asksForList: false,
  listPurpose: null,
} as const;
