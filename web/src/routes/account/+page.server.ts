// One's own account: password, app, backup codes, passkeys, sessions.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { clearSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { people } = portal(event);
  return { account: await people.account(), me: people.me(), done: event.url.searchParams.get('done') };
};

export const actions: Actions = {
  password: async (event) => {
    const form = await event.request.formData();
    const given = { password: textOf(form, 'password'), wanted: textOf(form, 'wanted') };
    const refused = await portal(event)
      .people.changePassword(given)
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown, { form: 'password' }));
    if (refused !== null) return refused;
    redirect(303, '/account?done=password');
  },
  codes: async (event) => {
    const form = await event.request.formData();
    const codes = await portal(event)
      .people.renewBackupCodes(textOf(form, 'password'))
      .catch((thrown: unknown) => refuse(thrown, { form: 'codes' }));
    return 'status' in codes ? codes : { refused: null, filled: {} as { form?: string }, backupCodes: codes };
  },
  removePasskey: async (event) => {
    const form = await event.request.formData();
    const given = { id: textOf(form, 'id'), password: textOf(form, 'password') };
    const refused = await portal(event)
      .people.removePasskey(given)
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown, { form: 'passkey', id: given.id }));
    if (refused !== null) return refused;
    redirect(303, '/account?done=passkey');
  },
  endSession: async (event) => {
    const form = await event.request.formData();
    const refused = await portal(event)
      .people.endSession(textOf(form, 'id'))
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown, { form: 'session' }));
    if (refused !== null) return refused;
    redirect(303, '/account?done=session');
  },
  endAll: async (event) => {
    const { people } = portal(event);
    await people.endAllSessions();
    clearSession(event.cookies, people.cookieName());
    event.setHeaders({ 'clear-site-data': '"cache", "cookies", "storage"' });
    redirect(303, '/sign-in');
  },
};
