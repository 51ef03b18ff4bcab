// A letter that did not reach the requester: nobody loses a request for not having answered it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readConfig } from '../../../src/base/config.ts';
import { openMail } from '../../../src/mail/mail.ts';
import { runClocks } from '../../../src/records/desk/clocks.ts';
import { openContent } from '../../../src/mail/outbox.ts';
import { sendDigests } from '../../../src/records/desk/digest.ts';
import { somebody } from '../records.ts';
import { clerk, failsWith, officer, openTestDesk } from './fixture.ts';

const publicUrl = 'http://localhost:8080';
const from = 'records@portal.example';

/** RFC 3464: what a mail server writes of a letter of ours that it could not deliver. */
function reportOf(letter: string): Buffer {
  return Buffer.from(
    `From: postmaster@example.org\r\nTo: ${from}\r\nReturn-Path: <>\r\nMessage-ID: <${letter}-report@example.org>\r\n` +
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n' +
      '--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n' +
      'Reporting-MTA: dns; mx.example.org\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n' +
      `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${letter}@portal.example>\r\n--b--\r\n`,
  );
}

test('a question that came back: the clock stands still, the desk is told, and nothing is closed for want of an answer', async (t) => {
  const desk = await openTestDesk(t, '2026-03-02');
  const { database, seal, records, effects } = desk;
  const { mail: settings } = readConfig({ MAIL_FROM: from, MAIL_INBOUND_ADDRESS: from });
  const store = { read: () => Promise.reject(new Error('no file')) };
  const mail = openMail({ db: database.db, seal, store, settings, fromName: 'Kent', alone: true }, effects);
  t.after(() => mail.close());
  mail.onUndelivered(records.takeUndelivered);
  const comeBack = async (kind: string) => {
    const { rows } = await database.pool.query<{ id: string }>(
      `update letters set state = 'sent', ended_at = now() where kind = $1 and state = 'queued' returning id`,
      [kind],
    );
    assert.equal(rows.length, 1, kind);
    const received = await mail.receive(reportOf(rows[0]!.id), async () => undefined);
    assert.equal(received.became, 'unassigned');
  };
  const answered = await desk.act(clerk, await desk.submit({ requester: somebody }), {
    kind: 'acknowledge',
    estimateOn: '2026-06-01',
    message: '',
  });
  const asked = await desk.act(clerk, answered, {
    kind: 'clarify',
    question: 'Which of the permits?',
    extent: 'whole',
    estimateOn: null,
    noEstimateReason: 'It depends on the answer.',
  });
  const needOf = async () => (await desk.queue(officer)).rows.map(({ number, need }) => [number, need]);
  assert.deepEqual(await needOf(), [[asked.number, 'clarification']]);

  await comeBack('request-clarification');
  assert.deepEqual(await needOf(), [[asked.number, 'reach']]);
  const view = await desk.work.view(clerk, asked.number);
  assert.ok(view.events.some(({ kind }) => kind === 'letter-returned'));
  assert.deepEqual([view.request.state, view.request.waitingOn], ['clarification', 'city']);

  desk.at('2026-06-20'); // far beyond the thirty days
  const parts = { db: database.db, seal, law: records.law, publicUrl };
  const run = () => runClocks(records.requests, parts, '2026-06-20');
  assert.deepEqual(await run(), { reminded: [], moved: [], refused: [] });
  const close = { kind: 'close', outcome: 'abandoned_unclarified', reason: '', letter: '' } as const;
  await assert.rejects(desk.act(officer, asked, close), failsWith('records-invalid'));

  await database.pool.query(
    `insert into people (id, email, email_key, name, created_at, created_by)
     values ('00000000-0000-7000-8000-000000000001', 'ada@example.gov', 'ada@example.gov', 'Ada', now(), 'test')`,
  );
  await database.pool.query(
    `insert into people_grants (person, role, department, granted_at, granted_by)
     values ('00000000-0000-7000-8000-000000000001', 'clerk', null, now(), 'test')`,
  );
  const days = { ...desk.work.days, today: () => '2026-06-20' };
  assert.equal(await sendDigests({ db: database.db, seal, publicUrl }, days, effects), 1);
  const { rows } = await database.pool.query(`select * from letters where kind = 'work-digest'`);
  const [digest] = rows as [{ id: string; content: Buffer }];
  assert.match(openContent(seal, digest).text, new RegExp(`${asked.number}.*a letter came back`, 'u'));

  await desk.act(officer, asked, { kind: 'give-time', message: 'We could not reach you by e-mail.' });
  assert.deepEqual(await needOf(), [[asked.number, 'clarification']]);
  await comeBack('request-time-again');
  assert.deepEqual(await needOf(), [[asked.number, 'reach']], 'that one came back, too');
});

test('a delegate’s copy that came back stops nothing: the requester has their own', async (t) => {
  const { records, database, submit } = await openTestDesk(t, '2026-03-02');
  const { id } = await submit({ requester: somebody });
  const tell = (dedupeKey: string | null, kind: string) =>
    database.db.transaction((tx) => records.takeUndelivered(tx, { requestId: id, kind, dedupeKey }));
  const before = (await records.requests.find(id)).version;
  await tell(`${id} 1 receipt 1`, 'request-receipt');
  await tell(null, 'work-digest');
  assert.equal((await records.requests.find(id)).version, before);
  await tell(`${id} 1 receipt 0`, 'request-receipt');
  assert.equal((await records.requests.find(id)).version, before + 1);
});
