// What everybody may see of a request: its page with checked words, each released file, a table as a draft of a
// dataset.

import { redirect } from '@sveltejs/kit';
import type { RequestEvent } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number } = event.params;
  const [view, page] = await Promise.all([portal(event).desk.request(number), portal(event).archive.staffPage(number)]);
  return { view, page };
};

async function act(event: RequestEvent<{ number: string }>, what: string) {
  const values = toFormValues(await event.request.formData());
  return attempt(values, async () => redirect(303, await portal(event).archive.act(event.params.number, what, values)));
}

export const actions: Actions = {
  check: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => ({
      findings: await portal(event).archive.check(event.params.number, values),
      values,
    }));
  },
  publish: (event) => act(event, 'publish'),
  hide: (event) => act(event, 'hide'),
  file: (event) => act(event, 'file'),
  draft: (event) => act(event, 'draft'),
};
