// What an act takes: how a form shows each input, how it is read from a form, and what it is as JSON.
// It must judge no value beyond its form; whoever acts says what is missing.

import { Type } from 'typebox';
import type { TProperties, TSchema } from 'typebox';

import { refuseField, refuseStep } from './fields.ts';
import { choiceOf, dateOf, isTicked, linesOf, requireChoice, textOf, versionOf, writtenOf } from './form.ts';
import type { FormValues } from './form.ts';
import { say } from './say.ts';
import type { Sentence } from './say.ts';
import { nullable } from './schemas.ts';

/** How a form shows it; `own`: the page has a place of its own for it. */
export type InputKind = 'line' | 'text' | 'date' | 'choice' | 'check' | 'lines' | 'withheld' | 'letter' | 'own';

export type Input<T> = {
  readonly kind: InputKind;
  /** A form marks it, and JSON must have it. */
  readonly isRequired: boolean;
  readonly options: readonly string[];
  readonly schema: TSchema;
  /** What it is where JSON leaves it out; without one it is left out of the values too. */
  readonly absent?: T;
  /** Throws records-invalid or form-invalid for what is none of what was offered. */
  readonly read: (form: FormValues, name: string) => T;
};

/** An input for each member of the values, and for nothing else. */
export type Inputs<Values> = { readonly [Name in keyof Values]-?: Input<Exclude<Values[Name], undefined>> };

export function required<T>(input: Input<T>): Input<T> {
  return { ...input, isRequired: true };
}

/** For what replaces something: JSON that leaves a member out must not blank it. */
export function allRequired<Values>(inputs: Inputs<Values>): Inputs<Values> {
  const entries = Object.entries<Input<unknown>>(inputs).map(([name, each]) => [name, required(each)]);
  return Object.fromEntries(entries) as Inputs<Values>; // the same members
}

function input<T>(kind: InputKind, schema: TSchema, absent: T, read: Input<T>['read']): Input<T> {
  return { kind, isRequired: false, options: [], schema, absent, read };
}

const date = Type.String({ format: 'date' });

/** One line; empty when nothing was written. */
export const line = (): Input<string> => input('line', Type.String(), '', textOf);
/** Several lines; empty when nothing was written. */
export const text = (): Input<string> => input('text', Type.String(), '', textOf);
/** null: nothing was written. */
export const written = (kind: InputKind = 'line'): Input<string | null> =>
  input<string | null>(kind, nullable(Type.String()), null, writtenOf);
/** A date that has to be there; empty when it is not, for whoever acts to say what it is for. */
export const day = (): Input<string> => required(input('date', date, '', textOf));
/** null: no date. */
export const dayOrNone = (): Input<string | null> => input<string | null>('date', nullable(date), null, writtenOf);
/** A date that is refused here when it is missing or none. */
export const certainDay = (): Input<string> => required(input('date', date, '', readDay));
export const check = (): Input<boolean> => input('check', Type.Boolean(), false, isTicked);
/** What is written one a line, or with commas between. */
export const lines = (): Input<readonly string[]> =>
  input<readonly string[]>('lines', Type.Array(Type.String()), [], linesOf);
/** A letter that the staff have made of the template; empty: as the template says. */
export const letter = (): Input<string> => input('letter', Type.String(), '', textOf);

/** One of these words. A form may offer fewer than there are. */
export function choice<const W extends string>(words: readonly W[], offered: readonly W[] = words): Input<W> {
  const schema = Type.Unsafe<W>(Type.String({ enum: [...words] }));
  const read = (form: FormValues, name: string): W => choiceOf(form, name, words) ?? refuseChoice(name);
  return { kind: 'choice', isRequired: true, options: offered, schema, read };
}

/** As `choice`, refused with a sentence of its own. */
export function answerOf<const W extends string>(words: readonly W[], sentence: Sentence): Input<W> {
  return { ...choice(words), read: (form, name) => requireChoice(form, name, words, sentence) };
}

/** One of these words; `otherwise` where it is none. */
export function choiceOr<const W extends string>(words: readonly W[], otherwise: NoInfer<W>): Input<W> {
  const schema = Type.Unsafe<W>(Type.String({ enum: [...words] }));
  const read: Input<W>['read'] = (form, name) => choiceOf(form, name, words) ?? otherwise;
  return { ...input<W>('choice', schema, otherwise, read), options: words };
}

/** One of these words, or null. */
export function choiceOrNone<const W extends string>(words: readonly W[]): Input<W | null> {
  const schema = nullable(Type.String({ enum: [...words] }));
  const read: Input<W | null>['read'] = (form, name) => choiceOf(form, name, words);
  return { ...input<W | null>('choice', schema, null, read), options: words };
}

/** A whole number; not a number at all is for whoever acts to refuse. */
export function whole(): Input<number> {
  const read = (form: FormValues, name: string): number => Number(textOf(form, name));
  return { kind: 'line', isRequired: true, options: [], schema: Type.Integer(), read };
}

/** The same, from a field of another name in the form. */
export function named<T>(field: string, given: Input<T>): Input<T> {
  return { ...given, read: (form) => given.read(form, field) };
}

/** What only a page of its own can ask; `read` takes it from the form's own fields. */
export function own<T>(schema: TSchema, read: (form: FormValues) => T): Input<T> {
  return { kind: 'own', isRequired: true, options: [], schema, read };
}

/** As `own`; `absent` where JSON leaves it out. */
export function ownOr<T>(schema: TSchema, absent: T, read: (form: FormValues) => T): Input<T> {
  return { ...own(schema, read), isRequired: false, absent };
}

/** A form asks yes or no. */
export function yesOrNo(): Input<boolean> {
  const read = (form: FormValues, name: string): boolean =>
    (choiceOf(form, name, ['yes', 'no']) ?? refuseChoice(name)) === 'yes';
  return { kind: 'choice', isRequired: true, options: ['yes', 'no'], schema: Type.Boolean(), read };
}

/** The version that was seen. Throws bad-request when the form has none; `what` is named then. */
export function version(what: Sentence | null = null): Input<number> {
  const schema = Type.Integer({ minimum: 1, description: 'The version that was seen.' });
  return own(schema, (form) => versionOf(form, what));
}

function refuseChoice(name: string): never {
  return refuseStep(name, say('form.choose'));
}

function readDay(form: FormValues, name: string): string {
  return dateOf(form, name) ?? refuseStep(name, say('form.date-missing'));
}

/**
 * PostgreSQL keeps no NUL, and half of a character would be another one when it is read again: neither is text.
 * Throws form-invalid with the field.
 */
function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed()) refuseField(name, say('form.no-text'));
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) requireText(name, each);
  }
}

/** Throws what the inputs refuse, and form-invalid for what is no text. */
export function readForm<Values>(inputs: Inputs<Values>, form: FormValues): Values {
  const entries = Object.entries<Input<unknown>>(inputs).map(([name, { read }]) => {
    const value = read(form, name);
    requireText(name, value);
    return [name, value];
  });
  return Object.fromEntries(entries) as Values; // a value for each input
}

/** A body that its schema has let through, with what it leaves out. Throws form-invalid for what is no text. */
export function readBody<Values>(inputs: Inputs<Values>, body: Readonly<Record<string, unknown>>): Values {
  const entries = Object.entries<Input<unknown>>(inputs).flatMap(([name, each]) => {
    requireText(name, body[name]);
    if (body[name] !== undefined) return [[name, body[name]]];
    return 'absent' in each ? [[name, each.absent]] : [];
  });
  return Object.fromEntries(entries) as Values;
}

/** The members of a JSON body, for the route's schema. */
export function bodyMembers<Values>(inputs: Inputs<Values>): TProperties {
  const entries = Object.entries<Input<unknown>>(inputs).map(([name, { schema, isRequired }]) => [
    name,
    isRequired ? schema : Type.Optional(schema),
  ]);
  return Object.fromEntries(entries) as TProperties;
}
