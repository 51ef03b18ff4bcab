// What many people ask for, so that a department can publish the thing once.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { demand: await portal(event).archive.demand() };
};
