// A released table before it is a dataset: what is in it, what it will be called, and the confirmation.

import { redirect } from '@sveltejs/kit';
import type { RequestEvent } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { draft: await portal(event).archive.draft(event.params.id) };
};

async function act(event: RequestEvent<{ id: string }>, what: string) {
  const values = toFormValues(await event.request.formData());
  return attempt(values, async () =>
    redirect(303, await portal(event).archive.actOnDraft(event.params.id, what, values)),
  );
}

export const actions: Actions = {
  publish: (event) => act(event, 'publish'),
  discard: (event) => act(event, 'discard'),
};
