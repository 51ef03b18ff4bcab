// The city's guide, city/<name>/guide/*.md, rendered once at start.
// It must let no raw HTML of a guide page become HTML.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import MarkdownIt from 'markdown-it';

import { PortalError } from '../base/errors.ts';

export type GuidePage = {
  readonly slug: string; // '' is the guide's first page
  readonly title: string;
  readonly summary: string;
  readonly topic: string;
  readonly state: string | null;
  readonly published: string; // ISO date
  readonly reviewed: string | null;
  readonly readingMinutes: number;
  readonly order: number;
  readonly html: string; // sanitized when loaded
};

const wordsPerMinute = 220;

/** Reads <folder>/*.md, by their order. Throws setting-invalid with the file and the mend. */
export async function readGuide(folder: string): Promise<readonly GuidePage[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
  const pages = await Promise.all(
    names.map(async (name) => toGuidePage(name, await readFile(join(folder, name), 'utf8'))),
  );
  requireDistinctSlugs(pages);
  return pages.sort((a, b) => a.order - b.order || (a.slug < b.slug ? -1 : 1));
}

function requireDistinctSlugs(pages: readonly GuidePage[]): void {
  const seen = new Set<string>();
  for (const { slug } of pages) {
    if (seen.has(slug)) throw new PortalError('setting-invalid', `Two guide pages have the slug “${slug}”.`);
    seen.add(slug);
  }
}

/** One Markdown file with front matter → a page. Throws setting-invalid that names the file and the field. */
function toGuidePage(fileName: string, content: string): GuidePage {
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
function readingMinutes(markdown: string): number {
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
