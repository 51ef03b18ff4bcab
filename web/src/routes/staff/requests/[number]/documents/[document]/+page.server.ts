// A responsive record, page by page: what it says, what is kept from the public, and why. Every look is on the record.

import { redirect } from '@sveltejs/kit';
import type { DocumentForm } from '../../../../../../../../src/pages/documents.ts';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number, document } = event.params;
  const { searchParams } = event.url;
  const asked = {
    page: searchParams.get('page'),
    find: searchParams.get('find'),
    suggest: searchParams.has('suggest'),
  };
  return { review: await portal(event).documents.review(number, document, asked) };
};

const acting =
  (what: DocumentForm): NonNullable<Actions['redact']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number, document } = event.params;
    return attempt(values, async () => {
      redirect(303, await portal(event).documents.acts[what](number, document, values));
    });
  };

export const actions: Actions = {
  redact: acting('redact'),
  unredact: acting('unredact'),
  decide: acting('decide'),
  withhold: acting('withhold'),
  whole: acting('whole'),
  describe: acting('describe'),
  hidden: acting('hidden'),
  submit: acting('submit'),
  approve: acting('approve'),
  reopen: acting('reopen'),
};
