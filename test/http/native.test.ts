// The native API on a real portal: catalogue, rows, counts, cursors, tags, formats, revisions, and hostile input.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openTestPortal } from '../portal.ts';

const permits = [
  'permit,ward,cost,status,issued,lon,lat',
  ...Array.from({ length: 250 }, (_, i) => {
    const status = ['issued', 'open', 'closed'][i % 3];
    const day = String((i % 28) + 1).padStart(2, '0');
    return `P-${String(i + 1).padStart(4, '0')},${(i % 7) + 1},${i * 10}.50,${status},2026-01-${day},${-122.2 - (i % 10) / 100},${47.3 + (i % 9) / 100}`;
  }),
].join('\n');

const site = await openTestPortal({ after });
const base = '/api/v1/datasets/building-permits';

before(async () => {
  await site.publish(permits, {
    id: 'building-permits',
    metadata: { title: 'Building permits', keywords: ['housing'], theme: 'Buildings' },
  });
  await site.publish('name,acres\nHill park,2.5\nRiver park,10\n', { id: 'parks', metadata: { title: 'Parks' } });
});

type Rows = {
  data: Record<string, unknown>[];
  next: string | null;
  links: { self: string; next: string | null };
  query: string;
  revision: string;
};

describe('the catalogue', () => {
  it('lists by id with a keyset cursor', async () => {
    const first = (await site.ask('/api/v1/datasets?limit=1')).json<{
      data: { id: string }[];
      next: string;
      total: number;
      links: { next: string };
    }>();
    assert.deepEqual([first.data.map(({ id }) => id), first.total], [['building-permits'], 2]);
    const second = (await site.ask(new URL(first.links.next).pathname + new URL(first.links.next).search)).json<{
      data: { id: string }[];
      next: null;
    }>();
    assert.deepEqual([second.data.map(({ id }) => id), second.next], [['parks'], null]);
  });
  it('searches, with reasons and facets', async () => {
    const found = (await site.ask('/api/v1/search?q=permit')).json<{
      data: { id: string; reasons: unknown[] }[];
      facets: { theme: { value: string }[] };
    }>();
    assert.equal(found.data[0]?.id, 'building-permits');
    assert.ok(found.data[0].reasons.length > 0);
    assert.deepEqual(
      found.facets.theme.map(({ value }) => value),
      ['Buildings'],
    );
    assert.equal((await site.ask('/api/v1/datasets?q=acres')).json<{ data: { id: string }[] }>().data[0]?.id, 'parks');
    assert.equal((await site.ask('/api/v1/search?map=true')).json<{ total: number }>().total, 1);
  });
  it('finds a dataset by id and by code, and tells one that is not there', async () => {
    const byId = await site.ask(base);
    const { code } = byId.json<{ code: string }>();
    assert.equal((await site.ask(`/api/v1/datasets/${code}`)).body, byId.body);
    for (const id of ['nothing', 'zzzz-zzzz', '..%2f..', 'x'.repeat(250)]) {
      const answer = await site.ask(`/api/v1/datasets/${id}`);
      assert.deepEqual([answer.status, answer.json()['code']], [404, 'dataset-not-found'], id);
    }
  });
  it('shows departments', async () => {
    assert.equal((await site.ask('/api/v1/departments/planning')).json()['datasets'], 2);
    assert.equal((await site.ask('/api/v1/departments/none')).json()['code'], 'department-not-found');
  });
});

describe('rows', () => {
  it('are a page of 100 with a link to the next, and the walk meets every row once', async () => {
    const seen: unknown[] = [];
    let address: string | null = `${base}/rows?order=ward%20desc,cost&limit=60`;
    let pages = 0;
    while (address !== null) {
      const answer = await site.ask(address);
      assert.equal(answer.status, 200, answer.body);
      const page = answer.json<Rows>();
      seen.push(...page.data.map((row) => row['permit']));
      assert.equal(
        answer.headers['link'] ?? null,
        page.links.next === null ? null : `<${page.links.next}>; rel="next"`,
      );
      const next = page.links.next === null ? null : new URL(page.links.next);
      address = next === null ? null : `${next.pathname}${next.search}`;
      pages++;
    }
    assert.deepEqual([pages, seen.length, new Set(seen).size], [5, 250, 250]);
  });
  it('select, filter, group, search, and say in English what was asked', async () => {
    const grouped = (
      await site.ask(`${base}/rows?select=ward,count(*)%20as%20n,max(cost)%20as%20top&group=ward&order=ward&limit=2`)
    ).json<Rows>();
    assert.deepEqual(grouped.data, [
      { ward: 1, n: 36, top: 2450.5 },
      { ward: 2, n: 36, top: 2460.5 },
    ]);
    const filtered = (
      await site.ask(`${base}/rows?where=ward=3%20AND%20status='open'&select=permit,cost&limit=1`)
    ).json<Rows>();
    assert.deepEqual(Object.keys(filtered.data[0] ?? {}), ['permit', 'cost']);
    assert.match(filtered.query, /^Building permits.* where ward is 3 and status is .?open/iu);
    assert.equal((await site.ask(`${base}/rows?q=P-0042`)).json<Rows>().data.length, 1);
  });
  it('come in the format that the address, the parameter or Accept names', async () => {
    const csv = await site.ask(`${base}/rows.csv?limit=1&select=permit,cost`);
    assert.deepEqual(
      [csv.body.split(/\r?\n/u).slice(0, 2), csv.headers['content-type']],
      [['permit,cost', 'P-0001,0.50'], 'text/csv; charset=utf-8'],
    );
    const accepted = await site.ask({ url: `${base}/rows?limit=1`, headers: { accept: 'text/csv' } });
    assert.match(accepted.headers['content-type'] ?? '', /^text\/csv/u);
    const named = await site.ask({ url: `${base}/rows?limit=1&format=geojson`, headers: { accept: 'text/csv' } });
    assert.equal(named.json()['type'], 'FeatureCollection');
    assert.equal((await site.ask(`${base}/rows.ndjson?limit=2`)).body.trim().split('\n').length, 2);
    assert.equal((await site.ask({ url: `${base}/rows`, headers: { accept: 'image/png' } })).status, 406);
    assert.equal((await site.ask('/api/v1/datasets/parks/rows.geojson')).json()['code'], 'not-acceptable');
  });
  it('one by its number, and exactly counted', async () => {
    assert.equal((await site.ask(`${base}/rows/7`)).json()['permit'], 'P-0007');
    for (const id of ['0', '251', '-1', 'x', '9'.repeat(30)]) {
      assert.equal((await site.ask(`${base}/rows/${id}`)).json()['code'], 'row-not-found', id);
    }
    assert.equal((await site.ask(`${base}/count?where=ward=3`)).json()['count'], 36);
    assert.equal((await site.ask(`${base}/count`)).json()['count'], 250);
  });
  it('by POST with the query as JSON', async () => {
    const query = {
      select: ['permit'],
      where: { op: '>=', args: [{ property: 'cost' }, 2480] },
      order: [{ expression: 'cost', direction: 'desc' }],
    };
    const answer = await site.ask({ method: 'POST', url: `${base}/query`, payload: query });
    assert.deepEqual(answer.json<Rows>().data, [{ permit: 'P-0250' }, { permit: 'P-0249' }]);
    const wrong = await site.ask({ method: 'POST', url: `${base}/query`, payload: { selct: [] } });
    assert.equal(wrong.status, 400);
    assert.equal(
      (
        await site.ask({
          method: 'POST',
          url: `${base}/query`,
          payload: 'x',
          headers: { 'content-type': 'text/plain' },
        })
      ).status,
      415,
    );
  });
  it('statistics of a column', async () => {
    const { statistics } = (await site.ask(`${base}/columns/cost/statistics?bins=4&top=1`)).json<{
      statistics: { rows: number; histogram: { counts: number[] } };
    }>();
    assert.equal(statistics.rows, 250);
    assert.equal(
      statistics.histogram.counts.reduce((a, b) => a + b, 0),
      250,
    );
  });
  it('exported without a limit, and as Parquet', async () => {
    const csv = await site.ask(`${base}/export.csv?where=ward<4&select=permit,ward`);
    assert.equal(csv.body.trim().split('\n').length, 1 + 36 + 36 + 36);
    assert.match(String(csv.headers['content-disposition']), /attachment; filename="building-permits-selection\.csv"/u);
    const parquet = await site.ask(`${base}/export.parquet?where=ward=1`);
    assert.deepEqual(
      [parquet.bytes.subarray(0, 4).toString(), parquet.bytes.subarray(-4).toString()],
      ['PAR1', 'PAR1'],
    );
  });
});

describe('tags and time travel', () => {
  it('answers 304 for the tag it gave, with another tag for each coding, format and question', async () => {
    const address = `${base}/rows?limit=50`;
    const plain = await site.ask(address);
    const tag = String(plain.headers.etag);
    const again = await site.ask({ url: address, headers: { 'if-none-match': tag } });
    assert.deepEqual([again.status, again.body, again.headers.etag], [304, '', tag]);
    const coded = await site.ask({ url: address, headers: { 'accept-encoding': 'gzip' } });
    assert.equal(coded.headers['content-encoding'], 'gzip');
    assert.notEqual(coded.headers.etag, tag);
    const { gunzipSync } = await import('node:zlib');
    assert.equal(gunzipSync(coded.bytes).toString(), plain.body);
    const others = await Promise.all(
      [`${base}/rows?limit=51`, `${base}/rows.csv?limit=50`, `${base}/rows?limit=50&order=cost`].map((url) =>
        site.ask(url),
      ),
    );
    assert.equal(new Set([tag, ...others.map((answer) => answer.headers.etag)]).size, 4);
  });
  it('keeps an old revision readable, and a walk on the revision it began on', async () => {
    const first = await site.publish('n\n1\n2\n3\n', { id: 'numbers' });
    const begun = (await site.ask('/api/v1/datasets/numbers/rows?limit=2')).json<Rows>();
    const tag = String((await site.ask('/api/v1/datasets/numbers/rows')).headers.etag);
    await site.publish('n\n10\n20\n30\n40\n', { id: 'numbers' });
    assert.equal(
      (await site.ask({ url: '/api/v1/datasets/numbers/rows', headers: { 'if-none-match': tag } })).status,
      200,
    );
    assert.equal((await site.ask('/api/v1/datasets/numbers/count')).json()['count'], 4);
    for (const ref of ['1', first.current.id, first.current.id.slice(0, 16), first.current.publishedAt]) {
      const old = await site.ask(`/api/v1/datasets/numbers/count?as_of=${ref}`);
      assert.equal(old.json()['count'], 3, ref);
    }
    const immutable = await site.ask('/api/v1/datasets/numbers/rows?as_of=1');
    assert.match(String(immutable.headers['cache-control']), /immutable/u);
    const rest = (await site.ask(`/api/v1/datasets/numbers/rows?limit=2&after=${begun.next}`)).json<Rows>();
    assert.deepEqual(rest.data, [{ n: 3 }]);
    assert.equal((await site.ask('/api/v1/datasets/numbers/rows?as_of=99')).json()['code'], 'revision-not-found');
    const list = (await site.ask('/api/v1/datasets/numbers/revisions')).json<{ data: { number: number }[] }>();
    assert.deepEqual(
      list.data.map(({ number }) => number),
      [2, 1],
    );
  });
});

describe('what was set aside', () => {
  it('is counted and can be downloaded with the reason', async () => {
    const dataset = await site.publish('a,b\n1,2\n3,4,5\n6,7\n', { id: 'ragged' });
    const { report } = dataset.current;
    assert.equal(report.rowsInFile, report.rowsPublished + report.rowsQuarantined);
    assert.equal(report.rowsQuarantined, 1);
    const csv = await site.ask('/api/v1/datasets/ragged/revisions/1/quarantine.csv');
    assert.match(csv.body, /row-too-wide/u);
    const none = await site.ask('/api/v1/datasets/parks/revisions/1/quarantine.csv');
    assert.equal(none.json()['code'], 'not-found');
  });
});

describe('methods and addresses', () => {
  it('HEAD asks the engine nothing: it has the headers of GET that are known without an answer', async () => {
    const addresses = [
      `${base}/rows?limit=7`,
      `${base}/rows?select=count(*)&where=1=1`,
      `${base}/export.csv?where=4=4`,
      `${base}/count?where=2=2`,
      `${base}/columns/status/statistics?where=3=3`,
    ];
    for (const url of addresses) {
      const { queries } = site.portal.engine.stats();
      const head = await site.ask({ method: 'HEAD', url });
      assert.deepEqual([head.status, head.body], [200, ''], url);
      assert.equal(site.portal.engine.stats().queries, queries, `${url} asked the engine`);
      const get = await site.ask(url);
      assert.equal(get.status, 200, `${url}: ${get.body}`);
      for (const name of ['etag', 'content-type', 'last-modified', 'cache-control', 'vary', 'content-disposition'])
        assert.equal(head.headers[name], get.headers[name], `${url}: ${name}`);
      const coded = await site.ask({ method: 'HEAD', url: `${url}&q=z`, headers: { 'accept-encoding': 'br' } });
      assert.equal(coded.headers.etag, undefined, 'no tag where the coding is not known');
    }
    const missing = await site.ask({ method: 'HEAD', url: `${base}/rows/999999` });
    assert.equal(missing.status, 404);
    assert.equal((await site.ask({ method: 'HEAD', url: `${base}/rows?where=nothing=1` })).status, 400);
  });
  it('HEAD has the headers of GET and no body', async () => {
    const address = `${base}/rows?limit=5`;
    const [get, head] = [await site.ask(address), await site.ask({ method: 'HEAD', url: address })];
    assert.deepEqual(
      [head.status, head.body, head.headers.etag, head.headers['content-length']],
      [200, '', get.headers.etag, get.headers['content-length']],
    );
  });
  it('OPTIONS says what may be asked, and lets pages of other origins read', async () => {
    const answer = await site.ask({
      method: 'OPTIONS',
      url: `${base}/rows`,
      headers: { origin: 'https://example.org' },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.match(String(answer.headers['allow']), /GET, HEAD, OPTIONS/u);
  });
  it('405 names the methods, 404 has a problem body, a trailing slash is the same', async () => {
    const wrong = await site.ask({ method: 'DELETE', url: `${base}/rows` });
    assert.deepEqual(
      [wrong.status, wrong.json()['code'], wrong.headers['allow']],
      [405, 'method-not-allowed', 'GET, HEAD, OPTIONS'],
    );
    assert.equal((await site.ask('/api/v1/nothing')).json()['code'], 'not-found');
    assert.equal((await site.ask(`${base}/count/`)).body, (await site.ask(`${base}/count`)).body);
  });
  it('every answer, errors too, has the security headers and an id', async () => {
    for (const url of [
      base,
      `${base}/rows`,
      '/api/v1/nothing',
      `${base}/rows?where=(`,
      '/health/live',
      '/openapi.json',
    ]) {
      const { headers } = await site.ask(url);
      assert.equal(headers['x-content-type-options'], 'nosniff', url);
      assert.equal(headers['referrer-policy'], 'strict-origin-when-cross-origin', url);
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/u, url);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', url);
      assert.ok(String(headers['x-request-id']).length > 8, url);
    }
    const kept = await site.ask({ url: base, headers: { 'x-request-id': 'my-request-0001' } });
    assert.equal(kept.headers['x-request-id'], 'my-request-0001');
    const refused = await site.ask({ url: base, headers: { 'x-request-id': 'a\tb"; drop' } });
    assert.notEqual(refused.headers['x-request-id'], 'a\tb"; drop');
  });
  it('does not answer to a host name that is not its own', async () => {
    const answer = await site.ask({ url: base, headers: { host: 'evil.example' } });
    assert.deepEqual([answer.status, answer.json()['code']], [421, 'misdirected-request']);
  });
});

describe('hostile input is refused with a code, never with 500', () => {
  const rows = `${base}/rows`;
  const table: readonly (readonly [query: string, code: string])[] = [
    ['wher=1', 'unknown-parameter'],
    ['__proto__=1', 'unknown-parameter'],
    ['constructor[prototype][x]=1', 'unknown-parameter'],
    ['limit=1&limit=2', 'bad-request'],
    ['where=ward=1&where=ward=2', 'bad-request'],
    ['limit=99999999', 'bad-request'],
    ['limit=-1', 'bad-request'],
    ['limit=1e400', 'bad-literal'],
    ['limit=NaN', 'bad-request'],
    ['limit[]=1', 'unknown-parameter'],
    ['offset=9999999999999999999999', 'bad-literal'],
    ['after=nonsense', 'bad-cursor'],
    ['after=W10', 'bad-cursor'],
    ['where=ward%20%3D', 'syntax-error'],
    ['where=wrad=1', 'unknown-column'],
    ["where=ward='three'", 'bad-literal'],
    ['where=nofunction(ward)=1', 'unknown-function'],
    ['select=ward,count(*)', 'not-grouped'],
    ['order=wrad', 'unknown-column'],
    ["where=status='a';drop table data;--", 'syntax-error'],
    ['where=read_csv(%27/etc/passwd%27)=1', 'unknown-function'],
    ['as_of=%00', 'bad-request'],
    ['q=%00', 'bad-request'],
    ['as_of=__proto__', 'revision-not-found'],
    ['format=exe', 'bad-request'],
    [`where=${'('.repeat(1_600)}1=1${')'.repeat(1_600)}`, 'query-too-large'],
    [`where=${'x'.repeat(20_000)}`, 'bad-request'],
  ];
  for (const [query, code] of table) {
    it(`${query.slice(0, 60)} → ${code}`, async () => {
      const answer = await site.ask(`${rows}?${query}`);
      assert.equal(answer.json()['code'], code, answer.body);
      assert.ok(answer.status >= 400 && answer.status < 500);
      assert.ok(!/at .*\.ts:|SELECT |node_modules|\/tmp\//u.test(answer.body), answer.body);
    });
  }
  it('NUL, lone surrogates and odd percent signs are text or refused', async () => {
    for (const query of [
      'q=%00',
      'q=%ED%A0%80',
      "where=status='%00'",
      "where=status='%ED%A0%80'",
      'where=%zz',
      'q=%F0%9F%8C%B2',
    ]) {
      const answer = await site.ask(`${rows}?${query}`);
      assert.ok(
        answer.status === 200 || (answer.status >= 400 && answer.status < 500),
        `${query}: ${answer.status} ${answer.body}`,
      );
    }
  });
  it('points at the character that is wrong', async () => {
    const answer = await site.ask(`${rows}?where=${encodeURIComponent('ward = 1 AND wrad = 2')}`);
    assert.equal(answer.json()['pointer'], 'ward = 1 AND wrad = 2\n             ^^^^');
  });
  it('a body that is not JSON, is empty, too large, or poisons a prototype', async () => {
    const post = (payload: string, type = 'application/json') =>
      site.ask({ method: 'POST', url: `${base}/query`, payload, headers: { 'content-type': type } });
    assert.equal((await post('{')).json()['code'], 'bad-request');
    assert.equal((await post('')).status, 400);
    assert.equal((await post('{"__proto__":{"x":1}}')).status, 400);
    assert.equal((await post(`{"q":"${'x'.repeat(300_000)}"}`)).status, 413);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});

describe('a pattern of LIKE that ends with its escape character', () => {
  it('is told as that, in both dialects', async () => {
    for (const url of [
      `${base}/rows?where=status like '\\\\'`,
      `/resource/building-permits.json?$where=status like '\\'`,
    ]) {
      const answer = await site.ask(encodeURI(url));
      assert.ok(answer.status === 400 || answer.status === 422, `${url}: ${answer.status} ${answer.body}`);
      assert.match(answer.body, /backslash/u, url);
    }
  });
});

describe('a pattern of LIKE with many wildcards', () => {
  it('is refused before it costs anything, however it is written; signs that are meant are none', async () => {
    const many = '%a'.repeat(11);
    const refused = [
      `${base}/rows?where=status like '${many}'`,
      `${base}/rows?where=casei(status) like casei('${many}')`,
      `/resource/building-permits.json?$where=status like '${many}'`,
    ];
    for (const url of refused) {
      const answer = await site.ask(encodeURI(url));
      assert.equal(answer.status, 400, `${url}: ${answer.body}`);
      assert.match(answer.body, /query-too-large|wildcards in a pattern/u, url);
    }
    const meant = '\\\\%'.repeat(11);
    assert.equal((await site.ask(encodeURI(`${base}/rows?where=status like '${meant}'`))).status, 200);
    assert.equal((await site.ask(encodeURI(`${base}/rows?where=status like '${'%a'.repeat(10)}'`))).status, 200);
  });
});
