// Where each report is.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { year, base } = await portal(event).reports.year(null);
  return { year, base };
};
