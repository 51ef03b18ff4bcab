// The second step of signing in: the code that an app shows now, or a backup code.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { setSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { people } = portal(event);
  if (people.stage() !== 'code') redirect(303, '/sign-in');
  return { next: people.nextPath(event.url.searchParams.get('next')) };
};

export const actions: Actions = {
  default: async (event) => {
    const { people } = portal(event);
    const form = await event.request.formData();
    const next = people.nextPath(textOf(form, 'next'));
    const cookie = await people.enterCode(textOf(form, 'code')).catch((thrown: unknown) => refuse(thrown));
    if (!('value' in cookie)) return cookie;
    setSession(event.cookies, cookie);
    redirect(303, next);
  },
};
