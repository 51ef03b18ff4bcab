// What departments were asked to look for, by when, what they found, and where was looked.

import { redirect } from '@sveltejs/kit';
import type { FormValues } from '../../../../../../../src/base/form.ts';
import type { PagesApi } from '../../../../../../../src/pages/api.ts';
import { portal } from '#lib/api.ts';
import { attempt, keepNothing, toFormValues } from '#lib/desk.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  keepNothing(event);
  return { view: await portal(event).desk.request(event.params.number) };
};

const acting =
  (act: (desk: PagesApi['desk'], number: string, values: FormValues) => Promise<void>): NonNullable<Actions['task']> =>
  async (event) => {
    const values = toFormValues(await event.request.formData());
    const { number } = event.params;
    return attempt(values, async () => {
      await act(portal(event).desk, number, values);
      redirect(303, `/staff/requests/${number}/tasks`);
    });
  };

export const actions: Actions = {
  task: acting((desk, number, values) => desk.createTask(number, values)),
  answer: acting((desk, _number, values) => desk.answerTask(values)),
  cancel: acting((desk, _number, values) => desk.cancelTask(values)),
  search: acting((desk, number, values) => desk.logSearch(number, values)),
};
