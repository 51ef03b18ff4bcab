// The pages of responsive records: without script from file to rendition, with script by pointer and keyboard,
// accessible.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import PDFDocument from 'pdfkit';
import type { Browser, Page } from 'playwright-core';

import { signIn } from '../../people/staff.ts';
import type { SignedIn } from '../../people/staff.ts';
import { openTestPortal } from '../../portal.ts';
import { findViolations } from '../../web/accessibility.ts';
import { openContext, openPage, openSeat } from '../../web/browser.ts';
import type { Watch } from '../../web/browser.ts';
import { findPort } from '../../web/site.ts';
import { plainRequest } from '../records.ts';
import { patienceMs } from '../../patience.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
await site.portal.jobs.run();
const seat = await openSeat();
after(() => seat.close());

const { request } = await site.portal.records.submit({ kind: 'public' }, plainRequest);
const base = `/staff/requests/${request.number}/documents`;
const [redactor, attorney] = [await signIn(site, 'redactor'), await signIn(site, 'attorney')];

function twoPages(): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'LETTER' });
  const pieces: Buffer[] = [];
  const done = new Promise<Buffer>((resolve) => {
    pdf.on('data', (piece: Buffer) => pieces.push(piece));
    pdf.on('end', () => resolve(Buffer.concat(pieces)));
  });
  pdf.text('Inspection of 2025-04-02').text('Owner: Resident, SSN 529-11-2233').text('Result: passed');
  pdf.addPage().text('Second page, call 253-555-0142');
  pdf.end();
  return done;
}

async function openAs(
  browser: Browser,
  who: SignedIn,
  options: { readonly script: boolean; readonly width?: number },
): Promise<Page & Watch> {
  const viewport = { width: options.width ?? 1280, height: 900 };
  const context = await openContext(browser, origin, {
    viewport,
    javaScriptEnabled: options.script,
    bypassCSP: options.script,
  });
  const [name = '', value = ''] = who.cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  return openPage(context, origin);
}

test('without script: a file is added, lines are redacted, a page withheld, somebody else approves', (t) =>
  seat.visit(t, async (browser) => {
    const page = await openAs(browser, redactor, { script: false });
    await page.goto(base);
    await page.setInputFiles('#file', {
      name: 'inspection.pdf',
      mimeType: 'application/pdf',
      buffer: await twoPages(),
    });
    await page.getByRole('button', { name: 'Add the file' }).click();
    const link = page.getByRole('link', { name: 'inspection.pdf' }).last();
    await link.click();
    await page.waitForURL(/documents\/\d+$/u);
    const here = new URL(page.url()).pathname;
    assert.equal(await page.locator('svg.sheet').count(), 1);
    await page.getByText('Choose lines of the text').click();
    await page.locator('.sheet-lines label', { hasText: 'SSN 529-11-2233' }).locator('input').check();
    await page.selectOption('#mark-exemption', 'account-numbers');
    await page.fill('#mark-explanation', 'The number of the owner.');
    await page.getByRole('button', { name: 'Redact what is chosen' }).first().click();
    await page.waitForURL(/page=1$/u);
    assert.equal(await page.locator('svg.sheet rect').count(), 1);
    assert.match(await page.locator('main').innerText(), /RCW 42\.56\.230\(5\)/u);
    await page.goto(`${here}?page=2`);
    await page.locator('summary', { hasText: 'Withhold the whole page' }).click();
    await page.selectOption('#page-exemption', 'account-numbers');
    await page.fill('#page-explanation', 'Only numbers stand on it.');
    await page.locator('details[open] button', { hasText: 'Withhold the whole page' }).click();
    await page.waitForURL(/page=2$/u);
    await page.getByRole('button', { name: 'Hand over for approval' }).click();
    assert.match(await page.locator('main').innerText(), /You worked on this document/u);
    const other = await openAs(browser, attorney, { script: false });
    await other.goto(here);
    await other.getByRole('button', { name: 'Approve for release' }).click();
    const look = other.getByRole('link', { name: 'Look at what will be released' });
    for (let tries = 0; (await look.count()) === 0; tries++) {
      assert.ok(tries * 300 < patienceMs, 'the rendition is made');
      await new Promise((done) => setTimeout(done, 300));
      await other.reload();
    }
    assert.match(await other.locator('#index').locator('..').innerText(), /page 1 of 2, redacted in part/u);
    assert.match(await other.locator('#index').locator('..').innerText(), /page 2 of 2, withheld/u);
    assert.deepEqual([...page.problems, ...other.problems], []);
    await Promise.all([page.context().close(), other.context().close()]);
  }));

test('with script: a box is drawn with the pointer, another moved with keys; no axe violation at any width', (t) =>
  seat.visit(t, async (browser) => {
    const bytes = (async function* () {
      yield await twoPages();
    })();
    const { number } = await site.portal.documents.receive(redactor.actor, request.number, {
      name: 'drawn.pdf',
      bytes,
      declaredBytes: null,
    });
    const page = await openAs(browser, redactor, { script: true });
    await page.goto(`${base}/${number}?suggest=1`);
    const sheet = await page.locator('svg.sheet').boundingBox();
    assert.ok(sheet !== null);
    await page.mouse.move(sheet.x + sheet.width * 0.2, sheet.y + sheet.height * 0.1);
    await page.mouse.down();
    await page.mouse.move(sheet.x + sheet.width * 0.5, sheet.y + sheet.height * 0.15, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Add a box' }).click();
    const boxes = page.locator('input[name="drawn"]');
    assert.equal(await boxes.count(), 2);
    const before = await boxes.nth(1).inputValue();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    assert.notEqual(await boxes.nth(1).inputValue(), before);
    await page.keyboard.press('Delete');
    assert.equal(await boxes.count(), 1);
    await page.selectOption('#mark-exemption', 'account-numbers');
    await page.fill('#mark-explanation', 'The number of the owner.');
    await page.getByRole('button', { name: 'Redact what is chosen' }).first().click();
    await page.waitForURL(/page=1$/u);
    assert.ok((await page.locator('svg.sheet rect').count()) >= 1);
    const wrong: string[] = [];
    for (const path of [base, `${base}/${number}?suggest=1`]) {
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await page.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true;');
        for (const scheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme: scheme });
          wrong.push(...(await findViolations(page, scheme)).map((text) => `${path} ${width} ${scheme}: ${text}`));
        }
        const over = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
        if (over > 0) wrong.push(`${path} scrolls sideways by ${over} px at ${width}`);
      }
    }
    assert.deepEqual([...wrong, ...page.problems], []);
    await page.context().close();
  }));
