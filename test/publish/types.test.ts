// Which type a column gets, from all of its values; and that nothing any value says is lost by it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../src/catalogue/recipe.ts';
import { hasCode, openGround, toTypes } from './ground.ts';

const ground = await openGround();

/** One column a case: header, values, the type expected, and what the first value becomes. */
const cases: readonly (readonly [header: string, values: readonly string[], type: string, first: unknown])[] = [
  ['n', ['1', '-20', '0'], 'integer', 1],
  ['code', ['00123', '45', '6'], 'text!identifier', '00123'],
  ['bin', ['0164A', '0165', '0166'], 'text', '0164A'],
  ['zip', ['98030', '98031', '98032'], 'text!postal-code', '98030'],
  ['zip_plus', ['98030-1234', '98031', '98032'], 'text!postal-code', '98030-1234'],
  ['price', ['1.225e+006', '221900', '538000'], 'number', 1225000],
  ['fixed', ['12.10', '0.50', '-3.00'], 'decimal(2)', '12.10'],
  ['mixed_scale', ['1.5', '2', '3.25'], 'number', 1.5],
  ['double17', ['-122.33112837463727', '47.5', '1.25'], 'number', -122.33112837463727],
  ['exact', ['0.1234567890123456789', '1.5', '2'], 'decimal(19)', '0.1234567890123456789'],
  ['huge', ['123456789012345678901234567890', '1', '2'], 'decimal(0)', '123456789012345678901234567890'],
  [
    'too_huge',
    ['1234567890123456789012345678901234567890', '1', '2'],
    'text',
    '1234567890123456789012345678901234567890',
  ],
  ['money', ['$1,234.50', '($20.00)', '$3'], 'decimal(2)!money', '1234.50'],
  ['thousands', ['1,234', '56', '7,890,123'], 'integer', 1234],
  ['percent', ['12.5%', '3%', '100%'], 'number!percent', 12.5],
  ['compact', ['20141013T000000', '20141209T133000', '20150225T000000'], 'timestamp', '2014-10-13T00:00:00'],
  ['iso', ['2015-02-28', '2016-02-29', '1999-12-31'], 'date', '2015-02-28'],
  ['iso_bad', ['2015-02-30', '2016-02-29', '1999-12-31'], 'text', '2015-02-30'],
  ['ts', ['2015-02-28T10:00:00', '2016-02-29 11:30:15', '1999-12-31T23:59:59.123'], 'timestamp', '2015-02-28T10:00:00'],
  [
    'nanos',
    ['2015-02-28T10:00:00.123456789', '2016-02-29T11:30:15.1', '1999-12-31T23:59:59.1'],
    'text',
    '2015-02-28T10:00:00.123456789',
  ],
  [
    'zoned',
    ['2015-02-28T10:00:00Z', '2016-02-29T11:30:15-07:00', '1999-12-31T23:59:59+00'],
    'instant',
    '2015-02-28T10:00:00Z',
  ],
  ['mdy', ['2/8/2016', '12/31/2016', '10/27/2008'], 'date', '2016-02-08'],
  ['dmy', ['8/2/2016', '31/12/2016', '27/10/2008'], 'date', '2016-02-08'],
  ['two_digit_year', ['2/8/16', '12/31/16', '10/27/08'], 'text', '2/8/16'],
  [
    'ampm',
    ['05/07/2020 12:00:00 AM', '12/31/2020 01:05:06 PM', '1/2/2020 11:00:00 AM'],
    'timestamp',
    '2020-05-07T00:00:00',
  ],
  ['clock', ['09:30', '23:59', '00:00'], 'time', '09:30:00'],
  ['gtfs_clock', ['09:30:00', '25:10:00', '00:00:00'], 'text', '09:30:00'],
  ['true_false', ['true', 'false', 'true'], 'boolean', true],
  ['yes_no', ['Yes', 'No', 'Yes'], 'boolean', true],
  ['only_y', ['Y', 'Y', 'Y'], 'text', 'Y'],
  ['zero_one', ['0', '1', '1'], 'integer', 0],
  ['days', ['Wednesday', 'Monday', 'Friday'], 'text', 'Wednesday'],
  ['may', ['May', 'June', 'July'], 'text', 'May'],
  ['sentinel', ['-9999', '5', '6'], 'integer', -9999],
  ['spaced', [' 5', '6 ', '7'], 'integer', 5],
  ['padded_text', ['  a ', 'b', 'c'], 'text', '  a '],
  ['nan', ['1.5', 'NaN', '2'], 'number', 1.5],
  ['inf', ['1.5', 'Infinity', '2'], 'text', '1.5'],
  ['hex', ['0x1F', '1', '2'], 'text', '0x1F'],
  ['underscore', ['1_000', '1', '2'], 'text', '1_000'],
  ['plus', ['+5', '6', '7'], 'text', '+5'],
  ['phone', ['+12065550101', '+12535550102', '+442079460103'], 'text', '+12065550101'],
  ['change', ['+5', '-3', '0'], 'integer', 5],
  ['change_rate', ['+0.5', '-3', '+12.25'], 'number', 0.5],
  ['change_code', ['+005', '-3', '0'], 'text', '+005'],
  ['asset', ['12E4', '3E10', '1E2'], 'text', '12E4'],
  ['asset_mixed', ['12E4', '310', '12'], 'text', '12E4'],
  ['measure', ['1.5e3', '2E-4', '7'], 'number', 1500],
  ['version', ['1.10', '1.9', '2.0'], 'text', '1.10'],
  ['cents', ['1.50', '1.505', '12.25'], 'number', 1.5],
  ['point_zero', ['1.5', '2.0', '3.25'], 'number', 1.5],
  ['lone_point', ['.5', '1.25', '3'], 'number', 0.5],
  ['response', ['00:10', '12:45', '23:10'], 'text', '00:10'],
  ['start_time', ['00:10', '12:45', '23:10'], 'time', '00:10:00'],
  ['upper', ['TRUE', 'FALSE', 'TRUE'], 'boolean', true],
  ['comma_third', ['0,125', '1,375', '0,980'], 'decimal(3)', '0.125'],
  ['comma_short', ['1,5', '2', '3,25'], 'number', 1.5],
  ['comma_grouped', ['1.234,50', '2,25', '3,00'], 'decimal(2)', '1234.50'],
  ['minus_zero', ['-0', '1', '2'], 'integer', 0],
  ['overflow', ['1e400', '1', '2'], 'text', '1e400'],
  ['underflow', ['1e-400', '1', '2'], 'text', '1e-400'],
  ['empty', ['', '', ''], 'text', null],
  ['mostly_empty', ['', '', '7'], 'integer', null],
];

test('each way of writing values gets its type and keeps its value', async () => {
  const lines = [cases.map(([header]) => header)];
  for (const row of [0, 1, 2]) lines.push(cases.map(([, values]) => values[row] ?? ''));
  const text = lines.map((cells) => cells.map((cell) => `"${cell}"`).join(',')).join('\n');
  const ingested = await ground.ingest('cases.csv', `${text}\n`);
  const [first] = await ground.read(ingested);
  const found = toTypes(ingested).split(' ');
  for (const [index, [header, , type, value]] of cases.entries()) {
    assert.equal(found[index], `${header}:${type}`, header);
    assert.deepEqual(first?.[header], value, header);
  }
});

test('a type must hold on the last row of a long file too', async () => {
  const rows = Array.from({ length: 30_000 }, (_, index) => `${index},2015-01-01,1.50`);
  rows.push('oops,2015-02-30,1.505');
  const ingested = await ground.ingest('long.csv', `a,b,c\n${rows.join('\n')}\n`);
  assert.equal(toTypes(ingested), 'a:text b:text c:number');
  const mixed = ingested.report.findings.find(({ column }) => column === 'a');
  assert.equal(mixed?.code, 'type-mismatch');
  assert.equal(mixed?.row, 30_001);
  assert.match(mixed?.sentence ?? '', /1 of its 30,001 values are not plain numbers/);
});

test('ambiguous dates are month/day in en-US, with a note, and text elsewhere', async () => {
  const text = 'd\n1/2/2020\n3/4/2020\n';
  const here = await ground.ingest('d.csv', text);
  assert.equal(toTypes(here), 'd:date');
  assert.equal(here.columns[0]?.sourceFormat, 'm/d/Y');
  assert.deepEqual(
    here.report.findings.map(({ severity }) => severity),
    ['note'],
  );
  assert.deepEqual(await ground.read(here), [{ d: '2020-01-02' }, { d: '2020-03-04' }]);
  const elsewhere = await ground.ingest('d.csv', text, { locale: 'en-GB' });
  assert.equal(toTypes(elsewhere), 'd:text');
});

test('null markers count as nothing given in typed columns only, and are told', async () => {
  const ingested = await ground.ingest('na.csv', 'n,t\n1,NA\nNA,b\n-,NULL\n4,c\n');
  assert.equal(toTypes(ingested), 'n:integer t:text');
  assert.deepEqual(await ground.read(ingested), [
    { n: 1, t: 'NA' },
    { n: null, t: 'b' },
    { n: null, t: 'NULL' },
    { n: 4, t: 'c' },
  ]);
  const told = ingested.report.findings.map(({ sentence }) => sentence);
  assert.equal(told.filter((sentence) => sentence.includes('“NA”')).length, 1);
  assert.equal(told.filter((sentence) => sentence.includes('“-”')).length, 1);
});

test('longitude and latitude become points; feet, exchanged columns and zeros do not', async () => {
  const points = await ground.ingest('p.csv', 'id,lon,lat\n1,-122.25,47.5\n2,0,0\n3,,\n4,-122,47\n');
  assert.equal(toTypes(points), 'id:integer!identifier lon:number lat:number geometry:geometry/Point');
  assert.deepEqual(points.columns.at(-1)?.derivedFrom, ['lon', 'lat']);
  const served = await ground.readServing(
    points,
    'select ":id", geometry is null as missing, ":geojson:geometry" as text from served.data',
  );
  assert.deepEqual(served, [
    { ':id': 1, missing: false, text: '{"type":"Point","coordinates":[-122.25,47.5]}' },
    { ':id': 2, missing: true, text: null },
    { ':id': 3, missing: true, text: null },
    { ':id': 4, missing: false, text: '{"type":"Point","coordinates":[-122,47]}' },
  ]);
  const feet = await ground.ingest('f.csv', 'x,y\n1265775.8,267518.4\n1265776.8,267519.4\n');
  assert.equal(toTypes(feet), 'x:decimal(1) y:decimal(1)');
  const exchanged = await ground.ingest('e.csv', 'lon,lat\n47.5,-122.2\n47.6,-122.3\n');
  assert.ok(!toTypes(exchanged).includes('geometry'));
  assert.match(exchanged.report.findings[0]?.sentence ?? '', /exchanged/);
});

test('the GeoJSON of points made in SQL is that of the general function, digit for digit', async () => {
  const rows = [
    '-122.25,47.5',
    '1,2',
    '0.0001,-0.00001',
    '-0.1,1e-7',
    '179.99999999,89.999999999',
    '100,-45.125',
    '0,12',
  ];
  const ingested = await ground.ingest('d.csv', `longitude,latitude\n${rows.join('\n')}\n`);
  const served = await ground.readServing(
    ingested,
    'select ":geojson:geometry" as quick, geo_geojson(ST_AsWKB(geometry)) as general from served.data',
  );
  assert.equal(served.length, rows.length);
  for (const { quick, general } of served) assert.equal(quick, general);
});

test('WKT, GeoJSON and "(lat, lon)" texts become geometry and stay texts', async () => {
  const wkt = await ground.ingest('w.csv', 'g\nPOINT (-122 47)\n"LINESTRING (0 0, 1 1)"\nPOINT Z (1 2 3)\n');
  assert.equal(toTypes(wkt), 'g:text geometry:geometry/Geometry');
  const geojson = await ground.ingest('j.csv', 'a,g\n1,"{""type"":""Point"",""coordinates"":[1,2]}"\n');
  assert.equal(toTypes(geojson), 'a:integer g:text geometry:geometry/Point');
  const pair = await ground.ingest(
    'l.csv',
    'location\n"600 4th Ave\nSeattle, WA\n(47.6, -122.3)"\n"(47.5, -122.25)"\n',
  );
  assert.equal(toTypes(pair), 'location:text geometry:geometry/Point');
  const feet = await ground.ingest('w2.csv', 'geometry\nPOINT (1265775 267518)\n');
  assert.equal(toTypes(feet), 'geometry:text');
});

test('JSON keeps every digit, and the union of keys is the columns', async () => {
  const text =
    '[{"a": 12345678901234567890123, "b": 1.10, "c": "0012"},\n {"b": 2.5e3, "d": {"x": [1, 2.50]}, "e": true},\n {"c": "", "d": null}]';
  const ingested = await ground.ingest('j.json', text);
  assert.equal(toTypes(ingested), 'a:decimal(0) b:number c:text!identifier d:json e:boolean');
  assert.deepEqual(await ground.read(ingested), [
    { a: '12345678901234567890123', b: 1.1, c: '0012', d: null, e: null },
    { a: null, b: 2500, c: null, d: '{"x": [1, 2.50]}', e: true },
    { a: null, b: null, c: '', d: null, e: null },
  ]);
  const lines = await ground.ingest('j.ndjson', '{"a":1}\n\n{"a":2,"b":"x"}\n{"a":}\n');
  assert.equal(lines.report.format, 'ndjson');
  assert.equal(lines.report.rowsQuarantined, 1);
  const wrapped = await ground.ingest('w.json', '{"meta":{"n":2},"data":[{"a":1},{"a":2}]}');
  assert.equal(wrapped.report.rowsPublished, 2);
  await assert.rejects(ground.ingest('two.json', '{"a":[{"x":1}],"b":[{"y":1}]}'), hasCode('file-unreadable'));
});

test('GeoJSON: null and broken geometry, foreign members, nested properties, coordinate systems', async () => {
  const feature = (geometry: string, properties: string, more = '') =>
    `{"type":"Feature"${more},"geometry":${geometry},"properties":${properties}}`;
  const collection = (features: readonly string[], more = '') =>
    `{"type":"FeatureCollection"${more},"features":[${features.join(',\n')}]}`;
  const ingested = await ground.ingest(
    'f.geojson',
    collection([
      feature('{"type":"Point","coordinates":[-122,47,5]}', '{"n":1,"deep":{"a":[1]}}', ',"id":7'),
      feature('null', '{"n":2}'),
      feature('{"type":"Point","coordinates":["a",2]}', '{"n":3}'),
      feature('{"type":"Point","coordinates":[-122,470]}', '{"n":4}'),
    ]),
  );
  assert.equal(toTypes(ingested), 'id:integer!identifier n:integer deep:json geometry:geometry/Point');
  assert.equal(ingested.report.rowsPublished, 2);
  assert.equal(ingested.report.rowsQuarantined, 2);
  assert.deepEqual(await ground.readServing(ingested, 'select ":id", n, ":geojson:geometry" as g from served.data'), [
    { ':id': 1, n: 1, g: '{"type":"Point","coordinates":[-122,47,5]}' },
    { ':id': 2, n: 2, g: null },
  ]);
  const point = feature('{"type":"Point","coordinates":[-13586770,6000000]}', '{}');
  const crs = ',"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}';
  const converted = await ground.ingest('m.geojson', collection([point], crs));
  const [row] = await ground.readServing(converted, 'select geo_xmin(ST_AsWKB(geometry)) as x from served.data');
  assert.ok(Math.abs(Number(row?.['x']) - -122.0524) < 0.001, String(row?.['x']));
  await assert.rejects(ground.ingest('m.geojson', collection([point])), hasCode('geometry-invalid'));
});

test('distinct values of a table of ordinary size are counted exactly', async () => {
  const rows = 10_500;
  const lines = Array.from({ length: rows }, (_, index) => `P-${index},${index % 7}`);
  const { profile } = await ground.ingest('many.csv', `permit,ward\n${lines.join('\n')}\n`);
  assert.deepEqual(
    profile.map(({ name, distinct, distinctApproximate }) => [name, distinct, distinctApproximate]),
    [
      ['permit', rows, false],
      ['ward', 7, false],
    ],
  );
});

test('a lone comma or point before three digits is not guessed where the file may mean either', async () => {
  const of = async (rows: readonly string[], recipe: Recipe = {}): Promise<[string, unknown, string]> => {
    const ingested = await ground.ingest('c.csv', `${rows.join('\n')}\n`, { recipe });
    const [first] = await ground.read(ingested);
    const told = ingested.report.findings.map(({ sentence }) => sentence).join(' ');
    return [toTypes(ingested).split(' ')[1] ?? '', Object.values(first ?? {})[1], told];
  };
  const commas = ['k;w', 'A;1,250', 'B;12,500'];
  const [type, value, told] = await of(commas);
  assert.deepEqual([type, value], ['w:text', '1,250']);
  assert.match(told, /“w” stays text: 1,250 can be read/);
  const points = await of(['k;w', 'A;379', 'B;1.613', 'C;1.230']);
  assert.deepEqual([points[0], points[1]], ['w:text', '379']);
  assert.match(points[2], /1\.613 can be read/);
  assert.deepEqual((await of(['k;w;x', 'A;1,250;0,5', 'B;12,500;1,5'])).slice(0, 2), ['w:decimal(3)', '1.250']);
  assert.deepEqual((await of(['k;w;x', 'A;1,250;0.5', 'B;12,500;1.5'])).slice(0, 2), ['w:integer', 1250]);
  assert.deepEqual((await of(['k;w', 'A;1.234.567', 'B;1.230'])).slice(0, 2), ['w:number', 1234567]);
  assert.deepEqual((await of(commas, { decimal: 'comma' })).slice(0, 2), ['w:decimal(3)', '1.250']);
  assert.deepEqual((await of(commas, { decimal: 'point' })).slice(0, 2), ['w:integer', 1250]);
  const lone = await of(['k,w', 'A,"1,250"', 'B,"12,500"']);
  assert.deepEqual(lone.slice(0, 2), ['w:integer', 1250]);
  assert.match(lone[2], /between thousands/);
});

test('what the publisher says of a column is not guessed, and what does not fit it is set aside', async () => {
  const text = 'code,day,n,w\n1,01/02/2024,1.10,x\n2,03/02/2024,1.5,y\n3,04/02/2024,about 2,z\n';
  const recipe: Recipe = { types: { code: 'text', n: 'number' }, dateOrder: 'day-first' };
  const ingested = await ground.ingest('r.csv', text, { recipe });
  assert.equal(toTypes(ingested), 'code:text day:date n:number w:text');
  assert.deepEqual(await ground.read(ingested), [
    { code: '1', day: '2024-02-01', n: 1.1, w: 'x' },
    { code: '2', day: '2024-02-03', n: 1.5, w: 'y' },
  ]);
  assert.equal(ingested.report.rowsQuarantined, 1);
});
