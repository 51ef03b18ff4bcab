// One message that names no request, or that a machine sent. Opening it is recorded.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const api = portal(event);
  const mayRetry = api.people.may('mail.retry');
  const message = await api.mail.message(event.params.id);
  return { message, mayRetry, mayEnter: mayRetry && api.people.may('request.enter') };
};

async function act(event: RequestEvent, work: (form: FormData) => Promise<void>) {
  const form = await event.request.formData();
  const refused = await work(form)
    .then(() => null)
    .catch((thrown: unknown) => refuse(thrown, { number: textOf(form, 'number') }));
  if (refused !== null) return refused;
  redirect(303, '/staff/mail');
}

export const actions: Actions = {
  assign: (event) => act(event, (form) => portal(event).mail.assign(event.params.id, textOf(form, 'number').trim())),
  dismiss: (event) => act(event, () => portal(event).mail.dismiss(event.params.id)),
};
