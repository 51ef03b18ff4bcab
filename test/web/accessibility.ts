// What a machine can check of accessibility on every page: axe, reflow at 320 px, target sizes.
// It is the floor, not the proof: docs say what people must check by hand.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type axe from 'axe-core';
import { isFull } from '../depth.ts';
import { openContext, openPage, type Seat } from './browser.ts';
import type { Route } from './routes.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [320, 1280] as const;
const schemes = ['light', 'dark'] as const;
const leastTargetPx = 24;
const leastWordPx = 12;

/** Opens every fold, so that what is inside is checked too. */
async function openFolds(page: Page): Promise<void> {
  await page.evaluate(
    'for (const fold of document.querySelectorAll("details")) { fold.removeAttribute("name"); fold.open = true; }',
  );
}

/** The document is the same in both schemes, so the dark one is asked only for what colours change. */
const ruleSets = {
  light: { type: 'tag', values: axeTags },
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
} as const;

export async function findViolations(page: Page, scheme: keyof typeof ruleSets = 'light'): Promise<readonly string[]> {
  // Once for each page: to read half a megabyte of script takes as long as to check with it.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axeSource);
  const run = `axe.run(document, { runOnly: ${JSON.stringify(ruleSets[scheme])}, resultTypes: ['violations'] })`;
  const { violations } = (await page.evaluate(run)) as axe.AxeResults;
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]?.html ?? ''} — ${nodes[0]?.failureSummary ?? ''}`,
  );
}

/** Targets smaller than 24 × 24 px, but for links inside a sentence, which WCAG 2.5.8 leaves out. */
async function findSmallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    `[...document.querySelectorAll('a[href], button, input, select, summary')].filter((element) => {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest('.sr-only, .skip')) return false;
      const inSentence = getComputedStyle(element).display === 'inline' &&
        (element.parentElement?.textContent ?? '').trim().length > (element.textContent ?? '').trim().length;
      return !inSentence && box.height < ${leastTargetPx} && !element.closest('p, dd, dt, .prose, label');
    }).map((element) => element.outerHTML.slice(0, 160))`,
  );
}

/** Words in pictures shrink with the picture: none below 12 px on the screen. */
async function findSmallWords(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    `[...document.querySelectorAll('svg text')].flatMap((element) => {
      const size = (element.getScreenCTM()?.a ?? 1) * parseFloat(getComputedStyle(element).fontSize);
      return element.checkVisibility() && size < ${leastWordPx} ? [element.textContent + ': ' + size.toFixed(1) + ' px'] : [];
    })`,
  );
}

/** Of the operations of the API, many of them alike, leaves one of each build: axe reads every element. */
async function leaveOneOfEach(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    const seen = new Set();
    for (const operation of document.querySelectorAll('article.endpoint')) {
      const parts = [...operation.querySelectorAll('*')].map((part) => part.tagName + '.' + part.className);
      const build = [...new Set(parts)].sort().join(' ');
      if (seen.has(build)) operation.remove();
      seen.add(build);
    }
  })()`);
}

/** What is wrong with one page at both widths in both schemes: loaded once, folds open, then looked at four times. */
async function findWrong(page: Page, path: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  await page.goto(path, { waitUntil: 'load' });
  await openFolds(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const overflow = (await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')) as number;
    if (overflow > 0) wrong.push(`${width} px: the page scrolls sideways by ${overflow} px`);
    wrong.push(...(await findSmallTargets(page)).map((html) => `${width} px: target too small: ${html}`));
    wrong.push(...(await findSmallWords(page)).map((words) => `${width} px: words too small: ${words}`));
  }
  if (!isFull) await leaveOneOfEach(page);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      wrong.push(...(await findViolations(page, colorScheme)).map((text) => `${width} px, ${colorScheme}: ${text}`));
    }
  }
  return [...new Set(wrong)];
}

/** Every page at both widths in both schemes. Fails with every violation of a page at once. */
export async function checkAccessibility(
  t: TestContext,
  seat: Seat,
  origin: string,
  routes: readonly Route[],
): Promise<void> {
  for (const { path } of routes) {
    await t.test(`no axe violation, no overflow, nothing too small on ${path}`, (own) =>
      seat.visit(own, async (browser) => {
        const context = await openContext(browser, origin, { bypassCSP: true });
        const page = await openPage(context, origin);
        assert.deepEqual(await findWrong(page, path), []);
        await context.close();
      }),
    );
  }
}

/** The check itself must find what it looks for. */
export async function checkTheCheck(browser: Browser): Promise<void> {
  const page = await browser.newPage();
  await page.setContent(
    '<!doctype html><html><body><img src="x"><a href="#" style="display:block;height:9px">a</a>' +
      '<svg width="50" viewBox="0 0 100 10"><text style="font-size:20px">a</text></svg></body></html>',
  );
  const found = await findViolations(page);
  assert.ok(
    found.some((text) => text.startsWith('image-alt')),
    'axe finds an image without words',
  );
  assert.ok(
    found.some((text) => text.startsWith('html-has-lang')),
    'axe finds a page without a language',
  );
  assert.equal((await findSmallTargets(page)).length, 1);
  assert.deepEqual(await findSmallWords(page), ['a: 10.0 px']);
  await page.close();
}
