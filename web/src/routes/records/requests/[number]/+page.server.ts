// One's own request: how it stands, its dates, messages and files, and everything the requester can do with it.

import { redirect } from '@sveltejs/kit';
import type { RequestEvent } from '@sveltejs/kit';
import { isPortalError, portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { setCookie } from '#lib/request-forms.ts';
import { nextClock, toStages } from '#lib/request-stages.ts';
import type { Actions, PageServerLoad } from './$types';

type Asked = RequestEvent<{ number: string }>;

export const load: PageServerLoad = async (event) => {
  const { requests } = portal(event);
  const { number } = event.params;
  const own = await requests.own(number).catch((thrown: unknown) => {
    // Without the link there is nothing to see; whoever has lost it can have it sent again.
    if (isPortalError(thrown) && thrown.code === 'not-found') {
      redirect(303, `/records/follow?number=${encodeURIComponent(number.slice(0, 20))}`);
    }
    throw thrown;
  });
  const secret = event.cookies.get(requests.requestCookieName(number)) ?? '';
  return {
    own,
    released: await requests.released(number),
    stages: toStages(own),
    next: nextClock(own),
    link: own.isDelegate ? null : requests.followLink(secret),
    isNew: event.url.searchParams.has('sent'),
    done: event.url.searchParams.get('done'),
    fileProblem: event.url.searchParams.get('problem'),
  };
};

/** Runs one act; back to the page with what was done, or the form again with what was refused. */
async function act(event: Asked, done: string, run: (form: FormData) => Promise<unknown>) {
  const form = await event.request.formData();
  const filled = { text: textOf(form, 'text') };
  const refused = await run(form)
    .then(() => null)
    .catch((thrown: unknown) => refuse(thrown, filled));
  if (refused !== null) return refused;
  redirect(303, `/records/requests/${event.params.number}?done=${done}#told`);
}

export const actions: Actions = {
  say: (event) => act(event, 'said', (form) => portal(event).requests.say(event.params.number, textOf(form, 'text'))),
  answer: (event) =>
    act(event, 'answered', (form) => portal(event).requests.answer(event.params.number, textOf(form, 'text'))),
  withdraw: (event) =>
    act(event, 'withdrawn', async (form) => {
      if (form.get('sure') !== null) await portal(event).requests.withdraw(event.params.number);
    }),
  petition: (event) =>
    act(event, 'petitioned', (form) => portal(event).requests.petition(event.params.number, textOf(form, 'text'))),
  reopen: (event) =>
    act(event, 'reopen', (form) => portal(event).requests.askToReopen(event.params.number, textOf(form, 'text'))),
  revoke: (event) =>
    act(event, 'revoked', (form) =>
      portal(event).requests.revokeDelegate(event.params.number, textOf(form, 'delegate')),
    ),
  replace: (event) =>
    act(event, 'replaced', async () => {
      setCookie(event.cookies, await portal(event).requests.replaceLink(event.params.number));
    }),
  contact: (event) =>
    act(event, 'contact', (form) =>
      portal(event).requests.changeContact(event.params.number, {
        name: textOf(form, 'name'),
        organization: textOf(form, 'organization'),
        email: textOf(form, 'email'),
        phone: textOf(form, 'phone'),
        address: textOf(form, 'address'),
      }),
    ),
  delegate: async (event) => {
    const form = await event.request.formData();
    const given = {
      name: textOf(form, 'name'),
      email: textOf(form, 'email') || null,
      mayAct: textOf(form, 'scope') === 'act',
    };
    // The link is shown on this very answer and kept nowhere, so the page is not left for another.
    const added = await portal(event)
      .requests.addDelegate(event.params.number, given)
      .then((link) => ({ link, name: given.name }))
      .catch((thrown: unknown) => refuse(thrown, { name: given.name, email: given.email ?? '' }));
    return 'link' in added ? { added } : added;
  },
};
