// A new authenticator app for an account that is signed in.

import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { people } = portal(event);
  // After the action below the new key is in use; asking again would make another.
  if (event.locals.enrolled === true) return { key: null, hasPassword: false, me: null };
  const [{ hasPassword }, key] = [await people.account(), await people.newKey()];
  return { key, hasPassword, me: people.me() };
};

export const actions: Actions = {
  default: async (event) => {
    const form = await event.request.formData();
    const given = { code: textOf(form, 'code'), password: textOf(form, 'password') };
    const done = await portal(event)
      .people.confirmKey(given)
      .catch((thrown: unknown) => refuse(thrown));
    if (!('backupCodes' in done)) return done;
    event.locals.enrolled = true;
    return { refused: null, backupCodes: done.backupCodes };
  },
};
