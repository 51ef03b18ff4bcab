// The log of requests (RCW 40.14.026(4)). Who asked is shown only when asked for: each time is on the record.

import { portal } from '#lib/api.ts';
import { keepNothing, toParameters } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { identities: _identities, ...filter } = toParameters(event.url);
  return { view: await portal(event).reports.log(filter), address: event.url.pathname + event.url.search };
};

export const actions: Actions = {
  // A form that is posted, so that nobody's identity is opened by following a link.
  identities: async (event) => {
    const filter = { ...toParameters(event.url), identities: 'shown' };
    return { opened: await portal(event).reports.log(filter) };
  },
};
