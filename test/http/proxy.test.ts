// Behind a reverse proxy: whose word is believed, which names are answered to, what https changes, and pages over HTTP.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { openTestPortal } from '../portal.ts';

const site = await openTestPortal(
  { after },
  { settings: { PUBLIC_URL: 'https://data.example.gov', TRUST_PROXY: '127.0.0.1' } },
);
await site.publish('n\n1\n2\n', { id: 'numbers' });

describe('a portal with a public https address', () => {
  it('writes that address into links, whatever Host and X-Forwarded-Host say', async () => {
    const headers = { host: 'data.example.gov', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    const answer = await site.ask({ url: '/api/v1/datasets/numbers/rows?limit=1', headers });
    // The proxy is trusted, so the name it forwards is the one that is checked.
    assert.deepEqual([answer.status, answer.json()['code']], [421, 'misdirected-request']);
    const own = await site.ask({ url: '/api/v1/datasets/numbers/rows?limit=1', headers: { host: 'data.example.gov' } });
    assert.match(own.json<{ links: { next: string } }>().links.next, /^https:\/\/data\.example\.gov\//u);
    assert.match(String(own.headers['link']), /^<https:\/\/data\.example\.gov\//u);
  });
  it('asks for https ever after, on errors too', async () => {
    for (const url of ['/api/v1/datasets', '/api/v1/nothing', '/health/live']) {
      const { headers } = await site.ask({ url, headers: { host: 'data.example.gov' } });
      assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains', url);
    }
  });
  it('does not believe a forwarded name from anybody but the proxy', async () => {
    const answer = await site.ask({
      url: '/api/v1/datasets',
      remoteAddress: '203.0.113.9',
      headers: { host: 'data.example.gov', 'x-forwarded-host': 'evil.example' },
    });
    assert.equal(answer.status, 200);
    assert.ok(!answer.body.includes('evil.example'));
  });
  it('counts clients by the address that the proxy forwards', async () => {
    const { gate } = site.portal;
    const leaves = Array.from({ length: 16 }, () => gate.enter('198.51.100.1'));
    const ask = (address: string, n: number) =>
      site.ask({ url: `/api/v1/datasets/numbers/rows?where=n=${n}`, headers: { 'x-forwarded-for': address } });
    assert.equal((await ask('198.51.100.1', 101)).status, 429);
    assert.equal((await ask('198.51.100.2', 102)).status, 200);
    for (const leave of leaves) leave();
    assert.equal(gate.running(), 0);
  });
});
