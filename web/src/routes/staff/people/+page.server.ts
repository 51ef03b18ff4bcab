// The accounts of the staff, and inviting somebody new.

import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const [people, departments] = await Promise.all([api.people.list(), api.departments()]);
  return {
    people,
    roles: api.people.roles(),
    mayInvite: api.people.may('people.invite'),
    departments: departments.map(({ id, name }) => ({ id, name })),
  };
};

export const actions: Actions = {
  default: async (event) => {
    const form = await event.request.formData();
    const read = (name: string) => textOf(form, name);
    const filled = { name: read('name'), email: read('email'), role: read('role'), department: read('department') };
    const department = filled.department === '' ? null : filled.department;
    const invited = await portal(event)
      .people.invite({ ...filled, department })
      .catch((thrown: unknown) => refuse(thrown, filled));
    return 'link' in invited ? { refused: null, filled: {} as typeof filled, invited } : invited;
  },
};
