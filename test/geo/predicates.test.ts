// Predicates against the geometry library's plain relation matrix (a second way to the same answer), and known answers.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import RelateOp from 'jsts/org/locationtech/jts/operation/relate/RelateOp.js';
import { parseGeometry } from '../../src/geo/geometry.ts';
import type { Geometry } from '../../src/geo/geometry.ts';
import { isValidGeometry, pointRelates, predicates, relates, toJts, toShape } from '../../src/geo/predicates.ts';
import type { Predicate } from '../../src/geo/predicates.ts';
import { pointLocator } from '../../src/geo/point-location.ts';
import { gridLine, gridPoint, gridPolygon } from './arbitrary.ts';

/** DE-9IM patterns as OGC 06-103 §6.1.15 defines the relations. */
function byPattern(predicate: Predicate, a: Geometry, b: Geometry): boolean {
  const matrix = RelateOp.relate(toJts(a), toJts(b)) as { toString(): string };
  const cells = matrix.toString();
  const fits = (...patterns: string[]): boolean =>
    patterns.some((pattern) =>
      [...pattern].every((want, at) => want === '*' || (want === 'T' ? cells[at] !== 'F' : cells[at] === want)),
    );
  const [dimensionA, dimensionB] = [toShape(a).dimension ?? 0, toShape(b).dimension ?? 0];
  switch (predicate) {
    case 'intersects':
      return !fits('FF*FF****');
    case 'disjoint':
      return fits('FF*FF****');
    case 'within':
      return fits('T*F**F***');
    case 'contains':
      return fits('T*****FF*');
    case 'equals':
      return dimensionA === dimensionB && fits('T*F**FFF*');
    case 'touches':
      return !(dimensionA === 0 && dimensionB === 0) && fits('FT*******', 'F**T*****', 'F***T****');
    case 'crosses':
      if (dimensionA < dimensionB) return fits('T*T******');
      if (dimensionA > dimensionB) return fits('T*****T**');
      return dimensionA === 1 && fits('0********');
    case 'overlaps':
      if (dimensionA !== dimensionB) return false;
      return dimensionA === 1 ? fits('1*T***T**') : fits('T*T***T**');
  }
}

const any = fc.oneof(gridPoint, gridLine, gridPolygon);

test('every predicate agrees with the relation matrix, in both orders', () => {
  fc.assert(
    fc.property(any, any, (a, b) => {
      for (const predicate of predicates) {
        assert.equal(relates(predicate, toShape(a), toShape(b)), byPattern(predicate, a, b), predicate);
      }
    }),
    { numRuns: 1500 },
  );
});

test('the short way for points gives the same answers', () => {
  fc.assert(
    fc.property(gridPoint, any, (point, other) => {
      assert.equal(point.type, 'Point');
      if (point.type !== 'Point') return;
      const [x = 0, y = 0] = point.coordinates;
      for (const predicate of predicates) {
        assert.equal(pointRelates(predicate, x, y, toShape(other)), byPattern(predicate, point, other), predicate);
      }
    }),
    { numRuns: 1500 },
  );
});

test('a collection of one kind is that kind; of several kinds it follows its parts', () => {
  fc.assert(
    fc.property(gridPolygon, any, (a, b) => {
      const alone: Geometry = { type: 'GeometryCollection', geometries: [a] };
      const twoKinds: Geometry = {
        type: 'GeometryCollection',
        geometries: [a, { type: 'Point', coordinates: [100, 100] }],
      };
      for (const predicate of predicates) {
        assert.equal(relates(predicate, toShape(alone), toShape(b)), byPattern(predicate, a, b));
      }
      assert.equal(relates('intersects', toShape(twoKinds), toShape(b)), byPattern('intersects', a, b));
      assert.equal(relates('within', toShape(twoKinds), toShape(b)), false);
      assert.equal(relates('contains', toShape(twoKinds), toShape(b)), byPattern('contains', a, b));
      assert.equal(relates('equals', toShape(twoKinds), toShape(twoKinds)), true);
    }),
    { numRuns: 300 },
  );
});

test('an empty geometry is disjoint from everything', () => {
  const empty = toShape({ type: 'Polygon', coordinates: [] });
  const point = toShape({ type: 'Point', coordinates: [1, 1] });
  for (const predicate of predicates) {
    assert.equal(relates(predicate, empty, point), predicate === 'disjoint');
    assert.equal(relates(predicate, point, empty), predicate === 'disjoint');
    assert.equal(pointRelates(predicate, 1, 1, empty), predicate === 'disjoint');
  }
});

test('points a hair off a slanted edge are told apart from points on it', () => {
  const triangle: Geometry = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [0.3, 0.1],
        [0, 0.1],
        [0, 0],
      ],
    ],
  };
  const locate = pointLocator(triangle);
  assert.equal(locate(0.15, 0.05), 'boundary');
  assert.equal(locate(0.15, 0.05 + 1e-17 * 8), 'interior');
  assert.equal(locate(0.15, 0.05 - 1e-17 * 8), 'exterior');
  assert.equal(locate(Number.NaN, 0), 'exterior');
});

test('validity: a bow tie, an open ring and a hole outside are not valid', () => {
  const polygon = (...coordinates: [number, number][][]): Geometry => ({ type: 'Polygon', coordinates });
  assert.equal(
    isValidGeometry(
      polygon([
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
        [0, 0],
      ]),
    ),
    true,
  );
  assert.equal(
    isValidGeometry(
      polygon([
        [0, 0],
        [4, 4],
        [4, 0],
        [0, 4],
        [0, 0],
      ]),
    ),
    false,
  );
  assert.equal(
    isValidGeometry(
      polygon([
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
      ]),
    ),
    false,
  );
  assert.equal(
    isValidGeometry(
      polygon(
        [
          [0, 0],
          [4, 0],
          [4, 4],
          [0, 4],
          [0, 0],
        ],
        [
          [9, 9],
          [9, 8],
          [8, 8],
          [9, 9],
        ],
      ),
    ),
    false,
  );
  assert.equal(isValidGeometry({ type: 'Point', coordinates: [Number.POSITIVE_INFINITY, 1] }), false);
  assert.equal(isValidGeometry({ type: 'Point', coordinates: [] }), true);
});

const cities = new URL('../../../shared/data/real/kent_king_county/king_county_cities.geojson', import.meta.url);

test('real city limits: Kent station lies in Kent and in no other city', { skip: !existsSync(cities) }, () => {
  const features = (
    JSON.parse(readFileSync(cities, 'utf8')) as { features: { properties: { NAME: string }; geometry: unknown }[] }
  ).features;
  const inside = features
    .filter(({ geometry }) => {
      const parsed = parseGeometry(geometry);
      assert.ok(parsed);
      return pointRelates('within', -122.2329, 47.3844, toShape(parsed));
    })
    .map(({ properties }) => properties.NAME);
  assert.deepEqual(inside, ['Kent']);
});
