// What happens around every page: the language of the document, caching, and what an error page may say.
// It must not decide what a page shows.

import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { redirect } from '@sveltejs/kit';
import { isPortalError, portal, requestId, type Handed } from '#lib/api.ts';
import { openWords, saidBy } from '#lib/words.ts';

/** Pages of one person: nothing of them is kept by a browser or a proxy. */
const personal = /^\/(staff|account|sign-in|sign-out|records\/(new|follow|requests))(\/|$)/;
/** Pages that only somebody signed in sees; posting to one is stopped here as well. */
const forStaff = /^\/(staff|account)(\/|$)/;

export const handle: Handle = async ({ event, resolve }) => {
  const { people } = portal(event);
  const { pathname, search } = event.url;
  if (forStaff.test(pathname) && people.me() === null)
    redirect(303, `/sign-in?next=${encodeURIComponent(pathname + search)}`);
  const city = portal(event).city();
  const words = openWords(city.language, city.timeZone);
  const response = await resolve(event, {
    transformPageChunk: ({ html }) =>
      html.replace('%portal.language%', words.language).replace('%portal.direction%', words.direction),
  });
  // The head of every page says who is signed in.
  if (personal.test(pathname) || people.me() !== null) response.headers.set('cache-control', 'no-store');
  // Pages are asked again each time and answered 304 when nothing changed: what is published shows at once.
  if (!response.headers.has('cache-control'))
    response.headers.set('cache-control', 'public, max-age=0, must-revalidate');
  const { status } = event.locals;
  return status === undefined ? response : new Response(response.body, { status, headers: response.headers });
};

/** Records what a page met: through the portal's log, or as a process warning where the portal gives none. */
function record(event: Handed & { readonly url: URL }, thrown: unknown, id: string | null): void {
  const { report } = portal(event);
  if (report !== undefined) report(thrown, id, event.url.pathname);
  else process.emitWarning(thrown instanceof Error ? thrown : new Error(String(thrown)));
}

/**
 * A PortalError keeps its code and sentence; anything else is recorded and shown as an internal error without detail.
 */
export const handleError: HandleServerError = (caught) => {
  const id = requestId(caught.event);
  const thrown = caught.error;
  switch (caught.kind) {
    case 'app':
      return caught.error;
    case 'framework':
    case 'validation': {
      const { status, message } = caught.error;
      return { status, message, code: status === 404 ? 'not-found' : 'bad-request', requestId: id };
    }
    case 'unknown':
      record(caught.event, thrown, id);
      if (isPortalError(thrown)) {
        const { language, timeZone } = portal(caught.event).city();
        const message = openWords(language, timeZone).say(saidBy(thrown));
        return { status: thrown.status, message, code: thrown.code, requestId: id };
      }
      return { status: 500, message: 'internal-error', code: 'internal-error', requestId: id };
  }
};
