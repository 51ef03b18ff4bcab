// How to query a dataset: examples that work on it, and what the API answers to one of them.

import { portal, requireDataset } from '#lib/api.ts';
import { tellingGroups } from '#lib/values.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const dataset = await requireDataset(event, event.params.id);
  const [examples, sample] = await Promise.all([api.examples(dataset.id), api.rows(dataset.id, { limit: '3' })]);
  const group = tellingGroups(dataset.current.columns, dataset.current.profile);
  return { dataset, examples, sample, parameters: api.parameterExamples(dataset, group?.name ?? null) };
};
