// The only way that pages reach the portal: the PagesApi that the HTTP server puts on Node's request, in process.
// It must not fetch over HTTP, and nothing else in web/ touches `event.platform`.

import { error } from '@sveltejs/kit';
import type { ErrorCode, ErrorDetails, PortalError } from '../../../src/base/errors.ts';
import type { Sentence } from '../../../src/base/say.ts';
import type { Dataset } from '../../../src/catalogue/dataset.ts';
import type { PagesApi } from '../../../src/pages/api.ts';
import { saidBy } from './words.ts';

export type Handed = { readonly platform: Readonly<App.Platform> | undefined };

/** The portal behind this request. Throws when the pages run without one (a mistake in how they are mounted). */
export function portal(event: Handed): PagesApi {
  const api = event.platform?.req.portal;
  if (api === undefined) throw new Error('The pages were asked without a portal: request.portal is not set.');
  return api;
}

/** The id that the HTTP server gave this request, for the error page and the log. */
export function requestId(event: Handed): string | null {
  const value = event.platform?.req.headers['x-request-id'];
  return typeof value === 'string' ? value : null;
}

/** A PortalError by its shape: the pages are built apart from the portal, so `instanceof` would not hold. */
export function isPortalError(value: unknown): value is PortalError {
  return value instanceof Error && value.name === 'PortalError' && 'code' in value && 'details' in value;
}

/** What a page shows of a PortalError: plain data. */
export type ShownError = {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: Sentence | string;
  readonly position: ErrorDetails['position'] | null;
  readonly text: string | null;
  readonly suggestion: string | null;
};

export function toShownError(thrown: PortalError): ShownError {
  const suggestion = thrown.details.extra?.suggestion;
  return {
    code: thrown.code,
    status: thrown.status,
    message: saidBy(thrown),
    position: thrown.details.position ?? null,
    text: thrown.details.text ?? null,
    suggestion: typeof suggestion === 'string' ? suggestion : null,
  };
}

/** The dataset of this id, or the 404 page that offers a search. */
export async function requireDataset(event: Handed, id: string): Promise<Dataset> {
  const dataset = await portal(event).dataset(id);
  if (dataset === null) error(404, 'dataset-not-found', { code: 'dataset-not-found', requestId: requestId(event) });
  return dataset;
}
