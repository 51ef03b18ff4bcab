// The headers that every answer carries, and those of open data: security, cross-origin reading, caching.
// It must not look at what is answered; callers say which kind of answer it is.

export const securityHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Pages have these too; they mean nothing for what is not a document. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-resource-policy': 'same-origin',
};

/** For answers that are not pages: nothing in them may be run or shown as a page of this origin. */
export const bareContentPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/**
 * For pages. The one hash is SvelteKit's own `style="display: contents"` wrapper and nothing else; see
 * docs/operations.md.
 */
export const pageContentPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-hashes' 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Sent only where the portal is reached by https: a year, subdomains too. */
export const transportSecurity = 'max-age=31536000; includeSubDomains';

/** Open data may be read by any page of any origin; nothing here uses cookies. */
export const openDataHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

export const preflightHeaders: Readonly<Record<string, string>> = {
  ...openDataHeaders,
  'access-control-allow-headers':
    'Accept, Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since, If-Range, Range, X-App-Token, X-Request-Id',
  'access-control-max-age': '86400',
};

/** Always asked again, and cheap to ask: the tag decides. */
export const revalidate = 'public, max-age=0, must-revalidate';

/** The address names a revision; its bytes never change. */
export const immutable = 'public, max-age=31536000, immutable';

/** What is only for the one who asked, or is a moment's state. */
export const noStore = 'no-store';

/** HTTP date (IMF-fixdate) of an ISO instant. */
export function toHttpDate(instant: string): string {
  return new Date(Date.parse(instant)).toUTCString();
}
