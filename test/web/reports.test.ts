// Reports, retention and holds as the staff use them: figures that open, entries, holds, a destruction by two persons.
// It must work without a script and show nobody's details to whom they are not for.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';

import { seedRecords, smallSeed } from '../../bench/records-seed.ts';
import { signIn } from '../people/staff.ts';
import type { SignedIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import { findViolations } from './accessibility.ts';
import { openContext, openPage, openSeat } from './browser.ts';
import { findPort } from './site.ts';

const port = await findPort();
const origin = `http://localhost:${port}`;
const site = await openTestPortal({ after }, { web: true, settings: { PUBLIC_URL: origin } });
await site.app.listen({ host: '127.0.0.1', port });
const { pool } = site.portal.database;
await seedRecords(pool, smallSeed);
const officer = await signIn(site, 'records-officer');
const second = await signIn(site, 'records-officer');
const seat = await openSeat();
after(() => seat.close());

const get = (url: string, who: SignedIn) => site.ask({ url, headers: { accept: 'text/html', cookie: who.cookie } });
/** Over the socket, as a browser does. */
async function post(url: string, who: SignedIn, fields: Readonly<Record<string, string>>) {
  const headers = { ...who.headers, accept: 'text/html' };
  const body = new URLSearchParams(fields);
  const answer = await fetch(origin + url, { method: 'POST', headers, body, redirect: 'manual' });
  return { status: answer.status, body: await answer.text() };
}

test('each figure of the yearly report leads to as many requests as it says', async () => {
  const page = await get('/staff/reports/jlarc/2025', officer);
  assert.equal(page.status, 200);
  assert.match(page.body, /not specified/);
  assert.match(page.body, /average and median number of days/);
  const links = [...page.body.matchAll(/href="(\/staff\/reports\/jlarc\/2025\/[a-z:-]+)"[^>]*>([\d,]+)</g)];
  assert.ok(links.length >= 15, `${links.length} figures lead on`);
  for (const [, href = '', count = ''] of links.slice(0, 12)) {
    const behind = await get(href, officer);
    assert.equal(behind.status, 200, href);
    const said = /<p class="lead">([\d,]+) requests?<\/p>/.exec(behind.body)?.[1];
    assert.equal(said, count, href);
  }
});

test('what a year needs is entered on a form, kept in versions, and stale forms lose nothing', async () => {
  const url = '/staff/reports/jlarc/2025/entry';
  const fields = { version: '0', source: 'Finance', legalReview: '1,250.50', 'rate-clerk': '40', overhead: '12.5' };
  assert.equal((await post(url, officer, fields)).status, 303);
  const stale = await post(url, officer, { ...fields, comments: 'Typed with care' });
  assert.equal(stale.status, 409);
  assert.match(stale.body, /Typed with care/);
  const wrong = await post(url, officer, { ...fields, version: '1', legalReview: 'much' });
  assert.equal(wrong.status, 422);
  const report = await get('/staff/reports/jlarc/2025', officer);
  assert.match(report.body, /\$1250\.50/);
  const auditor = await signIn(site, 'auditor');
  assert.equal((await post(url, auditor, { ...fields, version: '1' })).status, 403);
});

test('downloads are for whom the reports are for, and are kept by nobody', async () => {
  const outsider = await signIn(site, 'publisher');
  const paths = ['years/2025/report.csv', 'years/2025/worksheet.csv', 'years/2025/timeliness.csv', 'log.csv'];
  for (const path of paths) {
    const url = `/api/v1/records/${path}`;
    assert.equal((await site.ask(url)).status, 401, path);
    assert.equal((await site.ask({ url, headers: { cookie: outsider.cookie } })).status, 403, path);
    const file = await site.ask({ url, headers: { cookie: officer.cookie } });
    assert.equal(file.status, 200, path);
    assert.equal(file.headers['cache-control'], 'no-store', path);
    assert.match(String(file.headers['content-type']), /^text\/csv/);
    assert.ok(file.body.split('\r\n').length > 2, path);
  }
});

test('the public’s numbers are the same as JSON and as a page, and count nobody apart', async () => {
  const answer = await site.ask('/api/v1/records/metrics?year=2025');
  assert.equal(answer.status, 200);
  const metrics = answer.json<{ received: number; outcomes: { requests: number | null }[] }>();
  for (const { requests } of metrics.outcomes) assert.ok(requests === null || requests >= 5);
  const page = await site.ask('/records/metrics?year=2025');
  assert.ok(page.body.includes(`<dd>${metrics.received}</dd>`), page.body.slice(0, 200));
  assert.equal((await site.ask('/api/v1/records/metrics?year=2031')).status, 400);
});

test('a hold is placed and released on a form', async () => {
  const { rows } = await pool.query<{ number: string }>(
    `select number from records_requests where state = 'closed' order by number limit 1`,
  );
  const fields = { kind: 'litigation', covers: 'requests', name: 'Doe v. City', reason: 'A suit is expected.' };
  const refused = await post('/staff/retention?/hold', officer, { ...fields, requests: '2026-999999' });
  assert.equal(refused.status, 422);
  assert.match(refused.body, /Doe v\. City/);
  assert.equal((await post('/staff/retention?/hold', officer, { ...fields, requests: rows[0]!.number })).status, 303);
  const page = await get('/staff/retention', officer);
  const hold = /name="hold" value="([^"]+)"/.exec(page.body)?.[1];
  assert.ok(hold !== undefined);
  const clerk = await signIn(site, 'clerk');
  assert.doesNotMatch((await get('/staff/retention', clerk)).body, /name="hold"/);
  assert.equal((await post('/staff/retention?/release', clerk, { hold, releaseReason: 'x' })).status, 403);
  assert.equal((await post('/staff/retention?/release', officer, { hold, releaseReason: 'Over.' })).status, 303);
});

test('a destruction is approved by a second person on its page, and not by the first', async () => {
  const id = await proposed();
  const own = await get(`/staff/retention/${id}`, officer);
  assert.equal(own.status, 200);
  assert.doesNotMatch(own.body, /action="\?\/approve"><p[^>]*>What is approved/);
  assert.equal((await post(`/staff/retention/${id}?/approve`, officer, {})).status, 422);
  const url = `/api/v1/records/destructions/${id}/certificate`;
  assert.equal((await site.ask({ url, headers: { cookie: officer.cookie } })).status, 404);
  // The City has entered no schedule: what was proposed under another cannot be approved under none.
  const answer = await post(`/staff/retention/${id}?/approve`, second, {});
  assert.equal(answer.status, 422);
  assert.match(answer.body, /not specified/);
  assert.equal((await post(`/staff/retention/${id}?/cancel`, second, { reason: 'No schedule.' })).status, 303);
  assert.match((await get(`/staff/retention/${id}`, officer)).body, /cancelled/);
});

/** As if it had been proposed while the City had a schedule. */
async function proposed(): Promise<string> {
  const id = '01890000-0000-7000-8000-000000000001';
  const authority = { title: 'A', length: { count: 2, unit: 'years' }, dispositionAuthority: 'X', source: 'Y' };
  await pool.query(
    `insert into records_destructions (id, number, series, authority, state, proposed_at, proposed_by, proposed_by_id)
     values ($1, 'D2026-0001', 'request-files', $2, 'proposed', now(), 'First officer', $3)`,
    [id, JSON.stringify(authority), officer.actor.id],
  );
  await pool.query(
    `insert into records_destruction_items (destruction_id, request_id, closed_on, due_on)
     select $1, id, closed_on, closed_on + 730 from records_requests where state = 'closed' order by number limit 2`,
    [id],
  );
  return id;
}

test('pages of reports and of retention with data on them are accessible, on a phone and on a desk', async (t) => {
  const paths = [
    '/staff/reports',
    '/staff/reports/jlarc/2025',
    '/staff/reports/jlarc/2025/closed',
    '/staff/reports/jlarc/2025/entry',
    '/staff/reports/log',
    '/staff/reports/timeliness?year=2025',
    '/staff/reports/claims',
    '/staff/retention',
    '/staff/retention/01890000-0000-7000-8000-000000000001',
    '/records/metrics?year=2025',
  ];
  await seat.visit(t, async (browser) => {
    for (const width of [390, 1280]) {
      const context = await openContext(browser, origin, { viewport: { width, height: 900 } });
      const [name = '', value = ''] = officer.cookie.split('=');
      await context.addCookies([{ name, value, url: origin }]);
      const page = await openPage(context, origin);
      for (const path of paths) {
        await page.goto(path, { waitUntil: 'load' });
        assert.deepEqual(await findViolations(page), [], `${path} at ${width}`);
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(wide <= 0, `${path} is ${wide} px too wide at ${width}`);
      }
      await context.close();
    }
  });
});
