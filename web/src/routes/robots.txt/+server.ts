// What crawlers may read: every page; endless combinations of filters are left to people and to the API.

import { portal } from '#lib/api.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = (event) => {
  const origin = portal(event).publicUrl().replace(/\/+$/, '');
  const lines = [
    'User-agent: *',
    'Disallow: /search?',
    'Disallow: /*/rows?',
    'Disallow: /api/',
    `Sitemap: ${origin}/sitemap.xml`,
  ];
  return new Response(`${lines.join('\n')}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
};
