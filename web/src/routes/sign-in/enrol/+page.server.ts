// The first second factor of an account: an authenticator app, or a passkey. Nothing of the staff's opens before.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { setSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { people } = portal(event);
  // After the action below the factor is there; asking for a key would make another.
  if (event.locals.enrolled === true) return { key: null };
  if (people.stage() !== 'enrol') redirect(303, '/sign-in');
  return { key: await people.newKey() };
};

export const actions: Actions = {
  default: async (event) => {
    const { people } = portal(event);
    const form = await event.request.formData();
    const done = await people
      .confirmKey({ code: textOf(form, 'code'), password: '' })
      .catch((thrown: unknown) => refuse(thrown));
    if (!('backupCodes' in done)) return done;
    if (done.cookie !== null) setSession(event.cookies, done.cookie);
    event.locals.enrolled = true;
    return { refused: null, backupCodes: done.backupCodes };
  },
};
