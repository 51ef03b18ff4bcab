// One destruction: what it is about, who answers for it, its certificate.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).retention.destruction(event.params.id) };
};

export const actions: Actions = {
  approve: async (event) => {
    const { id } = event.params;
    return attempt({}, async () => {
      await portal(event).retention.approve(id);
      redirect(303, `/staff/retention/${id}`);
    });
  },
  cancel: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { id } = event.params;
    return attempt(values, async () => {
      await portal(event).retention.cancel(id, values);
      redirect(303, `/staff/retention/${id}`);
    });
  },
};
