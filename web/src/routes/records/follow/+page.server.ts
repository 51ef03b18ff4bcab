// Finding one's request again: by its link, or by number and e-mail address, to which the link is sent.

import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => ({
  isWrong: event.url.searchParams.has('wrong'),
  number: event.url.searchParams.get('number')?.slice(0, 20) ?? '',
});

export const actions: Actions = {
  default: async (event) => {
    const form = await event.request.formData();
    const [number, email] = [textOf(form, 'number').trim(), textOf(form, 'email').trim()];
    const refusal = await portal(event)
      .requests.sendLink(number, email)
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    // The same answer, whether there is such a request or not.
    return refusal ?? { isSent: true };
  },
};
