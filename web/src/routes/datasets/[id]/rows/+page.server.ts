// The rows of a dataset as a table. The address is the state; a wrong filter is shown where it is wrong, values kept.

import { redirect } from '@sveltejs/kit';
import { isPortalError, portal, requireDataset, toShownError } from '#lib/api.ts';
import { parseRowsState, toApiParameters, toRowsSearch, type RowsState } from '#lib/row-filters.ts';
import type { PageServerLoad } from './$types';

type Api = ReturnType<typeof portal>;

/** `where` stands for all conditions; where one of them cannot be read, it is what was written by hand. */
async function ask(api: Api, dataset: Awaited<ReturnType<typeof requireDataset>>, state: RowsState) {
  let { where } = state;
  try {
    where = api.where(dataset, state);
    return { where, view: await api.rows(dataset.id, toApiParameters(state, where)), shown: null };
  } catch (thrown) {
    if (isPortalError(thrown)) return { where, view: null, shown: toShownError(thrown) };
    throw thrown;
  }
}

export const load: PageServerLoad = async (event) => {
  const dataset = await requireDataset(event, event.params.id);
  const state = parseRowsState(event.url);
  // The form that adds a filter leaves its three fields in the address; the page has one address for one view.
  if (event.url.searchParams.has('column')) redirect(303, `/datasets/${dataset.id}/rows${toRowsSearch(state)}`);
  const answer = await ask(portal(event), dataset, state);
  if (answer.shown !== null) event.locals.status = answer.shown.status;
  return { dataset, state, ...answer };
};
