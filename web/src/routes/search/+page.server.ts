// A catalogue search: its address is its whole state.

import { portal } from '#lib/api.ts';
import { parseSearch } from '#lib/search-address.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const search = parseSearch(event.url);
  const { archive, ...api } = portal(event);
  const asked = search.offset === 0 ? search.q : null;
  const [result, released] = await Promise.all([api.search(search), archive.beside(asked)]);
  return { search, result, released };
};
