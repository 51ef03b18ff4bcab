// The way back to answers that were kept: a link that works in any browser.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { requests } = portal(event);
  const secret = event.cookies.get(requests.draftCookieName()) ?? null;
  const draft = await requests.draft(secret);
  if (draft === null || secret === null) redirect(303, '/records/new?expired');
  return { link: requests.draftLink(secret), changedAt: draft.changedAt, days: requests.draftDays() };
};
