// How long requests take, by month and department.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).reports.timeliness(event.url.searchParams.get('year')) };
};
