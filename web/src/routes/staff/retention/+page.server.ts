// The schedule, holds, what is due, destructions, and the details of requesters that will expire.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { PagesApi } from '../../../../../src/pages/api.ts';
import type { FormValues } from '../../../../../src/base/form.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).retention.overview() };
};

/** Back to the page, or to where the act says. */
const acting =
  (act: (retention: PagesApi['retention'], values: FormValues) => Promise<string | void>): NonNullable<Actions['x']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => {
      redirect(303, (await act(portal(event).retention, values)) ?? '/staff/retention');
    });
  };

export const actions: Actions = {
  hold: acting((retention, values) => retention.placeHold(values)),
  release: acting((retention, values) => retention.releaseHold(values)),
  propose: acting(async (retention, values) => `/staff/retention/${await retention.propose(values)}`),
  clock: acting((retention) => retention.confirmClock()),
};
