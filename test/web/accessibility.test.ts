// Accessibility of every page on a real portal in a real browser: axe, reflow and target sizes at phone and desktop width.

import test, { after } from 'node:test';
import { checkAccessibility, checkTheCheck } from './accessibility.ts';
import { openSeat } from './browser.ts';
import { listRoutes } from './routes.ts';
import { names, openSite } from './site.ts';

const { origin } = await openSite({ after });
const seat = await openSeat();

after(() => seat.close());

test('the check finds what it looks for', (t) => seat.visit(t, checkTheCheck));

test('accessibility', (t) => checkAccessibility(t, seat, origin, listRoutes(names)));
