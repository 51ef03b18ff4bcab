// One page of the guide.

import { error } from '@sveltejs/kit';
import { portal, requestId } from '#lib/api.ts';
import { toPages, withScrollingTables } from '#lib/guide.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const api = portal(event);
  const page = api.guidePage(event.params.slug);
  if (page === null) error(404, 'not-found', { code: 'not-found', requestId: requestId(event) });
  return { page: withScrollingTables(page), pages: toPages(api.guide()) };
};
