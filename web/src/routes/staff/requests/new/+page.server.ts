// Entering what came by mail, email, counter or phone, with the true date of its receipt.

import { randomUUID } from 'node:crypto';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { choices: await portal(event).work.entry(), submitKey: randomUUID() };
};

export const actions: Actions = {
  default: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => ({ entered: await portal(event).work.enter(values) }));
  },
};
