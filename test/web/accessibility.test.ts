// Accessibility of every page on a real portal in a real browser: axe, reflow and target sizes at phone and desktop width.

import test, { after } from 'node:test';
import { checkAccessibility, checkTheCheck } from './accessibility.ts';
import { openBrowser } from './browser.ts';
import { listRoutes } from './routes.ts';
import { names, openSite } from './site.ts';

const { origin } = await openSite({ after });
const browser = await openBrowser();

after(() => browser.close());

test('the check finds what it looks for', () => checkTheCheck(browser));

test('accessibility', (t) => checkAccessibility(t, browser, origin, listRoutes(names)));
