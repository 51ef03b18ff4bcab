// One column of a dataset: what it means and what its values are.

import { error } from '@sveltejs/kit';
import { requestId, requireDataset } from '#lib/api.ts';
import { profileOf } from '#lib/values.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const dataset = await requireDataset(event, event.params.id);
  const column = dataset.current.columns.find((each) => each.name === event.params.name);
  if (column === undefined) error(404, 'unknown-column', { code: 'unknown-column', requestId: requestId(event) });
  return { dataset, column, profile: profileOf(dataset.current.profile, column.name) };
};
