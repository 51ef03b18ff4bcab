// From the approved record to the public page and the dataset in a real browser, without script; every page of it by
// axe. It must leave no step out: what the pages say is all that the walk knows.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { signIn } from '../people/staff.ts';
import type { SignedIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { pieces } from '../records/documents/ground.ts';
import { plainRequest } from '../records/records.ts';
import { waitFor } from '../records/release/ground.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
const { records, documents, release, archive, jobs } = site.portal;
await jobs.run();
const officer = await signIn(site, 'records-officer', null);
const [redactor, reviewer] = [await signIn(site, 'redactor'), await signIn(site, 'reviewer')];
const publisher = await signIn(site, 'publisher', 'parks');
const judge = await signIn(site, 'review-officer');
const seat = await openSeat();
after(() => seat.close());

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

async function openAs(browser: Browser, who: SignedIn | null, width: number, javaScriptEnabled = false) {
  const viewport = { width, height: 900 };
  const context: BrowserContext = await openContext(browser, origin, { javaScriptEnabled, viewport });
  const [name = '', value = ''] = who?.cookie.split('=') ?? [];
  if (who !== null) await context.addCookies([{ name, value, url: origin }]);
  return { context, page: await openPage(context, origin) };
}

/** An acknowledged request of the parks department, with an approved table. */
async function prepare(): Promise<string> {
  const asked = { ...plainRequest, text: 'A list of the street trees, with their heights' };
  const { request } = await records.submit({ kind: 'public' }, asked);
  const act = async (command: Parameters<typeof records.desk.act>[2]) => {
    const { version } = await records.requests.find(request.id);
    await records.desk.act(officer.actor, { id: request.id, version }, command);
  };
  await act({ kind: 'assign', department: 'parks', assignee: null });
  await act({ kind: 'acknowledge', estimateOn: '2099-01-05', message: '' });
  const bytes = Buffer.from('tree,height\nOak,12\nElm,9\n');
  const upload = { name: 'trees.csv', bytes: pieces(bytes), declaredBytes: bytes.length };
  const { number } = await documents.receive(officer.actor, request.number, upload);
  const place = { request: request.number, document: number };
  const view = async () => (await documents.view(redactor.actor, place)).document;
  await waitFor(async () => (await view()).state !== 'preparing');
  await documents.describe(redactor.actor, place, { version: (await view()).version, title: 'Street trees' });
  await documents.releaseWhole(redactor.actor, place, { version: (await view()).version, release: true });
  await documents.submit(redactor.actor, place, { version: (await view()).version });
  await documents.approve(reviewer.actor, place, { version: (await view()).version });
  await waitFor(async () => (await view()).renditionState === 'ready');
  return request.number;
}

const number = await prepare();
const places = {
  release: `/staff/requests/${number}/release`,
  publish: `/staff/requests/${number}/publish`,
};

test('an installment is looked at as a letter, released, published, found, drafted and made a dataset', (t) =>
  seat.visit(t, async (browser) => {
    const { context, page } = await openAs(browser, officer, 390);
    await page.goto(places.release);
    await page.getByLabel('Inspected in person').check();
    await page.getByLabel('This is the last installment').check();
    await button(page, 'Release and send the letter').click();
    await page.getByText('Say where, and in which hours.').waitFor();
    assert.equal(await page.getByLabel('Inspected in person').isChecked(), true, 'nothing typed is lost');
    await page.getByLabel('Download from the page of the request').check();
    await page.getByLabel('Words of your own in the letter').fill('All trees of 2026.');
    await button(page, 'Look at the letter first').click();
    await page.getByText('All trees of 2026.').first().waitFor();
    assert.equal((await release.view(officer.actor, number)).installments.length, 0);
    await button(page, 'Release and send the letter').click();
    await page.getByText('Not claimed yet.').waitFor();

    await page.goto(places.publish);
    await page.getByLabel('Title').fill('Street trees');
    await page.getByLabel('What was asked for').fill('Street trees, asked by Canary Whitlock');
    await button(page, 'Publish the page').click();
    await page
      .getByText(/The text names whoever asked/u)
      .first()
      .waitFor();
    await page.getByLabel('What was asked for').fill('Street trees; questions to 253-555-0199');
    await button(page, 'Publish the page').click();
    await page.getByText('One place may be personal').first().waitFor();
    await page.getByText('253-555-0199', { exact: true }).waitFor();
    await page.getByLabel('I have looked at each place, and it may stay.').check();
    await button(page, 'Publish the page').click();
    await page.getByText('Everybody can see this request’s page.').waitFor();
    await button(page, 'Publish Street trees').click();
    await waitFor(async () => (await archive.staffPage(officer.actor, number)).files[0]?.indexState === 'ready');

    const visitor = await openAs(browser, null, 390);
    await visitor.page.goto('/search?q=elm');
    await visitor.page.getByRole('link', { name: 'Street trees' }).click();
    await visitor.page.getByRole('heading', { name: 'Street trees', level: 1 }).waitFor();
    assert.doesNotMatch(await visitor.page.content(), /canary/iu);
    await visitor.context.close();

    await page.goto(places.publish);
    await button(page, 'Make a dataset of it Street trees').click();
    await page.getByText('A publisher of').waitFor();
    const address = page.url();
    await context.close();
    const confirming = await openAs(browser, publisher, 1280);
    await confirming.page.goto(address);
    await button(confirming.page, 'Publish for everybody').click();
    await confirming.page
      .getByText(/list of individuals that could be wanted/u)
      .first()
      .waitFor();
    await confirming.page.getByRole('checkbox').check();
    await button(confirming.page, 'Publish for everybody').click();
    await confirming.page.waitForURL(`${origin}/datasets/street-trees`);
    await confirming.context.close();
  }));

test('every page of it holds to WCAG 2.2 AA on a phone and on a desk', (t) =>
  seat.visit(t, async (browser) => {
    const walks: readonly (readonly [SignedIn | null, readonly string[]])[] = [
      [officer, [places.release, places.publish, '/staff/demand', '/staff/drafts', '/staff/reviews']],
      [judge, ['/staff/reviews']],
      [null, ['/records/archive', '/records/archive?q=elm', `/records/archive/${number}`, '/search?q=elm']],
    ];
    for (const width of [390, 1280]) {
      for (const [who, paths] of walks) {
        const { context, page } = await openAs(browser, who, width, true);
        for (const path of paths) {
          const answer = await page.goto(path);
          assert.equal(answer?.status(), 200, path);
          if (who !== null) assert.equal(answer?.headers()['cache-control'], 'no-store', path);
          assert.deepEqual(await findViolations(page), [], path);
          const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
          assert.ok(Number(overflow) <= 0, `${path} scrolls sideways at ${width}`);
        }
        await context.close();
      }
    }
  }));
