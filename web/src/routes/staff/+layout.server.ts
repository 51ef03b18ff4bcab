// What every page of the staff's side is given: who is signed in, and the places that are theirs.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { placesFor } from '#lib/staff-places.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) => {
  const { people } = portal(event);
  const me = people.me();
  if (me === null) redirect(303, '/sign-in');
  return { me, places: placesFor(people) };
};
