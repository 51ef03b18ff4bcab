// The form of a records request as pages read it, and the cookies that the portal hands them to set.
// It must not decide what a request needs; the portal does.

import type { Cookies } from '@sveltejs/kit';
import type { DraftAnswers, RequestCookie } from '../../../src/pages/requests.ts';
import { textOf } from './forms.ts';

export const deliveries = ['electronic', 'mail', 'pick_up', 'inspection'] as const;

/** Languages that a requester may ask to be answered in; the City arranges it. */
export const languages = ['en', 'es', 'vi', 'ru', 'uk', 'so', 'pa', 'zh', 'ko', 'tl', 'ar', 'fa'] as const;

export function readAnswers(form: FormData): DraftAnswers {
  const delivery = deliveries.find((each) => each === textOf(form, 'delivery')) ?? 'electronic';
  return {
    text: textOf(form, 'text'),
    dates: textOf(form, 'dates'),
    place: textOf(form, 'place'),
    caseNumber: textOf(form, 'caseNumber'),
    people: textOf(form, 'people'),
    delivery,
    name: textOf(form, 'name'),
    organization: textOf(form, 'organization'),
    email: textOf(form, 'email'),
    phone: textOf(form, 'phone'),
    address: textOf(form, 'address'),
    language: languages.find((each) => each === textOf(form, 'language')) ?? 'en',
    accommodation: textOf(form, 'accommodation'),
    asksForList: form.get('asksForList') !== null,
    listPurpose: textOf(form, 'listPurpose'),
  };
}

export function setCookie(cookies: Cookies, { name, value, secure, maxAgeSeconds }: RequestCookie): void {
  cookies.set(name, value, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: maxAgeSeconds });
}

export function clearCookie(cookies: Cookies, name: string): void {
  cookies.delete(name, { path: '/', httpOnly: true, sameSite: 'lax', secure: name.startsWith('__Host-') });
}
