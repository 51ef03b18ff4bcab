// The city's own words: every fact the portal was asked to tell is told, in plain English, with links that work.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { loadCity } from '../../src/city/city.ts';
import type { GuidePage } from '../../src/city/guide.ts';

const folder = resolve(import.meta.dirname, '../../city/kent');
const city = await loadCity(folder);

function page(slug: string): GuidePage {
  const found = city.guide.find((each) => each.slug === slug);
  assert.ok(found, `guide page “${slug}”`);
  return found;
}

/** The words a person reads: no tags, one space between words. */
function words(slug: string): string {
  return page(slug)
    .html.replace(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/[“”]/g, '"')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:;)])/g, '$1')
    .replaceAll('( ', '(');
}

test('the guide has its pages, in order, each with topic, state, dates and reading time', () => {
  assert.deepEqual(
    city.guide.map((each) => each.slug),
    [
      '', 'find-data', 'check-access', 'query-the-api', 'public-records', 'fees', 'faq', 'data-use', 'enforcement',
      'key-points', 'help', 'gis', 'permits', 'corrections',
    ], // prettier-ignore
  );
  for (const each of city.guide) {
    assert.equal(each.published, '2026-02-21');
    assert.equal(each.reviewed, null, 'nobody at the city has reviewed it yet, and it must not say so');
    assert.equal(each.state, 'Washington');
    assert.ok(each.readingMinutes >= 1 && each.readingMinutes <= 4);
  }
});

test('the whole guide page takes about three minutes to read', () => {
  assert.equal(page('').readingMinutes, 3);
});

/** Row of the list of facts → a page that tells it and the words that do. */
const facts: readonly (readonly [row: number, slug: string, told: RegExp])[] = [
  [1, '', /publishes data so that people can see how the city works, plan, build things and get permits/],
  [2, '', /Every dataset has one page/],
  [2, 'find-data', /downloads and the API/],
  [3, 'check-access', /CSV .* JSON .* GeoJSON .* only when the data has places/],
  [4, 'query-the-api', /follow its API link\. The queries on that page are made for that dataset/],
  [4, 'gis', /The developer page lists the functions/],
  [5, 'check-access', /Update frequency\. How often is it meant to change\? If it reads "not specified"/],
  [6, '', /check the licen[cs]e and the update frequency/],
  [7, 'data-use', /for public reuse, under the licen[cs]e or terms on the dataset page/],
  [7, 'data-use', /ask the department that publishes the dataset before you reuse it/],
  [8, 'public-records', /City Clerk's public records process\. The law is the Washington Public Records Act/],
  [9, 'public-records', /City Clerk decides on fees, exemptions and procedural limits/],
  [9, 'fees', /stated for each request, or they are not specified/],
  [10, 'fees', /A large records request may cost money for copying and processing/],
  [10, 'faq', /Do downloads cost anything\? No\./],
  [11, 'public-records', /You do not need to apply for data that is already published/],
  [11, 'public-records', /may suggest a form\. It may not require an official format/],
  [12, 'help', /How do I use its API\? The developer page, then the publishing department/],
  [13, 'corrections', /report it right away to: the publishing department.*and the City Clerk/],
  [14, 'enforcement', /misuse of data, on changes made to official records without authority, and on breaches of the records process/],
  [14, 'enforcement', /IT\/GIS or Planning The integrity of its datasets City Attorney Cases where legal action is needed/],
  [15, 'enforcement', /Fines: not specified\. This portal never charges a fine/],
  [16, 'enforcement', /An administrative order\. A notice to comply\. A civil action, if the matter is not settled\. The exact steps.*not specified/],
  [17, 'enforcement', /an order to correct something; suspension of access.*enforcement by a court/],
  [18, 'enforcement', /Complaints go through the City's official contacts/],
  [19, 'enforcement', /City's published rules or the state Public Records Act\. Time limits in the City's rules: not specified/],
  [20, '', /Step 1: Find the dataset.*Step 2: Check access.*Step 3: Query the API.*Step 4: Request records.*Step 5: Pay fees/],
  [21, 'faq', /How do I get API access\?.*Do downloads cost anything\?.*Whom do I contact about errors\?/],
  [22, 'key-points', /Start at the portal\..*Ask the City Clerk\..*Ask the department that publishes it\./],
  [23, 'help', /Whom to ask/],
  [24, 'data-use', /Common problems/],
  [24, 'data-use', /Before you reuse/],
]; // prettier-ignore

test('every fact of the brief is told', () => {
  assert.deepEqual(
    [...new Set(facts.map(([row]) => row))],
    Array.from({ length: 24 }, (_, i) => i + 1),
  );
  for (const [row, slug, told] of facts) {
    assert.match(words(slug).replaceAll('’', "'"), told, `fact ${row} on the page “${slug}”`);
  }
});

test('the law is cited where it is used, and the page says it is no legal advice', () => {
  assert.match(words('public-records'), /Within five business days .* \(RCW 42\.56\.520\)/);
  assert.match(words('enforcement'), /end of the second business day after the denial \(RCW 42\.56\.520\)/);
  assert.match(words('enforcement'), /one year\..*\(RCW 42\.56\.550\)/);
  assert.match(words('fees'), /upper limits from the state law\. They are not the City.s prices/);
  assert.match(
    words('fees'),
    /15 cents a page.*10 cents a page.*5 cents for every four.*10 cents a gigabyte.*2 dollars/,
  );
  for (const slug of ['public-records', 'fees', 'enforcement']) {
    assert.match(words(slug), /a summary and not legal advice/, slug);
  }
});

test('a profile that is not there, not JSON or not whole stops the start in words', async (t) => {
  const own = mkdtempSync(join(tmpdir(), 'portal-city-'));
  t.after(() => rmSync(own, { recursive: true }));
  const saying = (words: RegExp) => (error: { code?: string; message: string }) =>
    error.code === 'setting-invalid' && words.test(error.message);
  await assert.rejects(loadCity(own), saying(/CITY names a city whose profile cannot be read/));
  writeFileSync(join(own, 'profile.json'), '{ "id": "kent", }');
  await assert.rejects(loadCity(own), saying(/not JSON.*(position|line) \d+/));
  writeFileSync(join(own, 'profile.json'), '{ "id": "kent" }');
  await assert.rejects(loadCity(own), saying(/not complete/));
});

test('nothing is made up: no address, telephone number or email stands anywhere', () => {
  const profile = city.profile;
  assert.deepEqual(
    [
      ...[profile.website, profile.clerk.email, profile.clerk.phone, profile.clerk.address, profile.clerk.url],
      ...[profile.attorney.email, profile.attorney.phone, profile.fees.schedule, profile.fines],
    ],
    Array.from({ length: 9 }, () => null),
  );
  for (const each of city.guide) {
    assert.doesNotMatch(each.html, /[\w.]+@[\w.]+\.\w+/, `email on ${each.slug}`);
    assert.doesNotMatch(each.html, /\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}/, `telephone on ${each.slug}`);
  }
  const departments = JSON.parse(readFileSync(join(folder, 'departments.json'), 'utf8')) as {
    id: string;
    name: string;
    contact: unknown;
    source: string;
  }[];
  assert.deepEqual(
    departments.slice(0, 4).map((each) => each.id),
    ['city-clerk', 'city-attorney', 'it-gis', 'planning'],
  );
  for (const each of departments) {
    assert.match(each.id, /^[a-z][a-z-]*$/);
    assert.equal(each.contact, null);
    assert.ok(each.source.length > 0);
  }
});

const sitePages = new Set(['/search', '/developers', '/departments', '/errors', '/guide', '/resource/']);
const officialHosts = new Set(['app.leg.wa.gov', 'www.codepublishing.com']);

test('every link of the guide leads to a page of the portal or to the law itself', () => {
  const slugs = new Set(city.guide.map((each) => `/guide/${each.slug}`));
  for (const each of city.guide) {
    for (const [, href = ''] of each.html.matchAll(/href="([^"]*)"/g)) {
      if (href.startsWith('https://')) {
        assert.ok(officialHosts.has(new URL(href).hostname), `${each.slug}: ${href}`);
        continue;
      }
      const path = href.split(/[?#]/)[0] ?? '';
      assert.ok(sitePages.has(path) || slugs.has(path), `${each.slug}: ${href}`);
    }
  }
});

test('the five steps link to the working thing', () => {
  for (const href of ['/search', '/developers', '/guide/check-access', '/guide/public-records', '/guide/fees']) {
    assert.ok(page('').html.includes(`href="${href}"`), href);
  }
});

function syllables(word: string): number {
  const core = word
    .toLowerCase()
    .replace(/(?:[^laeiouy]es|[^laeiouy]ed|[^laeiouy]e)$/, '')
    .replace(/^y/, '');
  return Math.max(1, core.match(/[aeiouy]{1,2}/g)?.length ?? 1);
}

/** Flesch–Kincaid grade of running text; list items and cells count as sentences of their own. */
function grade(markdown: string): number {
  const plain = markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\(?\bRCW [\d.]+(?:\(\d\))?\)?/g, '')
    .replace(/^\|[\s|-]+\|$/gm, '');
  const sentences = plain.split(/[.!?]\s|\n\s*\n|\n[-#|\d]/).filter((each) => /[a-z]{2}/i.test(each));
  const found = plain.match(/[A-Za-z’']+/g) ?? [];
  const spoken = found.reduce((sum, word) => sum + syllables(word), 0);
  return 0.39 * (found.length / sentences.length) + 11.8 * (spoken / found.length) - 15.59;
}

test('every page reads at eighth grade or below', () => {
  assert.ok(
    grade(
      'Notwithstanding administrative considerations, organizational representatives characteristically anticipate.',
    ) > 12,
  );
  for (const each of city.guide) {
    const file = readFileSync(join(folder, 'guide', `${each.slug === '' ? 'index' : each.slug}.md`), 'utf8');
    const found = grade(file.slice(file.indexOf('\n---\n', 4) + 5));
    assert.ok(found <= 8, `${each.slug}: grade ${found.toFixed(1)}`);
  }
});
