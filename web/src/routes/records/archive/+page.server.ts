// The public archive: its address is its whole state.

import { portal } from '#lib/api.ts';
import { parseArchive } from '#lib/archive-address.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const address = parseArchive(event.url);
  return { address, result: await portal(event).archive.search(address) };
};
