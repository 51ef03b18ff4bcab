// Signing in through the city's own service: a real one, and one that lies in every way that OpenID Connect knows.
// It must be refused whatever is not signed by the right service for this portal and this very sign-in.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { setAccess } from '../../src/people/accounts.ts';
import { invite } from '../../src/people/invitations.ts';
import { beginOidc, finishOidc } from '../../src/people/oidc-sign-in.ts';
import type { People } from '../../src/people/people.ts';
import { findPort } from '../web/site.ts';
import { openTestPortal } from '../portal.ts';
import { hasCode, machine, openGround, requireSession, visitor } from './ground.ts';
import type { Ground } from './ground.ts';
import { clientId, clientSecret, openLyingService, openProvider, walkProvider } from './provider.ts';
import type { Account, Lie, LyingService } from './provider.ts';

const name = 'the city account';

async function count(ground: Ground): Promise<number> {
  return (await ground.query('select 1 from people_sessions')).length;
}

describe('a real service', () => {
  test('lets in who was invited, binds the account at the first time, and lets in nobody else', async () => {
    const port = await findPort();
    const origin = `http://localhost:${port}`;
    const callback = `${origin}/sign-in/oidc/callback`;
    let account: Account = { sub: 'sub-ada', email: 'Ada@Example.gov', verified: true };
    const { issuer } = await openProvider({ after }, callback, () => account);
    const settings = {
      PUBLIC_URL: origin,
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: clientId,
      OIDC_CLIENT_SECRET: clientSecret,
    };
    const site = await openTestPortal({ after }, { settings });
    const { people } = site.portal;
    /** The whole way of a browser; answers where it ends and with which session. */
    const walk = async () => {
      const begun = await site.ask('/sign-in/oidc?next=/staff/people');
      assert.equal(begun.status, 303);
      const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? '';
      const back = await walkProvider(begun.headers.location ?? '', callback);
      const done = await site.ask({ url: back.pathname + back.search, headers: { cookie } });
      assert.equal(done.status, 303);
      const cookies = [done.headers['set-cookie'] ?? []].flat();
      const session = cookies.find((each) => each.startsWith('portal_session=')) ?? null;
      return { to: done.headers.location, session: session?.split(';')[0] ?? null, back, cookie };
    };
    assert.deepEqual((await walk()).to, '/sign-in?refused=unauthorized', 'nobody was invited');
    await invite(people, machine, { email: 'ada@example.gov', name: 'Ada', role: 'administrator', department: null });
    account = { ...account, verified: false };
    assert.equal((await walk()).session, null, 'the service has not verified the address');
    account = { ...account, verified: true };
    const first = await walk();
    assert.equal(first.to, '/staff/people');
    assert.ok(first.session !== null);
    assert.equal((await site.ask({ url: '/api/v1/people', headers: { cookie: first.session } })).status, 200);
    const again = await site.ask({
      url: first.back.pathname + first.back.search,
      headers: { cookie: first.cookie },
    });
    assert.equal(again.headers.location, '/sign-in?refused=unauthorized', 'an answer is good once');
    account = { ...account, email: 'married.name@example.gov' };
    assert.ok((await walk()).session !== null, 'bound by issuer and subject, not by the address');
    account = { sub: 'sub-eve', email: 'ada@example.gov', verified: true };
    assert.equal((await walk()).session, null, 'somebody else who got the address gets no account with it');
    account = { sub: 'sub-ada', email: 'ada@example.gov', verified: true };
    const [{ id } = { id: '' }] = (await people.db.execute<{ id: string }>('select id from people')).rows;
    await invite(people, machine, { email: 'b@example.gov', name: 'B', role: 'administrator', department: null });
    await setAccess(people, machine, id, { disabled: true, expected: 1 });
    assert.equal((await walk()).session, null, 'access was ended here');
  });
});

describe('a service that lies', () => {
  type Scene = { ground: Ground; people: People; service: LyingService; nonce: string };

  async function openScene(t: { after(done: () => Promise<void>): void }): Promise<Scene> {
    const scene = { nonce: '' } as Scene;
    let ground: Ground | null = null;
    scene.service = await openLyingService(
      t,
      () => ground?.now() ?? 0,
      () => scene.nonce,
    );
    ground = await openGround(t, { issuer: scene.service.issuer, clientId, clientSecret, name });
    scene.ground = ground;
    scene.people = ground.people;
    await invite(scene.people, machine, { email: 'ada@example.gov', name: 'Ada', role: 'clerk', department: null });
    return scene;
  }

  /** One sign-in that the service answers with this lie. */
  async function signIn(scene: Scene, lie: Lie, change: (answer: URLSearchParams) => void = () => undefined) {
    const { address, state } = await beginOidc(scene.people, '/staff');
    scene.nonce = new URL(address).searchParams.get('nonce') ?? '';
    scene.service.lie(lie);
    const answer = new URLSearchParams({ code: 'a-code', state });
    change(answer);
    return finishOidc(scene.people, visitor, answer, state);
  }

  test('is believed when it tells the truth, so that what follows means something', async (t) => {
    const scene = await openScene(t);
    const { signed, next } = await signIn(scene, {});
    assert.equal(next, '/staff');
    assert.equal((await requireSession(scene.people, signed.token)).person.email, 'ada@example.gov');
  });

  test('is refused', async (t) => {
    const scene = await openScene(t);
    const lies = (seconds: number): Readonly<Record<string, Lie>> => ({
      'another audience': { claims: { aud: 'another-client' } },
      'no audience': { claims: { aud: undefined } },
      'several audiences and no authorized party': { claims: { aud: [clientId, 'another'] } },
      'another authorized party': { claims: { azp: 'another' } },
      'another issuer': { claims: { iss: 'https://evil.example' } },
      'an issuer with a slash more': { claims: { iss: `${scene.service.issuer}/` } },
      'another nonce': { claims: { nonce: 'another' } },
      'no nonce': { claims: { nonce: undefined } },
      expired: { claims: { exp: seconds - 3_600, iat: seconds - 3_900 } },
      'no expiry': { claims: { exp: undefined } },
      'made long ago': { claims: { iat: seconds - 7_200, exp: seconds + 3_600 } },
      'not yet valid': { claims: { nbf: seconds + 3_600 } },
      nobody: { claims: { sub: '' } },
      'no subject': { claims: { sub: undefined } },
      'no signature': { signed: 'none' },
      'signed with another key': { signed: 'other' },
      'signed with a key that it brings along (jwk, jku, x5u)': { signed: 'own-header' },
      'signed with the shared secret': { signed: 'hmac' },
      'no token at all': { signed: 'garbage' },
      'an account of somebody else': { userinfo: { sub: 'somebody-else' } },
      'an address that is not verified': { userinfo: { email_verified: false } },
      'an address verified in words only': { userinfo: { email_verified: 'true' } },
      'no address': { userinfo: { email: undefined } },
      'an address that nobody was invited under': { userinfo: { email: 'eve@example.gov' } },
      'a code that is not taken': { tokenStatus: 400 },
      'a redirect to elsewhere': { redirectTo: `${scene.service.issuer}/elsewhere` },
    });
    const names = Object.keys(lies(0));
    for (const about of names) {
      const lie = lies(Math.floor(scene.ground.now() / 1_000))[about] ?? {};
      await assert.rejects(signIn(scene, lie), hasCode('unauthorized'), about);
      scene.ground.pass(60 * 60_000); // many tries of one client make it wait
    }
    assert.ok(!scene.service.asked.includes('/stolen-keys'), 'no key is fetched from where a token says');
    assert.ok(!scene.service.asked.includes('/elsewhere'), 'no redirect is followed');
    assert.equal(await count(scene.ground), 0);
    assert.deepEqual(await scene.ground.query('select 1 from people_identities'), []);
    const failures = await scene.ground.query(`select 1 from audit_events where body like '%"step":"oidc"%'`);
    assert.equal(failures.length, names.length, 'each stands in the record');
  });

  test('cannot slip in an answer that was not asked for, twice, too late, or meant for another browser', async (t) => {
    const scene = await openScene(t);
    const { people, ground } = scene;
    const changes: Readonly<Record<string, (answer: URLSearchParams) => void>> = {
      'no state': (answer) => answer.delete('state'),
      'another state': (answer) => answer.set('state', 'another'),
      'two states': (answer) => answer.append('state', 'another'),
      'two codes': (answer) => answer.append('code', 'another'),
      'no code': (answer) => answer.delete('code'),
      'another issuer (RFC 9207)': (answer) => answer.set('iss', 'https://evil.example'),
      'an error': (answer) => answer.set('error', 'access_denied'),
    };
    for (const [about, change] of Object.entries(changes)) {
      await assert.rejects(signIn(scene, {}, change), hasCode('unauthorized'), about);
    }
    const begun = await beginOidc(people, '/staff');
    scene.nonce = new URL(begun.address).searchParams.get('nonce') ?? '';
    const answer = new URLSearchParams({ code: 'a-code', state: begun.state });
    await assert.rejects(finishOidc(people, visitor, answer, null), hasCode('unauthorized'), 'no cookie');
    const foreign = await beginOidc(people, '/staff');
    await assert.rejects(finishOidc(people, visitor, answer, foreign.state), hasCode('unauthorized'), 'other cookie');
    await finishOidc(people, visitor, answer, begun.state);
    await assert.rejects(finishOidc(people, visitor, answer, begun.state), hasCode('unauthorized'), 'replayed');
    const late = await beginOidc(people, '/staff');
    ground.pass(15 * 60_000);
    const lateAnswer = new URLSearchParams({ code: 'a-code', state: late.state });
    await assert.rejects(finishOidc(people, visitor, lateAnswer, late.state), hasCode('unauthorized'), 'too late');
  });

  test('is not asked further when it describes itself as somebody else, or by plain http', async (t) => {
    for (const discovery of [{ issuer: 'https://evil.example' }, { token_endpoint: 'http://evil.example/token' }]) {
      const scene = await openScene(t);
      scene.service.lie({ discovery });
      await assert.rejects(beginOidc(scene.people, '/staff'), hasCode('not-ready'));
      scene.service.lie({});
      await beginOidc(scene.people, '/staff'); // and is asked anew the next time
    }
  });

  test('gets PKCE, state and nonce that are new each time, and never the verifier', async (t) => {
    const scene = await openScene(t);
    const [a, b] = [await beginOidc(scene.people, '/staff'), await beginOidc(scene.people, '/staff')];
    const read = (address: string) => new URL(address).searchParams;
    for (const key of ['state', 'nonce', 'code_challenge']) {
      assert.notEqual(read(a.address).get(key), read(b.address).get(key), key);
      assert.ok((read(a.address).get(key) ?? '').length >= 43, key);
    }
    assert.equal(read(a.address).get('code_challenge_method'), 'S256');
    assert.equal(read(a.address).get('code_verifier'), null);
  });
});
