// Geometries for property tests: well-formed ones of every kind, and valid polygons on a small grid where edges often
// meet.

import fc from 'fast-check';
import type { Geometry, Position } from '../../src/geo/geometry.ts';

const number = fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value + 0);
const flat = fc.tuple(number, number);
const high = fc.tuple(number, number, number);

function kinds(position: fc.Arbitrary<Position>): fc.Arbitrary<Geometry> {
  const line = fc.array(position, { minLength: 2, maxLength: 6 });
  const ring = fc.array(position, { minLength: 3, maxLength: 6 }).map((open) => [...open, open[0] as Position]);
  const polygon = fc.array(ring, { minLength: 1, maxLength: 3 });
  const some = { minLength: 1, maxLength: 3 };
  return fc.oneof(
    position.map((coordinates): Geometry => ({ type: 'Point', coordinates })),
    line.map((coordinates): Geometry => ({ type: 'LineString', coordinates })),
    polygon.map((coordinates): Geometry => ({ type: 'Polygon', coordinates })),
    fc.array(position, some).map((coordinates): Geometry => ({ type: 'MultiPoint', coordinates })),
    fc.array(line, some).map((coordinates): Geometry => ({ type: 'MultiLineString', coordinates })),
    fc.array(polygon, some).map((coordinates): Geometry => ({ type: 'MultiPolygon', coordinates })),
  );
}

function withCollections(kind: fc.Arbitrary<Geometry>): fc.Arbitrary<Geometry> {
  return fc.oneof(
    { weight: 4, arbitrary: kind },
    {
      weight: 1,
      arbitrary: fc
        .array(kind, { minLength: 1, maxLength: 3 })
        .map((geometries): Geometry => ({ type: 'GeometryCollection', geometries })),
    },
  );
}

/** Of one dimension throughout, as WKB wants them. */
export const geometries: fc.Arbitrary<Geometry> = fc.oneof(withCollections(kinds(flat)), withCollections(kinds(high)));

const cell = fc.integer({ min: 0, max: 6 });
const spot: fc.Arbitrary<Position> = fc.tuple(cell, cell);
export const gridPoint: fc.Arbitrary<Geometry> = spot.map((coordinates) => ({ type: 'Point', coordinates }));
export const gridLine: fc.Arbitrary<Geometry> = fc
  .array(spot, { minLength: 2, maxLength: 4 })
  .filter((line) => new Set(line.map(String)).size > 1)
  .map((coordinates) => ({ type: 'LineString', coordinates }));
/** Triangles and rectangles, some with a hole: always valid. */
export const gridPolygon: fc.Arbitrary<Geometry> = fc.oneof(
  fc
    .tuple(spot, spot, spot)
    .filter(([a, b, c]) => turn(a, b, c) !== 0)
    .map(([a, b, c]): Geometry => ({ type: 'Polygon', coordinates: [[a, b, c, a]] })),
  fc
    .tuple(cell, cell, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.boolean())
    .map(([x, y, width, height, holed]): Geometry => {
      const shell = box(x, y, x + width, y + height);
      const hole = box(x + width / 4, y + height / 4, x + width / 2, y + height / 2);
      return { type: 'Polygon', coordinates: holed ? [shell, hole] : [shell] };
    }),
);

function box(west: number, south: number, east: number, north: number): Position[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

function turn(a: Position, b: Position, c: Position): number {
  const [ax = 0, ay = 0] = a;
  const [bx = 0, by = 0] = b;
  const [cx = 0, cy = 0] = c;
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}
