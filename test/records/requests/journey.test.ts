// A resident's way by HTTP with script off: ask, save and come back, check, send, follow, write, lose the link.
// Nothing that is the requester's own may be in a log, a cache, a plain column or anybody else's answer.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { openContent } from '../../../src/mail/outbox.ts';
import { lostLinkJob, sendLostLink } from '../../../src/records/asking/lost-links.ts';
import type { LostLinkData } from '../../../src/records/asking/lost-links.ts';
import { openLog } from '../../../src/serve/http/log.ts';
import { openTestPortal } from '../../portal.ts';
import type { Answer } from '../../portal.ts';
import { signIn } from '../../people/staff.ts';

const lines: string[] = [];
const site = await openTestPortal(
  { after },
  {
    web: true,
    settings: { LOG_LEVEL: 'info' },
    log: openLog('info', { write: (line: string) => void lines.push(line) }),
  },
);
const { publicUrl } = site.config;
const { pool } = site.portal.database;

/** A browser without script: keeps cookies, sends forms, follows where it is sent. */
function openReader() {
  const cookies = new Map<string, string>();
  const keep = (answer: Answer): Answer => {
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0/iu.test(line) || pair.slice(at + 1) === '') cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  };
  const headers = () => ({
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    origin: publicUrl,
    host: new URL(publicUrl).host,
  });
  const get = async (url: string) => keep(await site.ask({ url, headers: { ...headers(), accept: 'text/html' } }));
  const post = async (url: string, fields: Readonly<Record<string, string>>) =>
    keep(
      await site.ask({
        method: 'POST',
        url,
        headers: { ...headers(), accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      }),
    );
  const send = async (url: string, name: string, bytes: string, type = 'text/html') => {
    const edge = 'the-edge-of-a-part';
    const payload = `--${edge}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/pdf\r\n\r\n${bytes}\r\n--${edge}--\r\n`;
    const type2 = `multipart/form-data; boundary=${edge}`;
    return keep(
      await site.ask({ method: 'POST', url, headers: { ...headers(), accept: type, 'content-type': type2 }, payload }),
    );
  };
  return { cookies, get, post, send, headers };
}

type Reader = ReturnType<typeof openReader>;

const person = {
  name: 'Canaryname Whitlock',
  email: 'canarymail@example.org',
  phone: '253-555-0142 canaryphone',
  organization: 'Canaryorg',
  address: '1 Canarystreet',
  accommodation: 'canaryneed large print',
};
const text = 'Inspection reports for 220 4th Ave S in 2025';

async function ask(reader: Reader, fields: Readonly<Record<string, string>>): Promise<string> {
  const kept = await reader.post('/records/new', {
    text,
    delivery: 'electronic',
    language: 'en',
    then: 'check',
    ...fields,
  });
  assert.deepEqual([kept.status, kept.headers.location], [303, '/records/new/check'], kept.body.slice(0, 300));
  const sent = await reader.post('/records/new/check?/send', {});
  assert.equal(sent.status, 303, sent.body.slice(0, 300));
  return (
    /\/records\/requests\/(\d{4}-\d{6})\?sent$/u.exec(sent.headers.location ?? '')?.[1] ??
    assert.fail(sent.headers.location)
  );
}

function noStore(answer: Answer): void {
  assert.equal(answer.headers['cache-control'], 'no-store');
}

test('the way there: explained, one form, saved under a link, checked with what may answer it, sent once', async () => {
  await site.publish('id,street,inspector\n1,4th Ave S,Lee\n', {
    id: 'inspections',
    metadata: { title: 'Building inspection reports' },
  });
  const reader = openReader();
  const front = await reader.get('/records');
  assert.equal(front.status, 200);
  assert.match(front.body, /answered by/u);
  const saved = await reader.post('/records/new', {
    ...person,
    text: '',
    place: 'Meeker Street',
    then: 'save',
    delivery: 'mail',
  });
  assert.deepEqual([saved.status, saved.headers.location], [303, '/records/new/saved']);
  const link = /\/records\/new\/return\/draft_[\w-]{43}/u.exec((await reader.get('/records/new/saved')).body)?.[0];
  assert.ok(link !== undefined);
  const elsewhere = openReader();
  const back = await elsewhere.get(link);
  assert.deepEqual([back.status, back.headers.location], [303, '/records/new']);
  noStore(back);
  const form = await elsewhere.get('/records/new');
  assert.match(form.body, /Meeker Street/u);
  noStore(form);
  const empty = await elsewhere.post('/records/new', { text: ' ', then: 'check' });
  assert.match(empty.body, /a few words are enough/u);
  await elsewhere.post('/records/new', { ...person, text, then: 'check', delivery: 'electronic', language: 'en' });
  const check = await elsewhere.get('/records/new/check');
  noStore(check);
  assert.match(check.body, /Building inspection reports/u);
  assert.match(check.body, /This answered me/u);
  assert.doesNotMatch(check.body, /RCW 42\.56\.070\(8\)/u, 'nobody is asked why');
  const helped = await elsewhere.post('/records/new/check?/answered', { kind: 'dataset', target: 'inspections' });
  assert.equal(helped.headers.location, '/records/new/answered');
  assert.equal((await pool.query('select 1 from records_deflections')).rowCount, 1);
  const cookie = { ...elsewhere.headers(), accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
  const twice = await Promise.all(
    [1, 2, 3].map(() => site.ask({ method: 'POST', url: '/records/new/check?/send', headers: cookie, payload: '' })),
  );
  assert.deepEqual(
    twice.map(({ status }) => status),
    [303, 303, 303],
  );
  assert.equal(new Set(twice.map(({ headers }) => headers.location)).size, 1, 'one form is one request');
  assert.equal((await pool.query('select 1 from records_requests')).rowCount, 1);
  assert.equal((await pool.query('select 1 from records_drafts')).rowCount, 0, 'the draft has become the request');
});

test('only a list of people is asked its purpose; the trap lets a person through', async () => {
  const reader = openReader();
  const trapped = await reader.post('/records/new', { text, then: 'check', website: 'https://spam.example' });
  assert.equal(trapped.status, 200);
  assert.match(trapped.body, /Leave the last field empty/u);
  assert.match(trapped.body, /Inspection reports for 220/u);
  await reader.post('/records/new', { text: 'A list of all dog license holders with their addresses', then: 'check' });
  const check = await reader.get('/records/new/check');
  assert.match(check.body, /RCW 42\.56\.070\(8\)/u);
  const sent = await reader.post('/records/new/check?/send', { listPurpose: 'A study of the university' });
  assert.equal(sent.status, 303);
  const { rows } = await pool.query(
    `select list_purpose, asks_for_list, requester from records_requests order by number desc limit 1`,
  );
  assert.deepEqual(rows, [{ list_purpose: 'A study of the university', asks_for_list: true, requester: null }]);
});

test('followed with the link alone: dates with their count, messages, files, delegates, one’s own data', async () => {
  const reader = openReader();
  const number = await ask(reader, person);
  const page = await reader.get(`/records/requests/${number}?sent`);
  assert.equal(page.status, 200, page.body.slice(0, 500));
  noStore(page);
  const link = /\/records\/follow\/req_[\w-]{43}/u.exec(page.body)?.[0] ?? assert.fail('no link');
  assert.match(page.body, /last day for the city’s first answer/u);
  assert.match(page.body, /not counted/u);
  assert.equal(
    (await reader.post(`/records/requests/${number}?/say`, { text: 'canaryword: only the north side' })).status,
    303,
  );
  const uploaded = await reader.send(
    `/api/v1/records/requests/${number}/files`,
    'canaryfile.pdf',
    '%PDF-1.4 canarybytes',
  );
  assert.deepEqual([uploaded.status, uploaded.headers.location], [303, `/records/requests/${number}#files`]);
  const shown = await reader.get(`/records/requests/${number}`);
  assert.match(shown.body, /only the north side/u);
  const file =
    /\/api\/v1\/records\/requests\/[\d-]+\/files\/[0-9a-f-]{36}/u.exec(shown.body)?.[0] ?? assert.fail('no file');
  const bytes = await reader.get(file);
  assert.equal(bytes.body, '%PDF-1.4 canarybytes');
  assert.match(String(bytes.headers['content-disposition']), /^attachment; filename\*=UTF-8''canaryfile\.pdf$/u);
  noStore(bytes);

  const elsewhere = openReader();
  for (const path of [`/records/requests/${number}`, file, `/api/v1/records/requests/${number}/export`]) {
    const answer = await elsewhere.get(path);
    assert.ok([303, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.body, /canary/iu);
  }
  const followed = await elsewhere.get(link);
  assert.deepEqual([followed.status, followed.headers.location], [303, `/records/requests/${number}`]);
  noStore(followed);
  assert.match(String(followed.headers['set-cookie']), /HttpOnly; SameSite=Lax/iu);
  assert.equal((await elsewhere.get(`/records/requests/${number}`)).status, 200);

  const added = await reader.post(`/records/requests/${number}?/delegate`, {
    name: 'Canarydelegate',
    email: '',
    scope: 'read',
  });
  const theirs = [...added.body.matchAll(/\/records\/follow\/req_[\w-]{43}/gu)]
    .map(([found]) => found)
    .find((each) => each !== link);
  assert.ok(theirs !== undefined);
  const delegate = openReader();
  await delegate.get(theirs);
  const seen = await delegate.get(`/records/requests/${number}`);
  assert.equal(seen.status, 200);
  assert.doesNotMatch(
    seen.body,
    /canarymail|canaryphone|Canarystreet/u,
    'a delegate never sees how to reach the requester',
  );
  const refused = await delegate.post(`/records/requests/${number}?/say`, { text: 'I may not' });
  assert.equal(refused.status, 403);
  assert.equal((await delegate.get(`/api/v1/records/requests/${number}/export`)).status, 403);
  const id = /name="delegate" value="([^"]+)"/u.exec((await reader.get(`/records/requests/${number}`)).body)?.[1] ?? '';
  assert.equal((await reader.post(`/records/requests/${number}?/revoke`, { delegate: id })).status, 303);
  assert.equal((await delegate.get(`/records/requests/${number}`)).status, 303);

  const own = (await reader.get(`/api/v1/records/requests/${number}/export`)).json<{ requester: { email: string } }>();
  assert.equal(own.requester.email, person.email);
  await reader.post(`/records/requests/${number}?/replace`, {});
  assert.equal((await elsewhere.get(`/records/requests/${number}`)).status, 303, 'the old link leads nowhere');
  assert.equal((await reader.get(`/records/requests/${number}`)).status, 200);
});

test('one’s cookie opens one request alone; a page of another site can do nothing with it', async () => {
  const [mine, other] = [openReader(), openReader()];
  const [a, b] = [await ask(mine, person), await ask(other, person)];
  for (const path of [`/records/requests/${b}`, `/api/v1/records/requests/${b}/export`]) {
    const answer = await mine.get(path);
    assert.ok([303, 404].includes(answer.status), path);
  }
  const [name = '', value = ''] = [...mine.cookies].find(([each]) => each.endsWith(a)) ?? [];
  const swapped = { cookie: `${name.replace(a, b)}=${value}`, origin: publicUrl, host: new URL(publicUrl).host };
  assert.equal((await site.ask({ url: `/records/requests/${b}`, headers: swapped })).status, 303);
  const form = { ...mine.headers(), 'content-type': 'application/x-www-form-urlencoded' };
  const before = await pool.query('select version from records_requests where number = $1', [a]);
  for (const origin of ['https://evil.example', 'null']) {
    const attacked = await site.ask({
      method: 'POST',
      url: `/records/requests/${a}?/withdraw`,
      headers: { ...form, origin },
      payload: 'sure=on',
    });
    assert.equal(attacked.status, 403);
  }
  assert.deepEqual((await pool.query('select version from records_requests where number = $1', [a])).rows, before.rows);
});

test('a lost link comes to the address of the request, and nobody learns whether there is one', async () => {
  const reader = openReader();
  const number = await ask(reader, person);
  const sent = async () => (await pool.query(`select id, content from letters where kind = 'request-link'`)).rows;
  const bodies = [];
  for (const [asked, email] of [
    [number, 'CanaryMail@example.org'],
    [number, 'somebody@example.org'],
    ['2026-999999', person.email],
  ]) {
    const answer = await openReader().post('/records/follow', { number: asked ?? '', email: email ?? '' });
    assert.equal(answer.status, 200);
    bodies.push(answer.body.replaceAll(/x-request-id|[0-9a-f-]{36}/gu, ''));
  }
  assert.equal(new Set(bodies).size, 1, 'the same answer for all');
  const { rows: asks } = await pool.query<{ id: string; data: LostLinkData }>(
    `select id, data from jobs.job where name = '${lostLinkJob}' order by created_on`,
  );
  assert.deepEqual([asks.length, await sent()], [3, []], 'known or not, asking leaves one job and nothing else');
  const { records, seal, database, effects } = site.portal;
  const parts = { db: database.db, seal, law: records.law, publicUrl };
  for (const job of [...asks, ...asks]) await sendLostLink(parts, job, effects);
  const [letter, ...more] = await sent();
  assert.equal(more.length, 0, 'done twice, it is one letter');
  const { to, text } = openContent(seal, letter);
  assert.equal(to, person.email);
  const secret = /\/records\/follow\/(req_[\w-]{43})\s/u.exec(text)?.[1] ?? '';
  assert.equal((await records.follow(secret))?.number, number);
  const wrong = await reader.get('/records/follow/req_there-is-no-such-link');
  assert.equal(wrong.headers.location, '/records/follow?wrong');
});

test('what is the requester’s own stands sealed in every table, and in no log and no audit event', async () => {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  );
  assert.ok(tables.length > 20);
  for (const { name } of tables) {
    const { rows } = await pool.query<{ line: string }>(
      `select t::text as line from ${name} t where t::text ilike '%canary%'`,
    );
    assert.deepEqual(rows, [], name);
  }
  const log = lines.join('\n');
  assert.ok(lines.length > 10, 'there is a log');
  assert.doesNotMatch(log, /canary/iu);
  assert.doesNotMatch(log, /req_[\w-]{43}|draft_[\w-]{43}/u, 'no secret in a log');
  const { body } = await site.ask({ url: '/metrics', headers: site.machine });
  assert.doesNotMatch(body, /canary|req_|draft_/iu);
});

test('staff open a file of a request only with the right to work on it', async () => {
  const reader = openReader();
  const number = await ask(reader, person);
  await reader.send(`/api/v1/records/requests/${number}/files`, 'letter.txt', 'words');
  const file =
    /\/api\/v1\/records\/requests\/[\d-]+\/files\/[0-9a-f-]{36}/u.exec(
      (await reader.get(`/records/requests/${number}`)).body,
    )?.[0] ?? '';
  const [clerk, publisher] = [await signIn(site, 'clerk'), await signIn(site, 'publisher')];
  assert.equal((await site.ask({ url: file, headers: clerk.headers })).body, 'words');
  assert.equal((await site.ask({ url: file, headers: publisher.headers })).status, 403);
});
