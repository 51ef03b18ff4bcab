// What the pages of the clerk's desk share: forms in, refusals out, dates as a person counts them, words for codes.
// It must not decide who may do what; the portal does.

import { fail } from '@sveltejs/kit';
import type { FormValues } from '../../../src/base/form.ts';
import type { Sentence } from '../../../src/base/say.ts';
import { isPortalError } from './api.ts';
import { saidBy } from './words.ts';
import type { WordKey, Words } from './words.ts';

/** A form that was refused: why, at which field, and everything that was typed. */
export type Refused = {
  readonly problem: Sentence | string;
  readonly code: string;
  readonly field: string | null;
  /** Somebody else was first: the version that stands now. */
  readonly version: number | null;
  readonly values: FormValues;
};

/** Pages with what concerns people are kept by nobody. */
export function keepNothing(event: { setHeaders: (headers: Record<string, string>) => void }): void {
  event.setHeaders({ 'cache-control': 'no-store' });
}

/** Every value of every field; files are not the desk's. */
export function toFormValues(data: FormData): FormValues {
  const values: Record<string, string[]> = {};
  for (const [name, value] of data) if (typeof value === 'string') (values[name] ??= []).push(value);
  return values;
}

/** Runs a form's act. What the portal refuses goes back to the form with what was typed; the rest is thrown. */
export async function attempt<T>(values: FormValues, act: () => Promise<T>) {
  try {
    return await act();
  } catch (thrown) {
    if (!isPortalError(thrown) || thrown.status >= 500 || thrown.status === 401) throw thrown;
    const { field, version } = thrown.details.extra ?? {};
    const refused: Refused = {
      problem: saidBy(thrown),
      code: thrown.code,
      field: typeof field === 'string' ? field : null,
      version: typeof version === 'number' ? version : null,
      values,
    };
    return fail(thrown.status, { refused });
  }
}

export function toParameters(url: URL): Readonly<Record<string, string>> {
  return Object.fromEntries([...url.searchParams].filter(([, value]) => value !== ''));
}

/** The same address with some parameters changed; null takes one away. A change of filter begins at the first page. */
export function withParameters(url: URL, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(url.searchParams);
  next.delete('after');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  for (const [name, value] of [...next]) if (value === '') next.delete(name);
  const search = next.toString();
  return search === '' ? url.pathname : `${url.pathname}?${search}`;
}

const dayMs = 86_400_000;

/** Whole days from one calendar date to another. */
export function daysFrom(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** `today`, `tomorrow`, `in 4 days`, `2 days ago`. */
export function fromToday(words: Words, today: string, on: string): string {
  return new Intl.RelativeTimeFormat(words.language, { numeric: 'auto' }).format(daysFrom(today, on), 'day');
}

/** The catalogue's word for a code that another version of the portal may not know: then the code itself. */
export function wordFor(words: Words, key: string, otherwise: string): string {
  return words.has(key) ? words.t(key as WordKey) : otherwise;
}

export function monthBefore(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const at = year * 12 + number - 1 + by;
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
}
