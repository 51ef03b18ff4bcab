// What a form of a page shares with every other: reading its fields, and what it says when the portal refuses it.
// It must not decide what is right; the portal's functions do, and their sentence is shown.

import { fail } from '@sveltejs/kit';
import type { ActionFailure } from '@sveltejs/kit';
import { isPortalError } from '#lib/api.ts';
import { saidBy } from '#lib/words.ts';
import type { Sentence } from '../../../src/base/say.ts';

/** The sentence, and the field it is about where it is about one. */
export type Refused = { readonly message: Sentence | string; readonly field: string | null; readonly code: string };
export type Filled = Readonly<Record<string, string>>;

/** A text field as it was sent; a file or nothing is the empty text. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/**
 * A refusal that a person can mend becomes the answer of the form, with what was filled in (never a password);
 * everything else is thrown on.
 */
export function refuse(thrown: unknown, filled: Filled = {}): ActionFailure<{ refused: Refused; filled: Filled }> {
  if (!isPortalError(thrown) || thrown.status >= 500) throw thrown;
  const field = thrown.details.extra?.field;
  const refused = { message: saidBy(thrown), field: typeof field === 'string' ? field : null, code: thrown.code };
  return fail(thrown.status, { refused, filled });
}
