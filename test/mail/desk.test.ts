// Who may see letters and mail: every role and every other actor, each act with its audit event, over HTTP and in
// process. It must ask for what is sealed as each of them, and expect the table of permissions to be kept.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { eq } from '../../src/db/drizzle.ts';

import { roles } from '../../src/base/actor.ts';
import type { Actor } from '../../src/base/actor.ts';
import { PortalError } from '../../src/base/errors.ts';
import { letters } from '../../src/db/tables-mail.ts';
import { queueLetter } from '../../src/mail/outbox.ts';
import { readAudit } from '../../src/people/audit.ts';
import { isAllowed } from '../../src/people/permissions.ts';
import { readMailFile } from '../../src/records/mail/intake.ts';
import { toMailDesk, toMailPages } from '../../src/pages/mail.ts';
import { staffActor } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';

const nobody = '01890000-0000-7000-8000-000000000000';
const others: readonly Actor[] = [
  { kind: 'public' },
  { kind: 'machine', name: 'test' },
  { kind: 'token', id: 't', name: 'webhook' },
  { kind: 'system', name: 'job' },
  { kind: 'requester', requestId: nobody, delegate: null },
  { kind: 'requester', requestId: nobody, delegate: { id: 'd', mayAct: true } },
];
const everybody: readonly Actor[] = [...roles.map((role) => staffActor(role)), ...others];
const isCode =
  (...codes: readonly string[]) =>
  (error: unknown) =>
    error instanceof PortalError && codes.includes(error.code);
const isRefusal = isCode('unauthorized', 'forbidden');

const site = await openTestPortal({ after }, { settings: { MAIL_INBOUND_ADDRESS: 'records@portal.example' } });
const secret = 'request_0123-abc_DEF';
const letterId = await queueOne();

async function queueOne(): Promise<string> {
  const { database, seal, effects } = site.portal;
  const text = `Dear Ada, follow it at https://portal.example/records/follow/${secret} from now on.`;
  const letter = { to: 'ada@example.org', subject: 'Your request', text, kind: 'test' };
  await database.db.transaction((tx) => queueLetter(tx, seal, letter, effects));
  return (await database.db.select().from(letters))[0]!.id;
}

const hand = (raw: string, headers: Readonly<Record<string, string>> = site.machine) =>
  site.ask({
    method: 'POST',
    url: '/api/v1/mail/inbound',
    headers: { 'content-type': 'message/rfc822', ...headers },
    payload: Buffer.from(raw.replaceAll('\n', '\r\n')),
  });
const events = async (action: string) => {
  const all = await readAudit(site.portal.database.db, { after: 0, limit: 1000 });
  return all.filter((event) => event.action === action);
};

test('the secret link in a letter is shown to those who would hand it over, until it has gone out', async () => {
  const read = async (role: (typeof roles)[number]) =>
    (await toMailPages(site.portal, staffActor(role)).letter(letterId)).text;
  for (const role of roles) {
    if (!isAllowed(staffActor(role), 'mail.read')) continue;
    const text = await read(role);
    assert.equal(text.includes(secret), isAllowed(staffActor(role), 'request.enter'), role);
    assert.match(text, /records\/follow\/.* from now on\.$/u);
  }
  const { db } = site.portal.database;
  const before = (await db.select().from(letters))[0]!;
  await db.update(letters).set({ state: 'sent', endedAt: before.createdAt }).where(eq(letters.id, letterId));
  for (const role of ['clerk', 'records-officer', 'auditor'] as const)
    assert.equal((await read(role)).includes(secret), false, role);
  await db.update(letters).set({ state: 'queued', endedAt: null }).where(eq(letters.id, letterId));
});

test('each may do what the table says and nothing else', async () => {
  for (const actor of everybody) {
    const pages = toMailPages(site.portal, actor);
    const who = JSON.stringify(actor);
    const reads = [
      () => pages.overview(null),
      () => pages.letter(letterId),
      () => pages.message(nobody),
      () => pages.waitingFor('2026-000001'),
      () => readMailFile(toMailDesk(site.portal), actor, { id: nobody, attachment: 1 }, site.portal.effects),
    ];
    const acts = [
      () => pages.sendAgain(letterId),
      () => pages.assign(nobody, '2026-000001'),
      () => pages.dismiss(nobody),
      () => pages.entry(nobody),
      () => pages.makeRequest(nobody, { channel: ['email'] }),
      () => pages.retryJob(nobody),
    ];
    for (const [calls, action] of [
      [reads, 'mail.read'],
      [acts, 'mail.retry'],
    ] as const) {
      for (const call of calls) {
        if (!isAllowed(actor, action)) await assert.rejects(call(), isRefusal, `${who} ${action}`);
        else await call().catch((error: unknown) => assert.ok(isCode('not-found')(error), `${who} ${String(error)}`));
      }
    }
  }
});

test('the list shows no address and no word of a letter; opening one does, with an audit event that does not', async () => {
  const pages = toMailPages(site.portal, staffActor('clerk'));
  const overview = await pages.overview(null);
  assert.equal(overview.sends, false);
  assert.deepEqual(
    overview.letters.map(({ id, kind, state }) => [id, kind, state]),
    [[letterId, 'test', 'queued']],
  );
  assert.ok(!/ada|Dear/u.test(JSON.stringify(overview.letters)));
  const before = (await events('mail.read')).length;
  const opened = await pages.letter(letterId);
  assert.deepEqual([opened.to, opened.text.slice(0, 8)], ['ada@example.org', 'Dear Ada']);
  const after = await events('mail.read');
  assert.equal(after.length, before + 1);
  assert.deepEqual(after.at(-1)!.details, { kind: 'test' });
  assert.equal(after.at(-1)!.subject, `letter:${letterId}`);
  await assert.rejects(pages.letter("x' or true"), isCode('not-found'));
});

test('mail is taken from the machine and from tokens, once, and never kept by a cache', async () => {
  const raw =
    'From: ada@example.org\nTo: records@portal.example\nMessage-ID: <h1@example.org>\n\nWhere is my record?\n';
  assert.equal((await hand(raw, {})).status, 401);
  const wrongType = await hand(raw, { ...site.machine, 'content-type': 'text/html' });
  assert.equal(wrongType.status, 415);
  const first = await hand(raw);
  assert.deepEqual([first.status, first.json()], [200, { became: 'unassigned', requestNumber: null }]);
  assert.equal(first.headers['cache-control'], 'no-store');
  assert.deepEqual((await hand(raw)).json(), { became: 'repeated', requestNumber: null });
  assert.equal((await events('mail.receive')).length, 1);
  const made = await site.ask({
    method: 'POST',
    url: '/api/v1/tokens',
    headers: site.machine,
    payload: { name: 'mailbox' },
  });
  const token = { authorization: `Bearer ${made.json<{ token: string }>().token}` };
  assert.equal((await hand(raw.replace('h1@', 'h2@'), token)).status, 200);
  const huge = `From: a@example.org\n\n${'x'.repeat(26 * 1024 * 1024)}`;
  assert.equal((await hand(huge)).status, 413);
});

test('a message that waits is opened with an audit event, and laid aside for good', async () => {
  const pages = toMailPages(site.portal, staffActor('records-officer'));
  await hand('From: eve@example.org\nMessage-ID: <h3@example.org>\nSubject: Buy now\n\nCheap.\n');
  const { waiting } = await pages.overview(null);
  const { id } = waiting[0]!;
  const opened = await pages.message(id);
  assert.deepEqual(
    [opened.from, opened.subject, opened.text, opened.waits],
    ['eve@example.org', 'Buy now', 'Cheap.', true],
  );
  await pages.dismiss(id);
  await assert.rejects(pages.dismiss(id), isCode('not-found'));
  await assert.rejects(pages.message(id), isCode('not-found'));
  const { rows } = await site.portal.database.pool.query('select content, state from received_mail where id = $1', [
    id,
  ]);
  assert.deepEqual(rows, [{ content: null, state: 'dismissed' }]);
});

test('letters and jobs are counted', async () => {
  const { body } = await site.ask('/metrics');
  assert.match(body, /portal_letters\{state="queued"\} 1/u);
  assert.match(body, /portal_jobs\{state="parked"\} 0/u);
});
