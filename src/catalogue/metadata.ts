// What a publisher may say of a dataset: unknown JSON in, whole metadata out, or an error that names the field.
// It must not fill in a value that the publisher did not give: what is left out is null.

import { toCivil } from '../base/dates.ts';
import { PortalError } from '../base/errors.ts';
import { datasetCodePattern } from '../base/ids.ts';
import { say } from '../base/say.ts';
import type { Sentence } from '../base/say.ts';
import { cadences, type Contact, type DatasetMetadata, type Licence } from './dataset.ts';

/** Metadata as a publisher writes it: everything but the title may be left out. */
export type MetadataInput = Partial<DatasetMetadata> & Pick<DatasetMetadata, 'title'>;

const textLimits = {
  description: 20_000,
  theme: 200,
  rights: 5_000,
  spatial: 1_000,
  language: 35,
  source: 1_000,
  conformsTo: 2_000,
  purpose: 10_000,
  methodology: 20_000,
  rowMeaning: 1_000,
  limitations: 20_000,
  notice: 500,
} as const;

const known = new Set<string>([
  ...Object.keys(textLimits),
  ...[
    'title',
    'keywords',
    'licence',
    'accessLevel',
    'cadence',
    'contact',
    'temporal',
    'bbox',
    'landingPage',
    'sourceUrl',
  ],
]);

/** Throws metadata-invalid with the field's name in `extra.field`. */
export function parseMetadata(input: unknown): DatasetMetadata {
  const given = requireObject(input, 'metadata', known);
  const title = parseText(given['title'], 'title', 300);
  if (title === null) refuse('title', say('catalogue.field.title'));
  if (given['accessLevel'] !== undefined && given['accessLevel'] !== 'public')
    refuse('accessLevel', say('catalogue.field.public'));
  const text = (name: keyof typeof textLimits): string | null => parseText(given[name], name, textLimits[name]);
  return {
    title,
    description: text('description'),
    keywords: parseKeywords(given['keywords']),
    theme: text('theme'),
    licence: parseLicence(given['licence']),
    rights: text('rights'),
    accessLevel: 'public',
    cadence: parseCadence(given['cadence']),
    contact: parseContact(given['contact'], 'contact'),
    temporal: parseTemporal(given['temporal']),
    spatial: text('spatial'),
    bbox: parseBbox(given['bbox']),
    language: parseLanguage(text('language')),
    landingPage: parseUrl(given['landingPage'], 'landingPage'),
    source: text('source'),
    sourceUrl: parseUrl(given['sourceUrl'], 'sourceUrl'),
    conformsTo: text('conformsTo'),
    purpose: text('purpose'),
    methodology: text('methodology'),
    rowMeaning: text('rowMeaning'),
    limitations: text('limitations'),
    notice: text('notice'),
  };
}

/** A readable id: lower-case words with hyphens, and not of the shape of a code. Throws metadata-invalid. */
export function parseDatasetId(value: unknown): string {
  if (typeof value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,99}$/.test(value) || value.endsWith('-'))
    refuse('id', say('catalogue.field.id'));
  if (datasetCodePattern.test(value)) refuse('id', say('catalogue.field.code'));
  return value;
}

export function parseDepartmentId(value: unknown): string {
  if (typeof value !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(value))
    refuse('department', say('catalogue.field.department'));
  return value;
}

export function parseContact(value: unknown, field: string): Contact | null {
  if (value === undefined || value === null) return null;
  const given = requireObject(value, field, new Set(['name', 'email', 'phone', 'url']));
  const email = parseText(given['email'], `${field}.email`, 254);
  if (email !== null && !/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(email))
    refuse(`${field}.email`, say('catalogue.field.email'));
  const contact = {
    name: parseText(given['name'], `${field}.name`, 200),
    email,
    phone: parseText(given['phone'], `${field}.phone`, 50),
    url: parseUrl(given['url'], `${field}.url`),
  };
  return Object.values(contact).every((part) => part === null) ? null : contact;
}

function refuse(field: string, why: Sentence): never {
  throw new PortalError('metadata-invalid', { detail: say('catalogue.field-wrong', { field, why }), extra: { field } });
}

function requireObject(value: unknown, field: string, names: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(field, say('catalogue.field.object'));
  for (const name of Object.keys(value))
    if (!names.has(name)) refuse(name.slice(0, 100), say('catalogue.field.unknown'));
  return value as Readonly<Record<string, unknown>>;
}

/** Blank is as if left out. Control characters other than tab and line break have no place in words. */
export function parseText(value: unknown, field: string, longest: number): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') refuse(field, say('catalogue.field.text'));
  const text = value.trim();
  if (text.length > longest) refuse(field, say('catalogue.field.long', { longest }));
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) || !text.isWellFormed())
    refuse(field, say('catalogue.field.characters'));
  return text === '' ? null : text;
}

function parseKeywords(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > 100) refuse('keywords', say('catalogue.field.keywords'));
  const words = value.map((word) => parseText(word, 'keywords', 100));
  return [...new Set(words.filter((word) => word !== null))];
}

function parseLicence(value: unknown): Licence | null {
  if (value === undefined || value === null) return null;
  const given = requireObject(value, 'licence', new Set(['id', 'name', 'url']));
  const name = parseText(given['name'], 'licence.name', 200);
  if (name === null) refuse('licence.name', say('catalogue.field.licence'));
  return { id: parseText(given['id'], 'licence.id', 100), name, url: parseUrl(given['url'], 'licence.url') };
}

function parseCadence(value: unknown): DatasetMetadata['cadence'] {
  if (value === undefined || value === null || value === '') return null;
  return (
    cadences.find((cadence) => cadence === value) ??
    refuse('cadence', say('catalogue.field.cadence', { known: cadences.join(', ') }))
  );
}

function parseUrl(value: unknown, field: string): string | null {
  const text = parseText(value, field, 2_000);
  if (text === null) return null;
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) refuse(field, say('catalogue.field.address'));
  return text;
}

function parseLanguage(text: string | null): string | null {
  if (text !== null && !/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text))
    refuse('language', say('catalogue.field.language'));
  return text;
}

function parseTemporal(value: unknown): DatasetMetadata['temporal'] {
  if (value === undefined || value === null) return null;
  const given = requireObject(value, 'temporal', new Set(['start', 'end']));
  const [start, end] = [parseDay(given['start'], 'temporal.start'), parseDay(given['end'], 'temporal.end')];
  if (start !== null && end !== null && start > end) refuse('temporal', say('catalogue.field.temporal'));
  return start === null && end === null ? null : { start, end };
}

/** `2024`, `2024-05`, `2024-05-31` or an instant: kept as written. */
function parseDay(value: unknown, field: string): string | null {
  const text = parseText(value, field, 40);
  if (text === null) return null;
  const shape = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  // Date.parse takes 2023-02-30 for March 2.
  const real = !Number.isNaN(Date.parse(text)) && (day === undefined || toCivil(day) !== null);
  return shape.test(text) && real ? text : refuse(field, say('catalogue.field.date'));
}

function parseBbox(value: unknown): DatasetMetadata['bbox'] {
  if (value === undefined || value === null) return null;
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [];
  const [west, south, east, north] = numbers;
  const fits = (number: unknown, most: number): number is number =>
    typeof number === 'number' && Number.isFinite(number) && Math.abs(number) <= most;
  if (
    numbers.length !== 4 ||
    !fits(west, 180) ||
    !fits(south, 90) ||
    !fits(east, 180) ||
    !fits(north, 90) ||
    south > north
  )
    refuse('bbox', say('catalogue.field.box'));
  return [west, south, east, north];
}
