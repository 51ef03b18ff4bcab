// A dataset's first page: what it is, how to get it, and its first rows.

import { portal, requireDataset } from '#lib/api.ts';
import type { PageServerLoad } from './$types';

const firstRows = 8;

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const dataset = await requireDataset(event, event.params.id);
  const [downloads, rows, examples, jsonLd] = await Promise.all([
    api.downloads(dataset.id),
    api.rows(dataset.id, { limit: String(firstRows) }),
    api.examples(dataset.id),
    api.schemaOrg?.(dataset.id),
  ]);
  return { dataset, downloads, rows, example: examples[0] ?? null, jsonLd };
};
