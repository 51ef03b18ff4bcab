// Every page worth finding, with when it last changed. It must list datasets only as the catalogue gives them.

import { portal } from '#lib/api.ts';
import { guideAddress } from '#lib/guide.ts';
import { parseSearch } from '#lib/search-address.ts';
import type { PagesApi } from '../../../../src/pages/api.ts';
import type { RequestHandler } from './$types';

type Entry = { readonly path: string; readonly changed: string | null };

/** The sitemap protocol's own bound on one file. */
const maxEntries = 50_000;
const step = 100;

async function datasetEntries(api: PagesApi): Promise<readonly Entry[]> {
  const all = parseSearch(new URL('http://portal/search?sort=title'));
  const entries: Entry[] = [];
  while (entries.length < maxEntries) {
    const { hits, total } = await api.search({ ...all, limit: step, offset: entries.length });
    entries.push(...hits.map((hit) => ({ path: `/datasets/${hit.id}`, changed: hit.dataUpdatedAt })));
    if (hits.length === 0 || entries.length >= total) break;
  }
  return entries;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export const GET: RequestHandler = async (event) => {
  const api = portal(event);
  const origin = api.publicUrl().replace(/\/+$/, '');
  const fixed = ['/', '/search', '/departments', '/developers', '/errors'].map((path) => ({ path, changed: null }));
  const guide = api
    .guide()
    .map((page) => ({ path: guideAddress(page.slug), changed: page.reviewed ?? page.published }));
  const departments = (await api.departments()).map(({ id }) => ({ path: `/departments/${id}`, changed: null }));
  const entries: readonly Entry[] = [...fixed, ...guide, ...departments, ...(await datasetEntries(api))].slice(
    0,
    maxEntries,
  );
  const lines = entries.map(({ path, changed }) => {
    const lastmod = changed === null ? '' : `<lastmod>${escapeXml(changed)}</lastmod>`;
    return `  <url><loc>${escapeXml(origin + path)}</loc>${lastmod}</url>`;
  });
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${lines.join('\n')}
</urlset>
`;
  return new Response(xml, { headers: { 'content-type': 'application/xml; charset=utf-8' } });
};
