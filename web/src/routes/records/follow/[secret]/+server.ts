// A request's secret link: it becomes this browser's cookie for that request, and the secret leaves the address.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { setCookie } from '#lib/request-forms.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const followed = await portal(event).requests.follow(event.params.secret);
  if (followed === null) redirect(303, '/records/follow?wrong');
  setCookie(event.cookies, followed.cookie);
  redirect(303, `/records/requests/${followed.number}`);
};
