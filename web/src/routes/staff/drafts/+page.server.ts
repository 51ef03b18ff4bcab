// Released tables that wait to become datasets.

import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { drafts: await portal(event).archive.drafts() };
};
