// What a machine can check of accessibility on every page: axe, reflow at 320 px, target sizes.
// It is the floor, not the proof: docs say what people must check by hand.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type axe from 'axe-core';
import { openContext, openPage, type Seat } from './browser.ts';
import type { Route } from './routes.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const axeTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [320, 1280] as const;
const schemes = ['light', 'dark'] as const;
const leastTargetPx = 24;

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
  await page.evaluate(axeSource);
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

/** Every page at both widths in both schemes. Fails with every violation of a page at once. */
export async function checkAccessibility(
  t: TestContext,
  seat: Seat,
  origin: string,
  routes: readonly Route[],
): Promise<void> {
  for (const colorScheme of schemes) {
    for (const width of widths) {
      const check = async (browser: Browser): Promise<void> => {
        const context = await openContext(browser, origin, {
          viewport: { width, height: 800 },
          colorScheme,
          bypassCSP: true,
        });
        const page = await openPage(context, origin);
        const wrong: string[] = [];
        for (const { path } of routes) {
          await page.goto(path, { waitUntil: 'load' });
          await openFolds(page);
          wrong.push(...(await findViolations(page, colorScheme)).map((text) => `${path}: ${text}`));
          const overflow = (await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')) as number;
          if (overflow > 0) wrong.push(`${path}: the page scrolls sideways by ${overflow} px`);
          wrong.push(...(await findSmallTargets(page)).map((html) => `${path}: target too small: ${html}`));
        }
        await context.close();
        assert.deepEqual([...new Set(wrong)], []);
      };
      await t.test(`no axe violation and no overflow at ${width} px, ${colorScheme}`, (own) => seat.visit(own, check));
    }
  }
}

/** The check itself must find what it looks for. */
export async function checkTheCheck(browser: Browser): Promise<void> {
  const page = await browser.newPage();
  await page.setContent(
    '<!doctype html><html><body><img src="x"><a href="#" style="display:block;height:9px">a</a></body></html>',
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
  await page.close();
}
