// The guide's first page and the list of the others.

import { portal } from '#lib/api.ts';
import { toPages, withScrollingTables } from '#lib/guide.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const api = portal(event);
  const page = api.guidePage('');
  return { page: page === null ? null : withScrollingTables(page), pages: toPages(api.guide()) };
};
