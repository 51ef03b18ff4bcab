// Staff in a real browser: from the first link to signing out without script, and passkeys with a virtual
// authenticator. It must leave no step out: what the pages say is all that the walk knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { inviteFirstAdministrator } from '../../src/people/invitations.ts';
import { codeAt, goodPassword } from '../people/ground.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';
import { root, sourcePaths } from './sources.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
const seat = await openSeat();
after(() => seat.close());

const { people } = site.portal;
const heading = (page: Page) => page.locator('h1').textContent();
/** Not the picture of the key, whose name has the word too. */
const codeField = (page: Page) => page.getByLabel('Code', { exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** What Chromium tells on purpose: refused forms, and that signing out cleared what the browser kept. */
const expected = /status of 4\d\d|Clear-Site-Data header on .*: Cleared data types/;

async function checkPage(page: Page): Promise<void> {
  assert.deepEqual(await findViolations(page), [], page.url());
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
  assert.ok(Number(overflow) <= 0, `${page.url()} scrolls sideways`);
}

/** Forms that ask for a password, each with the name that a password manager would keep it under. */
const readPasswordForms = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`[...document.forms].filter((form) => form.querySelector('[type=password]')).map((form) => {
    const name = form.querySelector('[autocomplete=username]');
    const { pathname, search } = new URL(form.action);
    const place = search || (form.dataset.passkey ? '?/passkey' : pathname);
    return place.replace(/^\\W+/, '') + ': ' + (name?.value ?? 'nobody');
  })`);

test('every form that asks for a password says whose it is', () => {
  for (const path of sourcePaths('web/src/**/*.svelte')) {
    const forms = readFileSync(join(root, path), 'utf8').match(/<form[\s>][\s\S]*?<\/form>/g) ?? [];
    for (const form of forms.filter((text) => text.includes('type="password"'))) {
      assert.match(form, /autocomplete="username"|<Username /, path);
    }
  }
});

async function readKey(page: Page): Promise<string> {
  return ((await page.locator('code.key-text').textContent()) ?? '').replace(/\s/gu, '');
}

/** A code is good once; the next half minute brings another, and one step ahead is taken too. */
const nextCode = (secret: string) => codeAt(secret, people.effects.clock.now() + 30_000);

test('from the first link to signing out, without a line of script', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const first = await inviteFirstAdministrator(people);
    assert.ok(first !== null);
    const context = await openContext(browser, origin, {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
    });
    const page = await openPage(context, origin);
    await page.goto(first.link);
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('Email address').fill('ada@example.gov');
    await page.getByLabel('New password').fill('qwertyqwertyqwerty');
    await button(page, 'Continue').click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /would be guessed soon/);
    assert.equal(await page.getByLabel('Name').inputValue(), 'Ada Lovelace', 'what was filled in is kept');
    assert.equal(await page.getByLabel('New password').inputValue(), '', 'the password is not');
    await page.getByLabel('New password').fill(goodPassword);
    await button(page, 'Continue').click();

    assert.equal(new URL(page.url()).pathname, '/sign-in/enrol');
    assert.equal(await page.getByRole('img', { name: /^QR code/ }).count(), 1);
    assert.equal(await button(page, 'Set up a passkey').isVisible(), false, 'offered only where it works');
    const secret = await readKey(page);
    await codeField(page).fill('000000');
    await button(page, 'Confirm').click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /not the code of the new key/);
    assert.equal(await readKey(page), secret, 'the key stays the same');
    await codeField(page).fill(codeAt(secret, people.effects.clock.now()));
    await button(page, 'Confirm').click();
    assert.equal(await heading(page), 'Your app is set up');
    assert.equal(await page.locator('.backup-codes li').count(), 10);
    const backup = (await page.locator('.backup-codes code').first().textContent()) ?? '';
    await page.getByRole('link', { name: 'Continue' }).click();

    assert.equal(new URL(page.url()).pathname, '/staff');
    await page.getByRole('main').getByRole('link', { name: 'People' }).first().click();
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByLabel('Email address').fill('grace@example.gov');
    await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Clerk' });
    await button(page, 'Make the link').click();
    const link = (await page.locator('code.key-text').textContent()) ?? '';
    assert.match(link, /\/sign-in\/invitation\/invitation_/);
    await page.getByRole('link', { name: 'Grace Hopper' }).click();
    await page.getByLabel('Role', { exact: true }).selectOption({ label: 'Auditor' });
    await button(page, 'Give this role').click();
    assert.equal(await page.locator('.rows li').count(), 2);
    await page.getByRole('button', { name: /^Take away Clerk/ }).click();
    assert.equal(await page.locator('.rows li').count(), 1);
    await button(page, 'End access').click();
    assert.match((await page.getByRole('main').textContent()) ?? '', /This person cannot sign in/);
    assert.equal((await fetch(link)).status, 410, 'an ended account has no open link');

    await page.goto('/account/app');
    assert.deepEqual(await readPasswordForms(page), ['account/app: ada@example.gov']);
    await page.goto('/account');
    assert.match((await page.getByRole('main').textContent()) ?? '', /10 backup codes are left/);
    assert.deepEqual(
      await readPasswordForms(page),
      ['codes', 'passkey', 'password'].map((form) => `${form}: ada@example.gov`),
    );
    await button(page, 'Sign out everywhere').click();
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await page.goto('/staff/people?sort=name');
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await page.getByLabel('Email address').fill('ADA@example.gov ');
    await page.getByLabel('Password').fill('not the right password');
    await button(page, 'Continue').click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /The email address or the password is not right/);
    await page.getByLabel('Password').fill(goodPassword);
    await button(page, 'Continue').click();
    assert.equal(await heading(page), 'Enter your code');
    await page.goto('/staff');
    assert.equal(new URL(page.url()).pathname, '/sign-in', 'half a sign-in opens nothing');
    await page.goBack();
    await codeField(page).fill(nextCode(secret));
    await button(page, 'Sign in').click();
    assert.equal(new URL(page.url()).href, `${origin}/staff/people?sort=name`, 'on to where it began');
    await button(page, 'Sign out').click();
    assert.equal(new URL(page.url()).pathname, '/');
    assert.deepEqual(await context.cookies(), []);

    await page.goto('/sign-in');
    await page.getByLabel('Email address').fill('ada@example.gov');
    await page.getByLabel('Password').fill(goodPassword);
    await button(page, 'Continue').click();
    await codeField(page).fill(backup);
    await button(page, 'Sign in').click();
    await page.goto('/account');
    assert.match((await page.getByRole('main').textContent()) ?? '', /9 backup codes are left/);
    assert.deepEqual(
      page.problems.filter((text) => !expected.test(text)),
      [],
    );
    await context.close();
  }));

async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function carry(context: BrowserContext, cookie: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
}

test('a passkey is added, signs in alone, and is removed', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const { cookie, actor } = await signIn(site, 'clerk');
    const context = await openContext(browser, origin, { viewport: { width: 1280, height: 900 } });
    await carry(context, cookie);
    const page = await openPage(context, origin);
    await addAuthenticator(context, page);
    await page.goto('/account');
    await page.getByLabel('Name of the passkey').fill('Blue key');
    await button(page, 'Add a passkey').click();
    await page.getByText('Blue key', { exact: true }).first().waitFor();
    await page.goto('/sign-out');
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
    await page.goto('/staff');
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await button(page, 'Sign in with a passkey').click();
    await page.waitForURL(`${origin}/staff`);
    assert.match((await page.locator('.staff-bar').textContent()) ?? '', new RegExp(actor.name));
    const rows = await people.db.execute<{ counter: string; used: string | null }>(
      'select counter::text, last_used_at::text as used from people_passkeys',
    );
    assert.equal(rows.rows.length, 1);
    assert.ok(Number(rows.rows[0]?.counter) > 1 && rows.rows[0]?.used !== null, 'the counter went up');
    await page.goto('/account');
    await page.getByText('Remove Blue key').click();
    await page.locator('details').getByRole('button', { name: 'Remove' }).click();
    assert.match((await page.getByRole('alert').textContent()) ?? '', /your only second factor/);
    assert.deepEqual(
      page.problems.filter((text) => !expected.test(text)),
      [],
    );
    await context.close();
  }));

test('the pages in the middle of something are as accessible as all others', (t) =>
  seat.visit(t, async (browser: Browser) => {
    for (const width of [320, 1280]) {
      const admin = await signIn(site, 'administrator');
      const payload = { email: `w${width}@example.gov`, name: 'Wide', role: 'clerk' };
      const answer = await site.ask({
        method: 'POST',
        url: '/api/v1/people/invitations',
        headers: admin.headers,
        payload,
      });
      const { link, personId } = answer.json<{ link: string; personId: string }>();
      const viewport = { width, height: 800 };
      const context = await openContext(browser, origin, { viewport, bypassCSP: true });
      const page = await openPage(context, origin);
      await page.goto(link);
      await checkPage(page);
      await page.getByLabel('New password').fill(goodPassword);
      await button(page, 'Continue').click();
      await checkPage(page);
      const secret = await readKey(page);
      await codeField(page).fill(codeAt(secret, people.effects.clock.now()));
      await button(page, 'Confirm').click();
      await checkPage(page);
      await context.clearCookies();
      await page.goto('/sign-in');
      await page.getByLabel('Email address').fill(payload.email);
      await page.getByLabel('Password').fill(goodPassword);
      await button(page, 'Continue').click();
      await checkPage(page);
      await codeField(page).fill('000000');
      await button(page, 'Sign in').click();
      await checkPage(page);
      await carry(context, admin.cookie);
      await page.goto(`/staff/people/${personId}`);
      await checkPage(page);
      await context.close();
    }
  }));
