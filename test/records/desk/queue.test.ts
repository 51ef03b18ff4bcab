// The queue: what the law needs next, the words for how a request stands, who sees what, pages without gaps.

import assert from 'node:assert/strict';
import test from 'node:test';
import { roles } from '../../../src/base/actor.ts';
import { permissions } from '../../../src/people/permissions.ts';
import type { RequestCommand } from '../../../src/records/requests/request.ts';
import { needs, parseQueueFilter } from '../../../src/records/desk/queue.ts';
import { seedRecords, smallSeed } from '../../../bench/records-seed.ts';
import { staffActor } from '../../people/staff.ts';
import { clerk, failsWith, financier, officer, openTestDesk, planner } from './fixture.ts';

test('each state stands in the group of what the law needs next', async (t) => {
  const { records, submit, progress, act, queue, at } = await openTestDesk(t);
  const received = await submit();
  const working = await progress();
  const asked = await progress();
  const whole = {
    question: 'Which permits?',
    extent: 'whole',
    estimateOn: null,
    noEstimateReason: 'It is unclear.',
  } as const;
  await act(clerk, asked, { kind: 'clarify', ...whole });
  const noticed = await progress();
  const notice = {
    notice: 'third-party',
    recipients: ['owner'],
    records: 'The lease',
    noticeOn: '2026-03-02',
  } as const;
  await act(officer, noticed, { kind: 'notify', ...notice });
  const invoiced = await progress();
  const invoice: RequestCommand = { kind: 'await-payment', invoice: 'I-1', cents: 500, purpose: 'invoice' };
  await act(officer, invoiced, invoice);
  const ready = await progress();
  const release = { installment: 1, pages: 3, files: 1, electronic: true, scannedPages: 0, withheld: [], message: '' };
  await act(officer, ready, { kind: 'release', ...release, remains: null });
  const denied = await submit();
  const exemption = records.law().exemptions[0]!.exemptions[0]!.id;
  const withheld = [{ record: 'The exam', extent: 'full', exemption, explanation: 'It would be used again.' } as const];
  await act(officer, denied, { kind: 'deny', withheld, letter: '' });
  await act(clerk, denied, { kind: 'petition', text: 'Please look again.', via: 'mail' });

  const found = await queue();
  const groups = new Map(found.rows.map((row) => [row.number, row.need]));
  const expected = [
    [received, 'answer'],
    [denied, 'review'],
    [working, 'estimate'],
    [noticed, 'notice'],
    [invoiced, 'payment'],
    [asked, 'clarification'],
    [ready, 'claim'],
  ] as const;
  for (const [request, need] of expected) assert.equal(groups.get(request.number), need);
  assert.equal(found.total, expected.length);
  assert.deepEqual(
    found.rows.map((row) => row.need),
    [...found.rows].sort((a, b) => needs.indexOf(a.need) - needs.indexOf(b.need)).map((row) => row.need),
    'groups stand in the order of the day',
  );
  at('2026-04-20');
  const later = await queue();
  const need = (number: string) => later.rows.find((row) => row.number === number)?.need;
  assert.equal(need(asked.number), 'close', 'nobody answered');
  assert.equal(need(ready.number), 'close', 'nobody claimed');
});

test('late is only what has truly passed: a valid extension never is', async (t) => {
  const { submit, progress, act, queue, at } = await openTestDesk(t, '2026-03-02');
  const plain = await submit(); // due 2026-03-09
  const extended = await progress({ estimateOn: '2026-03-20' });
  const row = async (number: string) => (await queue()).rows.find((each) => each.number === number)!;
  assert.equal((await row(plain.number)).urgency, 'due');
  at('2026-03-06'); // Friday: one business day is left
  assert.equal((await row(plain.number)).urgency, 'at-risk');
  at('2026-03-09');
  assert.equal((await row(plain.number)).urgency, 'at-risk', 'the whole last day is the City’s');
  at('2026-03-10');
  assert.equal((await row(plain.number)).urgency, 'late');
  const valid = await row(extended.number);
  assert.deepEqual([valid.urgency, valid.isExtended], ['due', true]);
  await act(clerk, extended, {
    kind: 'revise-estimate',
    estimateOn: '2026-04-10',
    ground: 'locate_and_assemble',
    message: 'More boxes.',
  });
  at('2026-03-25'); // after the first estimate, before the second
  const revised = await row(extended.number);
  assert.deepEqual([revised.urgency, revised.isExtended], ['due', true]);
  at('2026-04-11');
  const missed = await row(extended.number);
  assert.deepEqual([missed.urgency, missed.isExtended], ['late', false], 'an estimate that was missed is no extension');
  const { counts } = await queue();
  assert.equal(counts.standings.late, 2);
  assert.deepEqual(
    (await queue(clerk, { standing: 'late' })).rows.map((each) => each.number).sort(),
    [plain.number, extended.number].sort(),
  );
});

test('who waits for the requester is not late, and partly released is said', async (t) => {
  const { progress, act, queue, at } = await openTestDesk(t);
  const request = await progress();
  const release = { installment: 1, pages: 3, files: 1, electronic: true, scannedPages: 0, withheld: [], message: '' };
  const remains = { what: 'The other boxes', nextOn: '2026-04-15' };
  await act(officer, request, { kind: 'release', ...release, remains });
  at('2026-03-20');
  const [row] = (await queue()).rows;
  assert.deepEqual([row?.urgency, row?.isPartlyReleased, row?.waitingOn], ['waiting', true, 'requester']);
  assert.notEqual(row?.waitsUntil, null);
  assert.equal((await queue(clerk, { standing: 'partly' })).total, 1);
});

test('every role and department sees what is theirs', async (t) => {
  const { progress, queue, work } = await openTestDesk(t);
  const own = await progress({ department: 'planning' });
  const tasked = await progress({ department: 'finance' });
  const foreign = await progress({ department: 'finance' });
  const task = { department: 'planning', assignee: null, what: 'Look', dueOn: '2026-03-10' };
  await work.createTask(clerk, tasked.id, task);
  const numbers = async (actor: typeof clerk) => (await queue(actor)).rows.map((row) => row.number).sort();
  const all = [own, tasked, foreign].map(({ number }) => number).sort();
  const allowed: readonly string[] = permissions['request.work'];
  for (const role of roles) {
    const [city, department] = [staffActor(role), staffActor(role, 'planning')];
    if (!allowed.includes(role)) {
      await assert.rejects(queue(city), failsWith('forbidden'), role);
      await assert.rejects(queue(department), failsWith('forbidden'), role);
      await assert.rejects(work.view(city, own.number), failsWith('forbidden'), role);
      continue;
    }
    assert.deepEqual(await numbers(city), all, role);
    assert.deepEqual(await numbers(department), [own.number, tasked.number].sort(), `${role} of planning`);
    assert.equal((await work.view(department, tasked.number)).request.id, tasked.id);
    await assert.rejects(work.view(department, foreign.number), failsWith('not-found'), `${role} of planning`);
    await assert.rejects(work.view(department, foreign.id), failsWith('not-found'));
  }
  const [opened] = (await work.view(clerk, tasked.number)).tasks;
  await work.cancelTask(clerk, { id: opened!.id, version: opened!.version });
  assert.deepEqual(await numbers(planner), [own.number], 'a cancelled task is no concern');
  assert.deepEqual(await numbers(financier), [tasked.number, foreign.number].sort());
});

test('filters narrow, and a parameter that is none is refused', async (t) => {
  const { submit, progress, act, queue } = await openTestDesk(t);
  const mine = await progress({ department: 'planning' });
  await act(clerk, mine, { kind: 'assign', department: 'planning', assignee: clerk.id });
  const other = await submit();
  const only = async (filter: Parameters<typeof queue>[1]) =>
    (await queue(clerk, filter)).rows.map((row) => row.number);
  assert.deepEqual(await only({ mine: true }), [mine.number]);
  assert.deepEqual(await only({ department: 'planning' }), [mine.number]);
  assert.deepEqual(await only({ assignee: 'nobody' }), [other.number]);
  assert.deepEqual(await only({ assignee: clerk.id }), [mine.number]);
  assert.deepEqual(await only({ state: 'received' }), [other.number]);
  assert.deepEqual(await only({ dueBy: '2026-03-09' }), [other.number]);
  assert.deepEqual(await only({ need: 'estimate' }), [mine.number]);
  assert.deepEqual(await only({ channel: 'mail' }), []);
  assert.deepEqual(parseQueueFilter({ mine: '1', need: 'answer', due_by: '2026-03-09' }).need, 'answer');
  assert.throws(() => parseQueueFilter({ need: 'everything' }), failsWith('bad-request'));
  for (const due_by of ['soon', '2026-02-30', '2026-3-9']) {
    assert.throws(() => parseQueueFilter({ due_by }), failsWith('bad-request'));
  }
  for (const after of ['x', '1~2026-02-30~2026-000001', '1~~2026-000001']) {
    await assert.rejects(queue(clerk, {}, after), failsWith('bad-cursor'));
  }
  assert.deepEqual(await only({ department: "x' or true --" }), []);
});

test('pages follow one another without gap or repetition, whatever the filter', async (t) => {
  const { database, queue, at } = await openTestDesk(t, `${smallSeed.today}T20:00:00Z`);
  await seedRecords(database.pool, smallSeed);
  at(smallSeed.today);
  for (const [actor, filter] of [
    [clerk, {}],
    [planner, {}],
    [clerk, { standing: 'extended' }],
  ] as const) {
    const whole = await queue(actor, filter, null, 1_000);
    const walked: string[] = [];
    let after: string | null = null;
    do {
      const page = await queue(actor, filter, after, 37);
      walked.push(...page.rows.map((row) => row.number));
      after = page.next;
    } while (after !== null);
    assert.deepEqual(
      walked,
      whole.rows.map((row) => row.number),
    );
    assert.equal(whole.total, walked.length);
    assert.ok(walked.length > 30);
    assert.equal(new Set(walked).size, walked.length);
  }
  const { counts } = await queue();
  const inGroups = Object.values(counts.needs).reduce((sum, count) => sum + count, 0);
  assert.equal(inGroups, counts.total, 'every request is in one group');
});
