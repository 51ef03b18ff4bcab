// The city's own words, read once at start from city/<name>/: its profile, and its guide rendered from Markdown.
// It must never fill in what the city has not said: what is null stays null, and raw HTML in a guide page is not HTML.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import MarkdownIt from 'markdown-it';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

import { PortalError } from '../base/errors.ts';
import type { CityProfile, GuidePage } from './pages.ts';

export type City = { readonly profile: CityProfile; readonly guide: readonly GuidePage[] };

const wordsPerMinute = 220;

const nullableText = Type.Union([Type.String({ minLength: 1 }), Type.Null()]);
const text = Type.String({ minLength: 1 });

const profileSchema = Type.Object(
  {
    id: text,
    name: text,
    shortName: text,
    timeZone: text,
    language: text,
    website: nullableText,
    clerk: Type.Object({
      name: text,
      email: nullableText,
      phone: nullableText,
      address: nullableText,
      url: nullableText,
    }),
    attorney: Type.Object({ name: text, email: nullableText, phone: nullableText }),
    enforcement: Type.Array(Type.Object({ role: text, about: text })),
    fees: Type.Object({ schedule: nullableText, note: text }),
    fines: nullableText,
  },
  { additionalProperties: false },
);

/** Reads city/<name>/profile.json and city/<name>/guide/*.md. Throws setting-invalid with the file and the mend. */
export async function loadCity(folder: string): Promise<City> {
  const profile = await readProfile(join(folder, 'profile.json'));
  const guideFolder = join(folder, 'guide');
  const names = (await readdir(guideFolder)).filter((name) => name.endsWith('.md')).sort();
  const pages = await Promise.all(
    names.map(async (name) => toGuidePage(name, await readFile(join(guideFolder, name), 'utf8'))),
  );
  requireDistinctSlugs(pages);
  const guide = pages.sort((a, b) => a.order - b.order || (a.slug < b.slug ? -1 : 1));
  return Object.freeze({ profile, guide: Object.freeze(guide) });
}

async function readProfile(path: string): Promise<CityProfile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw new PortalError('setting-invalid', { detail: cityMend(path), cause });
    throw new PortalError('setting-invalid', { detail: `The city profile is not JSON: ${cause.message}.`, cause });
  }
  if (!Value.Check(profileSchema, parsed)) {
    const first = Value.Errors(profileSchema, parsed)[0];
    const where = first?.instancePath === '' ? 'it' : (first?.instancePath ?? 'it');
    throw new PortalError('setting-invalid', `The city profile is not complete: ${where} ${first?.message ?? ''}.`);
  }
  return Object.freeze(parsed);
}

function cityMend(path: string): string {
  const tail = path.split('/').slice(-3).join('/');
  return `CITY names a city whose profile cannot be read: ${tail}. Use the name of a folder in city/.`;
}

function requireDistinctSlugs(pages: readonly GuidePage[]): void {
  const seen = new Set<string>();
  for (const { slug } of pages) {
    if (seen.has(slug)) throw new PortalError('setting-invalid', `Two guide pages have the slug “${slug}”.`);
    seen.add(slug);
  }
}

/** One Markdown file with front matter → a page. Throws setting-invalid that names the file and the field. */
export function toGuidePage(fileName: string, content: string): GuidePage {
  const found = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/u.exec(content);
  if (found === null) throw new PortalError('setting-invalid', `The guide page ${fileName} has no front matter.`);
  const fields = readFrontMatter(found[1] ?? '');
  const body = content.slice(found[0].length);
  const need = (name: string): string => {
    const value = fields.get(name);
    if (value === undefined || value === '') {
      throw new PortalError('setting-invalid', `The guide page ${fileName} does not say its “${name}”.`);
    }
    return value;
  };
  const order = Number(need('order'));
  if (!Number.isFinite(order)) {
    throw new PortalError('setting-invalid', `The order of the guide page ${fileName} is not a number.`);
  }
  return Object.freeze({
    slug: fields.get('slug') ?? '',
    title: need('title'),
    summary: need('summary'),
    topic: need('topic'),
    state: fields.get('state') || null,
    published: need('published'),
    reviewed: fields.get('reviewed') || null,
    readingMinutes: readingMinutes(body),
    order,
    html: renderMarkdown(body),
  });
}

function readFrontMatter(block: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/u)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const value = line.slice(colon + 1).trim();
    fields.set(line.slice(0, colon).trim(), value.replace(/^(["'])(.*)\1$/u, '$2'));
  }
  return fields;
}

/** Whole minutes for a person who reads 220 words a minute, at least one. */
export function readingMinutes(markdown: string): number {
  const words = markdown.match(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu)?.length ?? 0;
  return Math.max(1, Math.round(words / wordsPerMinute));
}

/** Markdown without raw HTML; markdown-it refuses script links; headings get an id to link to. */
function renderMarkdown(markdown: string): string {
  const renderer = new MarkdownIt({ html: false, linkify: false, typographer: true });
  const taken = new Map<string, number>();
  renderer.core.ruler.push('heading-ids', (state) => {
    state.tokens.forEach((token, at) => {
      if (token.type !== 'heading_open') return;
      const base = toAnchor(state.tokens[at + 1]?.content ?? '');
      const count = taken.get(base) ?? 0;
      taken.set(base, count + 1);
      token.attrSet('id', count === 0 ? base : `${base}-${count + 1}`);
    });
  });
  return renderer.render(markdown);
}

function toAnchor(heading: string): string {
  const words = heading
    .normalize('NFKD')
    .toLowerCase()
    .match(/[a-z0-9]+/gu);
  return words === null ? 'section' : words.join('-');
}
