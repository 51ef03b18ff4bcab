// A sign-in service for tests: a real oidc-provider that lets everybody in as whom the test says, and one that lies.
// It must be asked over HTTP like any other, with keys of its own.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';
import Provider from 'oidc-provider';

import type { Cleaner } from '../database.ts';

export const clientId = 'portal';
export const clientSecret = 'a secret: with/signs & spaces';

export type Account = { readonly sub: string; readonly email: string; readonly verified: boolean };

async function listen(cleaner: Cleaner, server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleaner.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

/** `account` is who signs in at the service. */
export async function openProvider(
  cleaner: Cleaner,
  callback: string,
  account: () => Account,
): Promise<{ readonly issuer: string }> {
  let handle: (...args: Parameters<ReturnType<Provider['callback']>>) => unknown = () => undefined;
  const server = createServer((request, response) => void handle(request, response));
  const issuer = await listen(cleaner, server);
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [callback] }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['cookie key of a test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    pkce: { required: () => true },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: account().email, email_verified: account().verified }),
    }),
  });
  const answer = provider.callback();
  handle = async (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return answer(request, response);
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      return provider.interactionFinished(request, response, { login: { accountId: account().sub } });
    }
    const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) });
    grant.addOIDCScope('openid email profile');
    const grantId = await grant.save();
    return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
  };
  return { issuer };
}

/**
 * Walks a browser's way through the service: follows its redirects with its cookies until it sends back to the portal.
 */
export async function walkProvider(address: string, callback: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = new URL(address);
  for (let step = 0; step < 12; step += 1) {
    if (at.href.startsWith(callback)) return at;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`the service answers ${answer.status}: ${await answer.text()}`);
    at = new URL(location, at);
  }
  throw new Error('the service never sends back');
}

export type Lie = {
  /** Claims that replace the honest ones; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How the ID token is made: with the right key, with another, with none at all, or by a shared secret. */
  readonly signed?: 'right' | 'other' | 'none' | 'hmac' | 'own-header' | 'garbage';
  /** Whom the account's address speaks of. */
  readonly userinfo?: Readonly<Record<string, unknown>>;
  /** Members of the service's own description that are not so. */
  readonly discovery?: Readonly<Record<string, unknown>>;
  readonly tokenStatus?: number;
  readonly redirectTo?: string;
};

export type LyingService = {
  readonly issuer: string;
  /** What the next sign-in is answered with. */
  lie(lie: Lie): void;
  /** Requests that came, as path: what was sent. */
  readonly asked: string[];
};

/** A service that answers whatever the test wants; `nowMs` is the portal's own time. */
export async function openLyingService(
  cleaner: Cleaner,
  nowMs: () => number,
  nonce: () => string,
): Promise<LyingService> {
  const [right, other] = [await generateKeyPair('RS256'), await generateKeyPair('RS256', { extractable: true })];
  const key: JWK = { ...(await exportJWK(right.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const otherKey: JWK = { ...(await exportJWK(other.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  let now: Lie = {};
  let issuer = '';
  const asked: string[] = [];
  const answers: Readonly<Record<string, () => Promise<unknown>>> = {
    '/.well-known/openid-configuration': async () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/keys`,
      ...now.discovery,
    }),
    '/keys': async () => ({ keys: [key] }),
    '/stolen-keys': async () => ({ keys: [otherKey] }),
    '/token': async () => ({
      access_token: 'opaque',
      token_type: 'Bearer',
      id_token: await makeToken(now, { issuer, nowMs: nowMs(), nonce: nonce() }, { right: right.privateKey, other }),
    }),
    '/userinfo': async () => ({ sub: 'mallory', email: 'ada@example.gov', email_verified: true, ...now.userinfo }),
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(path);
    const isToken = path === '/token';
    if (isToken && now.redirectTo !== undefined) {
      response.writeHead(307, { location: now.redirectTo }).end();
      return;
    }
    const answer = answers[path]?.() ?? Promise.resolve({ error: 'not-found' });
    void answer.then((body) => {
      response.writeHead(isToken ? (now.tokenStatus ?? 200) : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  issuer = await listen(cleaner, server);
  return { issuer, asked, lie: (lie) => void (now = lie) };
}

type Keys = { readonly right: CryptoKey; readonly other: { privateKey: CryptoKey; publicKey: CryptoKey } };
type Truth = { readonly issuer: string; readonly nowMs: number; readonly nonce: string };

async function makeToken({ claims, signed = 'right' }: Lie, truth: Truth, keys: Keys): Promise<string> {
  const seconds = Math.floor(truth.nowMs / 1_000);
  const honest = {
    iss: truth.issuer,
    aud: clientId,
    sub: 'mallory',
    nonce: truth.nonce,
    iat: seconds,
    exp: seconds + 300,
  };
  const given = { ...honest, ...claims };
  const payload = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JWTPayload;
  const header = { alg: 'RS256', kid: 'one' };
  switch (signed) {
    case 'right':
      return new SignJWT(payload).setProtectedHeader(header).sign(keys.right);
    case 'other':
      return new SignJWT(payload).setProtectedHeader(header).sign(keys.other.privateKey);
    case 'own-header': {
      const jwk = await exportJWK(keys.other.publicKey);
      const own = { ...header, jwk, jku: `${truth.issuer}/stolen-keys`, x5u: `${truth.issuer}/stolen-keys` };
      return new SignJWT(payload).setProtectedHeader(own).sign(keys.other.privateKey);
    }
    case 'hmac': {
      const secret = new TextEncoder().encode(clientSecret.padEnd(32, ' '));
      return new SignJWT(payload).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    }
    case 'none':
      return new UnsecuredJWT(payload).encode();
    case 'garbage':
      return 'not.a.token';
  }
}
