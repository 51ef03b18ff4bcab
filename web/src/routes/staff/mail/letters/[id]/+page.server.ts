// One letter with its words. Opening it is recorded.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import { refuse } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const api = portal(event);
  return { letter: await api.mail.letter(event.params.id), mayRetry: api.people.may('mail.retry') };
};

export const actions: Actions = {
  default: async (event) => {
    const refused = await portal(event)
      .mail.sendAgain(event.params.id)
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    if (refused !== null) return refused;
    redirect(303, '/staff/mail');
  },
};
