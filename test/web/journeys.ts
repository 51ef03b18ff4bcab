// What people do, in a real browser, with script and without it: find, read, filter, download, query, ask for more.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openContext, openPage, type Seat, type Watch } from './browser.ts';
import { actionLimitMs } from './steps.ts';

type Names = { readonly dataset: string; readonly title: string; readonly word: string; readonly column: string };
type Walk = (page: Page & Watch, names: Names, origin: string) => Promise<void>;

const findAndDownload: Walk = async (page, { dataset, title, word }, origin) => {
  await page.goto('/');
  await page.getByRole('searchbox').fill(word);
  await page.getByRole('button', { name: 'Search' }).click();
  assert.match(page.url(), new RegExp(`/search\\?q=${word}`));
  assert.equal(await page.getByRole('searchbox').inputValue(), word, 'the words are kept');
  await page.getByRole('link', { name: title, exact: true }).click();
  assert.equal(new URL(page.url()).pathname, `/datasets/${dataset}`);
  assert.equal(await page.locator('h1').textContent(), title);
  const csv = page.getByRole('main').getByRole('link', { name: 'CSV', exact: true }).first();
  const href = await csv.getAttribute('href');
  const answer = await fetch(new URL(href ?? '', origin), { signal: AbortSignal.timeout(actionLimitMs) });
  assert.equal(answer.status, 200);
  const lines = (await answer.text()).trim().split('\n').length;
  const shown = await page.locator('.page-head .meta').textContent();
  assert.ok(
    shown?.includes(`${(lines - 1).toLocaleString('en-US')} row`),
    `the file has ${lines - 1} rows; the page says ${shown}`,
  );
};

const filterRows: Walk = async (page, { dataset, column }) => {
  await page.goto(`/datasets/${dataset}`);
  await page
    .getByRole('navigation', { name: /^Parts of/ })
    .getByRole('link', { name: 'Rows' })
    .click();
  const all = await page.locator('#answer').textContent();
  await page.getByLabel('Column', { exact: true }).selectOption(column);
  await page.getByLabel('Condition').selectOption('filled');
  await page.getByRole('button', { name: 'Add filter' }).click();
  assert.match(page.url(), new RegExp(`filter=${column}%7Efilled%7E`), 'the view has one address');
  assert.doesNotMatch(page.url(), /operator=/);
  const chip = page.getByRole('list', { name: 'Chosen' }).getByRole('link').first();
  assert.match((await chip.textContent()) ?? '', /has a value/);
  assert.notEqual(await page.locator('.sentence').textContent(), '');
  const heading = page.locator('th').filter({ has: page.locator(`a[href*="order=${column}"]`) });
  await heading.getByRole('link').click();
  assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
  await heading.getByRole('link').click();
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  await page.getByRole('list', { name: 'Chosen' }).getByRole('link', { name: 'Clear all' }).click();
  assert.equal(await page.locator('#answer').textContent(), all);
};

const turnPages: Walk = async (page, { dataset }) => {
  await page.goto(`/datasets/${dataset}/rows?limit=25`);
  const first = await page.locator('tbody th').first().textContent();
  await page.getByRole('link', { name: 'Next' }).click();
  assert.match((await page.locator('table caption').textContent()) ?? '', /Rows 26 to 50 of/);
  assert.notEqual(await page.locator('tbody th').first().textContent(), first);
  await page.getByRole('link', { name: 'First page' }).click();
  assert.equal(await page.locator('tbody th').first().textContent(), first);
};

const mendFilter: Walk = async (page, { dataset }) => {
  const wrong = 'no_such_column = 3';
  await page.goto(`/datasets/${dataset}/rows`);
  await page.locator('summary').filter({ hasText: 'More' }).click();
  await page.getByLabel('Filter', { exact: true }).fill(wrong);
  await page.getByRole('button', { name: 'Apply' }).click();
  const alert = page.getByRole('alert');
  assert.match((await alert.textContent()) ?? '', /no_such_column/);
  assert.match((await alert.locator('.caret').textContent()) ?? '', /^\^{14}$/, 'the error points at the name');
  assert.equal(await page.getByLabel('Filter', { exact: true }).inputValue(), wrong, 'what was typed is kept');
  assert.match(await page.title(), /^Error: /);
  await alert.getByRole('link').click();
  assert.match(page.url(), /\/errors#unknown-column$/);
};

const askApi: Walk = async (page, { dataset }, origin) => {
  await page.goto(`/datasets/${dataset}`);
  await page
    .getByRole('navigation', { name: /^Parts of/ })
    .getByRole('link', { name: 'API' })
    .click();
  for (const language of ['curl', 'Python', 'R', 'JavaScript']) {
    assert.ok(
      (await page
        .locator('summary')
        .filter({ hasText: new RegExp(`^${language}$`) })
        .count()) > 0,
      language,
    );
  }
  const links = await page.getByRole('link', { name: 'Open this query in the browser' }).all();
  assert.ok(links.length >= 2);
  for (const link of links) {
    const address = new URL((await link.getAttribute('href')) ?? '', origin);
    const answer = await fetch(address, { signal: AbortSignal.timeout(actionLimitMs) });
    assert.equal(answer.status, 200, answer.url);
    await answer.body?.cancel();
  }
};

const findNothing: Walk = async (page) => {
  await page.goto('/');
  await page.getByRole('searchbox').fill('zzqqxx nothingatall');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?q=/);
  assert.match((await page.locator('h2').first().textContent()) ?? '', /Nothing for/);
  const main = page.getByRole('main');
  assert.ok(await main.getByRole('link', { name: 'nothingatall' }).isVisible(), 'a wider search is offered');
  await main.getByRole('link', { name: 'How to request records' }).click();
  assert.equal(new URL(page.url()).pathname, '/guide/public-records');
};

const useFacets: Walk = async (page) => {
  await page.goto('/search');
  const total = await page.locator('.results-title').textContent();
  const facets = page.getByRole('form', { name: 'Narrow the search' });
  await facets.getByRole('checkbox', { name: /GeoJSON/ }).check();
  await facets.getByRole('button', { name: 'Show results' }).click();
  assert.match(page.url(), /format=geojson/);
  assert.notEqual(await page.locator('.results-title').textContent(), total);
  assert.ok(await facets.getByRole('checkbox', { name: /GeoJSON/ }).isChecked(), 'the choice is kept');
  await page
    .getByRole('list', { name: 'Chosen' })
    .getByRole('link', { name: /Remove:\s*GeoJSON/ })
    .click();
  assert.equal(await page.locator('.results-title').textContent(), total);
};

const walks: readonly { readonly name: string; readonly walk: Walk }[] = [
  { name: 'find a dataset and download it', walk: findAndDownload },
  { name: 'filter, sort and clear the rows', walk: filterRows },
  { name: 'turn the pages of the rows', walk: turnPages },
  { name: 'mend a wrong filter', walk: mendFilter },
  { name: 'go to the API and run its queries', walk: askApi },
  { name: 'find nothing and go on to the public records process', walk: findNothing },
  { name: 'narrow a search with facets and widen it again', walk: useFacets },
];

/** Each page in a context of its own: what one test leaves behind, or hangs in, is not the next one's. */
type Visit = (options: BrowserContextOptions, run: (page: Page & Watch) => Promise<void>) => Promise<void>;

function openVisit(t: TestContext, seat: Seat, origin: string): Visit {
  return (options, run) =>
    seat.visit(t, async (browser) => {
      const context = await openContext(browser, origin, options);
      const page = await openPage(context, origin);
      await run(page);
      // A wrong filter is a 400 and a missing page a 404 on purpose; Chromium writes those to its console.
      const unexpected = page.problems.filter((problem) => !/status of 40[04]/.test(problem));
      assert.deepEqual(unexpected, []);
      await context.close();
    });
}

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

const openFacets = async (page: Page): Promise<void> => {
  await page.goto('/search');
  const box = page.getByRole('checkbox', { name: /GeoJSON/ });
  assert.equal(await box.isVisible(), false, 'results come first on a phone');
  await page.locator('summary').filter({ hasText: 'Narrow the search' }).click();
  await box.check();
  await page.getByRole('button', { name: 'Show results' }).click();
  assert.match(page.url(), /format=geojson/);
};

async function copyCode(page: Page, { dataset }: Names): Promise<void> {
  await page.goto(`/datasets/${dataset}/api`);
  const block = page.locator('[data-code]').first();
  await block.getByRole('button').click();
  await page
    .getByRole('status')
    .filter({ hasText: /^Copied/ })
    .waitFor({ state: 'attached' });
  const copied = await page.evaluate('navigator.clipboard.readText()');
  assert.equal(copied, await block.locator('code').textContent());
}

export async function checkJourneys(t: TestContext, seat: Seat, origin: string, names: Names): Promise<void> {
  for (const javaScriptEnabled of [true, false]) {
    for (const { name, walk } of walks) {
      await t.test(`${name}, script ${javaScriptEnabled ? 'on' : 'off'}`, (own) =>
        openVisit(own, seat, origin)({ javaScriptEnabled, viewport: desktop }, (page) => walk(page, names, origin)),
      );
    }
  }
  await t.test('the facets open and work on a phone', (own) =>
    openVisit(own, seat, origin)({ javaScriptEnabled: false, viewport: phone }, openFacets),
  );
  await t.test('a copy button copies and says so', (own) =>
    openVisit(
      own,
      seat,
      origin,
    )({ permissions: ['clipboard-read', 'clipboard-write'] }, (page) => copyCode(page, names)),
  );
}

type Stop = {
  readonly name: string;
  readonly visible: boolean;
  readonly ring: boolean;
  readonly top: number;
  readonly html: string;
};

/** Presses Tab through a page and writes down where the focus stood. */
async function tabThrough(page: Page, most: number): Promise<readonly Stop[]> {
  const stops: Stop[] = [];
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return {
        name: (element.textContent || element.getAttribute('aria-label') || element.name || '').trim().slice(0, 40),
        visible: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3,
        top: Math.round(box.top + scrollY),
        html: element.outerHTML.slice(0, 120),
      };
    })()`)) as Stop | null;
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
}

async function walkByKeyboard(page: Page, path: string): Promise<void> {
  await page.goto(path);
  const wanted =
    (await page.evaluate(`[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((element) => element.type !== 'hidden' && element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !element.hidden).length`)) as number;
  const stops = await tabThrough(page, wanted + 20);
  assert.match(stops[0]?.name ?? '', /^Skip to main content/);
  assert.deepEqual(
    stops.filter((stop) => !stop.visible || !stop.ring),
    [],
  );
  assert.ok(stops.length >= wanted, `${wanted} things can be reached; the keyboard stopped at ${stops.length}`);
  assert.ok(stops.length < wanted + 20, 'the keyboard never leaves the page');
}

async function skipToMain(page: Page): Promise<void> {
  await page.goto('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.name'), 'q', 'the search is the first thing in it');
}

export async function checkKeyboard(
  t: TestContext,
  seat: Seat,
  origin: string,
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    await t.test(`the keyboard reaches everything on ${path}, visibly, and nothing holds it`, (own) =>
      openVisit(own, seat, origin)({ viewport: { width: 1280, height: 800 } }, (page) => walkByKeyboard(page, path)),
    );
  }
  await t.test('the skip link leads to the main part', (own) => openVisit(own, seat, origin)({}, skipToMain));
}
