// Letters that wait or failed, messages that name no request, work that failed.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

const states = ['queued', 'sending', 'sent', 'failed'] as const;

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const api = portal(event);
  const state = states.find((each) => each === event.url.searchParams.get('state')) ?? null;
  return { state, mail: await api.mail.overview(state), mayRetry: api.people.may('mail.retry') };
};

export const actions: Actions = {
  job: async (event) => {
    const id = textOf(await event.request.formData(), 'id');
    const refused = await portal(event)
      .mail.retryJob(id)
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    if (refused !== null) return refused;
    redirect(303, event.url.pathname);
  },
};
