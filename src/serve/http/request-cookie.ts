// The cookies of records requests: one per request that this browser follows, one for the answers in the making.
// It must not hold what a link leads to; only whoever has the link's secret has the cookie.

import type { FastifyRequest } from 'fastify';

import type { RequesterActor } from '../../base/actor.ts';
import type { Portal } from '../portal.ts';
import { readCookie } from './session-cookie.ts';

/** What a page sets; the value is a secret. */
export type RequestCookie = {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
  readonly maxAgeSeconds: number;
};

const daySeconds = 86_400;
const followDays = 180;
const draftDays = 30;

function prefixed(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name;
}

function isSecure(portal: Pick<Portal, 'config'>): boolean {
  return portal.config.publicUrl.startsWith('https:');
}

export function requestCookieName(portal: Pick<Portal, 'config'>, number: string): string {
  return prefixed(`portal_request_${number}`, isSecure(portal));
}

export function draftCookieName(portal: Pick<Portal, 'config'>): string {
  return prefixed('portal_request_draft', isSecure(portal));
}

export function toRequestCookie(portal: Pick<Portal, 'config'>, number: string, secret: string): RequestCookie {
  const name = requestCookieName(portal, number);
  return { name, value: secret, secure: isSecure(portal), maxAgeSeconds: followDays * daySeconds };
}

export function toDraftCookie(portal: Pick<Portal, 'config'>, secret: string): RequestCookie {
  const name = draftCookieName(portal);
  return { name, value: secret, secure: isSecure(portal), maxAgeSeconds: draftDays * daySeconds };
}

export function toCookieHeader({ name, value, secure, maxAgeSeconds }: RequestCookie): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** The pages of one request, and the files that are sent to it. */
const ownPaths = /^\/(?:api\/v1\/)?records\/requests\/(\d{4}-\d{6})(?=[/?]|$)/u;

/**
 * Who follows the request that the address names: whoever's cookie holds its link, still valid. Only for addresses of
 * one request, so that a cookie for one is nothing anywhere else.
 */
export async function readFollower(portal: Portal, request: FastifyRequest): Promise<RequesterActor | null> {
  const number = ownPaths.exec(request.raw.url ?? '')?.[1];
  if (number === undefined) return null;
  const secret = readCookie(request.headers.cookie, requestCookieName(portal, number));
  const followed = secret === null ? null : await portal.records.follow(secret);
  return followed === null || followed.number !== number ? null : followed.actor;
}

export function readDraftSecret(portal: Portal, request: FastifyRequest): string | null {
  return readCookie(request.headers.cookie, draftCookieName(portal));
}
