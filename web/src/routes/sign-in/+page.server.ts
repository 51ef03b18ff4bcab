// Signing in: the email address and the password; passkeys and the city's own service stand beside them.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { setSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { people } = portal(event);
  const next = people.nextPath(event.url.searchParams.get('next'));
  if (people.me() !== null) redirect(303, next);
  return { next, oidc: people.oidcName(), wasRefused: event.url.searchParams.has('refused') };
};

export const actions: Actions = {
  default: async (event) => {
    const { people } = portal(event);
    const form = await event.request.formData();
    const [email, next] = [textOf(form, 'email'), people.nextPath(textOf(form, 'next'))];
    const cookie = await people
      .signIn({ email, password: textOf(form, 'password') })
      .catch((thrown: unknown) => refuse(thrown, { email }));
    if (!('value' in cookie)) return cookie;
    setSession(event.cookies, cookie);
    redirect(303, `/sign-in/${cookie.stage === 'code' ? 'code' : 'enrol'}?next=${encodeURIComponent(next)}`);
  },
};
