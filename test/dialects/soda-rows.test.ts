// SoQL on real rows: text → Query → plan → SQL → the bytes that a SODA client gets, in every format and for every
// function.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PortalError } from '../../src/base/errors.ts';
import type { Revision } from '../../src/catalogue/dataset.ts';
import { readParameters } from '../../src/dialects/language/parameters.ts';
import { sodaFormat, sodaRowFormat, sodaType } from '../../src/dialects/soda/formats.ts';
import { parseSodaParameters } from '../../src/dialects/soda/parse.ts';
import type { RowFormat } from '../../src/formats/format.ts';
import { compileRows, toOutputColumns } from '../../src/query/compile.ts';
import { functionTable } from '../../src/query/functions.ts';
import { sodaSpellings } from '../../src/dialects/soda/spellings.ts';
import type { Plan } from '../../src/query/plan.ts';
import { planQuery } from '../../src/query/passes.ts';
import { openPermits, permitSchema, type TestTable } from '../query/table.ts';
import { processorMs } from '../processor.ts';

const limits = { defaultLimit: null, maxLimit: null };
const revision = {
  id: '0123456789abcdef',
  number: 1,
  publishedAt: '2026-01-02T03:04:05.000Z',
  rows: 60,
  columns: permitSchema,
} as unknown as Revision;

let table: TestTable;
before(async () => {
  table = await openPermits();
});
after(() => table.close());

function toPlan(parameters: Readonly<Record<string, string>>): Plan {
  return planQuery(parseSodaParameters(readParameters(parameters), revision), table.target, limits);
}

/** The whole body, as the engine and serve/read/run.ts put it together. */
async function answer(parameters: Readonly<Record<string, string>>, format: RowFormat): Promise<string> {
  const plan = toPlan(parameters);
  const columns = toOutputColumns(plan);
  const info = { columns, datasetId: 'permits', revisionId: revision.id };
  const compiled = compileRows(plan, (outputs) => format.row(outputs));
  const found = await table.run(compiled.text, compiled.params);
  const rows = found.slice(0, compiled.maxRows ?? found.length).map(([row]) => row ?? '');
  const end = { rows: rows.length, more: false, next: null, truncated: false };
  return `${format.begin(info)}${rows.join(format.separator)}${format.end(end, info)}`;
}

async function readJson(parameters: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]> {
  return JSON.parse(await answer(parameters, sodaFormat('json', false))) as Record<string, unknown>[];
}

const everything = { $where: ':id = 2', $limit: '1' };

test('JSON: numbers are text, times have milliseconds, keys without value are left out', async () => {
  const body = await answer({ $select: ':id, *', ...everything }, sodaFormat('json', false));
  assert.equal(
    body,
    '[{":id":"row-0000.0000~0002","name":"Café 1","ward":"1","cost":"12.5","share":"0.14285714285714285",' +
      '"is_open":false,"day":"2024-01-28T00:00:00.000","hour":"00:01:00","seen":"2024-01-01T07:30:00.500",' +
      '"sent":"2024-01-01T07:30:00.000Z","extra":{"n": 1},"place":{"type":"Point","coordinates":[-122.29,47.4]}}]\n',
  );
  const [first] = await readJson({ $where: ':id = 1' });
  assert.ok(first !== undefined && !('name' in first), 'row 1 has no name');
  assert.equal(first['cost'], '0');
});

test('JSON: rows stand on lines of their own, and no rows are an empty list', async () => {
  assert.equal(
    await answer({ $select: 'ward', $where: 'ward is not null', $limit: '2' }, sodaFormat('json', false)),
    '[{"ward":"0"}\n,{"ward":"1"}]\n',
  );
  assert.equal(await answer({ $where: 'false' }, sodaFormat('json', false)), '[]\n');
  assert.equal(
    await answer({ $select: 'ward', $where: 'ward is null', $limit: '1' }, sodaFormat('json', false)),
    '[{}]\n',
  );
});

test('one row is a bare object', async () => {
  assert.equal(await answer({ $select: 'ward', ...everything }, sodaRowFormat), '{"ward":"1"}\n');
});

test('CSV and TSV: every value in quotes, nothing where there is none', async () => {
  const select = "name, cost, is_open, place, 'a \"b\"' || chr(10) || 'c' AS odd";
  assert.equal(
    await answer({ $select: select, $where: ':id in (1, 2)', $order: ':id' }, sodaFormat('csv', false)),
    '"name","cost","is_open","place","odd"\n' +
      ',"0","true","POINT (-122.3 47.4)","a ""b""\nc"\n' +
      '"Café 1","12.5","false","POINT (-122.29 47.4)","a ""b""\nc"\n',
  );
  assert.equal(
    await answer({ $select: 'name, ward', ...everything }, sodaFormat('tsv', false)),
    '"name"\t"ward"\n"Café 1"\t"1"\n',
  );
  assert.equal(await answer({ $select: 'ward', $where: 'false' }, sodaFormat('csv', true)), '\uFEFF"ward"\n');
});

test('GeoJSON: missing properties stay, the first geometry is the place, the old crs member ends it', async () => {
  const body = await answer({ $select: 'name, ward, place', $where: ':id = 1' }, sodaFormat('geojson', false));
  assert.deepEqual(JSON.parse(body), {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: { name: null, ward: '0' },
        geometry: { type: 'Point', coordinates: [-122.3, 47.4] },
      },
    ],
    crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } },
  });
  const placeless = JSON.parse(await answer({ $select: 'ward', ...everything }, sodaFormat('geojson', false))) as {
    features: { geometry: unknown }[];
  };
  assert.equal(placeless.features[0]?.geometry, null);
});

test('condensed JSON: columns in the order of their names', async () => {
  const body = await answer(
    { $select: 'ward, name', $where: ':id in (1, 2)', $order: ':id' },
    sodaFormat('cjson', false),
  );
  assert.deepEqual(JSON.parse(body), [
    {
      locale: 'en_US',
      schema: [
        { c: 'name', t: 'text' },
        { c: 'ward', t: 'number' },
      ],
    },
    [null, '0'],
    ['Café 1', '1'],
  ]);
  assert.equal((JSON.parse(await answer({ $where: 'false' }, sodaFormat('cjson', false))) as unknown[]).length, 1);
});

test('types are named as SODA names them', () => {
  const columns = toOutputColumns(toPlan({ $select: ':id, *' }));
  assert.deepEqual(columns.map(sodaType), [
    ...['row_identifier', 'text', 'number', 'number', 'number', 'checkbox', 'floating_timestamp', 'time'],
    ...['floating_timestamp', 'fixed_timestamp', 'json', 'point'],
  ]);
});

test('numbers keep their digits', async () => {
  const numbers: readonly (readonly [string, string])[] = [
    ['1e15', '1000000000000000'],
    ['1e20', '100000000000000000000'],
    ['-3 + 0', '-3'],
    ['0.1', '0.1'],
    ['1 / 3', '0.3333333333333333'],
    ['-0.0', '0'],
    ['9007199254740993', '9007199254740993'],
    ['sum(cost)', '22125'],
  ];
  for (const [text, expected] of numbers) {
    const [row] = await readJson({ $select: `${text} AS n`, $limit: '1' });
    assert.equal(row?.['n'], expected, text);
  }
});

test('system fields: opaque ids read back, versions and times of the revision', async () => {
  const [row] = await readJson({ $select: ':*, name', ...everything });
  assert.deepEqual(row, {
    ':id': 'row-0000.0000~0002',
    ':version': 'rv-0123.4567~89ab',
    ':created_at': '2026-01-02T03:04:05.000Z',
    ':updated_at': '2026-01-02T03:04:05.000Z',
    name: 'Café 1',
  });
  const [again] = await readJson({ $where: ":id = 'row-0000.0000~0002'", $select: 'name' });
  assert.equal(again?.['name'], 'Café 1');
  assert.equal((await readJson({ ':id': 'row-0000.0000~001o', $select: 'name' })).length, 1);
  assert.equal((await readJson({ $where: ":updated_at > '2020-01-01'" })).length, 60);
});

/**
 * Row 2: name Café 1, ward 1, cost 12.50, share 1/7, false, 2024-01-28, 00:01:00, seen 07:30:00.5, sent 07:30Z,
 * (-122.29 47.4).
 */
const scalars: readonly (readonly [string, string | boolean | null])[] = [
  ["name = 'Café 1'", true],
  ["name == 'café 1'", false],
  ["name <> 'x'", true],
  ["name != 'x'", true],
  ['ward < 2', true],
  ['ward <= 1', true],
  ['ward > 1', false],
  ['ward >= 1', true],
  ["cost > '12.4'", true],
  ["seen > '2024-01-01T07:30:00'", true],
  ['NULL = ward', null],
  ["caseless_eq(name, 'CAFÉ 1')", true],
  ["caseless_ne(name, 'CAFÉ 1')", false],
  ["caseless_starts_with(name, 'cafÉ')", true],
  ["caseless_contains(name, 'AFÉ')", true],
  ["caseless_one_of(name, 'x', 'CAFÉ 1')", true],
  ["caseless_not_one_of(name, 'x', 'CAFÉ 1')", false],
  ["name LIKE 'Caf_ %'", true],
  ["name NOT LIKE 'caf%'", true],
  ["contains(name, 'fé')", true],
  ["contains(name, '%')", false],
  ["starts_with(name, 'Caf')", true],
  ['ward IN (1, 2)', true],
  ['ward NOT IN (1, 2)', false],
  ['cost BETWEEN 12.5 AND 20', true],
  ['cost NOT BETWEEN 12.5 AND 20', false],
  ['name IS NULL', false],
  ['name IS NOT NULL', true],
  ["name || '-' || ward", 'Café 1-1'],
  ['lower(name)', 'café 1'],
  ['upper(name)', 'CAFÉ 1'],
  ['length(name)', '6'],
  ["trim('  a ')", 'a'],
  ["trim_leading('  a ')", 'a '],
  ["trim_trailing('  a ')", '  a'],
  ['unaccent(name)', 'Cafe 1'],
  ["split_part(name, ' ', 2)", '1'],
  ["split_part(name, ' ', 9)", ''],
  ['substring(name, 2)', 'afé 1'],
  ['substring(name, 2, 3)', 'afé'],
  ["replace(name, 'é', 'e')", 'Cafe 1'],
  ["left_pad('7', 3, '0')", '007'],
  ["right_pad('7', 3, '0')", '700'],
  ['chr(65)', 'A'],
  ['ward + 1', '2'],
  ['ward - 1', '0'],
  ['cost * 2', '25'],
  ['cost / 5', '2.5'],
  ['7 % 4', '3'],
  ['2 ^ 10', '1024'],
  ['- cost', '-12.5'],
  ['+ cost', '12.5'],
  ['abs(-3)', '3'],
  ['ceil(cost)', '13'],
  ['floor(cost)', '12'],
  ['ln(1)', '0'],
  ['round(25, -1)', '30'],
  ['round(cost, 0)', '13'],
  ['sqrt(16)', '4'],
  ['sign(-2)', '-1'],
  ['signed_magnitude_10(-123)', '-3'],
  ['signed_magnitude_linear(25, 10)', '3'],
  ['width_bucket(5, 0, 10, 5)', '3'],
  ['least(3, 2, 4)', '2'],
  ['greatest(3, NULL, 4)', '4'],
  ["coalesce(NULL, name, 'x')", 'Café 1'],
  ['nullif(ward, 1)', null],
  ["iif(is_open, 'yes', 'no')", 'no'],
  ["case(is_open, 'yes', true, 'no')", 'no'],
  ["CASE WHEN ward = 1 THEN 'one' END", 'one'],
  ["CASE WHEN ward = 2 THEN 'two' END", null],
  ['date_trunc_y(seen)', '2024-01-01T00:00:00.000'],
  ['date_trunc_ym(day)', '2024-01-01T00:00:00.000'],
  ['date_trunc_ymd(seen)', '2024-01-01T00:00:00.000'],
  ["date_trunc_ymd(sent, 'America/Los_Angeles')", '2023-12-31T00:00:00.000'],
  ['datez_trunc_y(sent)', '2024-01-01T00:00:00.000Z'],
  ['datez_trunc_ym(sent)', '2024-01-01T00:00:00.000Z'],
  ['datez_trunc_ymd(sent)', '2024-01-01T00:00:00.000Z'],
  ['date_extract_y(day)', '2024'],
  ['date_extract_m(day)', '1'],
  ['date_extract_d(day)', '28'],
  ['date_extract_hh(seen)', '7'],
  ['date_extract_mm(seen)', '30'],
  ['date_extract_ss(seen)', '0'],
  ['date_extract_dow(day)', '0'],
  ['date_extract_woy(day)', '4'],
  ['date_extract_iso_y(day)', '2024'],
  ['day.year', '2024'],
  ['day.month', '1'],
  ['day.day', '28'],
  ['seen.hour', '7'],
  ['seen.minute', '30'],
  ['seen.second', '0'],
  ['day.dow', '0'],
  ['day.woy', '4'],
  ['day.isoyear', '2024'],
  ['seen.date', '2024-01-01T00:00:00.000'],
  ["date_diff_d(day, '2024-01-01')", '27'],
  ["date_diff_business_days('2024-01-01'::date, '2024-01-05'::date)", '5'],
  ['epoch_seconds(sent)', '1704094200'],
  ["date_add(day, 'P1M')", '2024-02-28T00:00:00.000'],
  ["seen - 'P1D'", '2023-12-31T07:30:00.500'],
  ["to_floating_timestamp(sent, 'America/Los_Angeles')", '2023-12-31T23:30:00.000'],
  ['cost::text', '12.50'],
  ["'1.5'::number", '1.5'],
  ["'1.5'::double", '1.5'],
  ["'true'::boolean", true],
  ["'0'::checkbox", false],
  ["'2024-01-28'::date", '2024-01-28T00:00:00.000'],
  ["'2024-01-28'::floating_timestamp", '2024-01-28T00:00:00.000'],
  ["'2024-01-28T00:00:00Z'::fixed_timestamp", '2024-01-28T00:00:00.000Z'],
  ['place.latitude', '47.4'],
  ['place.longitude', '-122.29'],
  ['within_circle(place, 47.4, -122.29, 10)', true],
  ['within_circle(place, 47.5, -122.29, 10)', false],
  ['within_box(place, 47.5, -122.3, 47.3, -122.2)', true],
  ["within_polygon(place, 'POLYGON((-123 47, -122 47, -122 48, -123 48, -123 47))')", true],
  ["intersects(place, 'POINT(-122.29 47.4)')", true],
  ["round(distance_in_meters(place, 'POINT(-122.29 47.4)'), 3)", '0'],
  ['latitude(place)', '47.4'],
  ['longitude(place)', '-122.29'],
  ["crosses('LINESTRING(0 0, 2 2)', 'LINESTRING(0 2, 2 0)')", true],
  ["overlaps('POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))', 'POLYGON((1 1, 3 1, 3 3, 1 3, 1 1))')", true],
  ["round(line_length('LINESTRING(0 0, 0 1)') / 1000, 0)", '111'],
  ['num_points(place)', '1'],
  ['is_empty(place)', false],
  ['round(area(place), 3)', '0'],
];

for (const [text, expected] of scalars) {
  test(`SoQL: ${text}`, async () => {
    const [row] = await readJson({ $select: `${text} AS answer`, $where: ':id = 2' });
    assert.deepEqual(row, expected === null ? {} : { answer: expected });
  });
}

test('SoQL: make_point takes the latitude first', async () => {
  const [row] = await readJson({ $select: 'make_point(47.5, -122.5) AS p', $where: ':id = 2' });
  assert.deepEqual(row?.['p'], { type: 'Point', coordinates: [-122.5, 47.5] });
});

/** Over all 60 rows. */
const aggregates: readonly (readonly [string, string | boolean | null])[] = [
  ['count(*)', '60'],
  ['count(name)', '51'],
  ['count(distinct ward)', '4'],
  ['count_distinct(ward)', '4'],
  ['count(*) FILTER (WHERE ward = 1)', '12'],
  ['sum(ward)', '72'],
  ['avg(ward)', '1.5'],
  ['min(cost)', '0'],
  ['max(cost)', '737.5'],
  ['median(ward)', '1.5'],
  ['median(name)', 'Oak St 1'],
  ['bool_and(is_open)', false],
  ['bool_or(is_open)', true],
  ['round(stddev_pop(ward), 4)', '1.118'],
  ['round(stddev_samp(ward), 4)', '1.1299'],
  ['extent(place)::text', 'POLYGON ((-122.3 47.4, -121.71 47.4, -121.71 47.4, -122.3 47.4, -122.3 47.4))'],
  ['round(regr_slope(cost, :id), 4)', '12.5'],
  ['round(regr_intercept(cost, :id), 4)', '-12.5'],
  ['round(regr_r2(cost, :id), 4)', '1'],
];

for (const [text, expected] of aggregates) {
  test(`SoQL: ${text}`, async () => {
    assert.deepEqual(await readJson({ $select: `${text} AS answer` }), [{ answer: expected }]);
  });
}

test('SoQL: every function of the allow-list that SoQL can call is tried above', () => {
  const tried = [...scalars, ...aggregates]
    .map(([text]) => text)
    .join('\n')
    .toLowerCase();
  const missing = [...functionTable.values()]
    .flatMap((entry) => sodaSpellings.of(entry.name))
    .filter((word) => /^[a-z_][a-z0-9_]*$/.test(word) && !tried.includes(`${word}(`));
  const synonyms = [
    'to_text',
    'to_number',
    'to_boolean',
    'to_date',
    'to_timestamp',
    'to_instant',
    'to_fixed_timestamp',
  ];
  const ofThePortal = ['to_integer', 'to_decimal'];
  assert.deepEqual(
    missing.filter((word) => ![...synonyms, ...ofThePortal, 'make_point'].includes(word)),
    [],
  );
});

test('group, having, order by alias and search', async () => {
  const rows = await readJson({
    $query:
      'SELECT ward, count(*) AS n, max(cost) WHERE ward IS NOT NULL GROUP BY ward HAVING n > 1 ORDER BY ward DESC LIMIT 2',
  });
  assert.deepEqual(rows, [
    { ward: '3', n: '12', max_cost: '725' },
    { ward: '2', n: '12', max_cost: '712.5' },
  ]);
  assert.equal((await readJson({ $q: 'café', $select: 'name' })).length, 9);
  assert.equal((await readJson({ ward: '3', is_open: 'true' })).length, 6);
});

test('ascending order puts missing values last, descending first', async () => {
  const first = await readJson({ $select: 'ward', $order: 'ward desc', $limit: '1' });
  assert.deepEqual(first, [{}]);
  const last = await readJson({ $select: 'ward', $order: 'ward', $limit: '1' });
  assert.deepEqual(last, [{ ward: '0' }]);
});

const refusals: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{ $where: 'foo = 1' }, 'unknown-column'],
  [{ $where: "ward = 'x'" }, 'bad-literal'],
  [{ $where: 'ward' }, 'type-mismatch'],
  [{ $where: 'sum(ward) > 1' }, 'aggregate-not-allowed'],
  [{ $select: 'name, count(*)' }, 'not-grouped'],
  [{ $select: 'name AS a, ward AS a' }, 'duplicate-alias'],
  [{ $select: 'a + 1 AS b, b + 1 AS a' }, 'unknown-column'],
  [{ $where: 'round()' }, 'wrong-arity'],
  [{ ward: 'x' }, 'bad-literal'],
];

for (const [parameters, code] of refusals) {
  test(`refused as ${code}: ${JSON.stringify(parameters)}`, () => {
    assert.throws(
      () => toPlan(parameters),
      (error) => error instanceof PortalError && error.code === code,
    );
  });
}

test('aliases of aliases that double each time are refused at once', () => {
  const select = Array.from({ length: 40 }, (_, at) =>
    at === 0 ? 'ward + ward AS a0' : `a${at - 1} + a${at - 1} AS a${at}`,
  );
  const tookMs = processorMs(() =>
    assert.throws(
      () => toPlan({ $select: select.join(',') }),
      (error) => error instanceof PortalError && error.code === 'query-too-large',
    ),
  );
  assert.ok(tookMs < 200, `${tookMs.toFixed(1)} ms`);
});
