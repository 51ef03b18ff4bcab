// Deadlines, closure days and the fees of a request in a real browser, without script: staff, requester, neighbour.
// It must leave no step out: what the pages say is all that the walk knows. The schedule is the test's own.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { buildApp } from '../../src/app.ts';
import { openMoney } from '../../src/records/money/money.ts';
import { loadWebHandler } from '../../src/pages/built-pages.ts';
import { toRequestCookie } from '../../src/serve/http/request-cookie.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { withSchedule } from '../records/money/fixture.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';
import { root } from './sources.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { settings: { PUBLIC_URL: origin } });
const { records, database, seal, effects } = site.portal;
const money = openMoney(
  {
    db: database.db,
    seal,
    law: () => withSchedule(records.law()),
    publicUrl: origin,
    requests: records.requests,
    provider: null,
  },
  effects,
);
const portal = Object.freeze({ ...site.portal, records: Object.freeze({ ...records, money }) });
const app = await buildApp(portal, { web: await loadWebHandler(root) });
await app.listen({ host: '127.0.0.1', port });
after(async () => {
  app.server.closeAllConnections();
  await app.close();
});
const seat = await openSeat();
after(() => seat.close());

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const told = async (page: Page) => (await page.getByRole('status').textContent()) ?? '';

/** Everything that a machine can see of a page, with every fold open; axe is a script, so this browser has them on. */
async function checkPage(browser: Browser, cookie: string, url: string, width: number): Promise<void> {
  const context = await contextOf(browser, cookie, width, true);
  const page = await openPage(context, origin);
  await page.goto(url);
  await page.evaluate('for (const fold of document.querySelectorAll("main details")) fold.open = true');
  assert.deepEqual(await findViolations(page), [], url);
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(overflow) <= 0, `${url} scrolls sideways`);
  await context.close();
}

async function submit() {
  const given = {
    text: 'All inspection reports of 2025',
    requester: null,
    delivery: 'electronic',
    language: 'en',
    accommodation: null,
    asksForList: false,
    listPurpose: null,
    submitKey: null,
  } as const;
  return records.submit({ kind: 'public' }, given);
}

async function contextOf(
  browser: Browser,
  cookie: string,
  width = 1280,
  javaScriptEnabled = false,
): Promise<BrowserContext> {
  const context = await openContext(browser, origin, { javaScriptEnabled, viewport: { width, height: 844 } });
  const [name, value] = [cookie.slice(0, cookie.indexOf('=')), cookie.slice(cookie.indexOf('=') + 1)];
  if (cookie !== '') await context.addCookies([{ name, value, url: origin }]);
  return context;
}

const cookieOf = (number: string, secret: string): string => {
  const { name, value } = toRequestCookie(portal, number, secret);
  return `${name}=${value}`;
};

test('an invoice from estimate to receipt, at the staff’s and at the requester’s', (t) =>
  seat.visit(t, async (browser) => {
    const { request, secret } = await submit();
    const officer = await signIn(site, 'records-officer');
    const estimateOn = '2099-01-05';
    await database.db.transaction((tx) =>
      records.requests.transition(
        tx,
        officer.actor,
        { id: request.id, expectedVersion: 1 },
        { kind: 'acknowledge', estimateOn, message: 'Working on it.' },
      ),
    );
    const { cookie } = await signIn(site, 'cashier');
    const desk = await contextOf(browser, cookie);
    const page = await openPage(desk, origin);
    const fees = `/staff/requests/${request.number}/fees`;
    await page.goto(fees);
    await page.getByLabel('Pages copied or printed').fill('120');
    await page.getByLabel('Files sent').fill('many');
    await button(page, 'Work out the estimate').click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /whole number/);
    assert.equal(await page.getByLabel('Pages copied or printed').inputValue(), '120', 'what was typed is kept');
    await page.getByLabel('Files sent').fill('37');
    await page.getByLabel('Postage, actual cost').fill('9.85');
    await button(page, 'Work out the estimate').click();
    assert.match(await told(page), /has not been told/);
    assert.match((await page.getByRole('main').textContent()) ?? '', /\$28\.30/);
    await button(page, 'Send as summary of charges').click();
    await button(page, 'Invoice $28.30').click();
    assert.match(await told(page), /invoice was sent/);
    for (const width of [390, 1280]) await checkPage(browser, cookie, fees, width);

    const own = await contextOf(browser, cookieOf(request.number, secret), 390);
    const mine = await openPage(own, origin);
    await mine.goto(`/records/requests/${request.number}/fees`);
    const shown = (await mine.getByRole('main').textContent()) ?? '';
    assert.match(shown, /Summary of charges/);
    assert.match(shown, /\$28\.30 is to be paid by/);
    assert.match(shown, /takes no payments online here/);
    await checkPage(browser, cookieOf(request.number, secret), mine.url(), 390);
    const pdf = await mine.request.get(
      `${origin}${await mine.getByRole('link', { name: /as PDF/ }).getAttribute('href')}`,
    );
    assert.deepEqual([pdf.status(), pdf.headers()['content-type']], [200, 'application/pdf']);
    assert.equal(pdf.headers()['cache-control'], 'no-store');

    const neighbour = await submit();
    const theirs = await contextOf(browser, cookieOf(neighbour.request.number, neighbour.secret));
    const other = await openPage(theirs, origin);
    await other.goto(`/records/requests/${request.number}/fees`);
    assert.equal(new URL(other.url()).pathname, '/records/follow');
    for (const who of [other, await openPage(await contextOf(browser, ''), origin)]) {
      const refused = await who.request.get(pdf.url());
      assert.ok([401, 404].includes(refused.status()), String(refused.status()));
    }

    await page.getByLabel('Amount in dollars').first().fill('28.30');
    await page.getByLabel('check', { exact: true }).first().check();
    await button(page, 'Record a payment').first().click();
    assert.match(await told(page), /payment is recorded/);
    await mine.reload();
    assert.match((await mine.getByRole('main').textContent()) ?? '', /R\d{4}-000001/);
    assert.equal((await records.requests.find(request.id)).state, 'in_progress');
    await checkPage(browser, cookie, fees, 1280);
    await Promise.all([desk, own, theirs].map((context) => context.close()));
  }));

test('a city without a schedule charges nothing, and says so', (t) =>
  seat.visit(t, async (browser) => {
    const { request } = await submit();
    const web = await loadWebHandler(root);
    const plain = await buildApp(site.portal, { web });
    t.after(() => plain.close());
    const { cookie } = await signIn(site, 'cashier');
    const answer = await plain.inject({
      url: `/staff/requests/${request.number}/fees`,
      headers: { cookie, host: `localhost:${port}` },
    });
    assert.equal(answer.statusCode, 200);
    assert.match(answer.body, /fee schedule is not specified/);
    assert.doesNotMatch(answer.body, /Work out the estimate/);
    browser.version();
  }));

test('a deadline is counted, and a closure day entered and withdrawn', (t) =>
  seat.visit(t, async (browser) => {
    const { cookie } = await signIn(site, 'records-officer');
    for (const width of [390, 1280]) {
      const context = await contextOf(browser, cookie, width);
      const page = await openPage(context, origin);
      await page.goto('/records/deadlines?received=2026-12-24');
      const days = page.getByRole('list', { name: 'The days, one by one' }).getByRole('listitem');
      assert.equal(await days.count(), 12);
      assert.match((await days.nth(1).textContent()) ?? '', /Christmas Day/);
      await checkPage(browser, cookie, page.url(), width);
      const day = width === 390 ? '2034-03-08' : '2034-03-09';
      await page.goto('/staff/calendar');
      await page.getByLabel('Closed on').fill(day);
      await page.getByLabel('Name').fill('Move of the city hall');
      await page.getByLabel('Source').fill('Order 12');
      await button(page, 'Enter the day').click();
      assert.match(await told(page), /is entered/);
      await checkPage(browser, cookie, page.url(), width);
      await page.goto('/records/deadlines?received=2034-03-07');
      assert.match((await page.getByRole('main').textContent()) ?? '', /Move of the city hall/);
      await page.goto('/staff/calendar');
      await page.locator('summary', { hasText: 'Withdraw this day' }).first().click();
      await page.getByLabel('Why is it withdrawn?').fill('The move is off');
      await button(page, 'Withdraw this day').first().click();
      assert.match(await told(page), /is withdrawn/);
      await context.close();
    }
  }));
