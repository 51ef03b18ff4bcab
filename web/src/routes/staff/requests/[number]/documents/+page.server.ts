// The responsive records of a request. A file goes to the API's own route, which takes any size and comes back here.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { list: await portal(event).documents.list(event.params.number, event.url.searchParams.get('problem')) };
};
