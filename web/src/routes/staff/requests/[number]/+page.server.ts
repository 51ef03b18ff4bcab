// A request as the staff see it. Who asked is shown only when asked for: each time is on the record.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).desk.request(event.params.number) };
};

const acting =
  (kind: 'assign' | 'describe'): NonNullable<Actions['assign']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).desk.command(number, kind, values);
      redirect(303, `/staff/requests/${number}`);
    });
  };

export const actions: Actions = {
  requester: async (event) =>
    attempt({}, async () => ({ requester: await portal(event).desk.requester(event.params.number), shown: true })),
  assign: acting('assign'),
  describe: acting('describe'),
};
