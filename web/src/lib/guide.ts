// What the guide's pages need beyond their own HTML. It must not change a word of the city's text.

import type { GuidePage } from '../../../src/city/guide.ts';

export type GuideLink = Pick<GuidePage, 'slug' | 'title' | 'summary' | 'topic' | 'readingMinutes'>;

/** The pages in their order, without their text. */
export function toPages(pages: readonly GuidePage[]): readonly GuideLink[] {
  return [...pages]
    .sort((a, b) => a.order - b.order)
    .map(({ slug, title, summary, topic, readingMinutes }) => ({ slug, title, summary, topic, readingMinutes }));
}

export function guideAddress(slug: string): string {
  return slug === '' ? '/guide' : `/guide/${slug}`;
}

/** Tables get a region that scrolls and can be reached by keyboard; their `<th>` say that they head columns. */
export function withScrollingTables(page: GuidePage): GuidePage {
  const html = page.html
    .replaceAll('<table>', '<div class="table-scroll" tabindex="0"><table class="table">')
    .replaceAll('</table>', '</table></div>')
    .replaceAll('<th>', '<th scope="col">');
  return { ...page, html };
}
