// Entering what came by mail, email, counter or phone, with the true date of its receipt.

import { randomUUID } from 'node:crypto';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { MailEntry } from '../../../../../../src/pages/mail.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const api = portal(event);
  const id = event.url.searchParams.get('mail');
  const choices = await api.desk.entry();
  return { choices, mail: id === null ? null : await readMail(event, id), submitKey: randomUUID() };
};

/** When the form has been sent its own words stand in it, and the message may wait no more. */
async function readMail(event: RequestEvent, id: string): Promise<MailEntry | null> {
  return event.request.method === 'POST' ? null : portal(event).mail.entry(id);
}

export const actions: Actions = {
  default: async (event) => {
    const values = toFormValues(await event.request.formData());
    const id = event.url.searchParams.get('mail');
    const { mail, desk } = portal(event);
    return attempt(values, async () => ({
      entered: id === null ? await desk.enter(values) : await mail.makeRequest(id, values),
    }));
  },
};
