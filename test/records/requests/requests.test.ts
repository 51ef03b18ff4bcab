// Requests on a real PostgreSQL: who may do what, one winner per version, nothing half done, nobody in another's
// request. It must compare with the permission table and with the events, never with the code that is tested.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import fc from 'fast-check';

import type { Actor, RequesterActor } from '../../../src/base/actor.ts';
import { roles } from '../../../src/base/actor.ts';
import { PortalError } from '../../../src/base/errors.ts';
import { openContent } from '../../../src/mail/outbox.ts';
import { verifyAudit } from '../../../src/people/audit.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import { actionOf } from '../../../src/records/requests/commands.ts';
import { emptyAnswers } from '../../../src/records/asking/draft-answers.ts';
import { replay } from '../../../src/records/requests/facts.ts';
import { toFacts } from '../../../src/records/requests/rows.ts';
import { readRow } from '../../../src/records/requests/requests.ts';
import type { RequestCommand, RequestEvent, RequestRecord } from '../../../src/records/requests/request.ts';
import { staffActor } from '../../people/staff.ts';
import { openTestRecords, plainRequest, requesterOf, somebody } from '../records.ts';
import { arbitraryStep, commandKinds, examples, withheld } from './commands.ts';

const site = await openTestRecords({ after });
const { records, database } = site;
const { db, pool } = database;
const officer = staffActor('records-officer');
const today = '2026-03-02';
const example = examples(today);

const code = (wanted: string) => (error: unknown) => error instanceof PortalError && error.code === wanted;

/** A request in a state that takes the command. */
async function ready(kind: RequestCommand['kind']): Promise<RequestRecord> {
  const request = await site.submit();
  const cashier = staffActor('cashier');
  const give = (command: RequestCommand, actor: Actor = officer) => site.act(actor, request, command);
  const ways: Readonly<Partial<Record<RequestCommand['kind'], readonly [RequestCommand, Actor?][]>>> = {
    'answer-clarification': [[example.clarify]],
    'lapse-clarification': [[example.clarify]],
    'revise-estimate': [[{ ...example.acknowledge, estimateOn: '2026-04-20' }]],
    notify: [[example.acknowledge]],
    'end-notice': [[example.acknowledge], [example.notify]],
    injunction: [[example.acknowledge], [example.notify]],
    'await-payment': [[example.acknowledge]],
    'payment-settled': [[example.acknowledge], [example['await-payment'], cashier]],
    release: [[example.acknowledge]],
    claim: [[example.acknowledge], [example.release]],
    remind: [[example.acknowledge], [example.release]],
    'give-time': [[example.acknowledge], [example.release]],
    reopen: [[example.withdraw, requesterOf(request)]],
    petition: [[example.deny]],
    'decide-review': [[example.deny], [example.petition, requesterOf(request)]],
  };
  for (const [command, actor] of ways[kind] ?? []) await give(command, actor);
  return records.requests.find(request.id);
}

class Undone extends Error {}

/** Whether the transition was taken; it is undone either way. */
async function tryAs(actor: Actor, request: RequestRecord, command: RequestCommand): Promise<PortalError | null> {
  const expectedVersion = actor.kind === 'staff' ? request.version : null;
  try {
    await db.transaction(async (tx) => {
      await records.requests.transition(tx, actor, { id: request.id, expectedVersion }, command);
      throw new Undone();
    });
  } catch (error) {
    if (error instanceof Undone) return null;
    assert.ok(error instanceof PortalError, String(error));
    return error;
  }
  return assert.fail('neither taken nor refused');
}

test('every command by everybody: as the table of permissions says, and by nobody else', async () => {
  const twin = await site.submit();
  for (const kind of commandKinds) {
    const request = await ready(kind);
    const command = kind === 'deny-bot' ? { ...example['deny-bot'], others: [twin.number] } : example[kind];
    if (kind === 'lapse-clarification' || kind === 'give-time') site.at('2026-05-01');
    const delegate = (mayAct: boolean): RequesterActor => ({ ...requesterOf(request), delegate: { id: 'd', mayAct } });
    const everybody: readonly Actor[] = [
      ...roles.map((role) => ({ ...staffActor(role), id: `another-${role}` })),
      { kind: 'public' },
      { kind: 'machine', name: 'test' },
      { kind: 'token', id: 't', name: 'test' },
      { kind: 'system', name: 'test' },
      requesterOf(request),
      delegate(true),
      delegate(false),
    ];
    for (const actor of everybody) {
      const refused = await tryAs(actor, request, command);
      const may = isAllowed(actor, actionOf(command, actor));
      const who = actor.kind === 'staff' ? actor.grants[0]?.role : actor.kind;
      if (may) assert.equal(refused, null, `${kind} by ${who}: ${refused?.message}`);
      else
        assert.ok(
          ['forbidden', 'unauthorized', 'not-found'].includes(refused?.code ?? ''),
          `${kind} by ${who}: ${refused?.code}`,
        );
    }
    site.at(today);
  }
});

test('one’s own copy calls clocks by the codes that the City’s data gives them', async () => {
  const request = await site.submit();
  await site.act(officer, request, example.acknowledge);
  await site.act(officer, request, example.notify);
  const copy = await records.own.exportAll(requesterOf(request), request.number);
  assert.equal(request.nextDuty, 'first-response');
  assert.equal(copy.request.nextDuty, 'C2');
  assert.deepEqual(copy.clocks.map(({ clock }) => clock).sort(), ['C1', 'C2', 'C4']);
  const { set } = copy.events.find(({ kind }) => kind === 'notified')!.data as { set: { notice: { clock: string } } };
  assert.equal(set.notice.clock, 'C4');
});

test('whoever follows one request finds nothing of another, whatever they try', async () => {
  const [mine, other] = [await site.submit(), await site.submit()];
  const me = requesterOf(mine);
  for (const kind of commandKinds) {
    const refused = await tryAs(me, other, example[kind]);
    assert.equal(refused?.code, 'not-found', kind);
  }
  const { own } = records;
  const tries: readonly (() => Promise<unknown>)[] = [
    () => own.read(me, other.id),
    () => own.read(me, other.number),
    () => own.say(me, other.id, 'words'),
    () => own.exportAll(me, other.number),
    () => own.askToReopen(me, other.id, 'words'),
    () => own.replaceLink(me, other.id),
    () => own.addDelegate(me, other.id, { name: 'A', email: null, mayAct: true }),
    () => own.revokeDelegate(me, other.id, '00000000-0000-0000-0000-000000000000'),
    () => own.changeContact(me, other.id, somebody),
    () => own.addFile(me, other.id, { name: 'a', bytes: pieces('a') }),
    () => records.requests.requesterOf(me, other.id),
  ];
  for (const run of tries) await assert.rejects(run, code('not-found'), String(run));
  await own.addDelegate(requesterOf(other), other.id, { name: 'Theirs', email: null, mayAct: true });
  const [delegate] = (await own.read(requesterOf(other), other.id)).delegates;
  await assert.rejects(own.revokeDelegate(me, mine.id, delegate!.id), code('not-found'));
  assert.equal((await records.requests.find(other.id)).version, 2, 'nothing was changed but the delegate');
});

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test('two hundred clerks at once: one wins each version, everybody else is told, nothing is lost', async () => {
  const request = await site.submit();
  const clerk = (index: number) => ({ ...staffActor('clerk'), id: `clerk-${index}` });
  const change = (index: number, expectedVersion: number) =>
    db.transaction((tx) =>
      records.requests.transition(
        tx,
        clerk(index),
        { id: request.id, expectedVersion },
        { kind: 'assign', department: null, assignee: `clerk-${index}` },
      ),
    );
  const first = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => change(index, 1)));
  const won = first.filter(({ status }) => status === 'fulfilled');
  assert.equal(won.length, 1);
  for (const each of first) {
    if (each.status === 'fulfilled') continue;
    assert.ok(each.reason instanceof PortalError && each.reason.code === 'conflict', String(each.reason));
    assert.equal(each.reason.details.extra?.['version'], 2);
  }
  const persist = async (index: number): Promise<void> => {
    for (;;) {
      const { version } = await records.requests.find(request.id);
      const error = await change(index, version).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) return;
      if (!code('conflict')(error)) throw error;
    }
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => persist(index)));
  const { rows } = await pool.query<{ seq: number; assignee: string }>(
    `select seq, data ->> 'assignee' as assignee from records_events where request_id = $1 and kind = 'assigned' order by seq`,
    [request.id],
  );
  assert.equal((await records.requests.find(request.id)).version, 42);
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    Array.from({ length: 41 }, (_, index) => index + 2),
  );
  assert.equal(new Set(rows.slice(1).map(({ assignee }) => assignee)).size, 40, 'each of them is in it');
  assert.equal((await verifyAudit(db)).brokenAt, null);
});

test('staff say which version they have seen; a stale one is told the present one', async () => {
  const request = await site.submit();
  const blind = db.transaction((tx) =>
    records.requests.transition(tx, officer, { id: request.id, expectedVersion: null }, example.acknowledge),
  );
  await assert.rejects(blind, code('conflict'));
});

test('a change that fails at its letter leaves no row, event, clock, letter or audit event', async () => {
  const request = await site.submit();
  const count = async () =>
    (
      await pool.query(
        `select (select count(*) from records_events) + (select count(*) from records_clocks) + (select count(*) from letters) + (select count(*) from audit_events) + (select count(*) from records_messages) as n`,
      )
    ).rows;
  const before = await count();
  const unknown = { ...example.deny, withheld: [{ ...withheld, exemption: 'no-such-exemption' }] };
  await assert.rejects(site.act(officer, request, unknown), code('records-invalid'));
  assert.deepEqual(await count(), before);
  assert.deepEqual(await records.requests.find(request.id), request);
});

test('random histories in the database: version = changes, events without gap, the same state from the events alone', async () => {
  const histories = fc.sample(fc.array(arbitraryStep(), { minLength: 25, maxLength: 40 }), { numRuns: 6, seed: 42 });
  for (const steps of histories) {
    let ms = Date.parse(`${today}T20:00:00Z`);
    site.at(today);
    const request = await site.submit();
    let changes = 1;
    for (const { days, pick } of steps) {
      ms += days * 86_400_000;
      const now = new Date(ms).toISOString();
      site.at(now);
      const { installments } = await records.requests.find(request.id);
      const command = pick(now.slice(0, 10), { installment: installments + 1 });
      const actor: Actor = {
        ...officer,
        grants: roles.map((role) => ({ role, department: null })),
        id: command.kind === 'decide-review' ? 'reviewer' : 'officer',
      };
      const isOfTime = actionOf(command, actor) === 'request.lapse';
      const by = isOfTime ? ({ kind: 'system', name: 'clock' } as const) : actor;
      const error = await site.act(by, request, command).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error === null) changes += 1;
      else assert.ok(code('conflict')(error) || code('records-invalid')(error), String(error));
    }
    const row = await readRow(db, request.id);
    const { rows } = await pool.query<RequestEvent & { on_date: string }>(
      `select seq, on_date::text as "onDate", kind, data from records_events where request_id = $1 order by seq`,
      [request.id],
    );
    assert.equal(row.version, changes);
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, index) => index + 1),
    );
    assert.deepEqual(replay(rows), toFacts(row));
    assert.equal(new Set(rows.map(({ data }) => data['version'])).size, changes, 'each change has its events');
  }
  site.at(today);
});

test('numbers run without a gap, also past requests that failed', async () => {
  site.at('2031-01-15');
  // A draft that is not there is refused when its request already has a number.
  const sent = Array.from({ length: 30 }, (_, index) =>
    index % 3 === 0
      ? records.drafts.send({ kind: 'public' }, `draft_${String(index).padStart(43, 'x')}`)
      : records.submit({ kind: 'public' }, plainRequest),
  );
  const results = await Promise.allSettled(sent);
  const numbers = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value.request.number] : []));
  assert.deepEqual(
    numbers.sort(),
    Array.from({ length: 20 }, (_, index) => `2031-${String(index + 1).padStart(6, '0')}`),
  );
  site.at(today);
});

test('staff enter what came another way with its true date: never to come, by the day in the city', async () => {
  const clerk = staffActor('clerk');
  const given = {
    ...plainRequest,
    channel: 'mail',
    receivedOn: '2026-02-26',
    subject: null,
    requesterType: null,
  } as const;
  const { request } = await records.enter(clerk, given);
  assert.deepEqual(
    [request.receivedOn, request.receivedAt, request.respondDueOn, request.channel],
    ['2026-02-26', '2026-02-26T20:00:00.000Z', '2026-03-05', 'mail'],
  );
  for (const receivedOn of ['2026-03-03', '2027-01-01', '2026-02-30', '']) {
    await assert.rejects(records.enter(clerk, { ...given, receivedOn }), code('form-invalid'), receivedOn);
  }
  await assert.rejects(records.enter(staffActor('publisher'), given), code('forbidden'));
  await assert.rejects(records.enter({ kind: 'public' }, given), code('unauthorized'));
  const summer = await records.enter(clerk, { ...given, receivedOn: '2025-07-04' });
  assert.equal(summer.request.receivedAt, '2025-07-04T19:00:00.000Z');
});

test('a department’s lead sees what they entered: their department leads it from the first event on', async () => {
  const entered = {
    ...plainRequest,
    channel: 'counter',
    receivedOn: today,
    subject: null,
    requesterType: null,
  } as const;
  await pool.query(
    `insert into departments (id, name, created_at, changed_at)
     values ('planning', 'Planning', now(), now()), ('finance', 'Finance', now(), now())`,
  );
  const lead = staffActor('department-lead', 'planning');
  const { request } = await records.enter(lead, entered);
  assert.equal(request.department, 'planning');
  const view = await records.desk.view(lead, request.number);
  assert.deepEqual(
    view.events.map(({ kind, audience }) => [kind, audience]),
    [
      ['received', 'public'],
      ['assigned', 'staff'],
    ],
  );
  assert.equal(replay(view.events).department, 'planning', 'the events alone tell whose it is');
  await assert.rejects(
    records.desk.view(staffActor('department-lead', 'finance'), request.number),
    code('not-found'),
    'a neighbour’s lead',
  );
  const both = {
    ...lead,
    grants: ['planning', 'finance'].map((department) => ({ role: 'department-lead', department })),
  };
  const ofTwo = both as typeof lead;
  await assert.rejects(records.enter(ofTwo, entered), code('form-invalid'), 'which of the two?');
  assert.equal((await records.enter(ofTwo, { ...entered, department: 'finance' })).request.department, 'finance');
  await assert.rejects(records.enter(lead, { ...entered, department: 'finance' }), code('form-invalid'));
  const ofCity = await records.enter(staffActor('clerk'), { ...entered, department: 'finance' });
  assert.equal(ofCity.request.department, null, 'a clerk assigns it, which is an act of its own');
});

test('a delegate with an address is mailed their own link; taken back in time, nothing goes out', async () => {
  const mine = await site.submit();
  const me = requesterOf(mine);
  const email = 'trusted.friend@example.org';
  const letters = async () =>
    (
      await pool.query(`select id, content from letters where request_id = $1 and kind = 'request-delegate-link'`, [
        mine.id,
      ])
    ).rows;
  await records.own.addDelegate(me, mine.id, { name: 'By hand', email: null, mayAct: true });
  assert.deepEqual(await letters(), [], 'no address, no letter');
  const secret = await records.own.addDelegate(me, mine.id, { name: 'Friend', email, mayAct: false });
  const [letter] = await letters();
  const { to, subject, text } = openContent(site.seal, letter);
  assert.equal(to, email);
  assert.ok(subject.includes(mine.number) && text.includes(`/records/follow/${secret}\n`));
  assert.match(text, /You cannot act on it/u);
  assert.doesNotMatch(text, /canary|220 4th Ave/iu, 'neither who asked nor for what');
  const messages = (await records.own.read(me, mine.id)).messages;
  assert.ok(
    messages.every(({ body }) => !body.includes(secret)),
    'the requester’s page does not show it again',
  );
  const friend = (await records.own.read(me, mine.id)).delegates.find(({ name }) => name === 'Friend');
  await records.own.revokeDelegate(me, mine.id, friend!.id);
  assert.deepEqual([await letters(), await records.follow(secret)], [[], null]);
  await records.own.addDelegate(me, mine.id, { name: 'Late', email, mayAct: true });
  await pool.query(`update letters set state = 'sent', ended_at = now() where kind = 'request-delegate-link'`);
  const late = (await records.own.read(me, mine.id)).delegates.find(({ name }) => name === 'Late');
  await records.own.revokeDelegate(me, mine.id, late!.id);
  assert.equal((await letters()).length, 1, 'what has gone out stays on record');
});

test('the receipt goes to whoever left an address, with the link; nobody’s request has no letter', async () => {
  const count = async (id: string) =>
    (await pool.query('select kind from letters where request_id = $1', [id])).rows.map(({ kind }) => kind);
  const [named, anonymous] = [await site.submit(), await site.submit({ requester: null })];
  assert.deepEqual(await count(named.id), ['request-receipt']);
  assert.deepEqual(
    [await count(anonymous.id), anonymous.isAnonymous, anonymous.requesterType],
    [[], true, 'anonymous'],
  );
  assert.equal(
    (await records.own.read(requesterOf(anonymous), anonymous.id)).messages.length,
    1,
    'the letter waits on the page',
  );
  assert.equal((await records.requests.find(named.id)).nextDuty, 'first-response', 'a receipt answers nothing');
  await assert.rejects(records.requests.requesterOf(staffActor('redactor'), named.id), code('forbidden'));
  assert.deepEqual(await records.requests.requesterOf(staffActor('clerk'), named.id), somebody);
});

test('an e-mail is taken once, answers the question that is open, and its files are sealed', async () => {
  const request = await site.submit();
  await site.act(officer, request, example.clarify);
  const reply = {
    requestNumber: request.number,
    messageId: '<a@example.org>',
    from: somebody.email,
    subject: 'Re: a question',
    text: 'The year 2025',
    attachments: [{ name: 'canary.txt', mediaType: 'text/plain', bytes: Buffer.from('canary words') }],
    isAccepted: false,
    isAutomatic: false,
  };
  const take = () => db.transaction((tx) => records.takeReply(tx, reply));
  assert.deepEqual([await take(), await take()], [true, false]);
  const after = await records.requests.find(request.id);
  assert.deepEqual([after.state, after.waitingOn], ['in_progress', 'city']);
  const { files, messages } = await records.own.read(requesterOf(request), request.id);
  assert.deepEqual(
    files.map(({ name, mediaType }) => [name, mediaType]),
    [['canary.txt', 'text/plain']],
  );
  assert.equal(messages.filter(({ via }) => via === 'email').filter(({ direction }) => direction === 'in').length, 1);
});

test('answers in the making go after thirty days', async () => {
  const secret = await records.drafts.save({ kind: 'public' }, null, {
    ...emptyAnswers,
    text: 'kept',
  });
  assert.equal((await records.drafts.read(secret))?.answers.text, 'kept');
  site.at('2026-03-31');
  assert.equal(await records.drafts.expire(), 0);
  site.at('2026-04-03');
  assert.equal(await records.drafts.expire(), 1);
  assert.equal(await records.drafts.read(secret), null);
  await assert.rejects(records.drafts.send({ kind: 'public' }, secret), code('link-expired'));
  site.at(today);
});
