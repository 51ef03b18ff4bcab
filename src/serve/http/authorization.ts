// Who asks: the bearer token of a request, or the session in its cookie, as an actor.
// It must not decide what the actor may do; people/permissions does, in the function that does it.

import type { FastifyRequest } from 'fastify';

import type { Actor } from '../../base/actor.ts';
import { publicActor } from '../../base/actor.ts';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { describeDevice } from '../../people/people.ts';
import type { Session, Visitor } from '../../people/people.ts';
import { readSession } from '../../people/sessions.ts';
import { actorFromToken } from '../../people/tokens.ts';
import type { Portal } from '../portal.ts';
import { readFollower } from './request-cookie.ts';
import { cookieName, readCookie } from './session-cookie.ts';

export type Asker = { readonly actor: Actor; readonly session: Session | null };

const longestToken = 200;
const nobody: Asker = { actor: publicActor, session: null };

/**
 * Nobody in particular without a token or a session. Throws unauthorized for a token that is not, or is no longer,
 * valid; a session that has ended is no mistake of whoever sends it.
 */
export async function readAsker(portal: Portal, request: FastifyRequest): Promise<Asker> {
  const { authorization } = request.headers;
  if (authorization === undefined) return readSessionAsker(portal, request);
  const token = /^Bearer +([\w.~+/=-]+)$/iu.exec(authorization)?.[1];
  // Clients of other portals send Basic or OAuth credentials out of habit; reading needs none.
  if (token === undefined) return nobody;
  const { database, machineKey, effects } = portal;
  const actor = token.length > longestToken ? null : await actorFromToken(database.db, machineKey, token, effects);
  if (actor !== null) return { actor, session: null };
  throw new PortalError('unauthorized', say('serve.token-invalid'));
}

/** Open data is the same for everybody: only what is done, and pages, look at the cookie. */
async function readSessionAsker(portal: Portal, request: FastifyRequest): Promise<Asker> {
  const { access } = request.routeOptions.config;
  if (access !== 'write' && access !== 'page') return nobody;
  if (access === 'page' && request.raw.url?.startsWith('/_app/') === true) return nobody;
  if (access === 'write') refuseOtherSite(portal, request);
  const follower = await readFollower(portal, request);
  if (follower !== null) {
    requireSameOrigin(portal, request);
    return { actor: follower, session: null };
  }
  const token = readCookie(request.headers.cookie, cookieName('session', isSecure(portal)));
  const session = token === null ? null : await readSession(portal.people, token);
  if (session === null) return nobody;
  requireSameOrigin(portal, request);
  return { actor: session.stage === 'full' ? session.person : publicActor, session };
}

const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A page of another site must not do anything with the session of whoever reads it. */
function requireSameOrigin(portal: Portal, request: FastifyRequest): void {
  if (reads.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const same = origin === undefined ? site === 'same-origin' : isOwnOrigin(portal, request, origin);
  if (same && (site === undefined || site === 'same-origin')) return;
  throw new PortalError('forbidden', say('serve.other-site'));
}

/**
 * Nor may it do what needs no session: a form of its own comes without the Lax cookie, and what was answered would take
 * the place of the visitor's own draft. A program says neither where it comes from.
 */
function refuseOtherSite(portal: Portal, request: FastifyRequest): void {
  if (reads.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isOther =
    (origin !== undefined && !isOwnOrigin(portal, request, origin)) || (site ?? 'same-origin') !== 'same-origin';
  if (isOther) throw new PortalError('forbidden', say('serve.other-site'));
}

function isOwnOrigin(portal: Portal, request: FastifyRequest, origin: string): boolean {
  return [portal.config.publicUrl, `${request.protocol}://${request.host}`].includes(origin);
}

export function isSecure(portal: Pick<Portal, 'config'>): boolean {
  return portal.config.publicUrl.startsWith('https:');
}

export function toVisitor(request: FastifyRequest): Visitor {
  return { client: request.ip, device: describeDevice(request.headers['user-agent']) };
}

/** Throws unauthorized. */
export function requireSession(request: FastifyRequest): Session {
  if (request.session === null) throw new PortalError('unauthorized', say('serve.sign-in-first'));
  return request.session;
}
