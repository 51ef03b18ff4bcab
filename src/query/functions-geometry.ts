// Allow-list entries: geometry. Exact predicates and measures are functions the engine registers on WKB (geo_…);
// it must not compute with shapes itself.

import type { FunctionSpec, Overload } from './function-spec.ts';

const wkb = (sql: string | undefined): string => `ST_AsWKB(${sql})`;

function predicate(name: string, engineName: string, about: string, boxes: boolean): FunctionSpec {
  return {
    name,
    kind: 'scalar',
    about,
    uses: [engineName, 'st_aswkb', '&&'],
    ...(boxes ? { needsBoxes: 'meet' as const } : {}),
    overloads: [
      { params: ['geometry', 'geometry'], result: 'boolean', sql: ([a, b]) => `${engineName}(${wkb(a)}, ${wkb(b)})` },
    ],
  };
}

function measure(name: string, engineName: string, about: string, result: 'number' | 'integer'): FunctionSpec {
  return {
    name,
    kind: 'scalar',
    about,
    uses: [engineName, 'st_aswkb'],
    overloads: [{ params: ['geometry'], result, sql: ([a]) => `${engineName}(${wkb(a)})` }],
  };
}

function coordinate(name: string, engineName: string, about: string): FunctionSpec {
  return {
    name,
    kind: 'scalar',
    about,
    uses: [engineName, 'st_aswkb'],
    overloads: [{ params: ['point'], result: 'number', sql: ([a]) => `${engineName}(${wkb(a)})` }],
  };
}

const insideBox: Overload = {
  params: ['geometry', 'number', 'number', 'number', 'number'],
  result: 'boolean',
  sql: ([a, north, west, south, east]) =>
    `(geo_xmin(${wkb(a)}) >= ${west} AND geo_xmax(${wkb(a)}) <= ${east}` +
    ` AND geo_ymin(${wkb(a)}) >= ${south} AND geo_ymax(${wkb(a)}) <= ${north})`,
};

export const geometryFunctions: readonly FunctionSpec[] = [
  predicate('s_intersects', 'geo_intersects', 'The geometries have a point in common.', true),
  predicate('s_within', 'geo_within', 'The first geometry lies inside the second.', true),
  predicate('s_contains', 'geo_contains', 'The second geometry lies inside the first.', true),
  predicate('s_disjoint', 'geo_disjoint', 'The geometries have no point in common.', false),
  predicate('s_touches', 'geo_touches', 'The geometries meet at their edges only.', true),
  predicate('s_crosses', 'geo_crosses', 'The geometries cross: part of each inside, part outside.', true),
  predicate('s_overlaps', 'geo_overlaps', 'Geometries of one dimension share part of themselves.', true),
  predicate('s_equals', 'geo_equals', 'The geometries are the same set of points.', true),
  {
    name: 'within_circle',
    kind: 'scalar',
    about: 'The geometry lies inside the circle of (latitude, longitude, radius in metres) on the earth.',
    uses: ['geo_within_circle', 'st_aswkb', '&&'],
    needsBoxes: 'circle',
    overloads: [
      {
        params: ['geometry', 'number', 'number', 'number'],
        result: 'boolean',
        sql: ([a, lat, lon, metres]) => `geo_within_circle(${wkb(a)}, ${lat}, ${lon}, ${metres})`,
      },
    ],
  },
  {
    name: 'within_box',
    kind: 'scalar',
    about: 'The geometry lies inside the box of (north-west latitude, longitude, south-east latitude, longitude).',
    uses: ['geo_xmin', 'geo_xmax', 'geo_ymin', 'geo_ymax', 'st_aswkb', '&&'],
    needsBoxes: 'box',
    overloads: [insideBox],
  },
  {
    name: 'bbox',
    kind: 'scalar',
    about:
      'A box (west, south, east, north) as a geometry; all four must be written as numbers. West may lie east of east.',
    uses: [],
    isRewritten: true,
    overloads: [{ params: ['number', 'number', 'number', 'number'], result: 'geometry', sql: () => '' }],
  },
  {
    name: 'distance_in_meters',
    kind: 'scalar',
    about: 'The shortest distance on the earth between two geometries, in metres.',
    uses: ['geo_distance', 'st_aswkb'],
    overloads: [
      { params: ['geometry', 'geometry'], result: 'number', sql: ([a, b]) => `geo_distance(${wkb(a)}, ${wkb(b)})` },
    ],
  },
  {
    name: 'make_point',
    kind: 'scalar',
    about: 'The point at a latitude and a longitude, in this order.',
    uses: ['||'],
    overloads: [
      {
        params: ['number', 'number'],
        result: 'point',
        sql: ([lat, lon]) =>
          `CAST('POINT (' || CAST(${lon} AS VARCHAR) || ' ' || CAST(${lat} AS VARCHAR) || ')' AS GEOMETRY)`,
      },
    ],
  },
  coordinate('latitude', 'geo_ymin', 'The latitude of a point.'),
  coordinate('longitude', 'geo_xmin', 'The longitude of a point.'),
  measure('num_points', 'geo_num_points', 'How many points the geometry is made of.', 'integer'),
  measure('area', 'geo_area', 'The area on the earth in square metres.', 'number'),
  measure('line_length', 'geo_length', 'The length on the earth in metres.', 'number'),
  {
    name: 'is_empty',
    kind: 'scalar',
    about: 'The geometry has no points.',
    uses: ['geo_num_points', 'st_aswkb'],
    overloads: [{ params: ['geometry'], result: 'boolean', sql: ([a]) => `(geo_num_points(${wkb(a)}) = 0)` }],
  },
];
