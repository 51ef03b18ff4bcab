// The one form of a records request. Answers are kept, sealed, from the first "continue" on.

import { fail, redirect } from '@sveltejs/kit';
import { portal } from '#lib/api.ts';
import { refuse, textOf } from '#lib/forms.ts';
import { readAnswers, setCookie } from '#lib/request-forms.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { requests } = portal(event);
  const draft = await requests.draft(event.cookies.get(requests.draftCookieName()) ?? null);
  return {
    answers: draft?.answers ?? null,
    draftDays: requests.draftDays(),
    hasExpired: event.url.searchParams.has('expired'),
    about: event.url.searchParams.get('text')?.slice(0, 5_000) ?? null,
  };
};

export const actions: Actions = {
  default: async (event) => {
    const { requests } = portal(event);
    const form = await event.request.formData();
    const answers = readAnswers(form);
    const isSaving = textOf(form, 'then') === 'save';
    // People do not see this field. Whoever filled it in may still send the request: the answers are kept.
    const isTrapped = textOf(form, 'website') !== '';
    const isEmpty = answers.text.trim() === '' && !isSaving;
    const known = event.cookies.get(requests.draftCookieName()) ?? null;
    const cookie = await requests.saveDraft(known, answers).catch((thrown: unknown) => refuse(thrown));
    if (!('value' in cookie)) return fail(cookie.status, { ...cookie.data, answers });
    setCookie(event.cookies, cookie);
    if (isTrapped || isEmpty) return { problem: isTrapped ? ('trap' as const) : ('empty' as const), answers };
    redirect(303, isSaving ? '/records/new/saved' : '/records/new/check');
  },
};
