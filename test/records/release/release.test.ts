// An installment goes out whole or not at all, to whom it belongs, and is claimed by its first download.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { drizzle } from '../../../src/db/drizzle.ts';
import pg from 'pg';

import { recordsInstallments, recordsReleased } from '../../../src/db/tables-archive.ts';
import { verifyAudit } from '../../../src/people/audit.ts';
import { isAllowed } from '../../../src/people/permissions.ts';
import { roles } from '../../../src/base/actor.ts';
import { staffActor } from '../../people/staff.ts';
import { failsWith } from '../documents/ground.ts';
import { requesterOf } from '../records.ts';
import { officer, openReleaseGround } from './ground.ts';

const ground = await openReleaseGround({ after });
const { releases, database, records } = ground;
const { db } = database;
const request = await ground.begun();
const [plain, cut, whole] = await Promise.all([
  ground.approved(request, 'The bridge was inspected in March.\n', { title: 'Inspection report' }),
  ground.approved(request, 'Paid from account 4000123412341234 in April.\n', {
    title: 'Invoice',
    redact: '4000123412341234',
  }),
  ground.approved(request, 'Advice of counsel.\n', { title: 'Memo', withhold: true }),
]);

async function lettersOf(number: string) {
  const own = await records.own.read(requesterOf(await records.requests.find(number)), number);
  return own.messages.filter(({ direction }) => direction === 'out');
}

test('what is missing is said before anything goes out', async () => {
  const now = await ground.fresh(request);
  const refusals = [
    [{ documents: [] }, /Choose at least one document/u],
    [{ delivery: 'inspection', fromOn: '2026-03-09' }, /Say where/u],
    [{ delivery: 'pick_up', place: 'City Hall' }, /from which day/u],
    [{ delivery: 'inspection', place: 'City Hall', fromOn: '2026-02-01' }, /today or later/u],
    [{ remains: { what: 'The rest', nextOn: '' } }, /date of the next installment/u],
    [{ remains: { what: ' ', nextOn: '2026-04-01' } }, /Say what remains/u],
    [{ scannedPages: -1 }, /counted from zero/u],
  ] as const;
  for (const [given, words] of refusals) {
    const choice = ground.choice(now, [plain], given);
    await assert.rejects(releases.release(officer, request.number, choice), failsWith('records-invalid', words));
  }
  const draft = (await ground.documents.receive(officer, request.number, {
    name: 'later.txt',
    bytes: (async function* () {
      yield Buffer.from('Not looked at yet.');
    })(),
    declaredBytes: 18,
  })) as { readonly id: string };
  const unready = /^Not ready for release\. .+: is still being reviewed\.$/u;
  const early = { ...ground.choice(await ground.fresh(request), []), documents: [plain.id, draft.id] };
  await assert.rejects(releases.release(officer, request.number, early), failsWith('records-invalid', unready));
  assert.equal((await db.select().from(recordsInstallments)).length, 0);
});

test('only who may release does, and a stale version is told', async () => {
  const choice = ground.choice(await ground.fresh(request), [plain]);
  for (const role of roles.filter((each) => !isAllowed(staffActor(each), 'request.release'))) {
    await assert.rejects(releases.release(staffActor(role), request.number, choice), failsWith('forbidden'), role);
    await assert.rejects(releases.preview(staffActor(role), request.number, choice), failsWith('forbidden'), role);
  }
  await assert.rejects(releases.release({ kind: 'public' }, request.number, choice), failsWith('unauthorized'));
  await assert.rejects(releases.release(requesterOf(request), request.number, choice), failsWith('forbidden'));
  const stale = { ...choice, version: choice.version - 1 };
  await assert.rejects(releases.release(officer, request.number, stale), failsWith('conflict'));
});

test('the letter is shown before it is sent, and nothing is stored by looking', async () => {
  const before = await ground.fresh(request);
  const choice = ground.choice(before, [plain, whole], {
    delivery: 'inspection',
    place: 'Clerk’s counter, 9 to 4',
    fromOn: '2026-03-05',
  });
  const [letter] = await releases.preview(officer, request.number, choice);
  assert.match(letter!.body, /inspect them from Thursday, March 5, 2026: Clerk’s counter, 9 to 4/u);
  assert.match(letter!.body, /Memo, 1 page, in full/u);
  assert.deepEqual(await ground.fresh(request), before);
  assert.equal((await db.select().from(recordsReleased)).length, 0);
});

/** A connection whose server process is killed when its `at`th query comes, and answers nothing from then on. */
async function connectTo(at: number): Promise<pg.Client> {
  const client = new pg.Client(database.connection);
  client.on('error', () => undefined); // the server ends this connection on purpose
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const asked = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
  const gone = new Promise<void>((resolve) => client.once('end', () => resolve()));
  let count = 0;
  (client as { query: unknown }).query = async (...given: unknown[]) => {
    count++;
    if (count < at) return asked(...given);
    if (count === at) await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
    await gone;
    throw new Error('the connection is gone');
  };
  return client;
}

test('killed at any of its steps, a release leaves the old state; the step after the last leaves the new one', async () => {
  const victim = await ground.begun();
  const document = await ground.approved(victim, 'One page.\n', { title: 'Page' });
  const state = async () => {
    const { rows } = await database.pool.query(
      `
      select (select version from records_requests where id = $1) as version,
        (select state from records_requests where id = $1) as state,
        (select count(*)::int from records_installments where request_id = $1) as installments,
        (select count(*)::int from records_released where request_id = $1) as released,
        (select count(*)::int from records_events where request_id = $1) as events,
        (select count(*)::int from records_clocks where request_id = $1) as clocks,
        (select count(*)::int from records_messages where request_id = $1) as messages,
        (select count(*)::int from letters) as letters,
        (select count(*)::int from audit_events) as audited`,
      [victim.id],
    );
    return rows[0] as Record<string, unknown>;
  };
  const before = await state();
  const choice = ground.choice(await ground.fresh(victim), [document]);
  let steps = 0;
  for (let at = 1; steps === 0; at++) {
    const client = await connectTo(at);
    const done = await ground
      .releasesOver(drizzle(client))
      .release(officer, victim.number, choice)
      .then(
        () => true,
        (error: unknown) => !(error instanceof Error),
      );
    if (done) steps = at - 1;
    else assert.deepEqual(await state(), before, `killed at step ${at} of the transaction`);
    if (done) await client.end();
    assert.ok(at < 200, 'the release ends');
  }
  assert.ok(steps > 10, `the release has ${steps} steps`);
  const now = await state();
  assert.equal(now['state'], 'installment_ready');
  assert.equal(now['installments'], 1);
  assert.equal(now['released'], 1);
  assert.equal((await verifyAudit(db)).brokenAt, null);
});

test('two installments: what remains is promised, the first download claims, the last one closes with finality', async () => {
  const me = requesterOf(request);
  const first = await releases.release(
    officer,
    request.number,
    ground.choice(await ground.fresh(request), [plain, cut], {
      message: 'The reports of March.',
      remains: { what: 'The memos.', nextOn: '2026-03-20' },
    }),
  );
  assert.equal(first.installment, 1);
  assert.equal(first.request.state, 'installment_ready');
  assert.equal(first.request.nextDueOn, null);
  const [letter] = (await lettersOf(request.number)).filter(({ kind }) => kind === 'installment');
  assert.match(letter!.body, /The memos\./u);
  assert.match(letter!.body, /Friday, March 20, 2026/u);
  assert.match(letter!.body, /Invoice, page 1 of 1, redacted in part: withheld in part under RCW 42\.56\.230\(5\)/u);
  assert.match(letter!.body, /The reports of March\./u);
  const [installment] = await releases.own(me, request.number);
  assert.equal(installment!.claim, null);
  assert.deepEqual(installment!.documents.map(({ title }) => title).sort(), ['Inspection report', 'Invoice']);
  assert.deepEqual(
    installment!.withheld.map(({ document, cite }) => [document, cite]),
    [[cut.number, 'RCW 42.56.230(5)']],
  );
  const again = ground.choice(await ground.fresh(request), [plain]);
  await assert.rejects(
    releases.release(officer, request.number, again),
    failsWith('records-invalid', /Already released/u),
  );

  const file = installment!.documents[1]!;
  const wanted = { request: request.number, file: file.id };
  assert.equal((await releases.open(me, wanted)).as, 'requester');
  await Promise.all([releases.noteDownload(me, wanted), releases.noteDownload(me, wanted)]);
  assert.equal((await ground.fresh(request)).state, 'in_progress');
  assert.equal((await releases.own(me, request.number))[0]!.claim!.how, 'download');
  const claims = (await records.own.read(me, request.number)).events.filter(({ kind }) => kind === 'claimed');
  assert.equal(claims.length, 1, 'claimed once, however often it is downloaded');

  const last = await releases.release(officer, request.number, ground.choice(await ground.fresh(request), [whole]));
  assert.equal(last.installment, 2);
  await ground.act(officer, request, { kind: 'claim', installment: 2, how: 'mailed' });
  const closed = await ground.fresh(request);
  assert.equal(closed.outcome, 'partial');
  const ending = (await lettersOf(request.number)).find(({ kind }) => kind === 'closing');
  assert.match(ending!.body, /final answer/u);
  assert.match(ending!.body, /no more records are coming/u);
  assert.match(ending!.body, /one-year time limit for going to court begins now/u);
});

test('a refusal is reviewed by another than who refused; reversed, the request is open again and releases what was withheld', async () => {
  await ground.act(requesterOf(request), request, { kind: 'petition', text: 'The memo is not advice.', via: 'web' });
  const [review] = await releases.reviews(staffActor('review-officer'));
  assert.equal(review!.number, request.number);
  assert.equal(review!.isOwnRefusal, false);
  assert.equal((await releases.reviews({ ...staffActor('review-officer'), id: officer.id }))[0]!.isOwnRefusal, true);
  const decide = {
    kind: 'decide-review',
    decision: 'reversed',
    reasons: 'No advice in it.',
    estimateOn: '2026-03-30',
  } as const;
  const denier = { ...staffActor('review-officer'), id: officer.id };
  await assert.rejects(ground.act(denier, request, decide), failsWith('records-invalid', /cannot review/u));
  await ground.act(staffActor('review-officer'), request, decide);
  const open = await ground.fresh(request);
  assert.equal(open.state, 'in_progress');
  assert.equal(open.cycle, 2);
  assert.deepEqual(await releases.reviews(staffActor('review-officer')), []);

  const place = { request: request.number, document: whole.number };
  const { documents } = ground;
  const version = async () => (await documents.view(officer, place)).document.version;
  await documents.reopen(officer, place, { version: await version() });
  await documents.withhold(officer, place, { version: await version(), reason: null });
  await ground.releaseRestOf(open, whole.number);
  const view = await releases.view(officer, request.number);
  const memo = view.documents.find(({ number }) => number === whole.number)!;
  assert.equal(memo.missing, null);
  assert.equal(memo.releasedIn, null, 'what is in it now has not gone out');
  const third = await releases.release(officer, request.number, ground.choice(await ground.fresh(request), [whole]));
  assert.equal(third.installment, 3);
});

test('a released file is for the requester, delegates and staff of this request, and for no neighbour', async () => {
  const neighbour = await ground.begun();
  const [, , installment] = await releases.own(requesterOf(request), request.number);
  const file = installment!.documents[0]!;
  const wanted = { request: request.number, file: file.id };
  const other = await releases.own(requesterOf(neighbour), neighbour.number);
  assert.deepEqual(other, []);
  await assert.rejects(releases.own(requesterOf(neighbour), request.number), failsWith('not-found'));
  const nobody = [
    { kind: 'public' } as const,
    requesterOf(neighbour),
    { ...requesterOf(neighbour), delegate: { id: 'someone', mayAct: true } },
    staffActor('publisher'),
    staffActor('administrator'),
    staffActor('clerk', 'parks'),
    { kind: 'token', id: 'token', name: 'a program' } as const,
    { kind: 'machine', name: 'portal' } as const,
  ];
  for (const actor of nobody) {
    await assert.rejects(releases.open(actor, wanted), failsWith('not-found'), JSON.stringify(actor));
  }
  await assert.rejects(releases.open(officer, { ...wanted, request: neighbour.number }), failsWith('not-found'));
  await assert.rejects(
    releases.open(requesterOf(neighbour), { request: neighbour.number, file: file.id }),
    failsWith('not-found'),
  );
  await assert.rejects(releases.noteDownload(requesterOf(neighbour), wanted), failsWith('not-found'));
  assert.equal((await releases.open(staffActor('auditor'), wanted)).as, 'staff');
  const reader = { ...requesterOf(request), delegate: { id: 'reader', mayAct: false } };
  assert.equal((await releases.open(reader, wanted)).as, 'requester');
  await releases.noteDownload(reader, wanted);
  await releases.noteDownload(officer, wanted);
  assert.equal((await ground.fresh(request)).state, 'installment_ready', 'reading is no claim of one who may not act');
});

test('what was released stays what it was', async () => {
  await assert.rejects(database.pool.query(`update records_released set title = 'Other'`), /never changed/u);
  await assert.rejects(database.pool.query('delete from records_installments'), /never changed or removed/u);
});
