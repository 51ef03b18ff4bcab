// What departments were asked to look for, by when, what they found, and where was looked.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).desk.request(event.params.number) };
};

const acting =
  (what: string): NonNullable<Actions['task']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await portal(event).desk.act(number, what, values);
      redirect(303, `/staff/requests/${number}/tasks`);
    });
  };

export const actions: Actions = {
  task: acting('task'),
  answer: acting('task-answer'),
  cancel: acting('task-cancel'),
  search: acting('search'),
};
