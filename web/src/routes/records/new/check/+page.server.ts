// Answers to be checked before they are sent: what may already answer them, the files, and the one question of purpose.

import { redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { clearCookie, setCookie } from '#lib/request-forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { requests } = portal(event);
  const draft = await requests.draft(event.cookies.get(requests.draftCookieName()) ?? null);
  if (draft === null) redirect(303, '/records/new?expired');
  if (draft.answers.text.trim() === '') redirect(303, '/records/new');
  return {
    draft,
    due: requests.firstDue(),
    asksForList: requests.asksForList(draft.answers),
    suggestions: await requests.suggestions(draft.answers.text),
    fileProblem: event.url.searchParams.get('problem'),
  };
};

export const actions: Actions = {
  send: async (event) => {
    const { requests } = portal(event);
    const name = requests.draftCookieName();
    const secret = event.cookies.get(name) ?? '';
    const form = await event.request.formData();
    const draft = await requests.draft(secret);
    const purpose = textOf(form, 'listPurpose').trim();
    if (draft !== null && purpose !== '') await requests.saveDraft(secret, { ...draft.answers, listPurpose: purpose });
    const sent = await requests.send(secret).catch((thrown: unknown) => refuse(thrown));
    if (!('cookie' in sent)) return sent;
    setCookie(event.cookies, sent.cookie);
    clearCookie(event.cookies, name);
    redirect(303, `/records/requests/${sent.number}?sent`);
  },
  answered: async (event) => {
    const form = await event.request.formData();
    const { requests } = portal(event);
    const counted = await requests
      .deflect(textOf(form, 'kind'), textOf(form, 'target'))
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    if (counted !== null) return counted;
    redirect(303, '/records/new/answered');
  },
  remove: async (event) => {
    const form = await event.request.formData();
    const { requests } = portal(event);
    const secret = event.cookies.get(requests.draftCookieName()) ?? '';
    const removed = await requests
      .removeFile(secret, textOf(form, 'file'))
      .then(() => null)
      .catch((thrown: unknown) => refuse(thrown));
    if (removed !== null) return removed;
    redirect(303, '/records/new/check#files');
  },
};
