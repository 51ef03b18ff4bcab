// One act on a request: its form, the letter it would send, and the act itself.

import { error, redirect } from '@sveltejs/kit';
import { portal, requestId } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const view = await portal(event).desk.request(event.params.number);
  const action = view.actions.find(({ kind }) => kind === event.params.action) ?? null;
  const outcome = event.url.searchParams.get('outcome');
  // After somebody else's act this one may no longer fit: the form that was sent comes back with what was typed.
  if (action === null && event.request.method === 'GET') {
    error(404, 'not-found', { code: 'not-found', requestId: requestId(event) });
  }
  return { view, action, outcome };
};

export const actions: Actions = {
  preview: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number, action } = event.params;
    return attempt(values, async () => ({ letters: await portal(event).desk.preview(number, action, values), values }));
  },
  act: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number, action } = event.params;
    return attempt(values, async () => {
      await portal(event).desk.command(number, action, values);
      redirect(303, `/staff/requests/${number}`);
    });
  },
};
