// Lets a browser offer the portal's search in its address bar (OpenSearch 1.1).

import { portal } from '#lib/api.ts';
import { openWords } from '#lib/words.ts';
import type { RequestHandler } from './$types';

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export const GET: RequestHandler = (event) => {
  const api = portal(event);
  const city = api.city();
  const words = openWords(city.language, city.timeZone);
  const origin = escapeXml(api.publicUrl().replace(/\/+$/, ''));
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>${escapeXml(city.shortName)}</ShortName>
  <Description>${escapeXml(words.t('search.about'))}</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <Image type="image/svg+xml">${origin}/favicon.svg</Image>
  <Url type="text/html" template="${origin}/search?q={searchTerms}"/>
</OpenSearchDescription>
`;
  return new Response(xml, { headers: { 'content-type': 'application/opensearchdescription+xml; charset=utf-8' } });
};
