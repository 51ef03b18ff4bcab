// What a year's report needs and no request tells, entered by a records officer.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).reports.entry(event.params.year) };
};

export const actions: Actions = {
  default: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { year } = event.params;
    return attempt(values, async () => {
      await portal(event).reports.saveEntry(year, values);
      redirect(303, `/staff/reports/jlarc/${year}`);
    });
  },
};
