// A real Chromium for the tests of the pages: the one that an npm package carries, or the one of TEST_CHROMIUM.
// It must notice what a person would not (console messages, failed requests,
// requests to other hosts) and never wait for ever.

import type { TestContext } from 'node:test';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  type Page,
} from 'playwright-core';
import { patienceMs } from '../patience.ts';
import { requireChromium } from './chromium.ts';
import { actionLimitMs, limitSteps, NoAnswer, stepLimitMs, within } from './steps.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-first-run',
  '--js-flags=--no-opt', // a page is looked at for a second, and code optimised for longer is thrown away with it
];

const probeLimitMs = 60_000;

function launchOptions() {
  return { executablePath: requireChromium(), headless: true, args: flags, timeout: patienceMs };
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions());
}

/** A browser that is replaced when it stops answering. */
export type Seat = {
  /**
   * Runs `walk` on the browser. When the browser stops answering it is replaced and the walk begins once more, with a
   * note in the test's output; any other failure is the test's.
   */
  visit(t: TestContext, walk: (browser: Browser) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

type Running = { readonly server: BrowserServer; readonly browser: Browser };

/** `start` is given by the tests of the seat itself. */
export async function openSeat(start: () => Promise<Running> = startBrowser): Promise<Seat> {
  let running = await start();
  const end = async ({ server }: Running): Promise<void> => {
    const closed = new Promise<void>((done) => server.once('close', () => done()));
    await server.kill(); // nothing in it is worth saving, and a stuck one does not close
    if (server.process().exitCode === null && server.process().signalCode === null) await closed;
  };
  return {
    async visit(t, walk) {
      try {
        await walk(running.browser);
      } catch (error) {
        const stuck = await findStuck(running.browser, error);
        if (stuck === null) throw error;
        t.diagnostic(`The browser stopped answering (${stuck}); it was replaced and the test begun once more.`);
        await end(running);
        running = await start();
        await walk(running.browser);
      }
    },
    close: () => end(running),
  };
}

export async function startBrowser(): Promise<Running> {
  const server = await chromium.launchServer(launchOptions());
  const browser = await chromium.connect(server.wsEndpoint(), { timeout: patienceMs });
  return { server, browser };
}

/** Why the browser, and not the page, is to blame for the error; null when it is not. */
async function findStuck(browser: Browser, error: unknown): Promise<string | null> {
  if (error instanceof NoAnswer) return error.message;
  if (!browser.isConnected()) return 'it has ended';
  try {
    await within(probeLimitMs, 'an empty page', probe(browser));
    return null;
  } catch (trouble) {
    return trouble instanceof Error ? trouble.message : String(trouble);
  }
}

/** Also closes what the failed walk left open. */
async function probe(browser: Browser): Promise<void> {
  for (const left of browser.contexts()) await left.close();
  const page = await browser.newPage();
  await page.evaluate('1 + 1');
  await page.close();
}

/** What went wrong on a page without anybody seeing it. */
export type Watch = { readonly problems: string[] };

/** A page that records console messages, script errors, failed answers and requests that leave `origin`. */
export async function openPage(context: BrowserContext, origin: string): Promise<Page & Watch> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(`console: ${message.text()} (${page.url()})`));
  page.on('pageerror', (error) => problems.push(`script: ${error.message} (${page.url()})`));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) problems.push(`leaves the portal: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && response.request().resourceType() !== 'document') {
      problems.push(`${response.status()} for ${response.url()}`);
    }
  });
  return Object.assign(page, { problems });
}

/** A context in which every step has a limit. */
export async function openContext(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const opening = browser.newContext({ baseURL: origin, locale: 'en-US', ...options });
  const context = await within(stepLimitMs, 'browser.newContext', opening);
  context.setDefaultTimeout(actionLimitMs);
  context.setDefaultNavigationTimeout(actionLimitMs);
  return limitSteps(context, 'context');
}
