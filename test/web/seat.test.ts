// A browser that stops answering is replaced and the test begun once more; a page that is wrong fails at once.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { openContext, openPage, openSeat, startBrowser } from './browser.ts';
import { limitSteps, NoAnswer, within } from './steps.ts';

/** The test's own context, with what it was told kept. */
function listen(t: TestContext): { readonly t: TestContext; readonly notes: string[] } {
  const notes: string[] = [];
  const told = new Proxy(t, {
    get: (target, key) =>
      key === 'diagnostic' ? (words: string) => void notes.push(words) : (Reflect.get(target, key, target) as unknown),
  });
  return { t: told, notes };
}

const origin = 'about:';

test('a step that never answers is named; what answers passes through', async () => {
  const stuck = { wait: (_what: string) => new Promise<string>(() => undefined), quick: async () => 'done' };
  const limited = limitSteps(stuck, 'page', 50);
  await assert.rejects(limited.wait('this'), /^NoAnswer: page\.wait\("this"\) did not answer within 50 ms$/);
  assert.equal(await limited.quick(), 'done');
  await assert.rejects(within(50, 'nothing', new Promise(() => undefined)), NoAnswer);
  await assert.rejects(within(50, 'something', Promise.reject(new TypeError('its own'))), TypeError);
});

test('a browser that is stopped or killed is replaced, and the walk begun once more', async (t) => {
  const pids: number[] = [];
  const seat = await openSeat(async () => {
    const running = await startBrowser();
    pids.push(running.server.process().pid ?? 0);
    return running;
  });
  t.after(() => seat.close());
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
    const { t: own, notes } = listen(t);
    let walks = 0;
    await seat.visit(own, async (browser) => {
      walks += 1;
      const context = await openContext(browser, origin);
      const page = await openPage(context, origin);
      assert.equal(await page.evaluate('6 * 7'), 42);
      if (walks === 1) {
        process.kill(pids.at(-1) ?? 0, signal);
        // Only what cannot answer any more is held to a short limit: one that can may be slow.
        await limitSteps(page, 'page', 1_000).evaluate('6 * 7');
      }
      assert.equal(await page.evaluate('6 * 7'), 42);
      await context.close();
    });
    assert.equal(walks, 2, signal);
    assert.match(
      notes.join(),
      /^The browser stopped answering \(.+\); it was replaced and the test begun once more\.$/,
    );
  }
  assert.equal(new Set(pids).size, 3);
});

test('what a page does wrong fails at once, however well the browser is', async (t) => {
  const seat = await openSeat();
  t.after(() => seat.close());
  const { t: own, notes } = listen(t);
  let walks = 0;
  const wrong = seat.visit(own, async (browser) => {
    walks += 1;
    const context = await openContext(browser, origin);
    const page = await openPage(context, origin);
    await page.locator('#not-there').click({ timeout: 200 });
  });
  await assert.rejects(wrong, /Timeout 200ms exceeded/);
  assert.deepEqual([walks, notes], [1, []]);
});

test('a second browser that stops answering fails the test', async (t) => {
  const seat = await openSeat();
  t.after(() => seat.close());
  const { t: own, notes } = listen(t);
  await assert.rejects(
    seat.visit(own, () => Promise.reject(new NoAnswer('the page did not answer'))),
    NoAnswer,
  );
  assert.equal(notes.length, 1);
});
