// Pictures of every page at phone and desktop width, light and dark, for people to look at. Not a test.
// Run: node test/web/screenshots.ts [address of a running portal]; without an address it starts its own.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBrowser, openContext, openPage } from './browser.ts';
import { listRoutes } from './routes.ts';
import { names, openSite } from './site.ts';
import { root } from './sources.ts';

const folder = join(root, 'test/screenshots');
const shapes = [
  { name: 'phone', width: 390, height: 844 },
  { name: 'desktop', width: 1280, height: 900 },
] as const;

function fileName(path: string): string {
  const name = path.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-|-$/g, '');
  return name === '' ? 'home' : name.slice(0, 80);
}

async function takeAll(origin: string): Promise<number> {
  const browser = await openBrowser();
  let taken = 0;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { name, ...viewport } of shapes) {
      const target = join(folder, `${name}-${colorScheme}`);
      await mkdir(target, { recursive: true });
      const context = await openContext(browser, origin, { viewport, colorScheme });
      const page = await openPage(context, origin);
      for (const { path } of listRoutes(names)) {
        await page.goto(path, { waitUntil: 'load' });
        await page.screenshot({ path: join(target, `${fileName(path)}.png`), fullPage: true });
        taken += 1;
      }
      await context.close();
    }
  }
  await browser.close();
  return taken;
}

async function main(given: string | undefined): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const cleaner = { after: (cleanup: () => unknown) => void cleanups.unshift(cleanup) };
  try {
    const origin = given ?? (await openSite(cleaner)).origin;
    process.stdout.write(`${await takeAll(origin)} pictures in test/screenshots\n`);
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

await main(process.argv[2]);
