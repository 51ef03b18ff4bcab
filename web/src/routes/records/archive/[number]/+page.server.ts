// The public page of a request.

import { error } from '@sveltejs/kit';
import { isPortalError, portal, requestId } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const page = await portal(event)
    .archive.page(event.params.number)
    .catch((thrown: unknown) => {
      if (!isPortalError(thrown) || thrown.code !== 'not-found') throw thrown;
      error(404, 'not-found', { code: 'not-found', requestId: requestId(event) });
    });
  return { page };
};
