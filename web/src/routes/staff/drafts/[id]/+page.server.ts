// A released table before it is a dataset: what is in it, what it will be called, and the confirmation.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { draft: await portal(event).archive.draft(event.params.id) };
};

export const actions: Actions = {
  publish: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { archive } = portal(event);
    return attempt(values, async () =>
      redirect(303, `/datasets/${await archive.publishDraft(event.params.id, values)}`),
    );
  },
  discard: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => {
      await portal(event).archive.discardDraft(event.params.id, values);
      redirect(303, '/staff/drafts');
    });
  },
};
