// Geometry values, WKB and GeoJSON: round trips, every dimension and byte order, and bytes or text that are neither.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { toBbox } from '../../src/geo/bbox.ts';
import { parseGeometry } from '../../src/geo/geometry.ts';
import type { Geometry } from '../../src/geo/geometry.ts';
import { WkbError, parseWkb, toWkb } from '../../src/geo/wkb.ts';
import { geometries } from './arbitrary.ts';

test('every geometry comes back from WKB as it was', () => {
  fc.assert(
    fc.property(geometries, (geometry) => assert.deepEqual(parseWkb(toWkb(geometry)), geometry)),
    { numRuns: 300 },
  );
});

test('every geometry comes back from GeoJSON text as it was', () => {
  fc.assert(
    fc.property(geometries, (geometry) =>
      assert.deepEqual(parseGeometry(JSON.parse(JSON.stringify(geometry))), geometry),
    ),
    { numRuns: 300 },
  );
});

test('no bytes make the reader do anything but answer or throw WkbError', () => {
  fc.assert(
    fc.property(geometries, fc.nat(), fc.nat(255), fc.nat(), (geometry, at, value, cut) => {
      const bytes = toWkb(geometry);
      bytes[at % bytes.length] = value;
      try {
        parseWkb(bytes.subarray(0, cut % (bytes.length + 1)));
      } catch (error) {
        assert.ok(error instanceof WkbError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('DuckDB reads what is written here, and writes what is read here', async (t) => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const cases: [string, Geometry][] = [
    ['POINT (1 2)', { type: 'Point', coordinates: [1, 2] }],
    ['POINT EMPTY', { type: 'Point', coordinates: [] }],
    ['POINT Z (1 2 3)', { type: 'Point', coordinates: [1, 2, 3] }],
    [
      'LINESTRING (1 2, 3 4)',
      {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [
      'POLYGON ((0 0, 1 0, 1 1, 0 0))',
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    ],
    ['POLYGON EMPTY', { type: 'Polygon', coordinates: [] }],
    [
      'MULTIPOINT (1 2, 3 4)',
      {
        type: 'MultiPoint',
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [
      'GEOMETRYCOLLECTION (POINT (1 2))',
      { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] }] },
    ],
  ];
  for (const [wkt, geometry] of cases) {
    const [row] = (
      await connection.runAndReadAll(
        `select hex(st_aswkb('${wkt}'::geometry)), st_astext(st_geomfromwkb(from_hex('${Buffer.from(toWkb(geometry)).toString('hex')}')))`,
      )
    ).getRowsJson();
    assert.deepEqual(parseWkb(Buffer.from(String(row?.[0]), 'hex')), geometry, wkt);
    assert.equal(row?.[1], wkt);
  }
  // Measures are read over.
  const [row] = (
    await connection.runAndReadAll(
      `select hex(st_aswkb('POINT M (1 2 9)'::geometry)), hex(st_aswkb('LINESTRING ZM (1 2 3 9, 4 5 6 9)'::geometry))`,
    )
  ).getRowsJson();
  assert.deepEqual(parseWkb(Buffer.from(String(row?.[0]), 'hex')), { type: 'Point', coordinates: [1, 2] });
  assert.deepEqual(parseWkb(Buffer.from(String(row?.[1]), 'hex')), {
    type: 'LineString',
    coordinates: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  });
});

test('big-endian WKB and EWKB with a reference system are read', () => {
  const big = Buffer.from('00000000013ff00000000000004000000000000000', 'hex');
  assert.deepEqual(parseWkb(big), { type: 'Point', coordinates: [1, 2] });
  const ewkb = Buffer.from('01010000a0e6100000000000000000f03f00000000000000400000000000000840', 'hex');
  assert.deepEqual(parseWkb(ewkb), { type: 'Point', coordinates: [1, 2, 3] });
});

test('a count that the bytes cannot hold is refused before anything is made of it', () => {
  assert.throws(() => parseWkb(Buffer.from('0102000000ffffffff', 'hex')), WkbError);
  assert.throws(() => parseWkb(Buffer.from('0107000000ffffffff', 'hex')), WkbError);
  const nested = Buffer.from('010700000001000000'.repeat(50_000), 'hex');
  assert.throws(() => parseWkb(nested), WkbError);
});

test('what is no GeoJSON geometry is none', () => {
  const bad: unknown[] = [
    null,
    1,
    'x',
    [],
    {},
    { type: 'Point' },
    { type: 'Point', coordinates: [1] },
    { type: 'Point', coordinates: ['1', '2'] },
    { type: 'Point', coordinates: [1, null] },
    { type: 'LineString', coordinates: [[1, 2]] },
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
    },
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      ],
    },
    {
      type: 'Polygon',
      coordinates: [
        [0, 0],
        [1, 0],
      ],
    },
    { type: 'GeometryCollection', geometries: [{ type: 'Nonsense', coordinates: [] }] },
    { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } },
    { type: 'Circle', coordinates: [1, 2] },
  ];
  for (const value of bad) assert.equal(parseGeometry(value), null, JSON.stringify(value));
  assert.deepEqual(parseGeometry({ type: 'Point', coordinates: [1, 2, 3, 4], bbox: [] }), {
    type: 'Point',
    coordinates: [1, 2, 3],
  });
  let deep: unknown = { type: 'Point', coordinates: [1, 2] };
  for (let depth = 0; depth < 5000; depth += 1) deep = { type: 'GeometryCollection', geometries: [deep] };
  assert.equal(parseGeometry(deep), null);
});

test('the bounding box holds every position; an empty geometry has none', () => {
  assert.deepEqual(
    toBbox({
      type: 'LineString',
      coordinates: [
        [3, -1],
        [-2, 5, 9],
      ],
    }),
    [-2, -1, 3, 5],
  );
  assert.equal(toBbox({ type: 'Point', coordinates: [] }), null);
  assert.equal(toBbox({ type: 'GeometryCollection', geometries: [] }), null);
});
