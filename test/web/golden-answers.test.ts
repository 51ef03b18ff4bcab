// What clients and pages are answered, kept in test/golden/answers: a move inside the portal may change none of it.
// It must ask as strangers and staff do, at a date that stands still. UPDATE_GOLDEN=1 writes the files anew.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, mock } from 'node:test';

import { settleAnswer } from '../golden-answers.ts';
import { signIn } from '../people/staff.ts';
import { openTestPortal } from '../portal.ts';
import type { Answer } from '../portal.ts';
import { plainRequest } from '../records/records.ts';
import { listRoutes, staffRoutes } from './routes.ts';
import { names } from './site.ts';

mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-03-02T20:00:00Z') });

const folder = join(import.meta.dirname, '..', 'golden', 'answers');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

const site = await openTestPortal(
  { after },
  {
    web: true,
    sample: ['building-permits', 'parks', 'seattle-weather'],
    settings: { PUBLIC_URL: 'http://localhost:8080' },
  },
);
await site.portal.publisher.deriveMissing();

/** Every address of the API's description that a stranger may read, its placeholders filled. */
const filled: Readonly<Record<string, string>> = {
  dataset: 'building-permits',
  id: 'building-permits',
  name: 'valuation',
  format: 'csv',
  year: '2026',
  file: 'building-permits.json',
  department: 'planning',
  number: '2026-000001',
};

/** What the description alone does not lead to: queries, formats, and errors in each dialect's words. */
const apiPaths: readonly string[] = [
  '/api/v1/datasets/building-permits/rows?limit=3&order=-valuation',
  '/api/v1/datasets/building-permits/rows?limit=2&where=council_district%3D3&select=permit_number,valuation',
  '/api/v1/datasets/building-permits/rows.csv?limit=3',
  '/api/v1/datasets/parks/rows.geojson?limit=1',
  '/api/v1/datasets/building-permits/rows?group=council_district&select=council_district,count()',
  '/api/v1/datasets/building-permits/rows?where=nothing%3D1',
  '/api/v1/datasets/no-such-dataset',
  '/api/v1/nowhere',
  '/api/v1/records/deadline?received=2026-06-03&clock=C3',
  '/resource/building-permits.json?$limit=2',
  '/resource/building-permits.csv?$limit=2&$order=valuation%20DESC',
  '/resource/building-permits.json?$select=council_district,count(*)&$group=council_district',
  '/resource/building-permits.json?$where=nothing=1',
  '/resource/parks.geojson?$limit=1',
  '/api/views/building-permits/columns.json',
  '/api/views/metadata/v1/building-permits',
  '/api/catalog/v1?q=permits',
];

/** Addresses whose answers differ from one asking to the next, or are whole files. */
const notKept = /metrics|openapi|\/rows|\/resource\/|\/export|\/download\./u;

/** The acts of the desk on a new request, each with the form that its page shows. */
const acts = ['acknowledge', 'clarify', 'deny', 'close', 'extend', 'assign', 'transfer', 'provide', 'withdraw'];

async function hold(name: string, asked: readonly (readonly [string, Answer])[]): Promise<void> {
  const text = asked.map(([title, answer], at) => settleAnswer(title, answer, at === 0)).join('\n');
  const path = join(folder, `${name}.txt`);
  if (isUpdate) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
  const [kept, now] = [readFileSync(path, 'utf8').split('\n'), text.split('\n')];
  const at = now.findIndex((line, index) => line !== kept[index]);
  const near = (lines: readonly string[]): string => lines.slice(Math.max(0, at - 3), at + 3).join('\n');
  if (at >= 0) assert.equal(near(now), near(kept), `${name}.txt, line ${at + 1}`);
  assert.equal(now.length, kept.length, `${name}.txt has another length`);
}

test('the API answers as it did', async () => {
  const asked: [string, Answer][] = [];
  const { paths } = (await site.ask('/openapi.json')).json<{ paths: Record<string, object> }>();
  const described = Object.entries(paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
  const open = described.filter((path) => !notKept.test(path));
  const toAddress = (path: string): string => path.replace(/\{(\w+)\}/gu, (_, name: string) => filled[name] ?? name);
  for (const path of [...open.map(toAddress), ...apiPaths]) asked.push([`GET ${path}`, await site.ask(path)]);
  await hold('api', asked);
});

test('public pages say what they said', async () => {
  const asked: [string, Answer][] = [];
  const routes = listRoutes(names).filter(({ path }) => path !== '/developers');
  for (const { path } of routes) {
    asked.push([`GET ${path}`, await site.ask({ url: path, headers: { accept: 'text/html' } })]);
  }
  await hold('pages', asked);
});

test('staff pages say what they said', async () => {
  const asked: [string, Answer][] = [];
  // The page of the authenticator app holds a new secret and its picture.
  for (const { path, role } of staffRoutes.filter(({ path }) => path !== '/account/app')) {
    const { cookie } = await signIn(site, role);
    asked.push([`GET ${path} (${role})`, await site.ask({ url: path, headers: { accept: 'text/html', cookie } })]);
  }
  await hold('staff', asked);
});

test('the desk says what it said of one request', async () => {
  const { request } = await site.portal.records.submit({ kind: 'public' }, plainRequest);
  const { cookie } = await signIn(site, 'records-officer');
  const asked: [string, Answer][] = [];
  const base = `/staff/requests/${request.number}`;
  const tabs = ['', '/messages', '/tasks', '/time', '/documents', '/fees', '/release', '/publish'];
  for (const path of [...tabs, ...acts.map((act) => `/do/${act}`)].map((tab) => `${base}${tab}`)) {
    asked.push([`GET ${path}`, await site.ask({ url: path, headers: { accept: 'text/html', cookie } })]);
  }
  for (const path of [`/api/v1/records/requests/${request.number}`, '/api/v1/records/work']) {
    asked.push([`GET ${path}`, await site.ask({ url: path, headers: { cookie } })]);
  }
  await hold('desk', asked);
});
