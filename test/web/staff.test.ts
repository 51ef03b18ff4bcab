// Every page behind the sign-in: refused without it and without the role, whole and accessible with it.
// It must walk the list in routes.ts, so that a new page of the staff's side cannot be forgotten.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Browser } from 'playwright-core';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { staffRoutes } from './routes.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
const seat = await openSeat();
after(() => seat.close());

const html = { accept: 'text/html' };

test('without a sign-in every page leads to it, and a form does nothing', async () => {
  for (const { path } of staffRoutes) {
    const isPublic = path === '/sign-out';
    for (const method of ['GET', 'POST'] as const) {
      const headers = {
        ...html,
        origin,
        host: `localhost:${port}`,
        'content-type': 'application/x-www-form-urlencoded',
      };
      const answer = await site.ask({ method, url: path, headers });
      assert.equal(answer.status, 303, `${method} ${path}`);
      const to = isPublic ? '/' : `/sign-in?next=${encodeURIComponent(path)}`;
      assert.equal(answer.headers.location, to, `${method} ${path}`);
    }
  }
});

test('with a sign-in every page is nobody else’s to keep, and other roles get none that is not theirs', async () => {
  const auditor = await signIn(site, 'cashier');
  for (const { path, role } of staffRoutes) {
    const { cookie } = await signIn(site, role);
    const answer = await site.ask({ url: path, headers: { ...html, cookie } });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers['cache-control'], 'no-store', path);
    assert.match(answer.body, /<meta name="robots" content="noindex"/, path);
    if (role !== 'administrator') continue;
    const refused = await site.ask({ url: path, headers: { ...html, cookie: auditor.cookie } });
    assert.equal(refused.status, 403, path);
  }
});

test('the head of every page has the staff’s place for staff alone', async () => {
  const { cookie } = await signIn(site, 'clerk');
  for (const url of ['/', '/guide', '/departments']) {
    const [plain, signed] = [await site.ask(url), await site.ask({ url, headers: { cookie } })];
    assert.doesNotMatch(plain.body, /href="\/staff"/, url);
    assert.match(signed.body, /href="\/staff"/, url);
    assert.equal(plain.headers['cache-control'], 'public, max-age=0, must-revalidate', url);
    assert.equal(signed.headers['cache-control'], 'no-store', url);
  }
});

test('no axe violation and no overflow at both widths', (t) =>
  seat.visit(t, async (browser: Browser) => {
    const wrong: string[] = [];
    for (const { path, role } of staffRoutes) {
      const { cookie } = await signIn(site, role);
      const [name = '', value = ''] = cookie.split('=');
      const context = await openContext(browser, origin, { viewport: { width: 320, height: 800 }, bypassCSP: true });
      await context.addCookies([{ name, value, url: origin }]);
      const page = await openPage(context, origin);
      await page.goto(path, { waitUntil: 'load' });
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        for (const scheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: scheme });
          wrong.push(...(await findViolations(page, scheme)).map((text) => `${path} ${width} px ${scheme}: ${text}`));
        }
        const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
        if (overflow > 0) wrong.push(`${path} scrolls sideways by ${overflow} px at ${width} px`);
      }
      wrong.push(...page.problems);
      await context.close();
    }
    assert.deepEqual(wrong, []);
  }));
