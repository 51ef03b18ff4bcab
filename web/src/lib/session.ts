// The session's cookie as pages set it and take it away; the value comes from the portal.
// It must be the cookie that src/serve/http/session-cookie.ts describes: for this host alone, not for scripts.

import type { Cookies } from '@sveltejs/kit';
import type { SessionCookie } from '../../../src/pages/people.ts';

export function setSession(cookies: Cookies, { name, value, secure }: SessionCookie): void {
  cookies.set(name, value, { path: '/', httpOnly: true, sameSite: 'lax', secure });
}

export function clearSession(cookies: Cookies, name: string): void {
  cookies.delete(name, { path: '/', httpOnly: true, sameSite: 'lax', secure: name.startsWith('__Host-') });
}
