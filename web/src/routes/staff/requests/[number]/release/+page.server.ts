// Releasing an installment: what is ready, what is missing, the letter first, then the act.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number } = event.params;
  const [view, release] = await Promise.all([portal(event).desk.request(number), portal(event).release.view(number)]);
  return { view, release };
};

export const actions: Actions = {
  preview: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => ({
      letters: await portal(event).release.preview(event.params.number, values),
      values,
    }));
  },
  release: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).release.release(number, values);
      redirect(303, `/staff/requests/${number}/release#given`);
    });
  },
};
