// OpenID Connect with the city's own sign-in service: authorization code with PKCE, state and nonce.
// It must believe nothing that is not signed by that service for this portal and this very sign-in.

import { createHash, randomBytes } from 'node:crypto';

import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';

import type { OidcSettings } from '../base/config.ts';
import type { Effects } from '../base/effects.ts';
import { PortalError } from '../base/errors.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';

/** Where the service sends browsers back to. */
export const oidcCallback = '/sign-in/oidc/callback';

/** What must come back with the answer of the service; it is kept sealed meanwhile. */
export type OidcAsked = { readonly nonce: string; readonly verifier: string; readonly next: string };

export type OidcIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
};

export type OidcClient = {
  readonly name: string;
  readonly issuer: string;
  /** Where to send the browser. Throws not-ready when the service cannot be reached or is not what it should be. */
  begin(next: string): Promise<{ readonly address: string; readonly state: string; readonly asked: OidcAsked }>;
  /** Who the service says it is. Throws unauthorized. */
  finish(answer: URLSearchParams, asked: OidcAsked): Promise<OidcIdentity>;
};

type Service = {
  readonly authorize: string;
  readonly token: string;
  readonly userinfo: string | null;
  readonly saysIssuer: boolean;
  readonly keys: ReturnType<typeof createRemoteJWKSet>;
};

/** Signatures with a key of the service's own; never `none`, and never one made with a shared secret. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const patienceMs = 10_000;
const clockToleranceSeconds = 60;
const largestAnswer = 1_048_576;

/** `callback` is the address that the service sends browsers back to. Nothing is asked before the first sign-in. */
export function openOidc(settings: OidcSettings, callback: string, effects: Effects): OidcClient {
  const service = openDiscovery(settings.issuer, effects);
  return Object.freeze({
    name: settings.name,
    issuer: settings.issuer,
    async begin(next: string) {
      const { authorize } = await service();
      const [state, nonce, verifier] = [randomText(), randomText(), randomText()];
      const address = new URL(authorize);
      const parameters = {
        response_type: 'code',
        client_id: settings.clientId,
        redirect_uri: callback,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      };
      for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
      return { address: address.href, state, asked: { nonce, verifier, next } };
    },
    async finish(answer: URLSearchParams, asked: OidcAsked) {
      const found = await service();
      const code = requireCode(answer, settings, found);
      const tokens = await redeem(found, settings, { code, callback, verifier: asked.verifier });
      const claims = await verify(found, settings, asked, tokens.idToken, effects);
      return toIdentity(settings, claims, await readUserinfo(found, claims, tokens.accessToken));
    },
  });
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}

/** Asks the service once what it is, and again when that failed. */
function openDiscovery(issuer: string, effects: Effects): () => Promise<Service> {
  let found: Promise<Service> | null = null;
  return () => {
    found ??= discover(issuer).catch((error: unknown) => {
      found = null;
      effects.observe({ kind: 'failure', where: 'the sign-in service', error });
      throw new PortalError('not-ready', {
        detail: say('people.sign-in-service-silent'),
        cause: error,
      });
    });
    return found;
  };
}

async function discover(issuer: string): Promise<Service> {
  const address = `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`;
  const told = await askJson(address, {});
  // RFC 8414 §3.3: another issuer under this address is somebody else.
  if (told.issuer !== issuer) throw new Error(`${address} names another issuer than OIDC_ISSUER`);
  const keys = requireAddress(told.jwks_uri, 'jwks_uri');
  return {
    authorize: requireAddress(told.authorization_endpoint, 'authorization_endpoint'),
    token: requireAddress(told.token_endpoint, 'token_endpoint'),
    userinfo: told.userinfo_endpoint === undefined ? null : requireAddress(told.userinfo_endpoint, 'userinfo_endpoint'),
    saysIssuer: told.authorization_response_iss_parameter_supported === true,
    keys: createRemoteJWKSet(new URL(keys), { timeoutDuration: patienceMs, cooldownDuration: 5_000 }),
  };
}

function requireAddress(given: unknown, name: string): string {
  const url = typeof given === 'string' ? URL.parse(given) : null;
  const own = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (own && url.protocol === 'http:'))) {
    throw new Error(`the sign-in service gives no https address as ${name}`);
  }
  return url.href;
}

type Json = Readonly<Record<string, unknown>>;

/** Follows no redirect, waits ten seconds, reads a megabyte at most. */
async function askJson(address: string, init: RequestInit): Promise<Json> {
  const answer = await fetch(address, { ...init, redirect: 'error', signal: AbortSignal.timeout(patienceMs) });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > largestAnswer) throw new Error('the sign-in service answers too much');
    chunks.push(chunk);
  }
  if (!answer.ok) throw new Error(`the sign-in service answers ${answer.status}`);
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('the sign-in service answers no object');
  return value as Json;
}

/** RFC 9207: an answer that another service made for its own purposes names that service. */
function requireCode(answer: URLSearchParams, settings: OidcSettings, service: Service): string {
  const issuer = answer.get('iss');
  if (issuer === null ? service.saysIssuer : issuer !== settings.issuer)
    throw refused(say('people.sign-in-refused.issuer'));
  if (answer.has('error'))
    throw refused(say('people.sign-in-refused.error', { error: JSON.stringify(answer.get('error')?.slice(0, 60)) }));
  const codes = answer.getAll('code');
  if (codes.length !== 1 || codes[0] === '') throw refused(say('people.sign-in-refused.no-code'));
  return codes[0] ?? '';
}

async function redeem(
  service: Service,
  settings: OidcSettings,
  given: { readonly code: string; readonly callback: string; readonly verifier: string },
): Promise<{ readonly idToken: string; readonly accessToken: string | null }> {
  // RFC 6749 §2.3.1: both are form-encoded before they are joined.
  const secret = [settings.clientId, settings.clientSecret].map((part) => encodeURIComponent(part)).join(':');
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: given.code,
    redirect_uri: given.callback,
    code_verifier: given.verifier,
  });
  const headers = { authorization: `Basic ${Buffer.from(secret).toString('base64')}`, accept: 'application/json' };
  const told = await askJson(service.token, { method: 'POST', headers, body }).catch((error: unknown) => {
    throw refused(say('people.sign-in-refused.code'), error);
  });
  if (typeof told.id_token !== 'string') throw refused(say('people.sign-in-refused.no-token'));
  return { idToken: told.id_token, accessToken: typeof told.access_token === 'string' ? told.access_token : null };
}

/** OpenID Connect Core §3.1.3.7, all of it that concerns the code flow. */
async function verify(
  service: Service,
  settings: OidcSettings,
  asked: OidcAsked,
  idToken: string,
  effects: Effects,
): Promise<JWTPayload & { readonly sub: string }> {
  const { payload } = await jwtVerify(idToken, service.keys, {
    issuer: settings.issuer,
    audience: settings.clientId,
    algorithms,
    currentDate: new Date(effects.clock.now()),
    clockTolerance: clockToleranceSeconds,
    maxTokenAge: 10 * 60,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce'],
  }).catch((error: unknown) => {
    const why =
      error instanceof errors.JOSEError
        ? say('people.sign-in-refused.token', { reason: error.code })
        : say('people.sign-in-refused.failed');
    throw refused(why, error);
  });
  const several = Array.isArray(payload.aud) && payload.aud.length > 1;
  if (several ? payload.azp !== settings.clientId : payload.azp !== undefined && payload.azp !== settings.clientId) {
    throw refused(say('people.sign-in-refused.client'));
  }
  if (payload.nonce !== asked.nonce) throw refused(say('people.sign-in-refused.nonce'));
  if (typeof payload.sub !== 'string' || payload.sub === '' || payload.sub.length > 255)
    throw refused(say('people.sign-in-refused.nobody'));
  return { ...payload, sub: payload.sub };
}

/** Services that keep ID tokens small say the email address here; whom it is about must be the same. */
async function readUserinfo(
  service: Service,
  claims: { sub: string } & JWTPayload,
  token: string | null,
): Promise<Json> {
  if (claims.email !== undefined || service.userinfo === null || token === null) return claims;
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const told = await askJson(service.userinfo, { headers }).catch((error: unknown) => {
    throw refused(say('people.sign-in-refused.account'), error);
  });
  if (told.sub !== claims.sub) throw refused(say('people.sign-in-refused.subject'));
  return told;
}

function toIdentity(settings: OidcSettings, claims: { readonly sub: string }, told: Json): OidcIdentity {
  return {
    issuer: settings.issuer,
    subject: claims.sub,
    email: typeof told.email === 'string' ? told.email : null,
    emailVerified: told.email_verified === true,
  };
}

function refused(why: Sentence, cause?: unknown): PortalError {
  return new PortalError('unauthorized', {
    detail: say('people.sign-in-refused', { why }),
    cause,
  });
}
