// What pages are handed: the same answers as the API's, and examples that really run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { parseNativeParameters } from '../../src/dialects/native/parse.ts';
import { openHighlight } from '../../src/pages/highlight.ts';
import { toPagesApi } from '../../src/pages/api.ts';
import { openExamplesCache } from '../../src/pages/rows.ts';
import type { PagesApi } from '../../src/pages/api.ts';
import { openTestPortal } from '../portal.ts';

const site = await openTestPortal({ after });
const run = promisify(execFile);
let pages: PagesApi;

before(async () => {
  const rows = Array.from(
    { length: 120 },
    (_, i) => `${i},${["O'Neil Park", 'River "A"', 'Hill'][i % 3]?.replaceAll('"', '""')},${i}.25`,
  );
  const quoted = rows.map((row) => row.replace(/^(\d+),(.*),([\d.]+)$/u, '$1,"$2",$3'));
  await site.publish(`number,park,acres\n${quoted.join('\n')}\n`, {
    id: 'parks',
    metadata: { title: 'Parks', theme: 'Outside' },
  });
  await site.portal.publisher.deriveMissing();
  const parts = {
    parseRows: (parameters: Readonly<Record<string, string>>, dataset: Parameters<typeof parseNativeParameters>[1]) =>
      parseNativeParameters(new Map(Object.entries(parameters)), dataset),
    openapi: () => site.app.swagger(),
    highlight: openHighlight(),
    examples: openExamplesCache(),
  };
  pages = toPagesApi(site.portal, parts, {
    actor: { kind: 'public' },
    session: null,
    visitor: { client: '127.0.0.1', device: '' },
    signal: new AbortController().signal,
  });
});

describe('PagesApi', () => {
  it('tells the home page what there is', async () => {
    const home = await pages.home();
    assert.deepEqual(
      [home.datasets, home.rows, home.departments, home.newest.map(({ id }) => id), home.themes],
      [1, 120, 1, ['parks'], [{ theme: 'Outside', datasets: 1 }]],
    );
  });
  it('gives rows as texts with their numbers, the total, the cursor and the sentence', async () => {
    const view = await pages.rows('parks', {
      where: 'acres >= 100',
      order: 'acres desc',
      limit: '5',
    });
    assert.deepEqual(
      view.columns.map(({ name }) => name),
      ['number', 'park', 'acres'],
    );
    assert.deepEqual(view.rows[0], {
      id: 120,
      cells: ['119', 'Hill', '119.25'],
    });
    assert.deepEqual([view.rows.length, view.total], [5, 20]);
    assert.match(view.sentence, /^Parks where acres is at least 100/u);
    const next = await pages.rows('parks', {
      where: 'acres >= 100',
      order: 'acres desc',
      limit: '5',
      after: view.next ?? '',
    });
    assert.equal(next.rows[0]?.id, 115);
    const grouped = await pages.rows('parks', {
      select: 'park,count(*) as n',
      group: 'park',
      order: 'park',
    });
    assert.deepEqual(grouped.rows, [
      { id: null, cells: ['Hill', '40'] },
      { id: null, cells: ["O'Neil Park", '40'] },
      { id: null, cells: ['River "A"', '40'] },
    ]);
    assert.equal(grouped.total, 3);
  });
  it('tells how the rows stand by each column, and the order that comes next', async () => {
    const sorts = async (order: string) => (await pages.rows('parks', { order, limit: '1' })).sorts;
    const unsorted = [
      { column: 'number', now: null, next: 'number' },
      { column: 'park', now: null, next: 'park' },
    ];
    assert.deepEqual(await sorts(''), [...unsorted, { column: 'acres', now: null, next: 'acres' }]);
    const [, , up] = await sorts('acres, park desc');
    assert.deepEqual(up, {
      column: 'acres',
      now: 'ascending',
      next: 'acres desc',
    });
    const [, park, down] = await sorts('"acres" DESC, park');
    assert.deepEqual(down, {
      column: 'acres',
      now: 'descending',
      next: 'acres',
    });
    assert.deepEqual(park, unsorted[1], 'only the first column of an order counts');
  });
  it('gives the rows of filters as those of the condition that it hands back', async () => {
    const dataset = await pages.dataset('parks');
    assert.ok(dataset !== null);
    const filters = [
      { column: 'park', operator: 'contains', value: '"a' },
      { column: 'acres', operator: 'lt', value: '20' },
    ] as const;
    const where = pages.where(dataset, {
      filters,
      where: 'number > 3 OR number = 1',
    });
    assert.equal(where, `(number > 3 OR number = 1) AND CASEI(park) LIKE CASEI('%"a%') AND acres < 20`);
    assert.equal((await pages.rows('parks', { where })).total, 7);
  });
  it('has an example of each parameter that runs', async () => {
    const dataset = await pages.dataset('parks');
    assert.ok(dataset !== null);
    const examples = Object.fromEntries(
      pages.parameterExamples(dataset, 'park').map(({ name, example }) => [name, example]),
    );
    assert.deepEqual(
      [examples['select'], examples['order'], examples['group']],
      ['number,park,acres', 'number desc', 'park'],
    );
    const { select = '', where = '', order = '', limit = '', group = '' } = examples;
    assert.ok((await pages.rows('parks', { select, where, order, limit })).total > 0);
    assert.equal((await pages.rows('parks', { group })).total, 3);
  });
  it('throws what the API answers', async () => {
    await assert.rejects(pages.rows('parks', { where: 'wrad = 1' }), {
      code: 'unknown-column',
    });
    await assert.rejects(pages.rows('none', {}), { code: 'dataset-not-found' });
    assert.equal(await pages.dataset('none'), null);
    assert.equal(await pages.department('none'), null);
  });
  it('has the guide, the departments, the downloads and every error code', async () => {
    assert.equal(pages.guidePage('')?.order, 0);
    assert.ok(pages.guide().every((page) => page.readingMinutes >= 1 && page.html.startsWith('<')));
    assert.equal((await pages.department('planning'))?.datasets.total, 1);
    assert.deepEqual(
      (await pages.downloads('parks')).map(({ format }) => format),
      ['csv', 'json', 'ndjson', 'parquet'],
    );
    assert.ok(pages.errorCodes().some(({ code, status }) => code === 'not-found' && status === 404));
  });
});

describe('examples', () => {
  it('have a filter on a value that is there, and no inline style', async () => {
    const examples = await pages.examples('parks');
    assert.ok(examples.length >= 3);
    assert.equal(await pages.examples('parks'), examples, 'made once for a revision');
    for (const { languages } of examples) {
      for (const { html, code } of languages) {
        assert.ok(!/style=/u.test(html) && html.includes('<span class="token-'));
        const text = html
          .replace(/<[^>]+>/gu, '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&');
        assert.equal(text, code);
      }
    }
  });
  it('run as they stand: curl and JavaScript', async () => {
    const address = await site.listen();
    for (const { title, url, languages } of await pages.examples('parks')) {
      const local = (text: string) => text.replaceAll(site.config.publicUrl, address);
      assert.equal((await fetch(local(url))).status, 200, title);
      const codeOf = (id: string) => local(languages.find((language) => language.id === id)?.code ?? '');
      const shell = await run('sh', [
        '-c',
        codeOf('curl').replace('curl ', 'curl --silent --fail ').replace(' -O ', ' '),
      ]);
      assert.ok(shell.stdout.length > 20, `${title}: ${shell.stdout}`);
      const script = await run(process.execPath, ['--input-type=module', '-e', codeOf('javascript')]);
      assert.ok(script.stdout.length > 20, `${title}: ${script.stdout}`);
      if (!title.includes('whole')) assert.ok((JSON.parse(shell.stdout) as { data: unknown[] }).data.length > 0, title);
    }
  });
  it('quote a column whose name is a word of the language', async () => {
    await site.publish(`div,number\n${'oak,1\nelm,2\noak,3\n'.repeat(4)}`, {
      id: 'votes',
      metadata: { title: 'Votes' },
    });
    await site.portal.publisher.deriveMissing();
    const filter = (await pages.examples('votes')).find(({ url }) => url.includes('where='));
    assert.ok(filter !== undefined);
    const { pathname, search, searchParams } = new URL(filter.url);
    assert.equal(searchParams.get('where'), `"div" = 'oak'`);
    assert.equal((await site.ask(pathname + search)).status, 200);
  });
});
