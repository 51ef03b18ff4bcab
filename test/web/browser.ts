// A real Chromium for the tests of the pages: the installed one, or the one that an npm package carries.
// It must notice what a person would not: console messages, failed requests, requests to other hosts.

import { existsSync } from 'node:fs';
import packaged from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-first-run',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = installed.find((path) => existsSync(path)) ?? (await packaged.executablePath());
  return chromium.launch({ executablePath, headless: true, args: flags });
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

export function openContext(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  return browser.newContext({ baseURL: origin, locale: 'en-US', ...options });
}
