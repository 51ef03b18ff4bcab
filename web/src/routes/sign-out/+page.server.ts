// Signing out: the session ends, and the browser is told to forget what it kept of it.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { clearSession } from '#lib/session.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  if (portal(event).people.stage() === null) redirect(303, '/');
};

export const actions: Actions = {
  default: async (event) => {
    const { people } = portal(event);
    await people.signOut();
    clearSession(event.cookies, people.cookieName());
    event.setHeaders({ 'clear-site-data': '"cache", "cookies", "storage"' });
    redirect(303, '/');
  },
};
