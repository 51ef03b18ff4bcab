// The rows page as it answers: an older revision, what is wrong with a question and where, and what it does not read.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openTestPortal } from '../portal.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://127.0.0.1:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
const note = 'A long note that would once have taken five lines of a table and pushed every other row out of sight. ';
const first = `ward,fee,note\n${Array.from({ length: 60 }, (_, row) => `${row % 7},1971.${10 + row},${note.repeat(2)}`).join('\n')}\n`;
await site.publish(first, { id: 'permits' });
await site.publish('ward,fee,note,new_column\n1,2.50,a,b\n', { id: 'permits' });

const page = async (query: string) => (await site.ask(`/datasets/permits/rows${query}`)).body;
const words = (html: string) =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');

test('an older revision is what was asked for, and is said to be one', async () => {
  const old = words(await page('?as_of=1'));
  assert.match(old, /60 rows of 60/);
  assert.match(old, /You see revision 1, published .*, not the current one\./);
  assert.doesNotMatch(old, /new_column/);
  const html = await page('?as_of=1&order=fee');
  assert.match(html, /name="as_of" value="1"/, 'the forms stay in it');
  assert.match(html, /export\.csv\?order=fee&amp;as_of=1/, 'and so do the downloads');
  assert.match(html, /order=fee%20desc&amp;as_of=1|order=fee\+desc&amp;as_of=1/, 'and the sorting');
  const now = words(await page('?as_of=2'));
  assert.match(now, /1 row of 1/);
  assert.doesNotMatch(now, /not the current one/);
  const none = await site.ask('/datasets/permits/rows?as_of=9');
  assert.equal(none.status, 404);
  assert.match(words(none.body), /revision/);
});

test('the field that is wrong is the one that is marked, with the text that stands in it', async () => {
  const order = await page('?order=nothing_such');
  assert.match(order, /<pre[^>]*>nothing_such/);
  assert.match(order, /id="rows-order"[^>]*aria-invalid="true"/);
  assert.doesNotMatch(order, /id="rows-where"[^>]*aria-invalid/);
  const where = await page('?where=nothing_such%3D1');
  assert.match(where, /<pre[^>]*>nothing_such=1/);
  assert.match(where, /id="rows-where"[^>]*aria-invalid="true"/);
  assert.doesNotMatch(where, /id="rows-order"[^>]*aria-invalid/);
});

test('what the page does not read it does not pass over in silence', async () => {
  const html = await page('?select=ward,count(*)&group=ward');
  assert.match(words(html), /This page does not read select and group: .* The API answers them/);
  const link = /href="([^"]*rows\.json[^"]*group=ward[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  assert.equal((await site.ask(link!)).status, 200);
});

test('in the browser: a line a row, a heading that stays, and one tab that looks current without colours', async (t) => {
  await site.app.listen({ host: '127.0.0.1', port });
  const seat = await openSeat();
  t.after(() => seat.close());
  await seat.visit(t, async (browser) => {
    const context = await openContext(browser, origin, {
      viewport: { width: 800, height: 700 },
      forcedColors: 'active',
    });
    const tab = await openPage(context, origin);
    await tab.goto('/datasets/permits/rows?as_of=1');
    const seen = await tab.evaluate(() => {
      const box = document.querySelector('.table-scroll--rows')!;
      const heights = [...box.querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().height);
      box.scrollTop = 1_000;
      const head = box.querySelector('thead th')!.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollLeft = 60;
      const { left, top } = box.getBoundingClientRect();
      const corner = document.elementFromPoint(left + 20, top + 20)?.closest('th')?.cellIndex;
      const borders = [...document.querySelectorAll('.tabs a')].map((link) => ({
        current: link.hasAttribute('aria-current'),
        color: getComputedStyle(link).borderBlockEndColor,
      }));
      return { most: Math.max(...heights), scrolled: box.scrollTop, head, corner, borders };
    });
    assert.ok(seen.most < 45, `a row is ${seen.most} px high`);
    assert.ok(seen.scrolled > 500, 'the box scrolls');
    assert.ok(Math.abs(seen.head) < 3, `the heading stands ${seen.head} px below the top of its box`);
    assert.equal(seen.corner, 0, 'the corner stays above what scrolls below it');
    const current = seen.borders.filter((each) => each.current).map(({ color }) => color);
    assert.equal(current.length, 1);
    assert.ok(seen.borders.every((each) => each.current || each.color !== current[0]));
    await context.close();
  });
});
