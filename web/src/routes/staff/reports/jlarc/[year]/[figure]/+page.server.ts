// The requests behind one figure of the yearly report.

import { portal } from '#lib/api.ts';
import { keepNothing, toParameters } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { year, figure } = event.params;
  return { behind: await portal(event).reports.behind(year, figure, toParameters(event.url)) };
};
