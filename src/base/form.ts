// Forms as people send them: what they wrote in a field, read in one way for every page.
// It must know no page and no field by name.

import { toCivil } from './dates.ts';
import { PortalError } from './errors.ts';
import { refuseField } from './fields.ts';
import { say } from './say.ts';
import type { Sentence } from './say.ts';

/** A form as it was sent: every value of every name. */
export type FormValues = Readonly<Record<string, readonly string[]>>;

/** Without the blanks around it; empty when the form has no such field. */
export function textOf(form: FormValues, name: string): string {
  return form[name]?.[0]?.trim() ?? '';
}

/** Null: nothing was written. */
export function writtenOf(form: FormValues, name: string): string | null {
  return textOf(form, name) || null;
}

/** A box sends its name when it is ticked, with whatever value. */
export function isTicked(form: FormValues, name: string): boolean {
  return form[name]?.[0] !== undefined;
}

/** One of the words that were offered, or null. */
export function choiceOf<Word extends string>(form: FormValues, name: string, words: readonly Word[]): Word | null {
  const text = textOf(form, name);
  return words.find((word) => word === text) ?? null;
}

/** Throws form-invalid with the sentence. */
export function requireChoice<Word extends string>(
  form: FormValues,
  name: string,
  words: readonly Word[],
  sentence: Sentence,
): Word {
  return choiceOf(form, name, words) ?? refuseField(name, sentence);
}

/** What is written one a line, or with commas between. */
export function linesOf(form: FormValues, name: string): readonly string[] {
  return textOf(form, name)
    .split(/[\n,]/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** `2026-03-02`; null for what is no date of the calendar, and for an empty field. */
export function dateOf(form: FormValues, name: string): string | null {
  const text = textOf(form, name);
  return toCivil(text) === null ? null : text;
}

/**
 * `12`, `12.5`, `$1,234.50` as cents, without ever passing through a fraction; an empty field is null, never zero.
 * Throws form-invalid for anything else, as for `1,23`: nobody knows whether that is a mistake or a decimal comma.
 */
export function centsOf(form: FormValues, name: string): number | null {
  return toCents(textOf(form, name), name);
}

/** As `centsOf`, and `-12.50` or `-$12.50` for what comes back. */
export function signedCentsOf(form: FormValues, name: string): number | null {
  const text = textOf(form, name);
  const isNegative = text.startsWith('-');
  const cents = toCents(isNegative ? text.slice(1) || '-' : text, name);
  return cents !== null && isNegative ? 0 - cents : cents;
}

const amount = /^\$?(\d{1,3}(?:,\d{3}){1,3}|\d{1,12})(?:\.(\d{1,2}))?$/u;

function toCents(text: string, name: string): number | null {
  if (text === '') return null;
  const found = amount.exec(text);
  if (found === null) refuseField(name, say('form.amount'));
  const [, dollars = '', cents = ''] = found;
  return Number(dollars.replaceAll(',', '')) * 100 + Number(cents.padEnd(2, '0'));
}

/** The version that the page showed when the form was opened. Throws bad-request. */
export function versionOf(form: FormValues, what: Sentence | null = null): number {
  return toVersion(form['version']?.[0], 1, what);
}

/** As `versionOf`; 0: nothing was there yet. */
export function versionOrNoneOf(form: FormValues): number {
  return toVersion(textOf(form, 'version') || '0', 0, null);
}

function toVersion(text: string | undefined, least: number, what: Sentence | null): number {
  const version = Number(text);
  if (Number.isSafeInteger(version) && version >= least) return version;
  const missing = what === null ? say('form.version-missing') : say('form.version-missing-of', { what });
  throw new PortalError('bad-request', missing);
}
