// SODA 2.1 on a whole portal: addresses, formats, headers, conditions, error bodies, metadata, discovery.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { openTestPortal, type TestPortal } from '../portal.ts';

const permits = [
  'Permit Number,Ward,Cost,Status,Issued,lon,lat',
  ...Array.from({ length: 1_500 }, (_, at) => {
    const status = at % 7 === 0 ? '' : ['issued', 'open', 'O\'Brien "x"'][at % 3]!.replaceAll('"', '""');
    const day = String((at % 28) + 1).padStart(2, '0');
    const place = `${(-122.2 - (at % 10) / 100).toFixed(2)},${(47.3 + (at % 9) / 100).toFixed(2)}`;
    return `P-${String(at + 1).padStart(4, '0')},${(at % 7) + 1},${at * 10}.50,"${status}",2026-01-${day}T08:30:00,${place}`;
  }),
].join('\n');

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

let site: TestPortal;
let code = '';

before(async () => {
  site = await openTestPortal({ after: (close) => void closers.push(close) });
  const dataset = await site.publish(permits, {
    id: 'building-permits',
    metadata: { title: 'Building permits', keywords: ['housing'], theme: 'Buildings', description: 'Permits issued.' },
  });
  code = dataset.code;
  await site.publish('name,acres\nHill park,2.5\nRiver park,10\n', { id: 'parks', metadata: { title: 'Parks' } });
});

const at = (path: string, parameters: Readonly<Record<string, string>> = {}): string =>
  `${path}?${new URLSearchParams(parameters)}`;

type SodaError = {
  code: string;
  errorCode: string;
  error: boolean;
  message: string;
  data: { column?: string; dataset?: string; position?: { row: number; column: number; line: string }; portal: string };
};

describe('rows', () => {
  it('are the first 1,000 when nothing is said, by code or readable id', async () => {
    for (const id of [code, 'building-permits']) {
      const found = await site.ask(`/resource/${id}.json`);
      assert.equal(found.status, 200);
      assert.equal(found.json<unknown[]>().length, 1_000);
    }
    assert.equal((await site.ask(at(`/resource/${code}.json`, { $limit: '100000' }))).json<unknown[]>().length, 1_500);
  });

  it('carry the headers that typed clients read', async () => {
    const found = await site.ask(
      at(`/resource/${code}`, {
        $select: 'permit_number, ward, issued, count(*)',
        $group: 'permit_number, ward, issued',
      }),
    );
    assert.equal(found.headers['content-type'], 'application/json;charset=utf-8');
    assert.equal(found.headers['x-soda2-fields'], '["permit_number","ward","issued","count"]');
    assert.equal(found.headers['x-soda2-types'], '["text","number","floating_timestamp","number"]');
    assert.equal(found.headers['x-soda2-data-out-of-date'], 'false');
    assert.equal(found.headers['x-soda2-truth-last-modified'], found.headers['last-modified']);
    assert.equal(found.headers['access-control-allow-origin'], '*');
  });

  it('leave out the headers of names and types once they are 5,000 characters', async () => {
    const select = Array.from({ length: 250 }, (_, index) => `ward + ${index} AS a_long_name_number_${index}`).join(
      ', ',
    );
    const found = await site.ask(at(`/resource/${code}.json`, { $select: select, $limit: '1' }));
    assert.equal(found.status, 200);
    assert.equal(found.headers['x-soda2-fields'], undefined);
    assert.equal(found.headers['x-soda2-types'], undefined);
  });

  it('come in the format of the extension, else of Accept, else JSON', async () => {
    const type = async (path: string, accept?: string): Promise<string> => {
      const headers = accept === undefined ? {} : { accept };
      const found = await site.ask({ url: at(path, { $limit: '1' }), headers });
      return `${found.status} ${found.headers['content-type']}`;
    };
    assert.equal(await type(`/resource/${code}.csv`, 'application/json'), '200 text/csv; charset=utf-8');
    assert.equal(await type(`/resource/${code}.tsv`), '200 text/tab-separated-values; charset=utf-8');
    assert.equal(await type(`/resource/${code}.geojson`), '200 application/vnd.geo+json;charset=utf-8');
    assert.equal(await type(`/resource/${code}`, 'text/csv'), '200 text/csv; charset=utf-8');
    assert.equal(await type(`/resource/${code}`, '*/*'), '200 application/json;charset=utf-8');
    assert.equal(await type(`/resource/${code}/`), '200 application/json;charset=utf-8');
    assert.equal(await type(`/resource/${code}.xml`), '406 application/json;charset=utf-8');
  });

  it('are filtered, grouped, ordered and paged', async () => {
    const page = async (parameters: Record<string, string>) =>
      (await site.ask(at(`/resource/${code}.json`, parameters))).json<Record<string, unknown>[]>();
    assert.deepEqual(await page({ ward: '3', $select: 'count(*)' }), [{ count: '214' }]);
    assert.deepEqual(await page({ status: 'O\'Brien "x"', $select: 'count(*) AS n' }), [{ n: '429' }]);
    assert.deepEqual(
      await page({ $query: "SELECT ward, max(cost) WHERE status = 'issued' GROUP BY ward ORDER BY ward DESC LIMIT 1" }),
      [{ ward: '7', max_cost: '14970.5' }],
    );
    const first = await page({ $order: 'cost DESC', $limit: '2', $offset: '1', $select: 'permit_number' });
    assert.deepEqual(first, [{ permit_number: 'P-1499' }, { permit_number: 'P-1498' }]);
    const near = await page({ $where: 'within_circle(geometry, 47.3, -122.2, 100)', $select: 'count(*)' });
    assert.deepEqual(near, [{ count: '17' }]);
    assert.deepEqual(await page({ $q: 'P-0007', $select: 'permit_number' }), [{ permit_number: 'P-0007' }]);
  });

  it('leave out what has no value', async () => {
    const [row] = (await site.ask(at(`/resource/${code}.json`, { $limit: '1' }))).json<Record<string, unknown>[]>();
    assert.ok(row !== undefined && !('status' in row));
    const csv = (await site.ask(at(`/resource/${code}.csv`, { $limit: '1', $select: 'permit_number, status, ward' })))
      .body;
    assert.equal(csv, '"permit_number","status","ward"\n"P-0001",,"1"\n');
  });

  it('begin with a byte order mark when the client asks for it', async () => {
    const parameters = { $limit: '1', $select: 'ward', $$bom: 'true', $$app_token: 'anything' };
    assert.equal((await site.ask(at(`/resource/${code}.csv`, parameters))).body, '\uFEFF"ward"\n"1"\n');
  });

  it('are not sent again when they have not changed', async () => {
    const url = at(`/resource/${code}.json`, { $limit: '3' });
    const { headers } = await site.ask(url);
    const tagged = await site.ask({ url, headers: { 'if-none-match': String(headers.etag) } });
    assert.deepEqual([tagged.status, tagged.body], [304, '']);
    const dated = await site.ask({ url, headers: { 'if-modified-since': String(headers['last-modified']) } });
    assert.deepEqual([dated.status, dated.body], [304, '']);
    const packing = { 'accept-encoding': 'gzip', 'if-modified-since': String(headers['last-modified']) };
    for (const limit of ['3', '1000']) {
      const asked = at(`/resource/${code}.json`, { $limit: limit });
      const sent = await site.ask({ url: asked, headers: { 'accept-encoding': 'gzip' } });
      const kept = await site.ask({ url: asked, headers: packing });
      assert.deepEqual([kept.status, kept.headers.etag], [304, sent.headers.etag], `the tag of ${limit} rows`);
    }
    const older = await site.ask({ url, headers: { 'if-modified-since': 'Tue, 01 Jan 2019 00:00:00 GMT' } });
    assert.equal(older.status, 200);
    const other = await site.ask({ url: at(`/resource/${code}.csv`, { $limit: '3' }) });
    assert.notEqual(other.headers.etag, headers.etag);
  });

  it('are the same at every page boundary', async () => {
    const ids: string[] = [];
    for (let offset = 0; offset < 1_500; offset += 400) {
      const parameters = { $select: ':id', $order: ':id', $limit: '400', $offset: String(offset) };
      const rows = (await site.ask(at(`/resource/${code}.json`, parameters))).json<{ ':id': string }[]>();
      ids.push(...rows.map((row) => row[':id']));
    }
    assert.equal(new Set(ids).size, 1_500);
  });

  it('can be had one by one', async () => {
    const found = await site.ask(`/resource/${code}/row-0000.0000~0002.json`);
    assert.equal(found.json()['permit_number'], 'P-0002');
    assert.equal((await site.ask(`/resource/${code}/2`)).json()['permit_number'], 'P-0002');
    for (const row of ['row-0000.0000~zzzz.json', 'nonsense.json', '999999']) {
      const missing = await site.ask(`/resource/${code}/${row}`);
      assert.deepEqual([missing.status, missing.json<SodaError>().errorCode], [404, 'soda.row.not-found'], row);
    }
  });

  it('can be had as they were', async () => {
    const now = await site.ask(at(`/resource/${code}.json`, { $select: 'count(*)', $$as_of: '1' }));
    assert.deepEqual(now.json(), [{ count: '1500' }]);
    assert.equal((await site.ask(at(`/resource/${code}.json`, { $$as_of: '9' }))).status, 404);
  });
});

describe('errors', () => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
    [{ $where: 'foo = 1' }, 'query.soql.no-such-column', 'unknown-column'],
    [{ foo: '1' }, 'query.soql.no-such-column', 'unknown-column'],
    [{ $where: 'ward =' }, 'query.soql.unexpected-eof', 'syntax-error'],
    [{ $where: "(status = 'it's') and (ward = 3)" }, 'query.soql.unterminated-string', 'syntax-error'],
    [{ $where: 'lowr(status) = 1' }, 'query.soql.no-such-function', 'unknown-function'],
    [{ $where: 'round()= 1' }, 'query.soql.no-such-function', 'wrong-arity'],
    [{ $where: "ward = 'x'" }, 'query.soql.type-mismatch', 'bad-literal'],
    [{ $where: 'ward' }, 'query.soql.type-mismatch', 'type-mismatch'],
    [{ $select: 'ward, count(*)' }, 'query.soql.column-not-in-group-bys', 'not-grouped'],
    [{ $where: 'count(*) > 1' }, 'query.soql.aggregate-in-ungrouped-context', 'aggregate-not-allowed'],
    [{ $select: 'ward AS a, cost AS a' }, 'query.soql.duplicate-alias', 'duplicate-alias'],
    [{ $select: 'ward / 0 AS x' }, 'query.execution.division-by-zero', 'division-by-zero'],
    [{ $jsonp: 'f' }, 'query.compiler.malformed', 'unknown-parameter'],
    [{ $wher: 'ward = 1' }, 'query.compiler.malformed', 'unknown-parameter'],
    [{ $where: '('.repeat(1_600) }, 'query.compiler.malformed', 'query-too-large'],
    [{ $where: 'a'.repeat(20_000) }, 'query.compiler.malformed', 'query-too-large'],
    [{ $query: 'SELECT * |> SELECT ward' }, 'query.soql.bad-parse', 'syntax-error'],
  ];

  for (const [parameters, errorCode, portalCode] of cases) {
    it(`${JSON.stringify(parameters).slice(0, 60)} is ${errorCode}`, async () => {
      const found = await site.ask(at(`/resource/${code}.json`, parameters));
      assert.equal(found.status, 400);
      assert.equal(found.headers['content-type'], 'application/json;charset=utf-8');
      const body = found.json<SodaError>();
      assert.deepEqual(
        [body.code, body.errorCode, body.error, body.data.portal],
        [errorCode, errorCode, true, portalCode],
      );
      assert.equal(body.data.dataset, code);
      assert.ok(body.message.length > 20);
    });
  }

  it('point at the place, on its line', async () => {
    const found = await site.ask(at(`/resource/${code}.json`, { $where: 'ward = 1 and\n  foo = 2' }));
    const { data, message } = found.json<SodaError>();
    assert.deepEqual(data.position, { row: 2, column: 3, line: '  foo = 2\n  ^' });
    assert.equal(data.column, 'foo');
    assert.match(
      message,
      /^Query coordinator error: query\.soql\.no-such-column; .*position: Map\(row -> 2, column -> 3, line -> /,
    );
  });

  it('tell an unknown dataset, a repeated parameter, a method', async () => {
    const missing = await site.ask('/resource/zzzz-zzzz.json');
    assert.deepEqual([missing.status, missing.json<SodaError>().errorCode], [404, 'soda.dataset.not-found']);
    const twice = await site.ask(`/resource/${code}.json?$limit=1&$limit=2`);
    assert.deepEqual([twice.status, twice.json<SodaError>().error], [400, true]);
    for (const path of [
      `/resource/${code}.json?status=%00`,
      '/api/catalog/v1?categories=%00',
      '/api/v1/search?theme=%00',
    ]) {
      assert.equal((await site.ask(path)).status, 400, path);
    }
    const text = await site.ask('/resource/..%2f..%2fetc%2fpasswd.json');
    assert.equal(text.status, 404);
  });
});

describe('documents', () => {
  it('describe the dataset as a view', async () => {
    const view = (await site.ask(`/api/views/${code}.json`)).json<{
      id: string;
      name: string;
      rowsUpdatedAt: number;
      columns: { name: string; fieldName: string; dataTypeName: string; cachedContents: { null: string } }[];
    }>();
    assert.deepEqual([view.id, view.name], [code, 'Building permits']);
    assert.ok(Number.isInteger(view.rowsUpdatedAt));
    const [permit, , , status, issued] = view.columns;
    assert.deepEqual(
      [permit?.name, permit?.fieldName, permit?.dataTypeName],
      ['Permit Number', 'permit_number', 'text'],
    );
    assert.equal(issued?.dataTypeName, 'calendar_date');
    assert.equal(status?.cachedContents.null, '215');
  });

  it('describe the dataset flat, and by no more than is known', async () => {
    const flat = (await site.ask(`/api/views/metadata/v1/${code}`)).json();
    assert.deepEqual([flat['id'], flat['category'], flat['license']], [code, 'Buildings', null]);
    assert.match(String(flat['createdAt']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
  });

  it('export every row with the titles of the columns', async () => {
    const found = await site.ask(`/api/views/${code}/rows.csv?accessType=DOWNLOAD`);
    assert.equal(found.headers['content-disposition']?.startsWith('attachment; filename="building-permits.csv"'), true);
    const lines = found.body.trimEnd().split('\n');
    assert.ok(lines[0]?.startsWith('"Permit Number","Ward","Cost"'));
    assert.equal(lines.length, 1_501);
    assert.equal((await site.ask(`/api/views/${code}/rows.exe`)).status, 406);
  });

  it('list the datasets', async () => {
    type Found = {
      results: { resource: { id: string; columns_field_name: string[] }; permalink: string }[];
      resultSetSize: number;
    };
    const all = (await site.ask('/api/catalog/v1')).json<Found>();
    assert.equal(all.resultSetSize, 2);
    const found = (await site.ask('/api/catalog/v1?q=permits&only=dataset')).json<Found>();
    assert.deepEqual(
      found.results.map(({ resource }) => resource.id),
      [code],
    );
    assert.ok(found.results[0]?.resource.columns_field_name.includes('permit_number'));
    assert.ok(found.results[0]?.permalink.endsWith(`/d/${code}`));
    const second = (await site.ask('/api/catalog/v1?limit=1&offset=1')).json<Found>();
    assert.deepEqual([second.results.length, second.resultSetSize], [1, 2]);
    const host = new URL(site.config.publicUrl).host;
    assert.equal((await site.ask(`/api/catalog/v1?domains=${host}`)).json<Found>().resultSetSize, 2);
    assert.equal((await site.ask('/api/catalog/v1?domains=data.elsewhere.gov')).json<Found>().resultSetSize, 0);
    assert.equal((await site.ask(`/api/catalog/v1?ids=${code},zzzz-zzzz`)).json<Found>().resultSetSize, 1);
    assert.equal((await site.ask('/api/catalog/v1?order=page_views_total')).status, 400);
    assert.equal((await site.ask('/api/catalog/v1?boost=1')).status, 400);
  });

  it('lead to the page', async () => {
    const found = await site.ask(`/d/${code}`);
    assert.equal(found.status, 302);
    assert.equal(found.headers.location, `${site.config.publicUrl}/datasets/building-permits`);
    assert.equal((await site.ask('/d/zzzz-zzzz')).status, 404);
  });
});
