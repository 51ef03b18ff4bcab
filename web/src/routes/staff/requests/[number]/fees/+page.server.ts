// The money of a request for the staff: estimate, invoice, payment, waiver, refund; each form asks for its own right.

import { redirect } from '@sveltejs/kit';
import type { FeeForm } from '../../../../../../../src/pages/money.ts';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { number } = event.params;
  const { money, desk } = portal(event);
  const [fees, view] = await Promise.all([money.read(number), desk.request(number)]);
  return { fees, view, key: money.newKey(), done: event.url.searchParams.get('done') };
};

const acting =
  (act: FeeForm): NonNullable<Actions['estimate']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).money.acts[act](number, values);
      redirect(303, `/staff/requests/${number}/fees?done=${act}`);
    });
  };

export const actions: Actions = {
  estimate: acting('estimate'),
  summary: acting('summary'),
  customized: acting('customized'),
  agree: acting('agree'),
  invoice: acting('invoice'),
  void: acting('void'),
  pay: acting('pay'),
  waive: acting('waive'),
  refund: acting('refund'),
};
