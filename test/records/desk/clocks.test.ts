// What happens as time passes without anybody: reminders, lapses, proposals, morning letters; and that twice is once.

import assert from 'node:assert/strict';
import test from 'node:test';
import { openContent } from '../../../src/mail/outbox.ts';
import type { RequestCommand } from '../../../src/records/requests/request.ts';
import { runClocks } from '../../../src/records/desk/clocks.ts';
import { sendDigests } from '../../../src/records/desk/digest.ts';
import { somebody } from '../records.ts';
import { clerk, failsWith, officer, openTestDesk } from './fixture.ts';
import type { TestDesk } from './fixture.ts';

const publicUrl = 'http://localhost:8080';

function run(desk: TestDesk) {
  const parts = { db: desk.database.db, seal: desk.seal, law: desk.records.law, publicUrl };
  return runClocks(desk.records.requests, parts, desk.work.days.today());
}

async function ask(desk: TestDesk, extent: 'whole' | 'part') {
  const request = await desk.progress({ estimateOn: '2026-06-01' });
  const question: RequestCommand = {
    kind: 'clarify',
    question: 'Which of the permits?',
    extent,
    estimateOn: null,
    noEstimateReason: 'It depends on the answer.',
  };
  return desk.act(clerk, request, question);
}

test('a question nobody answers: one reminder, then the clear part goes on, or closing is proposed', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const [whole, part] = [await ask(desk, 'whole'), await ask(desk, 'part')]; // 30 days: until 2026-04-01
  desk.at('2026-03-21');
  assert.deepEqual(await run(desk), { reminded: [], moved: [], refused: [] }, 'too early');
  desk.at('2026-03-23');
  const reminded = await run(desk);
  assert.deepEqual([...reminded.reminded].sort(), [whole.number, part.number].sort());
  assert.deepEqual((await run(desk)).reminded, [], 'once is enough');
  const letters = (await desk.work.view(clerk, whole.number)).messages.filter(
    ({ kind }) => kind === 'reminder-unclarified',
  );
  assert.equal(letters.length, 1);
  assert.ok(letters[0]?.body.includes('Which of the permits?'));
  desk.at('2026-04-01');
  assert.deepEqual((await run(desk)).moved, [], 'the last day is the requester’s');
  desk.at('2026-04-02');
  assert.deepEqual([...(await run(desk)).moved].sort(), [whole.number, part.number].sort());
  assert.deepEqual((await run(desk)).moved, [], 'twice is once');
  const [proposed, going] = [await desk.work.view(officer, whole.number), await desk.work.view(officer, part.number)];
  assert.equal(proposed.proposal, 'abandoned_unclarified');
  assert.equal(proposed.request.state, 'clarification', 'a records officer confirms');
  assert.equal(going.request.state, 'in_progress');
  const found = await desk.queue(officer, { need: 'close' });
  assert.deepEqual(
    found.rows.map((row) => row.number),
    [whole.number],
  );
  const close: RequestCommand = { kind: 'close', outcome: 'abandoned_unclarified', reason: '', letter: '' };
  const seen = { id: whole.id, version: proposed.request.version };
  await assert.rejects(desk.work.act(clerk, seen, close), failsWith('forbidden'), 'a clerk does not');
  assert.equal((await desk.work.act(officer, seen, close)).outcome, 'abandoned_unclarified');
});

const release = {
  kind: 'release',
  installment: 1,
  pages: 3,
  files: 1,
  electronic: true,
  scannedPages: 0,
  withheld: [],
  message: '',
  remains: null,
} as const;

test('records nobody claims: a reminder in time lets an officer close, and nothing else does', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const ready = await desk.act(officer, await desk.progress(), release); // 30 days: until 2026-04-01
  const close: RequestCommand = { kind: 'close', outcome: 'abandoned_unclaimed', reason: '', letter: '' };
  desk.at('2026-03-24');
  assert.deepEqual((await run(desk)).reminded, [ready.number]);
  desk.at('2026-04-02');
  assert.deepEqual((await run(desk)).moved, []);
  const view = await desk.work.view(officer, ready.number);
  const closed = await desk.work.act(officer, { id: ready.id, version: view.request.version }, close);
  assert.equal(closed.outcome, 'abandoned_unclaimed');
});

test('after an outage over the end of the time the reminder goes out late, and the date moves with it', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const [whole, part] = [await ask(desk, 'whole'), await ask(desk, 'part')];
  const ready = await desk.act(officer, await desk.progress(), release);
  const unpaid = await desk.act(officer, await desk.progress(), {
    kind: 'await-payment',
    invoice: '2026-1',
    cents: 1_200,
    purpose: 'invoice',
  });
  desk.at('2026-04-03'); // each had until 2026-04-01, and nothing ran since
  const ran = await run(desk);
  assert.deepEqual([...ran.reminded].sort(), [whole.number, ready.number, unpaid.number].sort());
  assert.deepEqual([ran.moved, ran.refused], [[part.number], []], 'only what is clear goes on');
  for (const request of [whole, ready, unpaid]) {
    const { clocks, messages, proposal } = await desk.work.view(officer, request.number);
    const waiting = clocks.filter(
      ({ clock, stoppedAt }) => ['clarification', 'claim', 'payment'].includes(clock) && stoppedAt === null,
    );
    assert.deepEqual(
      waiting.map(({ dueOn }) => dueOn),
      ['2026-04-10'],
    );
    assert.ok(waiting[0]?.account.some((sentence) => sentence.english.includes('reminder went out late')));
    const letters = messages.filter(({ kind }) => kind.startsWith('reminder-'));
    assert.equal(letters.length, 1);
    assert.ok(letters[0]?.body.includes('April 10, 2026'));
    assert.equal(proposal, null);
  }
  assert.deepEqual(await run(desk), { reminded: [], moved: [], refused: [] }, 'twice is once');
  desk.at('2026-04-11');
  assert.deepEqual((await run(desk)).moved, [whole.number], 'closing is proposed after the new date');
  for (const [request, outcome] of [
    [whole, 'abandoned_unclarified'],
    [ready, 'abandoned_unclaimed'],
    [unpaid, 'abandoned_unpaid'],
  ] as const) {
    const closed = await desk.act(officer, request, { kind: 'close', outcome, reason: '', letter: '' });
    assert.equal(closed.outcome, outcome);
  }
});

test('a records officer gives the time again, with a letter; nobody else does', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const ready = await desk.act(officer, await desk.progress(), release);
  desk.at('2026-04-02'); // without a reminder
  const seen = { id: ready.id, version: ready.version };
  const close: RequestCommand = { kind: 'close', outcome: 'abandoned_unclaimed', reason: '', letter: '' };
  await assert.rejects(desk.work.act(officer, seen, close), /give the requester the time again/u);
  const again: RequestCommand = { kind: 'give-time', message: 'The portal was out of order.' };
  await assert.rejects(desk.work.act(clerk, seen, again), failsWith('forbidden'));
  const view = await desk.work.view(officer, ready.number);
  assert.ok(view.actions.some(({ kind }) => kind === 'give-time'));
  assert.ok((await desk.work.view(clerk, ready.number)).actions.every(({ kind }) => kind !== 'give-time'));
  const given = await desk.work.act(officer, seen, again);
  assert.equal(given.version, seen.version + 1);
  await assert.rejects(desk.work.act(officer, seen, again), failsWith('conflict'), 'a form that was made before');
  const after = await desk.work.view(officer, ready.number);
  const letter = after.messages.find(({ kind }) => kind === 'time-again');
  assert.ok(letter?.body.includes('May 4, 2026') && letter.body.includes('The portal was out of order.'));
  desk.at('2026-04-24');
  assert.deepEqual((await run(desk)).reminded, [ready.number], 'the new time has a reminder of its own');
  desk.at('2026-05-05');
  assert.equal((await desk.act(officer, ready, close)).outcome, 'abandoned_unclaimed');
});

test('a notice ends by itself the day after, unless a court has said otherwise', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const notice: RequestCommand = {
    kind: 'notify',
    notice: 'third-party',
    recipients: ['owner'],
    records: 'The lease',
    noticeOn: '2026-03-02',
  };
  const free = await desk.act(officer, await desk.progress(), notice);
  const bound = await desk.act(officer, await desk.progress(), notice);
  await desk.act(officer, bound, { kind: 'injunction', until: null, note: 'King County Superior Court' });
  desk.at('2026-03-31');
  assert.deepEqual(await run(desk), { reminded: [], moved: [free.number], refused: [] });
  assert.equal((await desk.work.view(officer, bound.number)).request.state, 'notice_wait');
});

test('each morning one letter tells each what is theirs, without a word of the requester', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const { database, seal, work, effects } = desk;
  const people = [
    ['00000000-0000-7000-8000-000000000001', 'Ada Clerk', 'clerk', null],
    ['00000000-0000-7000-8000-000000000002', 'Pia Planner', 'department-lead', 'planning'],
    ['00000000-0000-7000-8000-000000000003', 'Gone Clerk', 'clerk', null],
  ] as const;
  for (const [id, name, role, department] of people) {
    const email = `${name.replace(' ', '.').toLowerCase()}@example.gov`;
    await database.pool.query(
      `insert into people (id, email, email_key, name, created_at, created_by, disabled_at)
       values ($1, $2, $2, $3, now(), 'test', case when $3 like 'Gone%' then now() end)`,
      [id, email, name],
    );
    await database.pool.query(
      `insert into people_grants (person, role, department, granted_at, granted_by) values ($1, $2, $3, now(), 'test')`,
      [id, role, department],
    );
  }
  const unassigned = await desk.submit({ requester: somebody, text: 'A secret-of-the-requester' }); // due 03-09
  const request = await desk.progress({ estimateOn: '2026-04-01' });
  await work.createTask(clerk, request.id, {
    department: 'planning',
    assignee: null,
    what: 'Look',
    dueOn: '2026-03-09',
  });
  desk.at('2026-03-10');
  const parts = { db: database.db, seal, publicUrl };
  assert.equal(await sendDigests(parts, work.days, effects), 2);
  assert.equal(await sendDigests(parts, work.days, effects), 2, 'asked again the same day, no second letter');
  const { rows } = await database.pool.query(
    "select id, content from letters where kind = 'work-digest' order by created_at",
  );
  const letters = rows.map((row: { id: string; content: Buffer }) => openContent(seal, row));
  assert.deepEqual(letters.map(({ to }) => to).sort(), ['ada.clerk@example.gov', 'pia.planner@example.gov']);
  const [toClerk, toPlanner] = [...letters].sort((a, b) => (a.to < b.to ? -1 : 1));
  assert.ok(toClerk?.text.includes(unassigned.number) && toClerk.text.includes('LATE'));
  assert.ok(toPlanner?.text.includes(request.number) && toPlanner.text.includes('(task)'));
  assert.ok(!toPlanner?.text.includes(unassigned.number));
  assert.ok(letters.every(({ text }) => !/secret-of-the-requester|canary/iu.test(text)));
});
