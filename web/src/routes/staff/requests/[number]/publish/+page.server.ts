// What everybody may see of a request: its page with checked words, each released file, a table as a draft of a
// dataset.

import { fail, redirect } from '@sveltejs/kit';
import type { RequestEvent } from '@sveltejs/kit';
import type { FormValues } from '../../../../../../../src/base/form.ts';
import type { PagesApi } from '../../../../../../../src/pages/api.ts';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number } = event.params;
  const [view, page] = await Promise.all([portal(event).desk.request(number), portal(event).archive.staffPage(number)]);
  return { view, page };
};

type Archive = PagesApi['archive'];

/** Back to the page, or to where the act says. */
const acting =
  (act: (archive: Archive, number: string, values: FormValues) => Promise<string | void>) =>
  async (event: RequestEvent<{ number: string }>) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () =>
      redirect(303, (await act(portal(event).archive, number, values)) ?? `/staff/requests/${number}/publish`),
    );
  };

export const actions: Actions = {
  check: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => ({
      findings: await portal(event).archive.check(event.params.number, values),
      values,
    }));
  },
  /** Refused for what stands in the text: then the places are shown with the refusal, to be looked at. */
  publish: async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    const { archive } = portal(event);
    const result = await attempt(values, async () => {
      await archive.publish(number, values);
      return redirect(303, `/staff/requests/${number}/publish`);
    });
    const { refused } = result.data;
    if (refused.field !== 'looked' && refused.field !== 'text') return result;
    // A text that cannot be published for want of words cannot be looked through either, and was refused for that.
    const found = await attempt(values, () => archive.check(number, values));
    return fail(result.status, { refused, findings: Array.isArray(found) ? found : null });
  },
  hide: acting((archive, number, values) => archive.hide(number, values)),
  file: acting(async (archive, number, values) => {
    await archive.publishFile(number, values);
    return `/staff/requests/${number}/publish#files`;
  }),
  draft: acting(async (archive, number, values) => `/staff/drafts/${await archive.makeDraft(number, values)}`),
};
