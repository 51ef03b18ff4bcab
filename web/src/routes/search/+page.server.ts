// A catalogue search: its address is its whole state.

import { portal } from '#lib/api.ts';
import { parseSearch } from '#lib/search-address.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const search = parseSearch(event.url);
  return { search, result: await portal(event).search(search) };
};
