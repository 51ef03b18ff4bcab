// The city's closure days: entered with their source, withdrawn with a reason. No running clock is moved by either.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  const { law } = portal(event);
  const closures = await law.closures();
  return { closures, today: law.today(), done: event.url.searchParams.get('done') };
};

export const actions: Actions = {
  add: async (event) => {
    const values = toFormValues(await event.request.formData());
    const text = (name: string) => values[name]?.[0] ?? '';
    return attempt(values, async () => {
      const [on, name, source, effectiveFrom] = [text('on'), text('name'), text('source'), text('effectiveFrom')];
      await portal(event).law.addClosure({ on, name, source, effectiveFrom });
      redirect(303, '/staff/calendar?done=added');
    });
  },
  withdraw: async (event) => {
    const values = toFormValues(await event.request.formData());
    return attempt(values, async () => {
      await portal(event).law.withdrawClosure(values['id']?.[0] ?? '', values['reason']?.[0] ?? '');
      redirect(303, '/staff/calendar?done=withdrawn');
    });
  },
};
