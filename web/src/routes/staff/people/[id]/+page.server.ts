// One account: its roles, its access, a new sign-in link for who cannot get in.

import { error, redirect } from '@sveltejs/kit';
import { portal, requestId } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

async function requirePerson(event: RequestEvent) {
  const found = (await portal(event).people.list()).find(({ id }) => id === event.params.id);
  if (found === undefined) error(404, 'not-found', { code: 'not-found', requestId: requestId(event) });
  return found;
}

export const load: PageServerLoad = async (event) => {
  const api = portal(event);
  const departments = (await api.departments()).map(({ id, name }) => ({ id, name }));
  return { person: await requirePerson(event), roles: api.people.roles(), departments };
};

/** Does it, and shows the account as it is then; a refusal is shown in its place. */
async function change(event: RequestEvent, work: () => Promise<void>) {
  const refused = await work()
    .then(() => null)
    .catch((thrown: unknown) => refuse(thrown));
  if (refused !== null) return refused;
  redirect(303, event.url.pathname);
}

export const actions: Actions = {
  give: async (event) => {
    const [form, person] = [await event.request.formData(), await requirePerson(event)];
    const department = textOf(form, 'department');
    const role = portal(event)
      .people.roles()
      .find((each) => each === textOf(form, 'role'));
    const given = role === undefined ? [] : [{ role, department: department === '' ? null : department }];
    const expected = Number(textOf(form, 'version'));
    return change(event, () =>
      portal(event).people.setGrants(person.id, { grants: [...person.grants, ...given], expected }),
    );
  },
  take: async (event) => {
    const [form, person] = [await event.request.formData(), await requirePerson(event)];
    const taken = textOf(form, 'grant');
    const grants = person.grants.filter(({ role, department }) => `${role} ${department ?? ''}` !== taken);
    const expected = Number(textOf(form, 'version'));
    return change(event, () => portal(event).people.setGrants(person.id, { grants, expected }));
  },
  access: async (event) => {
    const form = await event.request.formData();
    const [disabled, expected] = [textOf(form, 'access') === 'end', Number(textOf(form, 'version'))];
    return change(event, () => portal(event).people.setAccess(event.params.id, { disabled, expected }));
  },
  again: async (event) => {
    const { email } = await requirePerson(event);
    const invited = await portal(event)
      .people.inviteAgain(email)
      .catch((thrown: unknown) => refuse(thrown));
    return 'link' in invited ? { refused: null, invited } : invited;
  },
};
