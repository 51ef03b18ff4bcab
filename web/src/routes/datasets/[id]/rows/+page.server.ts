// The rows of a dataset as a table. The address is the state; a wrong filter is shown where it is wrong, values kept.

import { redirect } from '@sveltejs/kit';
import { isPortalError, portal, requireDataset, toShownError } from '#lib/api.ts';
import { parseRowsState, toApiParameters, toRowsSearch, unreadParameters, type RowsState } from '#lib/row-filters.ts';
import type { PageServerLoad } from './$types';

type Api = ReturnType<typeof portal>;

/**
 * `where` stands for all conditions; where one of them cannot be read, it is what was written by hand. The dataset
 * comes back as it was in the revision that is asked.
 */
async function ask(api: Api, current: Awaited<ReturnType<typeof requireDataset>>, state: RowsState) {
  let [dataset, { where }] = [current, state];
  try {
    if (state.asOf !== '') dataset = await api.datasetAsOf(current.id, state.asOf);
    where = api.where(dataset, state);
    return { dataset, where, view: await api.rows(dataset.id, toApiParameters(state, where)), shown: null };
  } catch (thrown) {
    if (isPortalError(thrown)) return { dataset, where, view: null, shown: toShownError(thrown) };
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
  const unread = unreadParameters.flatMap((name) => {
    const value = event.url.searchParams.get(name);
    return value === null ? [] : [{ name, value }];
  });
  return { ...answer, currentNumber: dataset.current.number, state, unread };
};
