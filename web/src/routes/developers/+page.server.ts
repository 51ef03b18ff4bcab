// The developers' page: quick start on a real dataset, the dialects, the limits and the whole reference.

import { portal } from '#lib/api.ts';
import { toReference } from '#lib/openapi.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const [home, openapi] = await Promise.all([api.home(), api.openapi()]);
  const dataset = home.newest[0] ?? null;
  const examples = dataset === null ? [] : await api.examples(dataset.id);
  return { dataset, example: examples[0] ?? null, reference: toReference(openapi) };
};
