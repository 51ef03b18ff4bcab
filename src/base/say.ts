// A sentence that a person may read: a key with values, and its English; pages say it in another language by its key.
// The words stand in sentences/, one file an area; none stands here (docs/adr/0019-sentences-are-keys.md). What only
// whoever runs the portal reads (wrong settings, a database that does not start, faults within the portal) stays a
// plain string.

import { catalogue } from './sentences/catalogue.ts';
import { city } from './sentences/city.ts';
import { desk } from './sentences/desk.ts';
import { dialects } from './sentences/dialects.ts';
import { documents } from './sentences/documents.ts';
import { engine } from './sentences/engine.ts';
import { form } from './sentences/form.ts';
import { language } from './sentences/language.ts';
import { law } from './sentences/law.ts';
import { mail } from './sentences/mail.ts';
import { money } from './sentences/money.ts';
import { pages } from './sentences/pages.ts';
import { people } from './sentences/people.ts';
import { publish } from './sentences/publish.ts';
import { query } from './sentences/query.ts';
import { records } from './sentences/records.ts';
import { reports } from './sentences/reports.ts';
import { retention } from './sentences/retention.ts';
import { routes } from './sentences/routes.ts';
import { serve } from './sentences/serve.ts';
import { store } from './sentences/store.ts';

/** English words whose form a number decides: the value named `by` chooses, and is written where `#` stands. */
export type Plural = { readonly by: string; readonly one: string; readonly other: string };
type English = Readonly<Record<string, string | Plural>>;

export const sentences = {
  ...catalogue,
  ...city,
  ...desk,
  ...dialects,
  ...documents,
  ...engine,
  ...form,
  ...language,
  ...law,
  ...mail,
  ...money,
  ...pages,
  ...people,
  ...publish,
  ...query,
  ...records,
  ...reports,
  ...retention,
  ...routes,
  ...serve,
  ...store,
} as const satisfies English;

export type SentenceKey = keyof typeof sentences;
/** A date of the calendar, and how English writes it (sayDate of src/city/days.ts). */
export type SaidDate = { readonly date: string; readonly english: string };

type Part = string | number | SaidDate | Sentence;
/** What stands in a gap: text as it is, a number, a date, a sentence (a part of one) with its own key, or a list. */
export type SentenceValue = Part | readonly Part[];

/** Plain data: it is kept with a finding, and goes to a page as it is. */
export type Sentence = {
  readonly key: string;
  readonly values: Readonly<Record<string, SentenceValue>>;
  readonly english: string;
};

/** `{name}`, or `{name, number}` for a number with its thousands apart. */
type GapsIn<Text extends string> = Text extends `${string}{${infer Gap}}${infer Rest}`
  ? (Gap extends `${infer Name}, number` ? Name : Gap) | GapsIn<Rest>
  : never;
type NamesOf<Words extends string | Plural> = Words extends Plural
  ? Words['by'] | GapsIn<Words['one']> | GapsIn<Words['other']>
  : Words extends string
    ? GapsIn<Words>
    : never;
type NamesFor<Key extends SentenceKey> = NamesOf<(typeof sentences)[Key]>;
type ValuesFor<Key extends SentenceKey> = Readonly<Record<NamesFor<Key>, SentenceValue>>;

/** The sentence of this key. A key that is not there, a value that is missing and one too many do not compile. */
export function say<Key extends SentenceKey>(
  key: Key,
  ...[values]: [NamesFor<Key>] extends [never] ? [] : [values: ValuesFor<Key>]
): Sentence {
  const given: Sentence['values'] = values ?? {};
  return { key, values: given, english: toEnglish(sentences[key], given) };
}

/** One sentence after another. */
export function sayBoth(first: Sentence, second: Sentence): Sentence {
  return say('form.both', { first, second });
}

/** In English, which is what the API, the command line and the logs say. */
export function inEnglish(said: Sentence | string): string {
  return typeof said === 'string' ? said : said.english;
}

/** `1,234`, the same on every machine. */
function toCount(value: number): string {
  return value.toLocaleString('en-US');
}

function toEnglish(words: string | Plural, values: Sentence['values']): string {
  if (typeof words === 'string') return fill(words, values);
  const count = Number(values[words.by]);
  return fill((count === 1 ? words.one : words.other).replaceAll('#', toCount(count)), values);
}

/** As ICU reads it: two apostrophes are one, since one before a brace would begin a quotation. */
function fill(words: string, values: Sentence['values']): string {
  return words.replaceAll(/''|\{(\w+)(, number)?\}/g, (found, name?: string, asNumber?: string) => {
    if (name === undefined) return "'";
    const value = values[name];
    if (asNumber !== undefined) return toCount(Number(value));
    return value === undefined ? found : show(value);
  });
}

function show(value: SentenceValue): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return 'english' in value ? value.english : value.map(show).join(', ');
}
