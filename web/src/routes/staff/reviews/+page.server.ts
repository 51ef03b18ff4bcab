// Refusals that somebody asked to have reviewed.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { reviews: await portal(event).release.reviews() };
};
