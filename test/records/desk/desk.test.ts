// Working on a request: tasks and searches, notes and messages, time, letters shown first, acts that fit, many at once.

import assert from 'node:assert/strict';
import test from 'node:test';
import { roles } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { permissions } from '../../../src/people/permissions.ts';
import { verifyAudit } from '../../../src/people/audit.ts';
import { longDate } from '../../../src/city/days.ts';
import { missingParts } from '../../../src/records/desk/letters.ts';
import { staffActor } from '../../people/staff.ts';
import { somebody } from '../records.ts';
import { clerk, failsWith, financier, officer, openTestDesk, planner } from './fixture.ts';

const task = { department: 'planning', assignee: null, what: 'Look for the permits', dueOn: '2026-03-20' };
const search = { place: 'Permit archive', terms: '220 4th', found: 'Nothing' };

test('a department is asked within the estimate, and answers with where it looked', async (t) => {
  const { progress, work } = await openTestDesk(t);
  const request = await progress({ estimateOn: '2026-04-01' });
  await assert.rejects(
    work.createTask(clerk, request.id, { ...task, dueOn: '2026-04-02' }),
    failsWith('records-invalid'),
  );
  await assert.rejects(
    work.createTask(clerk, request.id, { ...task, dueOn: '2026-03-01' }),
    failsWith('records-invalid'),
  );
  await assert.rejects(
    work.createTask(clerk, request.id, { ...task, department: 'parks' }),
    failsWith('records-invalid'),
  );
  await assert.rejects(work.createTask(planner, request.id, task), failsWith('forbidden'), 'a department asks nobody');
  await work.createTask(clerk, request.id, task);
  const [opened] = (await work.view(planner, request.number)).tasks;
  assert.ok(opened);
  const answer = { state: 'no_records', answer: 'There are none.', search: null } as const;
  await assert.rejects(work.answerTask(planner, opened, answer), failsWith('records-invalid'), 'no search was logged');
  await assert.rejects(work.answerTask(financier, opened, { ...answer, search }), failsWith('not-found'));
  await work.answerTask(planner, opened, { ...answer, search });
  await assert.rejects(
    work.answerTask(planner, opened, { ...answer, search }),
    failsWith('conflict'),
    'it is answered',
  );
  await assert.rejects(work.cancelTask(clerk, opened), failsWith('conflict'));
  const view = await work.view(clerk, request.number);
  assert.deepEqual([view.tasks[0]?.state, view.tasks[0]?.answer], ['no_records', 'There are none.']);
  assert.deepEqual([view.searches[0]?.place, view.searches[0]?.taskId], ['Permit archive', opened.id]);
  const kinds = view.events.map((event) => event.kind);
  assert.deepEqual(kinds.slice(-2), ['task-created', 'task-answered']);
  assert.ok(view.events.slice(-2).every((event) => event.audience === 'staff'));
});

test('every role logs searches, notes and time as the table says, for its own requests only', async (t) => {
  const { progress, work } = await openTestDesk(t);
  const own = await progress({ department: 'planning' });
  const foreign = await progress({ department: 'finance' });
  const time = { activity: 'search', onDate: '2026-03-02', minutes: 30, note: null } as const;
  const acts = [
    ['request.task', (actor: typeof clerk, id: string) => work.logSearch(actor, id, { ...search, taskId: null })],
    ['request.note', (actor: typeof clerk, id: string) => work.note(actor, id, 'Seen.')],
    ['request.log-time', (actor: typeof clerk, id: string) => work.logTime(actor, id, time)],
    ['request.message', (actor: typeof clerk, id: string) => work.message(actor, id, 'We are looking.')],
  ] as const;
  for (const [action, act] of acts) {
    for (const role of roles) {
      const allowed = (permissions[action] as readonly string[]).includes(role);
      const sees = (permissions['request.work'] as readonly string[]).includes(role);
      const [city, department] = [staffActor(role), staffActor(role, 'planning')];
      if (allowed) {
        await act(city, foreign.id);
        await act(department, own.id);
      } else {
        await assert.rejects(act(city, foreign.id), failsWith('forbidden'), `${role} ${action}`);
        await assert.rejects(act(department, own.id), failsWith('forbidden'), `${role} ${action}`);
      }
      await assert.rejects(
        act(department, foreign.id),
        failsWith(sees ? 'not-found' : 'forbidden'),
        `${role} ${action}`,
      );
    }
    await assert.rejects(act({ kind: 'public' } as never, own.id), failsWith('unauthorized'));
  }
});

test('a note is the staff’s alone; a message goes out; both are sealed; neither stops a clock', async (t) => {
  const { submit, work, database, records, at } = await openTestDesk(t);
  const request = await submit({ requester: somebody });
  await work.note(clerk, request.id, 'The secret-note is here.');
  at('2026-03-03');
  await work.message(clerk, request.id, 'Hello secret-message.');
  const { messages, request: now } = await work.view(clerk, request.number);
  const own = messages.filter((message) => message.kind === 'note' || message.kind === 'message');
  assert.deepEqual(
    own.map(({ direction, body }) => [direction, body]),
    [
      ['note', 'The secret-note is here.'],
      ['out', 'Hello secret-message.'],
    ],
  );
  assert.equal(now.nextDueOn, '2026-03-09');
  assert.equal(now.respondedAt, null);
  const { rows } = await database.pool.query("select kind, state from letters where kind = 'request-message'");
  assert.deepEqual(rows, [{ kind: 'request-message', state: 'queued' }]);
  const seen = { kind: 'requester', requestId: request.id, delegate: null } as const;
  const shown = JSON.stringify(await records.own.read(seen, request.id));
  assert.ok(shown.includes('secret-message') && !shown.includes('secret-note'));
  const dump = await database.pool.query(
    `select (select string_agg(e::text, '') from records_events e) || (select string_agg(m::text, '') from records_messages m)
      || (select string_agg(a::text, '') from audit_events a) as everything`,
  );
  assert.ok(!/secret-note|secret-message|canary/iu.test(String(dump.rows[0].everything)));
});

test('time is whole minutes of a day that has come, and leaves the version', async (t) => {
  const { progress, work } = await openTestDesk(t);
  const request = await progress();
  const time = { activity: 'review', onDate: '2026-03-02', minutes: 90, note: 'Boxes 1 to 4' } as const;
  await work.logTime(clerk, request.id, time);
  for (const wrong of [
    { minutes: 0 },
    { minutes: 1.5 },
    { minutes: 1441 },
    { onDate: '2026-03-03' },
    { onDate: 'x' },
  ]) {
    await assert.rejects(work.logTime(clerk, request.id, { ...time, ...wrong }), failsWith('records-invalid'));
  }
  const view = await work.view(clerk, request.number);
  assert.deepEqual(
    view.time.map(({ minutes, role, onDate }) => [minutes, role, onDate]),
    [[90, 'clerk', '2026-03-02']],
  );
  assert.equal(view.request.version, request.version);
});

test('the letter that is shown is the letter that is sent, and showing it changes nothing', async (t) => {
  const { submit, work, database } = await openTestDesk(t);
  const request = await submit();
  const command = { kind: 'acknowledge', estimateOn: '2026-04-01', message: 'We will look.' } as const;
  const seen = { id: request.id, version: request.version };
  const [shown] = await work.preview(clerk, seen, command);
  const before = await work.view(clerk, request.number);
  assert.equal(before.request.version, request.version);
  assert.equal(before.request.state, 'received');
  const { rows } = await database.pool.query(
    "select count(*)::int as n from audit_events where body like '%acknowledge%'",
  );
  assert.equal(rows[0].n, 0, 'nothing is left of it');
  assert.ok(shown?.body.includes(longDate('2026-04-01')));
  await work.act(clerk, seen, command);
  const sent = (await work.view(clerk, request.number)).messages.find((message) => message.kind === shown?.kind);
  assert.deepEqual([sent?.subject, sent?.body], [shown?.subject, shown?.body]);
  await assert.rejects(work.preview(planner, seen, command), failsWith('not-found'));
});

test('an edited letter cannot lose what the law has it say', async (t) => {
  const { progress, work, records } = await openTestDesk(t);
  const request = await progress();
  const exemption = records.law().exemptions[0]!.exemptions[0]!;
  const withheld = [
    { record: 'Exam of 2024', extent: 'full', exemption: exemption.id, explanation: 'Still in use.' } as const,
  ];
  const seen = { id: request.id, version: request.version };
  const [template] = await work.preview(officer, seen, { kind: 'deny', withheld, letter: '' });
  assert.ok(template);
  const stripped = 'We deny your request. Good bye.';
  await assert.rejects(work.act(officer, seen, { kind: 'deny', withheld, letter: stripped }), (error) => {
    assert.ok(error instanceof PortalError && error.code === 'records-invalid');
    const missing = error.details.extra?.['missing'] as readonly string[] | undefined;
    assert.ok(missing?.some((part) => part.startsWith('RCW ')));
    return true;
  });
  assert.deepEqual(missingParts(template.body, template.body), []);
  const edited = `Dear requester,\n${template.body.replace(/\n/gu, ' \n')}\nThank you.`;
  const denied = await work.act(officer, seen, { kind: 'deny', withheld, letter: edited });
  assert.equal(denied.outcome, 'denied');
  const sent = (await work.view(officer, request.number)).messages.find((message) => message.kind === 'denial');
  assert.equal(sent?.body, edited.trim());
});

test('many at once: each is guarded alone, and told one by one', async (t) => {
  const { submit, work, act, records } = await openTestDesk(t);
  const [one, two, three] = [await submit(), await submit(), await submit()];
  await act(clerk, two, { kind: 'assign', department: 'finance', assignee: null }); // somebody was first
  const chosen = [one, two, three].map(({ id, version }) => ({ id, version }));
  const nobody = { id: '01a1d1b5-d77e-72a6-826b-7baf5bf9b0b5', version: 1 };
  const results = await work.bulk(clerk, [...chosen, nobody], { kind: 'department', department: 'planning' });
  assert.deepEqual(
    results.map(({ number, problem }) => [number, problem?.code ?? null]),
    [
      [one.number, null],
      [two.number, 'conflict'],
      [three.number, null],
      [null, 'not-found'],
    ],
  );
  assert.equal((await records.requests.find(one.id)).department, 'planning');
  assert.equal((await records.requests.find(two.id)).department, 'finance', 'the other’s change stands');
  const again = [one, three].map(({ id, version }) => ({ id, version: version + 1 }));
  await work.bulk(clerk, again, { kind: 'assign', assignee: clerk.id });
  const assigned = await records.requests.find(three.id);
  assert.deepEqual([assigned.assignee, assigned.department], [clerk.id, 'planning'], 'assigning leaves the department');
  const told = await work.bulk(clerk, [{ id: one.id, version: 3 }], { kind: 'message', body: 'We are on it.' });
  assert.equal(told[0]?.problem, null);
  await assert.rejects(work.bulk(planner, again, { kind: 'assign', assignee: null }), failsWith('forbidden'));
  await assert.rejects(work.bulk(clerk, [], { kind: 'assign', assignee: null }), failsWith('form-invalid'));
});

test('two hundred clerks at once lose nothing', async (t) => {
  const { progress, work, records, database } = await openTestDesk(t, '2026-03-02', 20);
  const request = await progress();
  const start = request.version;
  const clerks = Array.from({ length: 200 }, (_, at) => ({ ...clerk, id: `clerk-${at}`, name: `Clerk ${at}` }));
  const outcomes = await Promise.all(
    clerks.map(async (each, at) => {
      if (at % 2 === 0) return work.note(each, request.id, `Note ${at}`).then(() => 'kept');
      const seen = { id: request.id, version: start };
      return work.act(each, seen, { kind: 'assign', department: 'planning', assignee: each.id }).then(
        () => 'won',
        (error: unknown) => {
          assert.ok(failsWith('conflict')(error), String(error));
          return 'told';
        },
      );
    }),
  );
  const count = (word: string) => outcomes.filter((outcome) => outcome === word).length;
  assert.equal(count('kept'), 100);
  assert.ok(count('won') <= 1, 'of those who saw one version, one at most changes it');
  assert.equal(count('won') + count('told'), 100);
  const { messages, events, request: now } = await work.view(clerk, request.number);
  const notes = messages.filter((message) => message.kind === 'note').map((message) => message.body);
  assert.equal(new Set(notes).size, 100, 'every note is there once');
  assert.equal(now.version, start + 100 + count('won'));
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, at) => at + 1),
    'events run without a gap',
  );
  assert.equal((await records.requests.find(request.id)).version, now.version);
  assert.equal((await verifyAudit(database.db)).brokenAt, null);
});
