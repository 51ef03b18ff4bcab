// What one's own request costs: the summary of charges, invoices, receipts, and paying online where the City takes it.

import { redirect } from '@sveltejs/kit';
import { isPortalError, portal } from '#lib/api.ts';
import { keepNothing } from '#lib/desk.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number } = event.params;
  const fees = await portal(event)
    .money.read(number)
    .catch((thrown: unknown) => {
      // Without the link there is nothing to see; whoever has lost it can have it sent again.
      if (isPortalError(thrown) && (thrown.code === 'not-found' || thrown.code === 'unauthorized')) {
        redirect(303, `/records/follow?number=${encodeURIComponent(number.slice(0, 20))}`);
      }
      throw thrown;
    });
  return { fees, isPaid: event.url.searchParams.has('paid'), done: event.url.searchParams.has('done') };
};

export const actions: Actions = {
  pay: async (event) => {
    const form = await event.request.formData();
    const started = await portal(event)
      .money.checkout(event.params.number, textOf(form, 'invoice'))
      .catch((thrown: unknown) => refuseProvider(thrown));
    if (!('url' in started)) return started;
    redirect(303, started.url);
  },
  agree: async (event) => {
    const form = await event.request.formData();
    const { number } = event.params;
    const refused = await portal(event)
      .money.agree(number, { estimate: [textOf(form, 'estimate')] })
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    if (refused !== null) return refused;
    redirect(303, `/records/requests/${number}/fees?done`);
  },
};

/** A provider that does not answer is no dead end: the page says so, and how else to pay. */
function refuseProvider(thrown: unknown): ReturnType<typeof refuse> {
  if (!isPortalError(thrown) || thrown.code !== 'not-ready') return refuse(thrown);
  const { message, code, details } = thrown;
  return refuse(Object.assign(new Error(message), { name: 'PortalError', code, details, status: 409 }));
}
