// What was said: to and from the requester, and notes that only the staff see.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const api = portal(event);
  const view = await api.desk.request(event.params.number);
  const mail = api.people.may('mail.read') ? await api.mail.waitingFor(view.request.number) : [];
  return { view, mail };
};

const saying =
  (what: 'note' | 'message'): NonNullable<Actions['note']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).desk[what](number, values);
      redirect(303, `/staff/requests/${number}/messages`);
    });
  };

export const actions: Actions = { note: saying('note'), message: saying('message') };
