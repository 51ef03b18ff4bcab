// The pages of letters and mail in a signed-in browser's eyes: seen with the permission, not without; forms without script.
// It must sign in as staff do and ask over HTTP.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { letters } from '../../src/db/tables.ts';
import { queueLetter } from '../../src/mail/outbox.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';

const site = await openTestPortal({ after }, { web: true });
const { database, seal, effects } = site.portal;

/** What a browser sends along with a form of the portal's own. */
const ofForm = (headers: Readonly<Record<string, string>>) => ({
  ...headers,
  accept: 'text/html',
  host: new URL(site.config.publicUrl).host,
  'content-type': 'application/x-www-form-urlencoded',
});

test('a clerk reads the outbox, opens a letter and sends it again; others are kept out', async () => {
  const letter = { to: 'ada@example.org', subject: 'Your request', text: 'Dear Ada,\n<b>hello</b>', kind: 'test' };
  await database.db.transaction((tx) => queueLetter(tx, seal, letter, effects));
  const id = (await database.db.select().from(letters))[0]!.id;
  const { headers } = await signIn(site, 'clerk');
  const list = await site.ask({ url: '/staff/mail', headers });
  assert.equal(list.status, 200);
  assert.match(list.body, /No mail server is set/u);
  assert.ok(list.body.includes(`/staff/mail/letters/${id}`));
  assert.ok(!list.body.includes('ada@example.org'));
  assert.equal(list.headers['cache-control'], 'no-store');
  const opened = await site.ask({ url: `/staff/mail/letters/${id}`, headers });
  assert.equal(opened.status, 200);
  assert.equal(opened.headers['cache-control'], 'no-store');
  assert.match(opened.body, /ada@example\.org/u);
  assert.ok(!opened.body.includes('<b>hello</b>'));
  const form = ofForm(headers);
  const again = await site.ask({ method: 'POST', url: `/staff/mail/letters/${id}`, headers: form, payload: '' });
  assert.deepEqual([again.status, again.headers.location], [303, '/staff/mail']);
  const cashier = await signIn(site, 'cashier');
  for (const url of ['/staff/mail', `/staff/mail/letters/${id}`])
    assert.equal((await site.ask({ url, headers: cashier.headers })).status, 403, url);
  const nobody = await site.ask('/staff/mail');
  assert.notEqual(nobody.status, 200);
  assert.ok(!nobody.body.includes(id));
});

test('a message that names no request is read and laid aside', async () => {
  await site.ask({
    method: 'POST',
    url: '/api/v1/mail/inbound',
    headers: { ...site.machine, 'content-type': 'message/rfc822' },
    payload: Buffer.from(
      'From: eve@example.org\r\nMessage-ID: <p1@example.org>\r\nSubject: Hello\r\n\r\nA question.\r\n',
    ),
  });
  const { headers } = await signIn(site, 'records-officer');
  const list = await site.ask({ url: '/staff/mail', headers });
  const url = /\/staff\/mail\/messages\/[0-9a-f-]{36}/u.exec(list.body)![0];
  const opened = await site.ask({ url, headers });
  assert.match(opened.body, /A question\./u);
  const form = ofForm(headers);
  const unknown = await site.ask({
    method: 'POST',
    url: `${url}?/assign`,
    headers: form,
    payload: 'number=2026-999999',
  });
  assert.equal(unknown.status, 404);
  assert.match(unknown.body, /value="2026-999999"/u);
  const aside = await site.ask({ method: 'POST', url: `${url}?/dismiss`, headers: form, payload: '' });
  assert.deepEqual([aside.status, aside.headers.location], [303, '/staff/mail']);
  assert.equal((await site.ask({ url, headers })).status, 404);
});
