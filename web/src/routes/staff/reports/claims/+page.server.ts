// The register of claims, and what they have cost.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const asked = event.url.searchParams.get('claim');
  const view = await portal(event).reports.claims();
  return { view, edited: view.claims.find(({ id }) => id === asked) ?? null };
};

export const actions: Actions = {
  save: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => {
      await portal(event).reports.saveClaim(values);
      redirect(303, '/staff/reports/claims');
    });
  },
  cost: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => {
      await portal(event).reports.addClaimCost(values);
      redirect(303, '/staff/reports/claims');
    });
  },
};
