// The design page shows a dataset that there is, so that its links lead somewhere; on an empty portal it shows none.

import { portal } from '#lib/api.ts';
import { parseSearch } from '#lib/search-address.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hits } = await portal(event).search({ ...parseSearch(new URL('/search', event.url)), limit: 1 });
  return { hit: hits[0] ?? null };
};
