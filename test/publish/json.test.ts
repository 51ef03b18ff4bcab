// JSON as other systems write it: the rows are read wherever they stand, or the file is refused in words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PortalError } from '../../src/base/errors.ts';
import { hasCode, openGround, toTypes } from './ground.ts';

const ground = await openGround();

type Told = { readonly types: string; readonly rows: readonly unknown[][]; readonly findings: readonly string[] };

async function publish(value: unknown, name = 'f.json'): Promise<Told> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const ingested = await ground.ingest(name, text);
  const list = ingested.columns
    .map(({ name: column, type }) => (type.kind === 'geometry' ? `":geojson:${column}"` : `"${column}"`))
    .join(', ');
  const rows = await ground.readServing(ingested, `select ${list} from served.data order by ":id"`);
  const findings = ingested.report.findings.map(({ sentence }) => sentence);
  return { types: toTypes(ingested), rows: rows.map((row) => Object.values(row)), findings };
}

const trees = [
  [1, 'Ash'],
  [2, 'Birch'],
];

test('rows as lists take their names from where CKAN, pandas and Socrata put them', async () => {
  const expected = { types: 'id:integer!identifier name:text', rows: trees };
  const fields = [
    { id: 'id', type: 'int' },
    { id: 'name', type: 'text' },
  ];
  for (const wrapped of [
    { fields, records: trees },
    { columns: ['id', 'name'], index: [0, 1], data: trees },
    { columns: ['id', 'name'], data: trees },
    { help: 'x', success: true, result: { fields, records: trees, total: 2 } },
    { header: ['id', 'name'], rows: trees },
    [['id', 'name'], ...trees],
    '["id","name"]\n[1,"Ash"]\n[2,"Birch"]\n',
  ]) {
    const { types, rows } = await publish(wrapped);
    assert.deepEqual({ types, rows }, expected, JSON.stringify(wrapped));
  }
  const bare = await publish(trees);
  assert.equal(bare.types, 'column_1:integer column_2:text');
  assert.match(bare.findings.join(' '), /no header/);
  await assert.rejects(publish({ data: trees, count: 2 }), hasCode('file-unreadable'));
});

test('Socrata rows.json: its own columns are left out and told, numbers written as text are numbers', async () => {
  const columns = [
    { name: 'sid', fieldName: ':sid', dataTypeName: 'meta_data' },
    { name: 'Permit', fieldName: 'permit', dataTypeName: 'text' },
    { name: 'Value', fieldName: 'value', dataTypeName: 'number' },
    { name: 'Issued', fieldName: 'issued', dataTypeName: 'calendar_date' },
  ];
  const data = [
    ['row-1', '00012', '12', '2024-01-02T00:00:00'],
    ['row-2', '00013', null, '2024-01-03T00:00:00'],
  ];
  const { types, rows, findings } = await publish({ meta: { view: { id: 'abcd-1234', columns } }, data });
  assert.equal(types, 'permit:text!identifier value:integer issued:timestamp');
  assert.deepEqual(
    rows.map((row) => row.slice(0, 2)),
    [
      ['00012', 12],
      ['00013', null],
    ],
  );
  assert.match(findings.join(' '), /left out: “sid”/);
});

test('pandas tables: by column, by row, by list, with a schema', async () => {
  const types = 'id:integer!identifier name:text';
  for (const wrapped of [
    { id: { '0': 1, '1': 2 }, name: { '0': 'Ash', '1': 'Birch' } },
    { id: [1, 2], name: ['Ash', 'Birch'] },
    {
      schema: { fields: [{ name: 'id' }, { name: 'name' }] },
      data: [
        { id: 1, name: 'Ash' },
        { id: 2, name: 'Birch' },
      ],
    },
  ]) {
    const told = await publish(wrapped);
    assert.deepEqual({ types: told.types, rows: told.rows }, { types, rows: trees }, JSON.stringify(wrapped));
  }
  const byRow = await publish({ x7: { id: 1, name: 'Ash' }, x8: { id: 2, name: 'Birch' } });
  assert.equal(byRow.types, `index:text ${types}`);
  assert.deepEqual(byRow.rows, [
    ['x7', 1, 'Ash'],
    ['x8', 2, 'Birch'],
  ]);
  assert.deepEqual((await publish({ objectIds: [4, 5] })).rows, [[4], [5]]);
  await assert.rejects(publish({ a: { '0': 1, '1': 2 }, b: { '0': 1, '1': 2 }, c: { '0': 1 } }), /“c”/);
});

test('rows within the answer of an interface are found, and a page of a longer answer is told', async () => {
  const records = [
    { id: 1, name: 'Ash' },
    { id: 2, name: 'Birch' },
  ];
  for (const wrapped of [
    { help: 'x', success: true, result: { resource_id: 'y', fields: [{ id: 'id' }, { id: 'name' }], records } },
    { '@odata.context': 'x', value: records },
    { d: { results: records } },
    { links: [{ rel: 'self', href: 'x' }], result: { records } },
    { took: 1, hits: { total: 2, hits: records } },
  ]) {
    const told = await publish(wrapped);
    assert.deepEqual(told.rows, trees, JSON.stringify(wrapped));
  }
  const part = await publish({ '@odata.nextLink': 'https://x.example/2', value: records });
  assert.match(part.findings.join(' '), /one page of a longer answer/);
  const fewer = await publish({ success: true, result: { records, total: 4000 } });
  assert.match(fewer.findings.join(' '), /there are 4,000 rows, and holds 2/);
  await assert.rejects(publish({ success: false, error: { message: 'no' } }), /says it failed/);
  const one = await publish({ station: 'A', place: { lat: 47, lon: -122 } });
  assert.match(one.findings.join(' '), /one object/);
});

const point = (x: number): unknown => ({ type: 'Point', coordinates: [x, 47.5] });
const feature = (n: number): unknown => ({ properties: { n }, type: 'Feature', geometry: point(-122 - n) });

test('GeoJSON text sequences, GeoJSON in JSON, and features whose type stands last', async () => {
  const expected = {
    types: 'n:integer geometry:geometry/Point',
    rows: [
      [1, '{"type":"Point","coordinates":[-123,47.5]}'],
      [2, '{"type":"Point","coordinates":[-124,47.5]}'],
    ],
  };
  const pretty = JSON.stringify(feature(2), null, 2);
  for (const text of [
    `\u001e${JSON.stringify(feature(1))}\n\u001e${pretty}\n`,
    `\n\u001e${JSON.stringify(feature(1))}\n\u001e${JSON.stringify(feature(2))}`,
    `${JSON.stringify(feature(1))}\n${JSON.stringify(feature(2))}\n`,
    JSON.stringify({ status: 'ok', data: { type: 'FeatureCollection', features: [feature(1), feature(2)] } }),
    JSON.stringify([feature(1), feature(2)]),
  ]) {
    const { types, rows } = await publish(text, 'f.geojsonl');
    assert.deepEqual({ types, rows }, expected, text);
  }
  const broken = await ground.ingest('b.geojsonl', `\u001e${JSON.stringify(feature(1))}\n\u001e{"type":\n`);
  assert.deepEqual([broken.report.rowsPublished, broken.report.rowsQuarantined], [1, 1]);
  const collections = [{ type: 'FeatureCollection', features: [feature(1)] }];
  await assert.rejects(publish(collections), /list of GeoJSON collections/);
  await assert.rejects(publish('[1,2]\n{"a":1}'), /more text/);
});

const esri = (reference: unknown, features: readonly unknown[], more: object = {}): unknown => ({
  displayFieldName: 'NAME',
  spatialReference: reference,
  fields: [
    { name: 'NAME', type: 'esriFieldTypeString' },
    { name: 'AT', type: 'esriFieldTypeDate' },
  ],
  features,
  ...more,
});
const site = (geometry: unknown): unknown => ({ attributes: { NAME: 'A', AT: 1704153600000 }, geometry });

test('an Esri FeatureSet: attributes, dates, geometry in the system it names', async () => {
  const types = 'name:text at:instant geometry:geometry/Point';
  const lonLat = await publish(esri({ wkid: 4326 }, [site({ x: -122.2, y: 47.4 })]));
  assert.equal(lonLat.types, types);
  assert.equal(lonLat.rows[0]?.[2], '{"type":"Point","coordinates":[-122.2,47.4]}');
  const mercator = await publish(esri({ wkid: 102100, latestWkid: 3857 }, [site({ x: -13604000, y: 6000000 })]));
  assert.match(String(mercator.rows[0]?.[2]), /\[-122\.20\d+,47\.3\d+\]/);
  assert.match(mercator.findings.join(' '), /converted from/);
  const rings = [
    [
      [-122, 47],
      [-122, 48],
      [-121, 48],
      [-121, 47],
      [-122, 47],
    ],
    [
      [-121.8, 47.2],
      [-121.2, 47.2],
      [-121.2, 47.8],
      [-121.8, 47.2],
    ],
  ];
  const area = await publish(esri({ wkid: 4326 }, [site({ rings })]));
  assert.match(area.types, /geometry\/Polygon/);
  assert.equal((JSON.parse(String(area.rows[0]?.[2])) as { coordinates: unknown[] }).coordinates.length, 2);
  const path = [
    [-122, 47, 5],
    [-121, 47, 9],
  ];
  const measured = await publish(esri({ wkid: 4326 }, [site({ paths: [path] })], { hasM: true }));
  assert.equal(measured.rows[0]?.[2], '{"type":"LineString","coordinates":[[-122,47],[-121,47]]}');
  const table = await publish({
    fields: [{ name: 'A' }],
    features: [{ attributes: { A: 1 } }, { attributes: { A: 2 } }],
  });
  assert.deepEqual([table.types, table.rows], ['a:integer', [[1], [2]]]);
  const more = await publish(esri({ wkid: 4326 }, [site({ x: -122, y: 47 })], { exceededTransferLimit: true }));
  assert.match(more.findings.join(' '), /one page of a longer answer/);
  await assert.rejects(publish(esri({ wkid: 99999 }, [site({ x: 1, y: 2 })])), hasCode('geometry-invalid'));
  const missing = await publish(esri({ wkid: 4326 }, [site({ x: 'NaN', y: 'NaN' }), site({ x: -122, y: 47 })]));
  assert.equal(missing.rows[0]?.[2], null);
});

test('statistics in forms of their own are refused in words', async () => {
  const stat = { version: '2.0', class: 'dataset', id: ['a'], size: [2], dimension: { a: {} }, value: [1, 2] };
  await assert.rejects(publish(stat), /JSON-stat/);
  await assert.rejects(publish({ dataset: { dimension: { a: {} }, value: [1, 2] } }), /JSON-stat/);
  await assert.rejects(publish({ meta: { view: { columns: [{ name: 'a' }] } } }), /describes a table/);
  await assert.rejects(publish({ header: {}, data: { dataSets: [{ a: 1 }], structure: {} } }), /SDMX/);
});

test('what is not JSON is told in words of the portal, where it stands', async () => {
  const why = async (row: string): Promise<string> => {
    const ingested = await ground.ingest('w.json', `[{"a":1},\n${row}]`);
    const [finding] = ingested.report.findings;
    assert.equal(finding?.line, 2);
    return finding?.sentence ?? '';
  };
  assert.match(await why('{"a":NaN}'), /^“NaN” is not JSON, .*write null/);
  assert.match(await why('{"a":-Infinity,"b":"NaN"}'), /^“-Infinity”/);
  assert.match(await why('{"a":None}'), /^“None” is not JSON/);
  assert.match(await why('{a:1}'), /^“a” is not JSON/);
  assert.match(await why(`{'a':1}`), /single/);
  assert.match(await why('{"a":1,}'), /comma stands before/);
  assert.match(await why('{"a":012}'), /^“012” is not a number/);
  assert.match(await why('{"a" 1}'), /comma, colon, bracket or quote/);
  const error = await publish('[{"id":1,"v":NaN}]').then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PortalError);
  assert.doesNotMatch(error.message, /token|Unexpected/);
});

test('a sum that is called total, one object of a product, and tables not chosen say nothing wrong', async () => {
  const sum = await publish({ total: 15_000, data: [{ amount: 15_000 }] });
  assert.deepEqual(
    sum.findings.filter((each) => /there are/.test(each)),
    [],
  );
  const product = await publish('{"id":1,"dimension":"3x4","value":5}');
  assert.deepEqual(product.rows, [[1, '3x4', 5]]);
  const records = [{ id: 1 }];
  const two = await publish({ old: { next: 'https://x.example/2', items: [{ a: 1 }] }, result: { records } });
  assert.deepEqual([two.rows, two.findings.filter((each) => /one page/.test(each))], [[[1]], []]);
});

test('a row of quotes that never ends is told as such, however long it is', async () => {
  const ingested = await ground.ingest('q.ndjson', `{"a":1}\n{"a":"${'\\"'.repeat(2_000_000)}\n{"a":2}\n`);
  assert.deepEqual([ingested.report.rowsPublished, ingested.report.rowsQuarantined], [2, 1]);
  assert.match(ingested.report.findings[0]?.sentence ?? '', /quotes does not end/);
});

test('a name that stands twice in an object is told; the last value counts', async () => {
  const { rows, findings } = await publish('[{"a":1,"a":2},{"a":3,"a":4,"b":{"x":1,"x":2}},{"a":5}]');
  assert.deepEqual(
    rows.map(([a]) => a),
    [2, 4, 5],
  );
  assert.match(findings.join(' '), /“a” stands twice in 2 rows, first in row 1/);
});
