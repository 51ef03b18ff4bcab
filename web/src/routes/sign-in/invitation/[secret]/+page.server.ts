// The one-time link of an invitation: a name and a password, then the second factor.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { setSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => ({
  invitation: await portal(event).people.invitation(event.params.secret),
});

export const actions: Actions = {
  default: async (event) => {
    const { people } = portal(event);
    const form = await event.request.formData();
    const [name, email] = [textOf(form, 'name'), textOf(form, 'email')];
    const cookie = await people
      .accept(event.params.secret, { name, email: email === '' ? null : email, password: textOf(form, 'password') })
      .catch((thrown: unknown) => refuse(thrown, { name, email }));
    if (!('value' in cookie)) return cookie;
    setSession(event.cookies, cookie);
    redirect(303, '/sign-in/enrol');
  },
};
