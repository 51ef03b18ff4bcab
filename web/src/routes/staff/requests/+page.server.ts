// The clerk's queue: its address is its whole state. What is done with many requests is told one by one.

import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues, toParameters } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return {
    view: await portal(event).desk.queue(toParameters(event.url)),
    address: event.url.pathname + event.url.search,
  };
};

export const actions: Actions = {
  default: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => ({ results: await portal(event).desk.bulk(values) }));
  },
};
