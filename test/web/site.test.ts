// The pages on a real portal in a real browser: whole HTML, journeys with and without script, keyboard, accessibility
// (axe, reflow and target sizes at phone and desktop width). One portal and one browser for all: each costs seconds.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { checkAccessibility, checkTheCheck } from './accessibility.ts';
import { openSeat } from './browser.ts';
import { checkHtml } from './html.ts';
import { checkJourneys, checkKeyboard } from './journeys.ts';
import { listRoutes, reachedRoutes, staffRoutes } from './routes.ts';
import { names, openSite } from './site.ts';
import { sourcePaths } from './sources.ts';

const routes = listRoutes(names);
// At the top, not in `before`: what is registered with `after` inside a hook is undone when the hook ends.
const { origin } = await openSite({ after });
const seat = await openSeat();

after(() => seat.close());

test('the list of pages is complete', () => {
  const made = sourcePaths('web/src/routes/**/+page.svelte').map((path) =>
    path.replace(/^web\/src\/routes\/?/, '').replace(/\/?\+page\.svelte$/, ''),
  );
  const listed = [...routes, ...staffRoutes].map(({ route }) => route);
  assert.deepEqual([...new Set([...listed, ...reachedRoutes])].sort(), made.sort());
});

test('the HTML of every page', (t) => checkHtml(t, origin, routes));

// Each step in the browser has its own limit; this one is for all journeys together on a slow machine.
test('journeys', (t) => checkJourneys(t, seat, origin, names));

test('the keyboard', (t) =>
  checkKeyboard(t, seat, origin, [
    '/',
    `/search?q=${names.word}`,
    `/datasets/${names.dataset}`,
    `/datasets/${names.dataset}/rows`,
    '/design',
  ]));

test('the check of accessibility finds what it looks for', (t) => seat.visit(t, checkTheCheck));

test('accessibility', (t) => checkAccessibility(t, seat, origin, routes));
