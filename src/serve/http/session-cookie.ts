// The cookies of the staff's sign-in: their names, how they are read and set.
// It must not know what a session is; people/sessions does.

/**
 * Browsers take a `__Host-` cookie from https only, for this host alone; plain http is for a portal on one's own
 * machine.
 */
export type CookieKind = 'session' | 'oidc';

export function cookieName(kind: CookieKind, secure: boolean): string {
  return secure ? `__Host-portal_${kind}` : `portal_${kind}`;
}

/** The first cookie of this name; null when there is none, or what no cookie of ours could be. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=');
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    const value = part.slice(at + 1).trim();
    return /^[\w-]{1,200}$/u.test(value) ? value : null;
  }
  return null;
}

/** `null` takes the cookie away. A session's cookie goes with the browser; its time ends here, not there. */
export function toSetCookie(kind: CookieKind, value: string | null, secure: boolean): string {
  const end = value === null ? '; Max-Age=0' : kind === 'oidc' ? '; Max-Age=900' : '';
  return `${cookieName(kind, secure)}=${value ?? ''}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${end}`;
}
