// The requester's pages in a real browser: without script from the first word to the last, with script the suggestions.
// It must check each page that test/web/routes.ts cannot reach for accessibility, at phone and desktop width.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import type { Browser, Page } from 'playwright-core';

import { staffActor } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';
import { findViolations } from '../../web/accessibility.ts';
import { openContext, openPage, openSeat } from '../../web/browser.ts';
import { findPort } from '../../web/site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.publish('id,street,inspector\n1,4th Ave S,Lee\n', {
  id: 'inspections',
  metadata: { title: 'Building inspection reports' },
});
await site.app.listen({ host: '127.0.0.1', port });
const seat = await openSeat();
after(() => seat.close());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Axe needs script, which the reader's own page has not: the same page, in a browser of the same cookies. */
async function checkPage(page: Page, browser: Browser): Promise<void> {
  const context = await openContext(browser, origin, { viewport: { width: 1280, height: 900 } });
  await context.addCookies(await page.context().cookies());
  const copy = await openPage(context, origin);
  await copy.goto(page.url());
  await copy.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true');
  assert.deepEqual(await findViolations(copy), [], page.url());
  for (const width of [320, 1280]) {
    await copy.setViewportSize({ width, height: 800 });
    const overflow = await copy.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    assert.ok(Number(overflow) <= 0, `${page.url()} scrolls sideways at ${width} px`);
  }
  await context.close();
}

test('asked, saved, checked, sent, answered and withdrawn without a line of script', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const context = await openContext(browser, origin, {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
    });
    const page = await openPage(context, origin);
    await page.goto('/records');
    await page.getByRole('link', { name: 'Ask for records' }).click();
    await page.getByLabel('The records you want').fill('Inspection reports for 220 4th Ave S');
    await page.getByLabel('Name', { exact: true }).fill('Ada Whitlock');
    await page.getByLabel('Email address').fill('ada@example.org');
    await button(page, 'Save and come back later').click();
    assert.equal(new URL(page.url()).pathname, '/records/new/saved');
    await checkPage(page, browser);
    await page.getByRole('link', { name: 'Go on now' }).click();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Ada Whitlock');
    await button(page, 'Continue').click();
    assert.equal(new URL(page.url()).pathname, '/records/new/check');
    assert.equal(await page.getByRole('link', { name: 'Building inspection reports' }).count(), 1);
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('a case') });
    await button(page, 'Add the file').click();
    assert.match((await page.locator('#files').textContent()) ?? '', /letter\.txt/u);
    await checkPage(page, browser);
    await button(page, 'Send the request').click();
    const number =
      /\/records\/requests\/(\d{4}-\d{6})$/u.exec(new URL(page.url()).pathname)?.[1] ?? assert.fail(page.url());
    assert.match((await page.locator('#told').textContent()) ?? '', /The city answers by/u);
    await checkPage(page, browser);

    const { records, database } = site.portal;
    const { id, version } = await records.requests.find(number);
    const question = {
      kind: 'clarify',
      question: 'Which year?',
      extent: 'whole',
      estimateOn: null,
      noEstimateReason: 'It depends on the year.',
    } as const;
    await database.db.transaction((tx) =>
      records.requests.transition(tx, staffActor('records-officer'), { id, expectedVersion: version }, question),
    );
    await page.goto(`/records/requests/${number}`);
    assert.match((await page.locator('.standing').textContent()) ?? '', /has a question/u);
    assert.equal(
      await page
        .locator('[aria-current=step]')
        .textContent()
        .then((words) => words?.includes('Searching')),
      true,
    );
    await checkPage(page, browser);
    await page.getByLabel('Your answer').fill('The year 2025');
    await button(page, 'Send the answer').click();
    assert.match((await page.locator('#told').textContent()) ?? '', /goes on with the request/u);
    await page.locator('summary', { hasText: 'Withdraw the request' }).click();
    await page.getByLabel('Yes, withdraw this request').check();
    await button(page, 'Withdraw').click();
    assert.match((await page.locator('.standing').textContent()) ?? '', /you withdrew/u);
    await checkPage(page, browser);
    await context.close();
  }));

test('with script, what may already answer it appears while typing', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const context = await openContext(browser, origin, { viewport: { width: 1280, height: 900 } });
    const page = await openPage(context, origin);
    await page.goto('/records/new');
    assert.equal(await page.locator('[data-suggest]').isVisible(), false);
    await page.getByLabel('The records you want').fill('inspection of a building');
    await page.locator('[data-suggest] a', { hasText: 'Building inspection reports' }).waitFor();
    await checkPage(page, browser);
    await context.close();
  }));
