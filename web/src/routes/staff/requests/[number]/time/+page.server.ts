// Time spent on a request, for the yearly report.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).desk.request(event.params.number) };
};

export const actions: Actions = {
  default: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).desk.logTime(number, values);
      redirect(303, `/staff/requests/${number}/time`);
    });
  },
};
