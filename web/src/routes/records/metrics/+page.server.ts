// How requests are handled, for everybody: totals, and nothing that could tell of a person.

import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => ({
  metrics: await portal(event).reports.metrics(event.url.searchParams.get('year')),
});
