// The session in its cookie over HTTP: what it opens, what it does not, and what another site can do with it (nothing).
// It must ask as browsers and as attackers do: with headers, and without.

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, describe, test } from 'node:test';

import { setAccess } from '../../src/people/accounts.ts';
import { openLog } from '../../src/serve/http/log.ts';
import { readCookie, toSetCookie } from '../../src/serve/http/session-cookie.ts';
import { openTestPortal } from '../portal.ts';
import { machine } from './ground.ts';
import { signIn } from './staff.ts';

let lines = '';
const destination = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines += chunk.toString();
    done();
  },
});
const site = await openTestPortal({ after }, { log: openLog('info', destination) });
const { people } = site.portal;

describe('the cookie', () => {
  test('is for this host alone, not for scripts, and not sent along by other sites', () => {
    assert.equal(
      toSetCookie('session', 'abc', true),
      '__Host-portal_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    assert.equal(toSetCookie('session', 'abc', false), 'portal_session=abc; Path=/; HttpOnly; SameSite=Lax');
    assert.match(toSetCookie('oidc', null, true), /^__Host-portal_oidc=; .*Secure; Max-Age=0$/);
  });

  test('is read by its whole name, and only when it can be one of ours', () => {
    assert.equal(readCookie('a=b; portal_session=x-1_; c=d', 'portal_session'), 'x-1_');
    assert.equal(readCookie('xportal_session=1', 'portal_session'), null);
    assert.equal(readCookie('portal_session=a b', 'portal_session'), null);
    assert.equal(readCookie(`portal_session=${'x'.repeat(201)}`, 'portal_session'), null);
    assert.equal(readCookie('portal_session', 'portal_session'), null);
    assert.equal(readCookie(undefined, 'portal_session'), null);
  });
});

describe('a signed-in administrator', () => {
  test('does what the role allows; nobody else does', async () => {
    const { cookie } = await signIn(site, 'administrator');
    const listed = await site.ask({ url: '/api/v1/people', headers: { cookie } });
    assert.equal(listed.status, 200);
    assert.equal(listed.headers['cache-control'], 'no-store');
    assert.equal(listed.headers['access-control-allow-origin'], undefined);
    assert.equal((await site.ask('/api/v1/people')).status, 401);
    assert.equal((await site.ask({ url: '/api/v1/people', headers: { cookie: `${cookie}x` } })).status, 401);
    for (const role of ['clerk', 'publisher', 'records-officer', 'cashier'] as const) {
      const other = await signIn(site, role);
      assert.equal((await site.ask({ url: '/api/v1/people', headers: { cookie: other.cookie } })).status, 403, role);
    }
    assert.match(lines, /"event":"access-refused".*"action":"people\.list"/);
    assert.equal((await site.ask({ url: '/api/v1/people', headers: site.machine })).status, 200);
  });

  test('is out the moment that access is ended', async () => {
    const { cookie, actor } = await signIn(site, 'auditor');
    const ask = () => site.ask({ url: '/api/v1/people', headers: { cookie } });
    assert.equal((await ask()).status, 200);
    await setAccess(people, machine, actor.id, { disabled: true, expected: 1 });
    assert.equal((await ask()).status, 401);
    await setAccess(people, machine, actor.id, { disabled: false, expected: 2 });
    assert.equal((await ask()).status, 401, 'access that is given back needs a new sign-in');
  });
});

describe('another site', () => {
  const payload = { email: 'new@example.gov', name: 'New', role: 'auditor' };
  const post = (headers: Record<string, string>) =>
    site.ask({ method: 'POST', url: '/api/v1/people/invitations', headers, payload });

  test('does nothing with the session of whoever reads it', async () => {
    const { cookie, headers } = await signIn(site, 'administrator');
    const foreign: readonly Record<string, string>[] = [
      { cookie },
      { cookie, origin: 'https://evil.example' },
      { cookie, origin: 'null' },
      { cookie, origin: `${site.config.publicUrl}.evil.example` },
      { cookie, origin: site.config.publicUrl, 'sec-fetch-site': 'cross-site' },
      { cookie, 'sec-fetch-site': 'same-site' },
      { cookie, 'sec-fetch-site': 'none' },
    ];
    for (const given of foreign) {
      const answer = await post(given);
      assert.equal(answer.status, 403, JSON.stringify({ ...given, cookie: '…' }));
    }
    assert.equal((await post({ ...headers, 'sec-fetch-site': 'same-origin' })).status, 201);
  });

  test('a token is no cookie: a program needs no origin', async () => {
    const answer = await site.ask({
      method: 'POST',
      url: '/api/v1/people/invitations',
      headers: site.machine,
      payload: { ...payload, email: 'program@example.gov' },
    });
    assert.equal(answer.status, 201);
    const invited = answer.json<{ link: string; expiresAt: string }>();
    assert.match(invited.link, /^http:\/\/localhost:8080\/sign-in\/invitation\/invitation_[\w-]{43}$/);
  });
});

test('open data is the same with and without a session, and as cacheable', async () => {
  await site.publish('a,b\n1,2\n', { id: 'trees' });
  await site.portal.publisher.deriveMissing();
  const { cookie } = await signIn(site, 'clerk');
  for (const url of ['/api/v1/datasets', '/api/v1/datasets/trees/rows', '/resource/trees.json', '/data.json']) {
    const plain = await site.ask(url);
    const signed = await site.ask({ url, headers: { cookie } });
    assert.equal(plain.status, 200, url);
    assert.equal(signed.body, plain.body, url);
    for (const name of ['cache-control', 'etag', 'vary', 'access-control-allow-origin'] as const) {
      assert.equal(signed.headers[name], plain.headers[name], `${url} ${name}`);
    }
    assert.equal(signed.headers['set-cookie'], undefined);
  }
});

test('no secret stands in the log: not the session, not the link of an invitation', async () => {
  const { cookie } = await signIn(site, 'clerk');
  await site.ask({ url: '/sign-in/invitation/invitation_verysecretverysecret', headers: { cookie } });
  assert.ok(!lines.includes('verysecret'));
  assert.ok(!lines.includes(cookie.slice(cookie.indexOf('=') + 1)));
  assert.ok(!lines.includes('@example.gov'));
});
