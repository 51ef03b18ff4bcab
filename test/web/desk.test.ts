// The clerk's desk in a real browser, without script: from entering what came by mail to the letter; and every page of
// it by axe. It must leave no step out: what the pages say is all that the walk knows.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { RequestRecord } from '../../src/records/requests/request.ts';
import { seedRecords, smallSeed } from '../../bench/records-seed.ts';
import { signIn } from '../people/staff.ts';
import type { SignedIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { plainRequest } from '../records/records.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
const { records, database } = site.portal;
await seedRecords(database.pool, { ...smallSeed, requests: 60, today: records.desk.days.today() });
const officer = await signIn(site, 'records-officer');
const planner = await signIn(site, 'department-lead', 'planning');
const seat = await openSeat();
after(() => seat.close());

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Walks are without script; axe needs some. */
async function openAs(
  browser: Browser,
  who: SignedIn,
  width: number,
  javaScriptEnabled = false,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await openContext(browser, origin, { javaScriptEnabled, viewport: { width, height: 900 } });
  const [name = '', value = ''] = who.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return { context, page: await openPage(context, origin) };
}

async function checkPage(page: Page): Promise<void> {
  assert.deepEqual(await findViolations(page), [], page.url());
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(overflow) <= 0, `${page.url()} scrolls sideways`);
}

async function progress(): Promise<RequestRecord> {
  const { request } = await records.submit(
    { kind: 'public' },
    { ...plainRequest, text: 'Emails about the shelter lease' },
  );
  const seen = { id: request.id, version: request.version };
  const today = records.desk.days.today();
  const estimateOn = records.desk.days.addBusinessDays(today, 15);
  return records.desk.act(officer.actor, seen, { kind: 'acknowledge', estimateOn, message: '' });
}

test('a request that came by mail is entered, answered with a letter looked at first, and found again', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const { context, page } = await openAs(browser, officer, 1280);
    await page.goto('/staff/requests');
    await page.getByRole('link', { name: 'Enter a request' }).click();
    await page.getByLabel('by mail').check();
    await page.getByLabel('The request', { exact: true }).fill('Contracts about the fleet vehicles-of-mail');
    await page.getByLabel('Name', { exact: true }).fill('Robin Example');
    await button(page, 'Enter the request').click();
    const number = /\d{4}-\d{6}/u.exec((await page.getByRole('status').textContent()) ?? '')?.[0] ?? '';
    assert.notEqual(number, '');
    await page.getByRole('link', { name: 'Open it' }).click();
    assert.equal(page.url(), `${origin}/staff/requests/${number}`);
    assert.ok(!(await page.content()).includes('Robin Example'), 'who asked is not shown unasked');
    await button(page, 'Show who asked').click();
    assert.ok((await page.content()).includes('Robin Example'));

    await page.getByRole('link', { name: 'Acknowledge with an estimate' }).click();
    const estimateOn = records.desk.days.addBusinessDays(records.desk.days.today(), 10);
    await page.getByLabel('Estimated date').fill(estimateOn);
    await page.getByLabel('Message in the letter').fill('The garage has them.');
    await button(page, 'Look at the letter first').click();
    assert.ok((await page.getByRole('article').textContent())?.includes('The garage has them.'));
    assert.equal(await page.getByLabel('Estimated date').inputValue(), estimateOn, 'what was typed stands');
    await button(page, 'Do it and send the letter').click();
    assert.equal(page.url(), `${origin}/staff/requests/${number}`);
    assert.ok((await page.content()).includes('In progress'));

    await page.goto('/staff/requests/search?q=vehicles-of-mail');
    assert.equal(await page.getByRole('link', { name: number }).count(), 1);
    await context.close();
  }));

test('a stale form shows both states and keeps what was typed', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const request = await progress();
    const { context, page } = await openAs(browser, officer, 390);
    await page.goto(`/staff/requests/${request.number}/do/clarify`);
    await page.getByLabel('What is unclear').fill('Which lease is meant?');
    await page.getByLabel('All of it').check();
    await page.getByLabel('Why no estimate is possible').fill('It depends.');
    await records.desk.note(officer.actor, request.id, 'Somebody else was first.');
    await button(page, 'Do it and send the letter').click();
    const problem = (await page.getByRole('alert').textContent()) ?? '';
    assert.ok(problem.includes(`version ${request.version}`), problem);
    assert.ok(problem.includes(`version ${request.version + 1}`), problem);
    assert.equal(await page.getByLabel('What is unclear').inputValue(), 'Which lease is meant?');
    await button(page, 'Do it and send the letter').click();
    assert.equal((await records.requests.find(request.id)).state, 'clarification');
    await context.close();
  }));

test('a department answers its task on its own requests only, and many are assigned at once', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const [own, foreign] = [await progress(), await progress()];
    const dueOn = records.desk.days.addBusinessDays(records.desk.days.today(), 5);
    const task = { department: 'planning', assignee: null, what: 'Look for the lease', dueOn };
    await records.desk.createTask(officer.actor, own.id, task);
    const { context, page } = await openAs(browser, planner, 390);
    assert.equal((await page.goto(`/staff/requests/${foreign.number}`))?.status(), 404);
    await page.goto(`/staff/requests/${own.number}/tasks`);
    await page.getByText('Answer this task').click();
    await page.getByLabel('No records').check();
    await page.getByLabel('Answer:').fill('There is no lease here.');
    await button(page, 'Send the answer').click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /needs a search/);
    const form = page.getByRole('article');
    assert.equal(await form.getByLabel('Answer:').inputValue(), 'There is no lease here.');
    await form.getByLabel('Place').fill('The lease cabinet');
    await form.getByLabel('What was found').fill('Nothing');
    await button(page, 'Send the answer').click();
    assert.equal((await records.desk.view(officer.actor, own.number)).tasks[0]?.state, 'no_records');
    await context.close();

    const desk = await openAs(browser, officer, 1280);
    await desk.page.goto('/staff/requests?state=in_progress&assignee=nobody');
    for (const { number } of [own, foreign]) await desk.page.getByLabel(`Choose request ${number}`).check();
    await desk.page
      .getByRole('group', { name: 'With the chosen requests' })
      .getByLabel('Person')
      .selectOption(officer.actor.id);
    await desk.page
      .getByRole('group', { name: 'With the chosen requests' })
      .getByRole('button', { name: 'Assign' })
      .click();
    assert.match((await desk.page.getByRole('status').textContent()) ?? '', /2 of 2 done/);
    assert.equal((await records.requests.find(foreign.id)).assignee, officer.actor.id);
    await desk.context.close();
  }));

test('every page of the desk is for everybody, at phone and desktop width', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const request = await progress();
    await records.desk.note(officer.actor, request.id, 'A note');
    await records.desk.message(officer.actor, request.id, 'A message');
    const base = `/staff/requests/${request.number}`;
    const paths = [
      '/staff/requests',
      '/staff/requests?standing=late&mine=1',
      '/staff/requests/new',
      '/staff/requests/search?q=lease',
      base,
      ...['messages', 'tasks', 'time', 'do/close', 'do/deny', 'do/clarify'].map((tab) => `${base}/${tab}`),
      '/staff/calendar/due',
      '/staff/workload',
    ];
    for (const [width, shown] of [
      [390, paths],
      [1280, ['/staff/requests', base]],
    ] as const) {
      const { context, page } = await openAs(browser, officer, width, true);
      for (const path of shown) {
        const answer = await page.goto(path);
        assert.equal(answer?.status(), 200, path);
        assert.equal(answer?.headers()['cache-control'], 'no-store', path);
        await checkPage(page);
      }
      await context.close();
    }
  }));

test('whoever has not signed in, or has no part in requests, sees nothing', async () => {
  const paths = [
    '/staff/requests',
    '/staff/workload',
    '/staff/calendar/due',
    '/staff/requests/new',
    '/staff/requests/export.csv',
  ];
  const publisher = await signIn(site, 'publisher');
  for (const path of paths) {
    const nobody = await site.ask({ url: path, headers: { accept: 'text/html' } });
    assert.ok([303, 401].includes(nobody.status), `${path}: ${nobody.status}`);
    const stranger = await site.ask({ url: path, headers: { accept: 'text/html', ...publisher.headers } });
    assert.equal(stranger.status, 403, path);
  }
  const csv = await site.ask({ url: '/staff/requests/export.csv?need=estimate', headers: officer.headers });
  assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
  const lines = csv.body.trim().split('\r\n');
  assert.ok(lines[0]?.endsWith('summary') && lines.length > 5);
  assert.ok(lines.slice(1).every((line) => line.includes(',estimate,')));
});
