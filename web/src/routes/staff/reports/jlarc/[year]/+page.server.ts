// The yearly report of RCW 40.14.026(5).

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { report: await portal(event).reports.year(event.params.year) };
};
