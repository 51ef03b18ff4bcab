// Metres and square metres against known geodesics, and coordinate systems against published and surveyed coordinates.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { crsTransform, parseCrs } from '../../src/geo/crs.ts';
import type { Geometry } from '../../src/geo/geometry.ts';
import {
  geodesicArea,
  geodesicDistance,
  geodesicLength,
  isPointWithin,
  isWithinCircle,
  pointDistance,
} from '../../src/geo/measures.ts';

test('known geodesics on WGS 84', () => {
  // Karney's example in GeographicLib's manual: JFK to LHR, 5551.759 km.
  assert.ok(Math.abs(pointDistance(-73.8, 40.6, -0.5, 51.6) - 5_551_759.4) < 1);
  // One degree of longitude on the equator: a·π/180.
  assert.ok(Math.abs(pointDistance(0, 0, 1, 0) - (6_378_137 * Math.PI) / 180) < 1e-6);
  assert.ok(Number.isNaN(pointDistance(0, 91, 0, 0)));
});

test('the circle agrees with the geodesic, however close to its edge', () => {
  const place = fc.tuple(
    fc.double({ min: -122.6, max: -121.8, noNaN: true }),
    fc.double({ min: 47, max: 47.8, noNaN: true }),
  );
  fc.assert(
    fc.property(place, place, fc.double({ min: 0.5, max: 1.5, noNaN: true }), ([x1, y1], [x2, y2], share) => {
      const metres = pointDistance(x1, y1, x2, y2) * share;
      assert.equal(isPointWithin(x1, y1, x2, y2, metres), pointDistance(x1, y1, x2, y2) <= metres);
    }),
    { numRuns: 500 },
  );
  const [x, y, near] = [-121.8, 47, 47.00000000000005]; // some nanometres
  assert.ok(isPointWithin(x, y, x, near, pointDistance(x, y, x, near)));
  const line: Geometry = {
    type: 'LineString',
    coordinates: [
      [-122.23, 47.38],
      [-122.22, 47.38],
    ],
  };
  assert.equal(isWithinCircle(line, 47.38, -122.225, 400), true);
  assert.equal(isWithinCircle(line, 47.38, -122.23, 400), false);
  assert.equal(isWithinCircle({ type: 'Point', coordinates: [] }, 47.38, -122.23, 400), false);
});

test('the distance to a shape is that to its nearest point', () => {
  const square: Geometry = {
    type: 'Polygon',
    coordinates: [
      [
        [-122.3, 47.3],
        [-122.2, 47.3],
        [-122.2, 47.4],
        [-122.3, 47.4],
        [-122.3, 47.3],
      ],
    ],
  };
  assert.equal(geodesicDistance({ type: 'Point', coordinates: [-122.25, 47.35] }, square), 0);
  const north = geodesicDistance({ type: 'Point', coordinates: [-122.25, 47.5] }, square);
  assert.ok(north !== null && Math.abs(north - pointDistance(-122.25, 47.5, -122.25, 47.4)) < 1);
  const east = geodesicDistance(square, { type: 'Point', coordinates: [-122.1, 47.35] });
  assert.ok(east !== null && Math.abs(east - pointDistance(-122.2, 47.35, -122.1, 47.35)) < 1);
  assert.equal(geodesicDistance({ type: 'Point', coordinates: [] }, square), null);
  assert.equal(geodesicDistance(square, { type: 'GeometryCollection', geometries: [] }), null);
});

test('areas and lengths: a degree cell, holes, and kinds that have none', () => {
  const cell = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
    [0, 0],
  ];
  const area = geodesicArea({ type: 'Polygon', coordinates: [cell] });
  assert.ok(Math.abs(area - 12_308_778_361.469) < 1000, String(area)); // Karney 2013
  const hole = [
    [0.25, 0.25],
    [0.25, 0.5],
    [0.5, 0.5],
    [0.5, 0.25],
    [0.25, 0.25],
  ];
  const holed = geodesicArea({ type: 'Polygon', coordinates: [cell, hole] });
  assert.ok(Math.abs(holed + geodesicArea({ type: 'Polygon', coordinates: [hole] }) - area) < 1);
  assert.equal(
    geodesicArea({
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    }),
    0,
  );
  assert.equal(geodesicLength({ type: 'Polygon', coordinates: [cell] }), 0);
  const line = geodesicLength({
    type: 'MultiLineString',
    coordinates: [
      [
        [0, 0],
        [1, 0],
      ],
      [
        [2, 0],
        [3, 0],
      ],
    ],
  });
  assert.ok(Math.abs(line - (2 * 6_378_137 * Math.PI) / 180) < 1e-5);
});

test('names of reference systems in their usual spellings', () => {
  const names: [string, number | null][] = [
    ['EPSG:2926', 2926],
    ['epsg:2926', 2926],
    ['2926', 2926],
    ['urn:ogc:def:crs:EPSG::2926', 2926],
    ['urn:ogc:def:crs:EPSG:9.9.1:2926', 2926],
    ['http://www.opengis.net/def/crs/EPSG/0/2926', 2926],
    ['http://www.opengis.net/def/crs/OGC/1.3/CRS84', 4326],
    ['CRS84', 4326],
    ['OGC:CRS84', 4326],
    ['urn:ogc:def:crs:OGC:1.3:CRS84', 4326],
    ['ESRI:102748', 2285],
    ['102100', 3857],
    ['EPSG:900913', 3857],
    ['EPSG:99999', null],
    ['', null],
    ['nonsense', null],
    ['EPSG:2926; drop', null],
  ];
  for (const [name, code] of names) assert.equal(parseCrs(name), code, name);
  assert.equal(crsTransform('EPSG:1'), null);
  assert.equal(crsTransform('PROJCS["x"]'), null);
});

test('web Mercator as EPSG publishes it, and there and back in every system', () => {
  const mercator = crsTransform('EPSG:3857');
  const [x = 0, y = 0] = mercator?.forward([-100.333333333333, 24.381786944444]) ?? []; // IOGP guidance note 7-2
  assert.ok(Math.abs(x - -11_169_055.58) < 0.1 && Math.abs(y - 2_800_000) < 0.1, `${x} ${y}`);
  for (const name of ['4326', '3857', '2285', '2286', '2926', '2927', '26910', '32610', '4269']) {
    const transform = crsTransform(name);
    assert.ok(transform, name);
    const there = transform.forward([-122.2348, 47.3809, 12]) ?? [];
    const back = transform.inverse(there) ?? [];
    assert.ok(Math.abs((back[0] ?? 0) + 122.2348) < 1e-8 && Math.abs((back[1] ?? 0) - 47.3809) < 1e-8, name);
    assert.equal(back[2], 12);
  }
  assert.equal(mercator?.forward([0, 90]) === null || Number.isFinite(mercator?.forward([0, 90])?.[1]), true);
});

test('the text of a .prj file is a reference system', () => {
  const prj =
    'PROJCS["NAD_1983_HARN_StatePlane_Washington_North_FIPS_4601_Feet",GEOGCS["GCS_North_American_1983_HARN",DATUM["D_North_American_1983_HARN",' +
    'SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],' +
    'PARAMETER["False_Easting",1640416.666666667],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-120.8333333333333],' +
    'PARAMETER["Standard_Parallel_1",47.5],PARAMETER["Standard_Parallel_2",48.73333333333333],PARAMETER["Latitude_Of_Origin",47.0],UNIT["Foot_US",0.3048006096012192]]';
  const written = crsTransform(prj)?.forward([-122.2348, 47.3809]) ?? [];
  const table = crsTransform('EPSG:2926')?.forward([-122.2348, 47.3809]) ?? [];
  assert.ok(
    Math.hypot((written[0] ?? 0) - (table[0] ?? 0), (written[1] ?? 0) - (table[1] ?? 0)) < 0.01,
    `${written} ${table}`,
  );
});

const centers = new URL(
  '../../../shared/data/real/kent_king_county/neighborhood_centers_king_county.csv',
  import.meta.url,
);

test(
  'King County gives places in both systems; State Plane feet come out within two metres',
  { skip: !existsSync(centers) },
  () => {
    const [header = '', ...lines] = readFileSync(centers, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
      .split('\n');
    const names = header.trim().split(',');
    const stateplane = crsTransform('EPSG:2926');
    assert.ok(stateplane);
    const at = (fields: string[], name: string): number => Number(fields[names.indexOf(name)]);
    let checked = 0;
    for (const line of lines) {
      const fields = line.trim().split(',');
      const [x, y, lon, lat] = [
        at(fields, 'XCOORD'),
        at(fields, 'YCOORD'),
        at(fields, 'LONGITUDE'),
        at(fields, 'LATITUDE'),
      ];
      if (![x, y, lon, lat].every(Number.isFinite) || fields.length !== names.length) continue;
      const [foundLon = 0, foundLat = 0] = stateplane.inverse([x, y]) ?? [];
      assert.ok(pointDistance(lon, lat, foundLon, foundLat) < 2, line);
      checked += 1;
    }
    assert.ok(checked > 20, String(checked));
  },
);
