// Letters: the city's templates read, checked against what each letter must say, and filled from the record.
// It must never invent a word: what a template does not say is not said, and an empty profile field is "not specified".

import { PortalError } from '../../base/errors.ts';
import { isCityDate, longDate } from '../../city/days.ts';
import type { CityDate } from '../../city/days.ts';
import { citedExemption } from './exemptions.ts';
import { estimateGroundWords, outcomeWords, reviewWords } from './letter-choices.ts';
import { letterFields, letterIds, requiredUses } from './letter-fields.ts';
import type { FieldKind, LetterCharge, LetterFields, LetterId, LetterWithholding } from './letter-fields.ts';
import { namesIn, renderTemplate } from './letter-template.ts';
import type { Scope } from './letter-template.ts';
import { versionOn } from '../../city/versions.ts';
import type { Law, LetterTemplate } from './law.ts';

export type Letter = {
  readonly id: LetterId;
  readonly subject: string;
  readonly body: string;
  /** Which version of the template: its first day, null for the first. */
  readonly effectiveFrom: CityDate | null;
};

const cityFields = ['city', 'clerk', 'clerkContact', 'clerkEmail', 'clerkPhone', 'clerkAddress', 'clerkUrl'] as const;
const itemFields = {
  withheld: ['record', 'isPart', 'cite', 'title', 'explanation'],
  charges: ['what', 'rule', 'amount'],
  lines: ['line'],
} as const;
const choices = { ground: estimateGroundWords, outcome: outcomeWords, review: reviewWords } as const;

/**
 * The letter as it is sent on `fields.date`. Throws Error (a mistake in the code) for an unknown or missing field, and
 * records-invalid for an exemption that the law's data does not have.
 */
export function fillLetter<Id extends LetterId>(law: Law, id: Id, fields: LetterFields<Id>): Letter {
  const given = fields as Readonly<Record<string, unknown>>;
  const known: Readonly<Record<string, FieldKind>> = { number: 'text', date: 'date', ...letterFields[id] };
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(known, name)) throw new Error(`the letter ${id} has no field ${name}`);
  }
  const { date } = fields;
  if (!isCityDate(date)) throw new Error(`the letter ${id} has no date`);
  const scope: Record<string, Scope[string]> = { ...cityScope(law) };
  for (const [name, kind] of Object.entries(known)) Object.assign(scope, toScope(law, { id, given, date }, name, kind));
  const template = versionOn(
    law.letters.filter((letter) => letter.id === id),
    date,
  );
  return {
    id,
    subject: renderTemplate(template.subject, scope).replace(/\s+/g, ' ').trim(),
    body: renderTemplate(template.body, scope),
    effectiveFrom: template.effectiveFrom,
  };
}

const notSpecified = 'not specified';

function cityScope(law: Law): Scope {
  const { name, clerk } = law.city;
  return {
    city: name,
    clerk: clerk.name,
    clerkContact: contactLine(clerk),
    clerkEmail: clerk.email ?? notSpecified,
    clerkPhone: clerk.phone ?? notSpecified,
    clerkAddress: clerk.address ?? notSpecified,
    clerkUrl: clerk.url ?? notSpecified,
  };
}

/** How the clerk can be reached, in one line: what is known, and once what is not. */
function contactLine({ email, phone, address }: Law['city']['clerk']): string {
  const ways = [
    ['Email', email],
    ['Telephone', phone],
    ['Address', address],
  ] as const;
  const known = ways.flatMap(([way, value]) => (value === null ? [] : [`${way}: ${value}.`]));
  const unknown = ways.flatMap(([way, value]) => (value === null ? [way] : []));
  const said = new Intl.ListFormat('en').format(unknown.map((way, at) => (at === 0 ? way : way.toLowerCase())));
  return [...known, ...(unknown.length === 0 ? [] : [`${said}: ${notSpecified}.`])].join(' ');
}

/** A letter as its caller gives it: which one, what stands in its fields, and the day on which it is sent. */
type GivenLetter = {
  readonly id: LetterId;
  readonly given: Readonly<Record<string, unknown>>;
  readonly date: CityDate;
};

function toScope(law: Law, { id, given, date }: GivenLetter, name: string, kind: FieldKind): Scope {
  const value = given[name];
  const wrong = (): never => {
    throw new Error(`the letter ${id} is not given its field ${name}`);
  };
  if (kind.endsWith('?') && value === null) return { [name]: null };
  switch (kind) {
    case 'text':
    case 'text?':
      return { [name]: typeof value === 'string' && value.trim() !== '' ? value : wrong() };
    case 'date':
    case 'date?':
      return { [name]: typeof value === 'string' && isCityDate(value) ? longDate(value) : wrong() };
    case 'money':
    case 'money?':
      return { [name]: typeof value === 'number' && Number.isInteger(value) ? dollars(value) : wrong() };
    case 'flag':
      return { [name]: typeof value === 'boolean' ? value : wrong() };
    case 'lines':
      return { [name]: Array.isArray(value) ? (value as readonly string[]).map((line) => ({ line })) : wrong() };
    case 'withheld':
      return { [name]: Array.isArray(value) ? withheldItems(law, date, value) : wrong() };
    case 'charges':
      return { [name]: Array.isArray(value) ? chargeItems(value) : wrong() };
    case 'choice:ground':
    case 'choice:outcome':
    case 'choice:review': {
      const words = choices[kind.slice('choice:'.length) as keyof typeof choices];
      if (typeof value !== 'string' || !Object.hasOwn(words, value)) return wrong();
      return Object.fromEntries(Object.keys(words).map((word) => [`${name}-${word}`, word === value]));
    }
  }
}

function withheldItems(law: Law, date: CityDate, list: readonly LetterWithholding[]): readonly Scope[] {
  return list.map(({ record, extent, exemption, explanation }) => {
    const { cite, title } = citedExemption(law, date, exemption);
    return { record, isPart: extent === 'part', cite, title, explanation };
  });
}

function chargeItems(list: readonly LetterCharge[]): readonly Scope[] {
  return list.map(({ what, rule, tenths }) => ({ what, rule, amount: dollarsOfTenths(tenths) }));
}

/** `$1,234.50`; a credit has its sign before the dollar. */
export function dollars(cents: number): string {
  const size = Math.abs(cents);
  const whole = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0 ? '−' : ''}$${whole}.${String(size % 100).padStart(2, '0')}`;
}

/** Tenths of a cent are shown only where there are any: `$0.125`. */
export function dollarsOfTenths(tenths: number): string {
  const rest = Math.abs(tenths) % 10;
  const cents = dollars(Math.trunc(tenths / 10));
  return rest === 0 ? cents : `${cents}${rest}`;
}

/** One file of letters/: front matter with id, effectiveFrom and subject, then the text. Throws setting-invalid. */
export function parseLetter(file: string, content: string): LetterTemplate {
  const found = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/u.exec(content);
  if (found === null) return refuse(file, 'has no front matter');
  const fields = new Map<string, string>();
  for (const line of (found[1] ?? '').split(/\r?\n/u)) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  const need = (name: string): string => fields.get(name) || refuse(file, `does not say its “${name}”`);
  const effectiveFrom = fields.get('effectiveFrom') || null;
  if (effectiveFrom !== null && !isCityDate(effectiveFrom)) refuse(file, 'has an effectiveFrom that is no date');
  const body = content.slice(found[0].length).replace(/\r\n/g, '\n').trim();
  const letter = { id: need('id'), file, effectiveFrom, subject: need('subject'), body: `${body}\n` };
  if (body === '') refuse(file, 'has no text');
  return letter;
}

/** Every letter in distinct versions, each using only what it is given and everything that the law has it say. */
export function requireLetters(letters: readonly LetterTemplate[]): void {
  for (const id of letterIds) {
    if (!letters.some((letter) => letter.id === id)) refuse(`${id}.txt`, 'is missing');
  }
  const seen = new Set<string>();
  for (const { id, file, effectiveFrom, subject, body } of letters) {
    if (!letterIds.includes(id as LetterId)) refuse(file, `is a letter that the portal does not send: “${id}”`);
    const version = `${id} ${effectiveFrom ?? ''}`;
    if (seen.has(version)) refuse(file, 'is a second text for the same letter and date');
    seen.add(version);
    requireUses(file, id as LetterId, `${subject}\n${body}`);
  }
}

function requireUses(file: string, id: LetterId, text: string): void {
  const used = namesIn(text, (problem) => refuse(file, problem));
  const may = new Set<string>(['number', 'date', ...cityFields, ...namesGiven(id)]);
  for (const name of used) if (!may.has(name)) refuse(file, `uses {{${name}}}, which this letter is not given`);
  for (const name of requiredUses[id] ?? []) {
    if (!used.includes(name)) refuse(file, `does not use {{${name}}}, which this letter has to say`);
  }
}

function namesGiven(id: LetterId): readonly string[] {
  return Object.entries<FieldKind>(letterFields[id]).flatMap(([name, kind]) => {
    if (kind === 'withheld' || kind === 'charges' || kind === 'lines') return [name, ...itemFields[kind]];
    if (!kind.startsWith('choice:')) return [name];
    const words = choices[kind.slice('choice:'.length) as keyof typeof choices];
    return Object.keys(words).map((word) => `${name}-${word}`);
  });
}

function refuse(file: string, what: string): never {
  throw new PortalError('setting-invalid', `The law file letters/${file} does not hold: it ${what}.`);
}
