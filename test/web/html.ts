// What every page's HTML must be, asked for over HTTP without a browser: one heading, a language, its own title, no
// script, links that lead somewhere, a tag that saves sending it twice.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Route } from './routes.ts';

type Fetched = Route & { readonly html: string; readonly headers: Headers };

async function fetchPage(origin: string, route: Route): Promise<Fetched> {
  const answer = await fetch(origin + route.path, { headers: { accept: 'text/html' } });
  const html = await answer.text();
  assert.equal(answer.status, route.status, `${route.path} answers ${answer.status}`);
  return { ...route, html, headers: answer.headers };
}

function count(html: string, pattern: RegExp): number {
  return html.match(pattern)?.length ?? 0;
}

/** Everything that is wrong with one page. */
function judge({ path, status, html, headers }: Fetched): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) wrong.push(`${path}: ${what}`);
  };
  expect(
    /^<!doctype html>\s*<html lang="[a-z]{2}(-[A-Z]{2})?" dir="(ltr|rtl)">/.test(html),
    'no language on the document',
  );
  expect(count(html, /<h1[\s>]/g) === 1, `${count(html, /<h1[\s>]/g)} main headings`);
  expect(count(html, /<title>/g) === 1, 'not one title');
  expect(count(html, /<main[\s>]/g) === 1, 'not one main part');
  expect(!/\sstyle="/.test(html), 'an inline style, which the content policy refuses');
  expect(!/<style[\s>]/.test(html), 'a style element, which the content policy refuses');
  const scripts = [...html.matchAll(/<script([^>]*)>/g)].map((match) => match[1] ?? '');
  const isPlain = (attributes: string) =>
    /application\/ld\+json/.test(attributes) ||
    /src="\/_app\/immutable\/assets\/(copy|passkey|suggest)\./.test(attributes);
  expect(scripts.every(isPlain), `a script that is none of ours: ${scripts.join(' ')}`);
  expect(count(html, /src="\/_app\/immutable\/assets\/copy\./g) <= 1, 'the copy script more than once');
  expect(!/\s(on[a-z]+)="/.test(html), 'an inline event handler');
  expect(status !== 200 || /<meta name="description" content="[^"]{20,}"/.test(html), 'no description');
  expect(/<link rel="canonical" href="http/.test(html), 'no canonical address');
  expect(/<meta property="og:title"/.test(html), 'no share words');
  const policy = headers.get('content-security-policy') ?? '';
  expect(
    policy.includes("default-src 'self'") && !policy.includes("'unsafe-inline'"),
    `a weak content policy: ${policy}`,
  );
  expect(
    !/undefined|\[object Object\]|NaN/.test(html.replace(/<pre[\s\S]*?<\/pre>/g, '')),
    'a value that was never made',
  );
  return wrong;
}

/** Addresses of this portal that the page links to, without their fragment. */
function linksOf(html: string, origin: string): readonly string[] {
  const found = [...html.matchAll(/\s(?:href|action)="([^"#]+)(?:#[^"]*)?"/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  return found
    .map((href) => (href.startsWith(origin) ? href.slice(origin.length) : href))
    .filter((href) => href.startsWith('/'));
}

/** Fragments that point at nothing on their own page. */
function brokenFragments({ path, html }: Fetched): readonly string[] {
  const ids = new Set([...html.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));
  const wanted = [...html.matchAll(/href="#([^"]+)"/g)].map((match) => match[1] ?? '');
  return wanted.filter((id) => !ids.has(id)).map((id) => `${path}: #${id} is nowhere`);
}

async function checkLinks(origin: string, pages: readonly Fetched[]): Promise<void> {
  const from = new Map<string, string>();
  for (const { path, html, status } of pages) {
    // A page that shows an error links to what is wrong, too.
    if (status !== 200) continue;
    for (const link of linksOf(html, origin)) if (!from.has(link)) from.set(link, path);
  }
  assert.ok(from.size > 60, `only ${from.size} links were found; the search for links is broken`);
  const dead: string[] = [];
  for (const [link, page] of from) {
    const answer = await fetch(origin + link, { headers: { accept: '*/*', range: 'bytes=0-99' }, redirect: 'manual' });
    await answer.body?.cancel();
    if (answer.status >= 400) dead.push(`${answer.status} ${link} (from ${page})`);
  }
  assert.deepEqual(dead, []);
}

export async function checkHtml(t: TestContext, origin: string, routes: readonly Route[]): Promise<void> {
  const pages: Fetched[] = [];
  await t.test('every page is whole', async () => {
    for (const route of routes) pages.push(await fetchPage(origin, route));
    assert.deepEqual([...pages.flatMap(judge), ...pages.flatMap(brokenFragments)], []);
  });
  await t.test('every page has its own title', () => {
    const titles = new Map<string, string[]>();
    for (const { html, path, status } of pages) {
      const title = /<title>([^<]*)/.exec(html)?.[1] ?? '';
      if (status !== 404) titles.set(title, [...(titles.get(title) ?? []), path.split('?')[0] ?? '']);
    }
    const shared = [...titles].filter(([, paths]) => new Set(paths).size > 1);
    assert.deepEqual(shared, []);
  });
  await t.test('every link leads somewhere', () => checkLinks(origin, pages));
  await t.test('a page that has not changed is not sent again', async () => {
    for (const path of ['/', '/search', '/guide', '/errors']) {
      const tags = new Set<string>();
      for (const coding of ['identity', 'gzip', 'br']) {
        const first = await fetch(origin + path, { headers: { 'accept-encoding': coding } });
        await first.text();
        assert.equal(first.headers.get('content-encoding') ?? 'identity', coding, path);
        assert.equal(first.headers.get('content-type'), 'text/html; charset=utf-8', path);
        const etag = first.headers.get('etag') ?? '';
        assert.match(etag, /^W\/"[^"]+"$/, `${path} ${coding}: the same tag for other bytes can only be weak`);
        tags.add(etag);
        const again = await fetch(origin + path, { headers: { 'if-none-match': etag, 'accept-encoding': coding } });
        assert.deepEqual([again.status, again.headers.get('etag')], [304, etag], `${path} ${coding}`);
      }
      assert.equal(tags.size, 1, path);
    }
  });
  await t.test('a dataset tells machines what it is', () => {
    const page = pages.find(({ route, status }) => route === 'datasets/[id]' && status === 200);
    const ld = /<script type="application\/ld\+json">([\s\S]*?)<\/script>/.exec(page?.html ?? '')?.[1];
    assert.ok(ld, 'no JSON-LD');
    assert.equal((JSON.parse(ld) as Record<string, unknown>)['@type'], 'Dataset');
    assert.match(page?.html ?? '', /<link rel="alternate" type="text\/csv"/);
  });
  await t.test('robots, site map, search description and icons', async () => {
    const robots = await (await fetch(`${origin}/robots.txt`)).text();
    assert.match(robots, /^Sitemap: http.*\/sitemap\.xml$/m);
    const sitemap = await (await fetch(`${origin}/sitemap.xml`)).text();
    assert.ok(count(sitemap, /<loc>/g) > 15);
    assert.ok(sitemap.includes('/guide/public-records</loc>'));
    assert.match(await (await fetch(`${origin}/opensearch.xml`)).text(), /template="[^"]+\/search\?q=\{searchTerms\}"/);
    for (const icon of ['favicon.svg', 'favicon.ico', 'apple-touch-icon.png', 'share.png']) {
      assert.equal((await fetch(`${origin}/${icon}`)).status, 200, icon);
    }
  });
  await t.test('an error page names the request and tells nothing of the inside', () => {
    const page = pages.find(({ path }) => path === '/there/is/nothing-here');
    assert.match(page?.html ?? '', /value="nothing here"/, 'the words of the address are offered as a search');
    assert.match(page?.html ?? '', /request id/);
    assert.doesNotMatch(page?.html ?? '', /node_modules|at .*\.ts:\d+/);
  });
}
