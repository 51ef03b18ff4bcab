// One request from a search that finds nothing to a review that is won: resident, clerk, department, redactor,
// reviewer, cashier, officer, review officer, each in a browser of their own; residents without script. It must leave
// no step out: what the pages say is all that the walk knows. The fee schedule is the test's own.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { buildApp } from '../../src/app.ts';
import type { Role } from '../../src/base/actor.ts';
import { openMoney } from '../../src/records/money/money.ts';
import { openPdf } from '../../src/records/documents/pdf/pdf.ts';
import { loadWebHandler } from '../../src/pages/built-pages.ts';
import { openSmtp } from '../mail/smtp.ts';
import { signIn } from '../people/staff.ts';
import type { SignedIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { withSchedule } from '../records/money/fixture.ts';
import { patienceMs } from '../patience.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import type { Watch } from './browser.ts';
import { letterPdf } from './letter-pdf.ts';
import { findPort } from './site.ts';
import { root } from './sources.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const smtp = await openSmtp({ after });
const site = await openTestPortal(
  { after },
  {
    sample: ['building-permits', 'parks'],
    settings: {
      PUBLIC_URL: origin,
      SMTP_URL: smtp.url,
      MAIL_FROM: 'records@portal.example',
      MAIL_INBOUND_ADDRESS: 'answers@portal.example',
    },
  },
);
const { records, database, seal, effects } = site.portal;
const law = () => withSchedule(records.law());
const money = openMoney(
  { db: database.db, seal, law, publicUrl: origin, requests: records.requests, provider: null },
  effects,
);
const portal = Object.freeze({ ...site.portal, records: Object.freeze({ ...records, money }) });
const app = await buildApp(portal, { web: await loadWebHandler(root) });
await app.listen({ host: '127.0.0.1', port });
await portal.jobs.run();
portal.mail.run();
const seat = await openSeat();
after(async () => {
  await seat.close();
  app.server.closeAllConnections();
  await app.close();
});

const secretNumber = '536-22-8741';
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' });
const words = async (page: Page): Promise<string> => (await page.getByRole('main').textContent()) ?? '';

async function waitFor<T>(what: string, find: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries * 200 < patienceMs; tries += 1) {
    const found = await find();
    if (found !== null) return found;
    await wait(200);
  }
  throw new Error(`${what} did not come`);
}

/** One staff member, signed in; the pages are walked with script unless said otherwise. */
async function openStaff(browser: Browser, who: SignedIn, javaScriptEnabled = true): Promise<Page & Watch> {
  const context = await openContext(browser, origin, { javaScriptEnabled, viewport: { width: 1280, height: 900 } });
  const [name = '', value = ''] = who.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return openPage(context, origin);
}

async function newStaff(): Promise<Readonly<Record<Role, SignedIn>>> {
  const roles = ['clerk', 'records-officer', 'redactor', 'reviewer', 'cashier', 'review-officer'] as const;
  const found = new Map<Role, SignedIn>();
  for (const role of roles) found.set(role, await signIn(site, role));
  found.set('department-lead', await signIn(site, 'department-lead', 'planning'));
  return Object.fromEntries(found) as Record<Role, SignedIn>;
}

type Walk = {
  readonly number: string;
  readonly link: string;
  readonly mine: Page & Watch;
  readonly context: BrowserContext;
};

/** Searches, finds nothing, asks with a file and an address, follows, lets somebody else read along. */
async function ask(browser: Browser, javaScriptEnabled: boolean): Promise<Walk> {
  const viewport = { width: javaScriptEnabled ? 1280 : 390, height: 900 };
  const context = await openContext(browser, origin, { javaScriptEnabled, viewport });
  const mine = await openPage(context, origin);
  await mine.goto('/');
  await mine.getByRole('searchbox').first().fill('sidewalkish xyzzy');
  await mine.getByRole('searchbox').first().press('Enter');
  await mine.getByRole('link', { name: 'Ask for records' }).click();
  const text = mine.getByLabel('The records you want');
  assert.equal(await text.inputValue(), 'sidewalkish xyzzy', 'what was searched for is carried along');
  await text.fill('Letters about the sidewalk of 4th Avenue');
  await mine.getByLabel('Name', { exact: true }).fill('Riley Resident');
  await mine.getByLabel('Email address').fill('riley@resident.example');
  await button(mine, 'Continue').click();
  const file = { name: 'place.txt', mimeType: 'text/plain', buffer: Buffer.from('The corner with the oak.') };
  await mine.locator('#file').setInputFiles(file);
  await button(mine, 'Add the file').click();
  assert.match(await words(mine), /place\.txt/);
  await button(mine, 'Send the request').click();
  const number = /\d{4}-\d{6}/u.exec(mine.url())?.[0] ?? '';
  const link = (await mine.locator('code').first().textContent()) ?? '';
  assert.match(link, /\/records\/follow\/req_/);
  return { number, link, mine, context };
}

async function addDelegate(browser: Browser, { number, mine }: Walk): Promise<void> {
  await mine.getByText('Let somebody else follow it').click();
  const form = mine.locator('form[action*="delegate"]');
  await form.getByLabel('Name', { exact: true }).fill('Dana Delegate');
  await button(mine, 'Make a link for them').click();
  const link = (await mine.getByRole('status').locator('code').textContent()) ?? '';
  const theirs = await openPage(await openContext(browser, origin, { javaScriptEnabled: false }), origin);
  await theirs.goto(link);
  assert.equal(new URL(theirs.url()).pathname, `/records/requests/${number}`);
  assert.ok(!(await theirs.content()).includes('riley@resident.example'), 'nobody else sees how to reach them');
  assert.equal(await theirs.getByRole('button', { name: 'Send the message' }).count(), 0, 'reading is not acting');
  await theirs.context().close();
}

/** Does what the form says and sends its letter. */
async function send(page: Page, base: string): Promise<void> {
  await button(page, 'Do it and send the letter').click();
  assert.equal(new URL(page.url()).pathname, base, await words(page));
}

/** Acknowledges, asks, is answered, and has the department search and add the record. */
async function work(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, walk: Walk): Promise<void> {
  const { number, mine } = walk;
  const base = `/staff/requests/${number}`;
  const desk = await openStaff(browser, staff.clerk);
  await desk.goto('/staff/requests');
  await desk.getByRole('link', { name: number }).click();
  await desk.getByRole('link', { name: 'Acknowledge with an estimate' }).click();
  const estimateOn = records.desk.days.addBusinessDays(records.desk.days.today(), 10);
  await desk.locator('[name=estimateOn]').fill(estimateOn);
  await send(desk, base);
  await desk.getByRole('link', { name: 'Ask what is unclear' }).click();
  await desk.locator('[name=question]').fill('Which years are meant?');
  await desk.getByLabel('A part; the rest is worked on').check();
  await desk.locator('[name=estimateOn]').fill(estimateOn);
  await send(desk, base);

  await mine.reload();
  await mine.getByLabel('Your answer').fill('2024 and 2025.');
  await button(mine, 'Send the answer').click();
  await desk.goto(base);
  assert.match(await words(desk), /In progress/);

  await desk.goto(`${base}/tasks`);
  await desk.locator('#task-department').selectOption('planning');
  await desk.locator('#task-what').fill('Letters about the sidewalk');
  await desk.locator('#task-due').fill(records.desk.days.addBusinessDays(records.desk.days.today(), 5));
  await button(desk, 'Ask').click();
  await desk.context().close();

  const lead = await openStaff(browser, staff['department-lead'], false);
  await lead.goto('/staff/requests');
  await lead.getByRole('link', { name: number }).click();
  await lead.getByRole('link', { name: 'Documents' }).click();
  const pdf = await letterPdf(['To the City: the sidewalk is broken.', `My number is ${secretNumber}.`]);
  await lead.locator('#file').setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: pdf });
  await button(lead, 'Add the file').click();
  await lead.goto(`${base}/tasks`);
  await lead.getByText('Answer this task').click();
  await lead.locator('[name=state][value=found]').check();
  await lead.getByLabel('Answer:').fill('One letter.');
  await lead.locator('details [name=place]').first().fill('Planning’s letters');
  await lead.locator('details [name=found]').first().fill('One letter');
  await button(lead, 'Send the answer').click();
  assert.match(await words(lead), /One letter/);
  await lead.context().close();
}

/** Finds what is personal, redacts it, hands over; somebody else approves; the rendition is made. */
async function redact(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, number: string): Promise<void> {
  const { documents } = portal;
  const at = `/staff/requests/${number}/documents/1`;
  const read = async () => (await documents.list(staff.redactor.actor, number)).documents[0] ?? null;
  await waitFor('the pages', async () => ((await read())?.state === 'ready' ? true : null));
  const page = await openStaff(browser, staff.redactor, false);
  await page.goto(at);
  await page.getByLabel('Words or numbers').fill(secretNumber);
  await button(page, 'Find').click();
  const hits = page.locator('form', { has: page.locator('#hits-exemption') });
  await hits.locator('[name=mark]').first().check();
  await page.locator('#hits-exemption').selectOption('account-numbers');
  await page.locator('#hits-explanation').fill('The number of a person’s own account.');
  await hits.getByRole('button', { name: 'Redact what is chosen' }).click();
  await button(page, 'Hand over for approval').click();
  await page.context().close();
  const reviewer = await openStaff(browser, staff.reviewer, false);
  await reviewer.goto(at);
  await button(reviewer, 'Approve for release').click();
  await waitFor('the rendition', async () => ((await read())?.rendition ?? null) && true);
  await reviewer.context().close();
}

/** An estimate, an invoice, a check at the counter. */
async function charge(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, number: string): Promise<void> {
  const page = await openStaff(browser, staff.cashier, false);
  await page.goto(`/staff/requests/${number}/fees`);
  await page.getByLabel('Pages copied or printed').fill('120');
  await button(page, 'Work out the estimate').click();
  await button(page, /^Send as summary/).click();
  await button(page, 'Invoice $18.00').click();
  await page.getByLabel('Amount in dollars').first().fill('18.00');
  await page.getByLabel('check', { exact: true }).first().check();
  await button(page, 'Record a payment').first().click();
  assert.match((await page.getByRole('status').textContent()) ?? '', /payment is recorded/);
  await page.context().close();
}

/** The officer releases one installment and says what remains; the resident downloads it, which claims it. */
async function release(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, walk: Walk): Promise<void> {
  const { number, mine } = walk;
  const page = await openStaff(browser, staff['records-officer'], false);
  await page.goto(`/staff/requests/${number}/release`);
  await page.getByLabel('More will follow').check();
  await page.getByLabel('What is still to come').fill('Letters of 2025');
  const nextOn = records.desk.days.addBusinessDays(records.desk.days.today(), 20);
  await page.getByLabel('Date of the next installment').fill(nextOn);
  await button(page, 'Release and send the letter').click();
  assert.equal((await records.requests.find(number)).installments, 1, await words(page));
  await page.context().close();

  await mine.reload();
  const link = mine.locator('#released a').first();
  assert.match(await words(mine), /Letters of 2025/);
  const cookies = (await walk.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${origin}${await link.getAttribute('href')}`, { headers: { cookie: cookies } });
  assert.deepEqual([answer.status, answer.headers.get('cache-control')], [200, 'no-store']);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.ok(!bytes.includes(secretNumber), 'the number is not in the bytes');
  const read = async function* () {
    yield bytes;
  };
  const pdf = await openPdf({ bytes: bytes.length, read });
  const text = (await pdf.read(1)).words.map((word) => word.text).join(' ');
  await pdf.close();
  assert.match(text, /sidewalk/, 'what may be read can be read');
  assert.doesNotMatch(text, /536|8741/, 'what was redacted is gone');
  assert.equal((await records.requests.find(number)).state, 'in_progress', 'to download is to claim');
  const refused = (await fetch(answer.url)).status;
  assert.ok([401, 404].includes(refused), `whoever has no link gets nothing: ${refused}`);
}

async function close(page: Page, number: string, outcome: 'partial' | 'fulfilled'): Promise<void> {
  await page.goto(`/staff/requests/${number}/do/close`);
  await page.locator('select[name=outcome]').selectOption(outcome);
  await page.locator('[name=reason]').fill('All letters have been given.');
  await button(page, 'Do it and send the letter').click();
  assert.equal((await records.requests.find(number)).state, 'closed', await words(page));
}

/** Closed, taken to a review, won, opened again, closed again. */
async function review(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, walk: Walk): Promise<void> {
  const { number, mine } = walk;
  const officer = await openStaff(browser, staff['records-officer'], false);
  await close(officer, number, 'partial');
  await mine.reload();
  await mine.getByText('Ask for a review of what was refused').click();
  await mine.getByLabel('What should be reviewed, and why').fill('The number is my own.');
  await button(mine, 'Ask for the review').click();
  const judge = await openStaff(browser, staff['review-officer'], false);
  await judge.goto(`/staff/requests/${number}/do/decide-review`);
  await judge.getByLabel('Reversed: the records are given').check();
  await judge.locator('[name=reasons]').fill('The number is the requester’s own.');
  await judge.locator('[name=estimateOn]').fill(records.desk.days.addBusinessDays(records.desk.days.today(), 10));
  await button(judge, 'Do it and send the letter').click();
  const reopened = await records.requests.find(number);
  assert.deepEqual([reopened.state, reopened.reviewState], ['in_progress', 'reversed'], await words(judge));
  await close(officer, number, 'fulfilled');
  await Promise.all([officer, judge].map((page) => page.context().close()));
}

/** The page is made public in words of the staff; the next person finds it; the log and the year's report count it. */
async function publish(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, number: string): Promise<void> {
  const page = await openStaff(browser, staff['records-officer'], false);
  await page.goto(`/staff/requests/${number}/publish`);
  await page.getByLabel('Title', { exact: true }).fill('Sidewalk letters');
  await page.getByLabel('What was asked for').fill('Letters about the sidewalk of an avenue');
  await button(page, 'Publish the page').click();
  assert.match(await words(page), /See the public page/);
  const log = await page.request.get(`${origin}/api/v1/records/log.csv`);
  assert.equal(log.status(), 200);
  assert.match(await log.text(), new RegExp(number), 'the log has the request');
  const year = number.slice(0, 4);
  await page.goto(`/staff/reports/jlarc/${year}`);
  assert.match(await words(page), /received/i);
  await page.context().close();

  const anybody = await openPage(await openContext(browser, origin, { javaScriptEnabled: false }), origin);
  await anybody.goto('/records/archive?q=sidewalk');
  await anybody.getByRole('link', { name: 'Sidewalk letters' }).click();
  const shown = await words(anybody);
  assert.match(shown, new RegExp(number));
  assert.doesNotMatch(shown, /Riley|resident\.example/, 'who asked is nobody’s business');
  await anybody.context().close();
}

/** Letters have left; an answer to one comes back into the request. */
async function exchangeMail(walk: Walk): Promise<void> {
  const letters = () => smtp.caught.filter(({ to }) => to.includes('riley@resident.example'));
  await waitFor('the letters', () => Promise.resolve(letters().length >= 5 ? true : null));
  const last = letters().at(-1)!.text;
  assert.match(last, new RegExp(walk.number), 'a letter says the number');
  const replyTo = /^Reply-To: .*?<?([^\s<>]+@portal\.example)>?/im.exec(last)?.[1] ?? '';
  const payload = [
    'From: riley@resident.example',
    `To: ${replyTo}`,
    'Subject: Re: my request',
    `Message-ID: <${walk.number}@resident.example>`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Thank you for the sidewalk letter.',
    '',
  ].join('\r\n');
  const headers = { ...site.machine, 'content-type': 'message/rfc822' };
  const answer = await fetch(`${origin}/api/v1/mail/inbound`, { method: 'POST', headers, body: payload });
  assert.ok(answer.ok, await answer.text());
  await walk.mine.reload();
  assert.match(await words(walk.mine), /Thank you for the sidewalk letter/);
}

/** Every page of the staff that shows this request: axe, and no sideways scrolling at 320 px. */
async function judgePages(browser: Browser, staff: Readonly<Record<Role, SignedIn>>, number: string): Promise<void> {
  const base = `/staff/requests/${number}`;
  const tabs = [
    '',
    '/messages',
    '/tasks',
    '/documents',
    '/documents/1',
    '/time',
    '/fees',
    '/release',
    '/publish',
    '/do/reopen',
  ];
  const pages = ['/staff', '/staff/requests', '/staff/requests/search?q=sidewalk', '/staff/workload', '/staff/mail'];
  const page = await openStaff(browser, staff['records-officer']);
  await page.setViewportSize({ width: 320, height: 800 });
  const wrong: string[] = [];
  for (const path of [...tabs.map((tab) => `${base}${tab}`), ...pages]) {
    const answer = await page.goto(path);
    if (answer?.status() !== 200) wrong.push(`${path}: ${answer?.status()}`);
    wrong.push(...(await findViolations(page)).map((text) => `${path}: ${text}`));
    const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
    if (overflow > 0) wrong.push(`${path} scrolls sideways by ${overflow} px`);
  }
  assert.deepEqual([...wrong, ...page.problems], []);
  await page.context().close();
}

test('a request from the search that found nothing to the review that was won', (t) =>
  seat.visit(t, async (browser) => {
    const staff = await newStaff();
    const walk = await ask(browser, false);
    await addDelegate(browser, walk);
    await work(browser, staff, walk);
    await redact(browser, staff, walk.number);
    await charge(browser, staff, walk.number);
    await release(browser, staff, walk);
    await review(browser, staff, walk);
    await publish(browser, staff, walk.number);
    await exchangeMail(walk);
    await judgePages(browser, staff, walk.number);
    assert.deepEqual(walk.mine.problems, []);
    await walk.context.close();
  }));

test('with script the same way is asked, and what is typed is met with what is public already', (t) =>
  seat.visit(t, async (browser) => {
    const walk = await ask(browser, true);
    assert.match(await words(walk.mine), /Your request has been sent/);
    assert.deepEqual(walk.mine.problems, []);
    await walk.mine.goto('/records/new');
    await walk.mine.getByLabel('The records you want').pressSequentially('Building permits of this year');
    const met = walk.mine.getByRole('status');
    await met.getByRole('link', { name: /Building permits/ }).waitFor();
    await walk.context.close();
  }));
