// The geo functions as SQL sees them: NULLs, empties, constants, broken input, and DuckDB's own geometry as it behaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBValue, Json } from '@duckdb/node-api';
import { blobValue } from '@duckdb/node-api';
import { registerGeoFunctions } from '../../src/engine/geo-functions.ts';
import { toWkb } from '../../src/geo/wkb.ts';

type Ask = (sql: string, params?: DuckDBValue[]) => Promise<Json[][]>;

async function open(t: TestContext): Promise<Ask> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  registerGeoFunctions(connection);
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return async (sql, params) => (await connection.runAndReadAll(sql, params)).getRowsJson();
}

const geometry = (wkt: string): string => `st_aswkb('${wkt}'::geometry)`;

test('each function answers, and NULL for NULL in any place', async (t) => {
  const ask = await open(t);
  const point = geometry('POINT (-122.23 47.38)');
  const square = geometry('POLYGON ((-123 47, -122 47, -122 48, -123 48, -123 47))');
  const calls: [string, Json][] = [
    [`geo_intersects(${point}, ${square})`, true],
    [`geo_within(${point}, ${square})`, true],
    [`geo_contains(${square}, ${point})`, true],
    [`geo_disjoint(${point}, ${square})`, false],
    [`geo_touches(${geometry('POINT (-123 47.5)')}, ${square})`, true],
    [`geo_crosses(${geometry('LINESTRING (-124 47.5, -122.5 47.5)')}, ${square})`, true],
    [`geo_overlaps(${geometry('POLYGON ((-122.5 47, -121 47, -121 48, -122.5 47))')}, ${square})`, true],
    [`geo_equals(${square}, ${square})`, true],
    [`geo_within_circle(${point}, 47.38, -122.23, 1)`, true],
    [`round(geo_distance(${point}, ${geometry('POINT (-122.23 47.39)')}))`, 1112],
    [`geo_area(${point})`, 0],
    [`round(geo_area(${square}) / 1e6)`, 8376], // M·N·cos φ·(π/180)² at 47.5°: 8,377 km²
    [`geo_length(${square})`, 0],
    [`geo_num_points(${square})`, '5'],
    [
      `geo_geojson(${geometry('POINT Z (-122.2300000000001 47.38 1e-7)')})`,
      '{"type":"Point","coordinates":[-122.2300000000001,47.38,1e-7]}',
    ],
    [
      `geo_geojson(geo_from_geojson('{"type":"LineString","coordinates":[[1,2],[3,4]]}'))`,
      '{"type":"LineString","coordinates":[[1,2],[3,4]]}',
    ],
    [`geo_from_geojson('{"type":"Point"}')`, null],
    [`geo_from_geojson('not json')`, null],
    [`geo_valid(${square})`, true],
    [`geo_valid('abc'::blob)`, false],
    [`geo_xmin(${square})`, -123],
    [`geo_ymin(${square})`, 47],
    [`geo_xmax(${square})`, -122],
    [`geo_ymax(${square})`, 48],
    [`geo_type(${geometry('MULTIPOINT Z (1 2 3)')})`, 'MultiPoint'],
    [`round(geo_xmin(geo_transform(${point}, 'EPSG:3857')))`, -13606581],
    [`round(geo_xmin(geo_to_lonlat(geo_transform(${point}, 'EPSG:2926'), 'EPSG:2926')), 6)`, -122.23],
  ];
  for (const [call, wanted] of calls) assert.deepEqual(await ask(`select ${call}`), [[wanted]], call);
  for (const [name, types] of [
    ['geo_intersects', ['blob', 'blob']],
    ['geo_within_circle', ['blob', 'double', 'double', 'double']],
    ['geo_distance', ['blob', 'blob']],
    ['geo_geojson', ['blob']],
    ['geo_from_geojson', ['varchar']],
    ['geo_transform', ['blob', 'varchar']],
  ] as const) {
    for (let missing = 0; missing < types.length; missing += 1) {
      const args = types.map((type, index) =>
        index === missing ? `null::${type}` : type === 'blob' ? point : type === 'double' ? '1' : `'EPSG:3857'`,
      );
      assert.deepEqual(await ask(`select ${name}(${args.join(', ')})`), [[null]], name);
    }
  }
});

test('rows of every kind mixed with NULLs and empties keep their places', async (t) => {
  const ask = await open(t);
  const rows = await ask(`
    with shapes as (
      select i, case i % 5 when 0 then null when 1 then 'POINT EMPTY'::geometry when 2 then ('POINT (' || i || ' 1)')::geometry
        when 3 then ('LINESTRING (' || i || ' 1, 0 0)')::geometry else ('POLYGON ((0 0, ' || i || ' 0, 0 ' || i || ', 0 0))')::geometry end as g
      from range(10000) t(i))
    select i % 5 as kind, count(*), count(geo_xmax(st_aswkb(g))), count(*) filter (geo_xmax(st_aswkb(g)) = i), count(geo_type(st_aswkb(g)))
    from shapes group by 1 order by 1`);
  assert.deepEqual(rows, [
    ['0', '2000', '0', '0', '0'],
    ['1', '2000', '0', '0', '2000'],
    ['2', '2000', '2000', '2000', '2000'],
    ['3', '2000', '2000', '2000', '2000'],
    ['4', '2000', '2000', '2000', '2000'],
  ]);
});

test('a varying second argument is parsed for every row, a constant one gives the same answers', async (t) => {
  const ask = await open(t);
  const counts = await ask(`
    select count(*) from range(5000) t(i)
    where geo_intersects(st_aswkb(('POINT (' || i || ' 0)')::geometry), st_aswkb(('LINESTRING (' || i || ' -1, ' || i || ' 1)')::geometry))`);
  assert.deepEqual(counts, [['5000']]);
  const square = toWkb({
    type: 'Polygon',
    coordinates: [
      [
        [9.5, -1],
        [99.5, -1],
        [99.5, 1],
        [9.5, 1],
        [9.5, -1],
      ],
    ],
  });
  const constant = await ask(
    `select count(*) from range(5000) t(i) where geo_within(st_aswkb(('POINT (' || i || ' 0)')::geometry), $1)`,
    [blobValue(square)],
  );
  assert.deepEqual(constant, [['90']]);
});

test('bytes that are no geometry and unknown reference systems are errors of evaluation', async (t) => {
  const ask = await open(t);
  await assert.rejects(ask(`select geo_geojson('abc'::blob)`), /Invalid Input Error/);
  await assert.rejects(ask(`select geo_transform(${geometry('POINT (1 2)')}, 'EPSG:1')`), /Invalid Input Error/);
});

test('DuckDB’s own geometry behaves as geo-functions.ts says', async (t) => {
  const ask = await open(t);
  await assert.rejects(ask(`select try_cast('nonsense' as geometry)`));
  assert.deepEqual(await ask(`select try('nonsense'::geometry), 'SRID=4326;POINT (0 1)'::geometry::varchar`), [
    [null, 'POINT (0 1)'],
  ]);
  await assert.rejects(ask(`select ${geometry('POINT (1 2)')}::geometry`));
  await assert.rejects(ask(`select st_geomfromwkb('\\x01'::blob)`));
  const point = `'POINT (1 1)'::geometry`;
  const empty = `'POINT EMPTY'::geometry`;
  assert.deepEqual(
    await ask(`select ${point} && 'LINESTRING (1 0, 2 1)'::geometry, ${empty} && ${empty}, null::geometry && ${point},
      ${point}::geometry('OGC:CRS84') && ${point}`),
    [[true, false, null, true]],
  );
});
