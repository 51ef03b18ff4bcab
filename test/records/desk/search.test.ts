// Finding requests: by number, words and who asked; similar ones; workload and dates; acts that fit what the machine
// takes.

import assert from 'node:assert/strict';
import test from 'node:test';
import { roles } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { readAudit } from '../../../src/people/audit.ts';
import { permissions } from '../../../src/people/permissions.ts';
import { readForm } from '../../../src/base/inputs.ts';
import { actionsFor } from '../../../src/records/desk/actions.ts';
import { commandKinds, formOf, isListed, toCommand } from '../../../src/records/requests/commands.ts';
import { staffActor } from '../../people/staff.ts';
import { somebody } from '../records.ts';
import { clerk, failsWith, officer, openTestDesk, planner } from './fixture.ts';

const page = { after: null, limit: 50 };

test('a number is found as people write it, words by their stems, and only what is theirs to see', async (t) => {
  const { submit, progress, work } = await openTestDesk(t);
  const first = await submit({ text: 'Inspections of the swimming pool at Alder Street' });
  const own = await progress({ text: 'Emails about the storm drain', department: 'planning' });
  const numbers = async (q: string, actor = clerk) =>
    (await work.search(actor, { q, ...page })).rows.map((row) => row.number);
  const [year, count] = first.number.split('-');
  assert.deepEqual(await numbers(`${year}-${Number(count)}`), [first.number]);
  assert.deepEqual(await numbers('inspection pools'), [first.number]);
  assert.deepEqual(await numbers('"storm drain"'), [own.number]);
  assert.deepEqual(await numbers('storm -drain'), []);
  assert.deepEqual(await numbers('storm drain', planner), [own.number]);
  assert.deepEqual(await numbers('pool', planner), [], 'it concerns another department');
  assert.deepEqual(await numbers(first.number, planner), []);
  assert.deepEqual(await numbers("'); drop table records_requests; --"), []);
  await assert.rejects(numbers(' '), failsWith('bad-request'));
  for (const after of ['x', '2026-02-30~2026-000001']) {
    await assert.rejects(work.search(clerk, { q: 'pool', ...page, after }), failsWith('bad-cursor'));
  }
  await assert.rejects(numbers('pool', staffActor('publisher')), failsWith('forbidden'));
});

test('who asked is found by exactly their address or name, by those who may see it, and it is written down', async (t) => {
  const { submit, work, database } = await openTestDesk(t);
  const request = await submit({ requester: somebody });
  await submit({ requester: { ...somebody, name: 'Somebody Else', email: 'else@example.org' } });
  const find = (q: string, actor = clerk) => work.searchByRequester(actor, { q, ...page });
  for (const q of ['Canary.Whitlock@Example.org', ' canary   whitlock ']) {
    assert.deepEqual(
      (await find(q)).rows.map((row) => row.number),
      [request.number],
    );
  }
  assert.deepEqual((await find('canary')).rows, [], 'a part of a name is no name');
  const events = (await readAudit(database.db, { after: 0, limit: 100 })).filter(
    (event) => event.action === 'request.see-requester',
  );
  assert.deepEqual(
    events.map(({ details }) => [details['by'], details['found']]),
    [
      ['email', 1],
      ['name', 1],
      ['name', 0],
    ],
  );
  assert.ok(!JSON.stringify(events).toLowerCase().includes('canary'));
  const allowed: readonly string[] = permissions['request.see-requester'];
  for (const role of roles) {
    if (allowed.includes(role)) await find('x@y.example', staffActor(role));
    else await assert.rejects(find('x@y.example', staffActor(role)), failsWith('forbidden'), role);
    await assert.rejects(find('x@y.example', staffActor(role, 'planning')), failsWith('forbidden'), role);
  }
});

test('similar requests share rare words, and tell of the same requester only to those who may know', async (t) => {
  const { submit, progress, work, database } = await openTestDesk(t);
  const text = 'Emails about the wetland buffer near Pine Depot from 2025';
  const first = await progress({ text: `${text} to March`, department: 'planning' });
  await submit({ text: 'Payroll of the finance department', requester: null });
  const again = await submit({ text: `${text} to June`, requester: somebody });
  await database.pool.query('analyze records_requests');
  const likes = await work.similar(clerk, { id: again.id, text: again.text, subject: null });
  assert.deepEqual(
    likes.map(({ number, isSameRequester }) => [number, isSameRequester]),
    [[first.number, true]],
  );
  assert.ok((likes[0]?.likeness ?? 0) > 0.5);
  const seen = await work.similar(planner, { id: again.id, text: again.text, subject: null });
  assert.deepEqual(
    seen.map(({ isSameRequester }) => isSameRequester),
    [false],
  );
  assert.deepEqual(await work.similar(clerk, { id: null, text: '', subject: null }), []);
  assert.equal((await work.similar(clerk, { id: null, text: `${text} '\\ | & !`, subject: null })).length, 2);
});

test('workload and due dates count what stands, for whose it is', async (t) => {
  const { submit, progress, work } = await openTestDesk(t);
  const own = await progress({ department: 'planning', estimateOn: '2026-03-06' });
  const other = await submit(); // due 2026-03-09
  await work.createTask(clerk, own.id, { department: 'planning', assignee: 'p1', what: 'Look', dueOn: '2026-03-05' });
  await work.logTime(clerk, own.id, { activity: 'search', onDate: '2026-03-01', minutes: 45, note: null });
  const load = await work.workload(clerk);
  assert.deepEqual(
    load.byDepartment.find(({ who }) => who === 'planning'),
    { who: 'planning', openRequests: 1, openTasks: 1, dueThisWeek: 2, late: 0, minutes: 45 },
  );
  assert.equal(load.byPerson.find(({ who }) => who === clerk.id)?.minutes, 45);
  assert.equal(load.byPerson.find(({ who }) => who === 'p1')?.openTasks, 1);
  assert.equal(load.ages[0]?.requests, 2);
  const due = await work.due(clerk, { from: '2026-03-01', to: '2026-03-31' });
  assert.deepEqual(
    due.items.map(({ on, kind, number }) => [on, kind, number]),
    [
      ['2026-03-05', 'task', own.number],
      ['2026-03-06', 'city', own.number],
      ['2026-03-09', 'city', other.number],
    ],
  );
  const planners = await work.due(planner, { from: '2026-03-01', to: '2026-03-31' });
  assert.deepEqual(
    planners.items.map(({ number }) => number),
    [own.number, own.number],
  );
});

test('every act that a page offers fits the state, and none is offered that does not', async (t) => {
  const { submit, progress, records, database } = await openTestDesk(t);
  const requests = [await submit(), await progress()];
  requests.push(
    await records.desk.act(officer, { id: (await submit()).id, version: 1 }, { kind: 'withdraw', via: 'phone' }),
  );
  const everything = staffActor('records-officer');
  const actor = {
    ...everything,
    grants: (['records-officer', 'clerk', 'review-officer', 'attorney'] as const).map((role) => ({
      role,
      department: null,
    })),
  };
  const words = ['message', 'question', 'answer', 'recipients', 'records', 'note', 'text', 'reasons', 'letter'];
  const others = ['belief', 'interference', 'others', 'noEstimateReason', 'electronic'];
  const chosen: Readonly<Record<string, string>> = {
    extent: 'whole',
    via: 'phone',
    ground: 'clarify',
    notice: 'third-party',
    noticeOn: '2026-03-02',
    reason: 'consent',
    how: 'mailed',
    decision: 'affirmed',
    outcome: 'no_responsive_records',
    on: 'yes',
    visibility: 'public',
    estimateOn: '2026-05-01',
    links: 'https://example.org/x',
    until: '',
  };
  const form = {
    ...Object.fromEntries([...words, ...others].map((name) => [name, ['x']])),
    ...Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, [value]])),
  };
  for (const request of requests) {
    const offered = actionsFor(actor, request, []).map(({ kind }) => kind);
    for (const kind of commandKinds.filter(isListed)) {
      const code = await tryOut(kind);
      const fits = code !== 'conflict';
      if (!fits) assert.ok(!offered.includes(kind), `${kind} is offered for a request that is ${request.state}`);
      // A review that is not open is refused by its guard, not by the state.
      else if (kind !== 'decide-review' && kind !== 'revise-estimate')
        assert.ok(offered.includes(kind) || code === 'records-invalid', `${kind} for ${request.state}`);
    }
    async function tryOut(kind: string): Promise<string> {
      const undone = new Error('undone');
      return database.db
        .transaction(async (tx) => {
          const command = toCommand(kind, readForm(formOf(kind).inputs, form), request);
          await records.requests.transition(tx, actor, { id: request.id, expectedVersion: request.version }, command);
          throw undone;
        })
        .catch((error: unknown) => {
          if (error === undone) return 'done';
          if (error instanceof PortalError) return error.code;
          throw error;
        });
    }
  }
  assert.deepEqual(actionsFor(staffActor('auditor'), requests[0]!, []), []);
});

test('a notice of a day that no calendar has is refused by its field', () => {
  const { inputs } = formOf('notify');
  const form = { notice: ['third-party'], recipients: ['the person named'], records: ['x'] };
  for (const day of ['2026-02-31', '', 'soon']) {
    assert.throws(
      () => readForm(inputs, { ...form, noticeOn: [day] }),
      (error) => error instanceof PortalError && error.details.extra?.['field'] === 'noticeOn',
    );
  }
  assert.equal(
    (readForm(inputs, { ...form, noticeOn: ['2026-03-02'] }) as { noticeOn?: string }).noticeOn,
    '2026-03-02',
  );
});
