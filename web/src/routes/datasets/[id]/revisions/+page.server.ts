// Every revision of a dataset, newest first.

import { portal, requireDataset } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const dataset = await requireDataset(event, event.params.id);
  const [revisions, downloads] = await Promise.all([
    portal(event).revisions(dataset.id),
    portal(event).downloads(dataset.id),
  ]);
  const newestFirst = [...revisions].sort((a, b) => b.number - a.number);
  return { dataset, revisions: newestFirst, formats: downloads.map(({ format, label }) => ({ format, label })) };
};
