// The rows of a dataset as a table. The address is the state; a wrong filter is shown where it is wrong, values kept.

import { redirect } from '@sveltejs/kit';
import { isPortalError, portal, requireDataset, toShownError, type ShownError } from '#lib/api.ts';
import { parseRowsState, toApiParameters, toRowsSearch, type RowsState } from '#lib/row-filters.ts';
import type { Dataset } from '../../../../../../src/catalogue/dataset.ts';
import type { RowsView } from '../../../../../../src/pages/rows.ts';
import type { PagesApi } from '../../../../../../src/pages/api.ts';
import type { PageServerLoad } from './$types';

type Answer = { readonly view: RowsView; readonly shown: null } | { readonly view: null; readonly shown: ShownError };

async function ask(api: PagesApi, dataset: Dataset, state: RowsState): Promise<Answer> {
  try {
    return { view: await api.rows(dataset.id, toApiParameters(state, dataset.current.columns)), shown: null };
  } catch (thrown) {
    if (isPortalError(thrown)) return { view: null, shown: toShownError(thrown) };
    throw thrown;
  }
}

export const load: PageServerLoad = async (event) => {
  const dataset = await requireDataset(event, event.params.id);
  const state = parseRowsState(event.url);
  // The form that adds a filter leaves its three fields in the address; the page has one address for one view.
  if (event.url.searchParams.has('column')) redirect(303, `/datasets/${dataset.id}/rows${toRowsSearch(state)}`);
  const parameters = toApiParameters(state, dataset.current.columns);
  const answer = await ask(portal(event), dataset, state);
  if (answer.shown !== null) event.locals.status = answer.shown.status;
  return { dataset, state, where: parameters.where ?? '', ...answer };
};
