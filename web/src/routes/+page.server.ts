// What the first page shows: honest counts, what changed last, topics and departments.

import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const [home, departments] = await Promise.all([api.home(), api.departments()]);
  return { home, departments, guide: api.guide() };
};
