// The pages of letters and mail in a real browser, without script: a waiting e-mail is placed, or becomes a request;
// each page by axe. It must go the way a clerk goes: what the pages say is all that the walk knows.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser, Page } from 'playwright-core';

import { letters } from '../../src/db/tables-mail.ts';
import { queueLetter } from '../../src/mail/outbox.ts';
import { toReplyAddress } from '../../src/mail/reply-address.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { plainRequest } from '../records/records.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const inbound = 'records@portal.example';
const settings = { PUBLIC_URL: origin, MAIL_INBOUND_ADDRESS: inbound };
const site = await openTestPortal({ after }, { web: true, settings });
await site.app.listen({ host: '127.0.0.1', port });
const { records, seal, database, effects } = site.portal;
const clerk = await signIn(site, 'clerk');
const seat = await openSeat();
after(() => seat.close());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function openAs(browser: Browser, width: number, javaScriptEnabled: boolean): Promise<Page> {
  const context = await openContext(browser, origin, { javaScriptEnabled, viewport: { width, height: 900 } });
  const [name = '', value = ''] = clerk.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return openPage(context, origin);
}

let sent = 0;

async function hand(from: string, to: string, text: string): Promise<void> {
  const id = `<w${(sent += 1)}@example.org>`;
  const head = `From: ${from}\r\nTo: ${to}\r\nMessage-ID: ${id}\r\nSubject: Records\r\nContent-Type: multipart/mixed; boundary=b`;
  const file = 'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="list.txt"\r\n\r\na list';
  const payload = Buffer.from(`${head}\r\n\r\n--b\r\n\r\n${text}\r\n--b\r\n${file}\r\n--b--\r\n`);
  const headers = { ...site.machine, 'content-type': 'message/rfc822' };
  const answer = await site.ask({ method: 'POST', url: '/api/v1/mail/inbound', headers, payload });
  assert.equal(answer.json<{ became: string }>().became, 'unassigned');
}

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

async function submit() {
  return (await records.submit({ kind: 'public' }, { ...plainRequest, text: 'Emails about the lease' })).request;
}

test('an e-mail becomes a request, filled in, with its file', (t) =>
  seat.visit(t, async (browser: Browser) => {
    await hand('robin@example.org', inbound, 'The fleet contracts, please.');
    const page = await openAs(browser, 1280, false);
    await page.goto('/staff/mail');
    await page
      .getByRole('link', { name: /^Message of/u })
      .first()
      .click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'list.txt' }).click();
    assert.equal((await download).suggestedFilename(), 'list.txt');
    await page.getByRole('link', { name: 'Make a request of it' }).click();
    assert.ok(await page.getByLabel('by email').isChecked());
    assert.match(await page.getByLabel('The request', { exact: true }).inputValue(), /The fleet contracts, please\./u);
    assert.equal(await page.locator('#email').inputValue(), 'robin@example.org');
    await page.getByLabel('Name', { exact: true }).fill('Robin Example');
    await button(page, 'Enter the request').click();
    const number = /\d{4}-\d{6}/u.exec((await page.getByRole('status').textContent()) ?? '')?.[0] ?? '';
    const { channel, id } = await records.requests.find(number);
    assert.equal(channel, 'email');
    const { files } = await records.own.read({ kind: 'requester', requestId: id, delegate: null }, id);
    assert.deepEqual(
      files.map(({ name }) => name),
      ['list.txt'],
    );
    await page.context().close();
  }));

test('an e-mail of a stranger is seen beside its request and added to it', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const { number, id } = await submit();
    await hand('eve@example.org', toReplyAddress(seal, inbound, number), 'I am Ada’s neighbour.');
    const page = await openAs(browser, 1280, false);
    await page.goto(`/staff/requests/${number}/messages`);
    assert.ok(!(await page.content()).includes('neighbour'));
    await page.getByRole('link', { name: /^Message of/u }).click();
    await button(page, 'Add to this request').click();
    assert.equal(page.url(), `${origin}/staff/mail`);
    await page.goto(`/staff/requests/${number}/messages`);
    assert.ok((await page.content()).includes('neighbour'));
    const own = await records.own.read({ kind: 'requester', requestId: id, delegate: null }, id);
    assert.ok(own.messages.some(({ body }) => body.includes('neighbour')));
    await page.context().close();
  }));

test('every page of mail passes axe and does not scroll sideways', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const { number } = await submit();
    await hand('eve@example.org', toReplyAddress(seal, inbound, number), `Hello.\r\n${'long'.repeat(100)}`);
    for (const width of [390, 1280]) {
      const page = await openAs(browser, width, true);
      const check = async () => {
        assert.deepEqual(await findViolations(page), [], `${page.url()} at ${width}`);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        assert.ok(Number(overflow) <= 0, `${page.url()} scrolls sideways at ${width}`);
      };
      await page.goto(`/staff/requests/${number}/messages`);
      await check();
      await page.goto('/staff/mail');
      await check();
      await page
        .getByRole('link', { name: /^request-/u })
        .first()
        .click();
      await check();
      await page.goto('/staff/mail');
      await page
        .getByRole('link', { name: /^Message of/u })
        .first()
        .click();
      await check();
      await page.getByRole('link', { name: 'Make a request of it' }).click();
      await check();
      await page.context().close();
    }
  }));
