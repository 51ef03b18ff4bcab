// One department: who they are, how to reach them, what they publish.

import { error } from '@sveltejs/kit';
import { portal, requestId } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const found = await portal(event).department(event.params.id);
  if (found === null) error(404, 'department-not-found', { code: 'department-not-found', requestId: requestId(event) });
  return found;
};
