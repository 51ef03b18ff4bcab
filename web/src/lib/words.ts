// The words of the interface: one catalogue per language, formatted with ICU messages, dates and numbers by Intl.
// It must not hold a word itself: every one lives in web/messages.

import { IntlMessageFormat } from 'intl-messageformat';
import type { PortalError } from '../../../src/base/errors.ts';
import type { Sentence, SentenceValue } from '../../../src/base/say.ts';
import english from '../../messages/en.json' with { type: 'json' };

export type WordKey = keyof typeof english;
export type WordValues = Readonly<Record<string, string | number | Date>>;
/** A run of a message: plain text, or the text inside a tag such as `<a>…</a>`. */
export type WordRun = { readonly text: string; readonly tag: string | null };

/** Other languages than English hold the portal's sentences too: `say.` and the key (src/base/sentences). */
export type Catalogue = Readonly<Record<WordKey, string>>;

type Catalogues = Readonly<Record<string, Catalogue>>;

/** Language → its catalogue. A language is offered when it stands here. */
const catalogues: Catalogues = { en: english };
const fallbackLanguage = 'en';

/** Right-to-left scripts, for `dir` on the document. */
const rightToLeft: ReadonlySet<string> = new Set(['ar', 'fa', 'prs', 'ur', 'he']);

export type Words = {
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  readonly timeZone: string;
  t(key: WordKey, values?: WordValues): string;
  /** The message in runs, for words with links inside. */
  runs(key: WordKey, values?: WordValues): readonly WordRun[];
  /** What the portal says (an error, a finding) by its key; in English where the language has no words for it yet. */
  say(said: Sentence | string): string;
  has(key: string): key is WordKey;
  number(value: number): string;
  /** A number as a person reads a measurement: few digits, no noise. */
  measure(value: number): string;
  /** A number in plain decimal digits, grouped and not rounded; other text as it stands. */
  exact(text: string): string;
  percent(fraction: number): string;
  bytes(count: number): string;
  /** Any ISO date or instant, as a calendar date in the city's time zone. */
  date(iso: string): string;
  /** The same, short enough for an axis or a table. */
  shortDate(iso: string): string;
  time(iso: string): string;
  list(items: readonly string[]): string;
  /** A language tag as the language's name; the tag itself when it is not one. */
  languageName(tag: string): string;
};

/** Dates and times without a zone are wall-clock time: read and shown in UTC, so that the day never shifts. */
function hasZone(iso: string): boolean {
  return /T.*(Z|[+-]\d{2}:?\d{2})$/.test(iso);
}

function formatDate(language: string, cityZone: string, iso: string, style: Intl.DateTimeFormatOptions): string {
  const timeZone = hasZone(iso) ? cityZone : 'UTC';
  const text = hasZone(iso) ? iso : `${iso.slice(0, 10)}T${iso.slice(11) || '00:00:00'}Z`;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime())
    ? iso
    : new Intl.DateTimeFormat(language, { ...style, timeZone }).format(moment);
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

function formatBytes(language: string, count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), byteUnits.length - 1);
  const value = count / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  const unit = byteUnits[power] ?? 'byte';
  const options = {
    style: 'unit',
    unit,
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: digits,
  } as const;
  return new Intl.NumberFormat(language, options).format(value);
}

function formatMessage(language: string, catalogue: Catalogue, key: WordKey, values: WordValues | undefined): string {
  const message = catalogue[key];
  if (values === undefined && !message.includes('{')) return message;
  return String(new IntlMessageFormat(message, language).format(values));
}

/** What an error says, for `words.say`: a sentence with a key where it has one, else its English. */
export function saidBy(thrown: PortalError): Sentence | string {
  return thrown.sentence ?? thrown.message;
}

/** A sentence in a gap of another is said first. A string is English that has no key yet. */
function formatSaid(language: string, catalogue: Catalogue, said: Sentence | string): string {
  if (typeof said === 'string') return said;
  const key = `say.${said.key}`;
  if (!Object.hasOwn(catalogue, key)) return said.english;
  const show = (value: SentenceValue): string | number => {
    if (typeof value === 'string' || typeof value === 'number') return value;
    if ('date' in value) return formatDate(language, 'UTC', value.date, { dateStyle: 'full' });
    if ('english' in value) return formatSaid(language, catalogue, value);
    return new Intl.ListFormat(language, { type: 'unit' }).format(value.map((part) => String(show(part))));
  };
  const given = Object.entries(said.values).map(([name, value]) => [name, show(value)]);
  return formatMessage(language, catalogue, key as WordKey, Object.fromEntries(given) as WordValues);
}

function formatRuns(language: string, catalogue: Catalogue, key: WordKey, values: WordValues = {}): readonly WordRun[] {
  const message = catalogue[key];
  const tagged = (tag: string) => (parts: readonly unknown[]) => ({ text: parts.join(''), tag });
  const tags = [...message.matchAll(/<(\w+)>/g)].map((match) => match[1] ?? '');
  const handlers = Object.fromEntries(tags.map((tag) => [tag, tagged(tag)]));
  const made: unknown = new IntlMessageFormat(message, language).format({ ...values, ...handlers } as never);
  const parts: readonly unknown[] = Array.isArray(made) ? made : [made];
  return parts.map((part) => (typeof part === 'string' ? { text: part, tag: null } : (part as WordRun)));
}

/**
 * The words for one request. A language without a catalogue reads in English; `timeZone` is the city's. Only a test
 * hands over other catalogues.
 */
export function openWords(wanted: string, timeZone: string, all: Catalogues = catalogues): Words {
  const base = wanted.split('-')[0] ?? '';
  const offered = Object.hasOwn(all, base);
  const language = offered ? wanted : fallbackLanguage;
  const catalogue = (offered ? all[base] : undefined) ?? english;
  return {
    language,
    direction: rightToLeft.has(base) ? 'rtl' : 'ltr',
    timeZone,
    t: (key, values) => formatMessage(language, catalogue, key, values),
    runs: (key, values) => formatRuns(language, catalogue, key, values),
    say: (said) => formatSaid(language, catalogue, said),
    has: (key): key is WordKey => Object.hasOwn(catalogue, key),
    number: (value) => new Intl.NumberFormat(language).format(value),
    measure: (value) => new Intl.NumberFormat(language, { maximumSignificantDigits: 5 }).format(value),
    exact: (text) => formatExact(language, text),
    percent: (fraction) => formatPercent(language, fraction),
    bytes: (count) => formatBytes(language, count),
    date: (iso) => formatDate(language, timeZone, iso, { dateStyle: 'long' }),
    shortDate: (iso) => formatDate(language, timeZone, iso, { dateStyle: 'medium' }),
    time: (iso) => formatDate(language, timeZone, iso, { dateStyle: 'long', timeStyle: 'short' }),
    languageName: (tag) => nameLanguage(language, tag),
    list: (items) => new Intl.ListFormat(language).format(items),
  };
}

function nameLanguage(language: string, tag: string): string {
  const isTag = /^[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*$/.test(tag);
  return isTag ? (new Intl.DisplayNames(language, { type: 'language' }).of(tag) ?? tag) : tag;
}

/** ECMA-402 formats a numeric string by all its digits. Of digits after the point it takes at most a hundred. */
function formatExact(language: string, text: string): string {
  const found = /^-?\d+(?:\.(\d{1,100}))?$/.exec(text);
  if (found === null) return text;
  const digits = found[1]?.length ?? 0;
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(text as `${number}`);
}

/** Never rounds a part up to all or down to none: 99.97 % reads 99.9 %, and 0.002 % reads under 0.1 %. */
function formatPercent(language: string, fraction: number): string {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  if (fraction > 0.999 && fraction < 1) return format.format(0.999);
  if (fraction > 0 && fraction < 0.001) return `< ${format.format(0.001)}`;
  return format.format(fraction);
}

export const languages: readonly string[] = Object.keys(catalogues);
