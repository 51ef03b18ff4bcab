// The link of kept answers: it becomes this browser's cookie, and the secret leaves the address.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { setCookie } from '#lib/request-forms.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const { requests } = portal(event);
  const { secret } = event.params;
  const draft = await requests.draft(secret);
  if (draft === null) redirect(303, '/records/new?expired');
  setCookie(event.cookies, await requests.saveDraft(secret, draft.answers));
  redirect(303, '/records/new');
};
