// Finding requests again, by words or number, and by who asked for those who may know it.

import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues, toParameters } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { q = '', after = '' } = toParameters(event.url);
  const parameters: Record<string, string> = after === '' ? { q } : { q, after };
  return { view: await portal(event).desk.search(parameters), address: event.url.pathname + event.url.search };
};

export const actions: Actions = {
  // By POST: a name or an address never stands in an address, a history or a log.
  requester: async (event) => {
    const values = toFormValues(await event.request.formData());
    const q = values['who']?.[0] ?? '';
    return attempt(values, async () => ({ byRequester: await portal(event).desk.search({ q, by: 'requester' }) }));
  },
};
