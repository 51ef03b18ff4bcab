// What every page is given: the city's profile and the address that the portal is reached at.

import { portal } from '#lib/api.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) => {
  const api = portal(event);
  const isStaff = api.people.me() !== null;
  return { isStaff, city: api.city(), origin: api.publicUrl().replace(/\/+$/, ''), path: event.url.pathname };
};
