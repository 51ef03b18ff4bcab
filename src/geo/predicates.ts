// Exact relations of two geometries (DE-9IM, as OGC Simple Features names them), on the plane of their coordinates.
// Nothing here wraps at the 180th meridian, and nothing measures: metres are in measures.ts.

import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import RelateOp from 'jsts/org/locationtech/jts/operation/relate/RelateOp.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import { bboxCovers, bboxesMeet, toBbox } from './bbox.ts';
import type { Bbox } from './bbox.ts';
import { positionsOf, simpleParts } from './geometry.ts';
import type { Geometry, Position } from './geometry.ts';
import { pointLocator } from './point-location.ts';
import type { Locate, Location } from './point-location.ts';

export const predicates = [
  'intersects',
  'within',
  'contains',
  'disjoint',
  'touches',
  'crosses',
  'overlaps',
  'equals',
] as const;
export type Predicate = (typeof predicates)[number];

/** The library's geometry; its own types say `any` nearly everywhere, so only this much is claimed. */
export type JtsGeometry = { getDimension(): number; isEmpty(): boolean };
type Matrix = {
  isIntersects(): boolean;
  isWithin(): boolean;
  isContains(): boolean;
  isTouches(a: number, b: number): boolean;
  isCrosses(a: number, b: number): boolean;
  isOverlaps(a: number, b: number): boolean;
  isEquals(a: number, b: number): boolean;
};

/** A geometry with what is worth computing once when many others are tested against it. */
export type Shape = {
  readonly geometry: Geometry;
  /** null: empty. */
  readonly bbox: Bbox | null;
  /** Points, lines or polygons only; a collection of several kinds has none. */
  readonly dimension: 0 | 1 | 2 | null;
  jts(): JtsGeometry;
  locate(): Locate;
  parts(): readonly Shape[];
};

const factory = new GeometryFactory();

export function toShape(geometry: Geometry): Shape {
  const flat = flatten(geometry);
  return {
    geometry: flat,
    bbox: toBbox(flat),
    dimension: dimensionOf(flat),
    jts: once(() => toJts(flat)),
    locate: once(() => pointLocator(flat)),
    parts: once(() => [...simpleParts(flat)].map(toShape)),
  };
}

function once<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}

/** A collection of one kind is that kind's Multi…; only a mixed one stays a collection. */
function flatten(geometry: Geometry): Geometry {
  if (geometry.type !== 'GeometryCollection') return geometry;
  const points: Position[] = [];
  const lines: (readonly Position[])[] = [];
  const polygons: (readonly (readonly Position[])[])[] = [];
  for (const part of simpleParts(geometry)) {
    if (part.type === 'Point') points.push(part.coordinates);
    else if (part.type === 'LineString') lines.push(part.coordinates);
    else if (part.type === 'Polygon') polygons.push(part.coordinates);
  }
  const kinds = [points, lines, polygons].filter((kind) => kind.length > 0).length;
  if (kinds !== 1) return geometry;
  if (points.length > 0) return { type: 'MultiPoint', coordinates: points };
  if (lines.length > 0) return { type: 'MultiLineString', coordinates: lines };
  return { type: 'MultiPolygon', coordinates: polygons };
}

function dimensionOf(geometry: Geometry): 0 | 1 | 2 | null {
  switch (geometry.type) {
    case 'Point':
    case 'MultiPoint':
      return 0;
    case 'LineString':
    case 'MultiLineString':
      return 1;
    case 'Polygon':
    case 'MultiPolygon':
      return 2;
    case 'GeometryCollection':
      return null;
  }
}

/** The relation of a lone point to `b` without making an object for the point; the same answers as `relates`. */
export function pointRelates(predicate: Predicate, x: number, y: number, b: Shape): boolean | null {
  if (b.bbox === null || b.dimension === null || b.dimension === 1) {
    return relates(predicate, toShape({ type: 'Point', coordinates: [x, y] }), b);
  }
  if (!(x >= b.bbox[0] && x <= b.bbox[2] && y >= b.bbox[1] && y <= b.bbox[3])) return predicate === 'disjoint';
  if (b.dimension === 2) return pointInArea(predicate, b.locate()(x, y));
  const points = [...positionsOf(b.geometry)];
  const meets = points.some(([px, py]) => px === x && py === y);
  const same = points.every(([px, py]) => px === x && py === y);
  switch (predicate) {
    case 'intersects':
    case 'within':
      return meets;
    case 'disjoint':
      return !meets;
    case 'contains':
    case 'equals':
      return same;
    case 'touches': // points have no boundary
    case 'crosses':
    case 'overlaps':
      return false;
  }
}

function pointInArea(predicate: Predicate, location: Location): boolean {
  switch (predicate) {
    case 'intersects':
      return location !== 'exterior';
    case 'disjoint':
      return location === 'exterior';
    case 'within':
      return location === 'interior';
    case 'touches':
      return location === 'boundary';
    case 'contains':
    case 'crosses':
    case 'overlaps':
    case 'equals':
      return false;
  }
}

/**
 * True when `a` is `predicate` `b` (a within b, a contains b …). An empty geometry is disjoint from everything and in
 * no other relation. null: the relation is not defined — a mixed collection crosses, touches or overlaps nothing by the
 * standard — or the geometry is too broken for an answer (rings that cross themselves in some ways).
 */
export function relates(predicate: Predicate, a: Shape, b: Shape): boolean | null {
  if (a.bbox === null || b.bbox === null) return predicate === 'disjoint';
  if (!bboxesMeet(a.bbox, b.bbox)) return predicate === 'disjoint';
  try {
    if (a.dimension === null || b.dimension === null) return relatesMixed(predicate, a, b);
    return relatesPlain(predicate, a, b, a.bbox, b.bbox);
  } catch (error) {
    if (isTopologyFault(error)) return null;
    throw error;
  }
}

function relatesPlain(predicate: Predicate, a: Shape, b: Shape, boxA: Bbox, boxB: Bbox): boolean {
  const lone = a.geometry.type === 'Point' ? a.geometry.coordinates : null;
  if (lone !== null && b.dimension === 2) return pointInArea(predicate, b.locate()(lone[0] ?? 0, lone[1] ?? 0));
  const dimensionA = a.dimension ?? 0;
  const dimensionB = b.dimension ?? 0;
  switch (predicate) {
    case 'intersects':
      return meets(a, b);
    case 'disjoint':
      return !meets(a, b);
    case 'within':
      return bboxCovers(boxB, boxA) && !reachesOutside(a, b) && relate(a, b).isWithin();
    case 'contains':
      return bboxCovers(boxA, boxB) && !reachesOutside(b, a) && relate(a, b).isContains();
    case 'equals':
      return bboxCovers(boxA, boxB) && bboxCovers(boxB, boxA) && relate(a, b).isEquals(dimensionA, dimensionB);
    case 'touches':
      return relate(a, b).isTouches(dimensionA, dimensionB);
    case 'crosses':
      return relate(a, b).isCrosses(dimensionA, dimensionB);
    case 'overlaps':
      return relate(a, b).isOverlaps(dimensionA, dimensionB);
  }
}

/**
 * A vertex of one that is not outside the other's area settles it; the whole relation is only computed when none is.
 */
function meets(a: Shape, b: Shape): boolean {
  return hasVertexIn(a, b) || hasVertexIn(b, a) || relate(a, b).isIntersects();
}

function hasVertexIn(a: Shape, area: Shape): boolean {
  if (area.dimension !== 2) return false;
  const locate = area.locate();
  return positionsOf(a.geometry).some(([x, y]) => locate(x ?? Number.NaN, y ?? Number.NaN) !== 'exterior');
}

/** A vertex outside the other's area: it cannot lie within. */
function reachesOutside(a: Shape, area: Shape): boolean {
  if (area.dimension !== 2) return false;
  const locate = area.locate();
  return positionsOf(a.geometry).some(([x, y]) => locate(x ?? Number.NaN, y ?? Number.NaN) === 'exterior');
}

/** Collections of several kinds: only what follows from their parts. */
function relatesMixed(predicate: Predicate, a: Shape, b: Shape): boolean | null {
  const partsA = a.parts();
  const partsB = b.parts();
  switch (predicate) {
    case 'intersects':
      return partsA.some((part) => partsB.some((other) => relates('intersects', part, other) === true));
    case 'disjoint':
      return relatesMixed('intersects', a, b) === false;
    case 'within':
      return (
        partsA.every((part) => partsB.some((other) => covers(other, part))) &&
        partsA.some((part) => partsB.some((other) => relates('within', part, other) === true))
      );
    case 'contains':
      return relatesMixed('within', b, a);
    case 'equals':
      return relatesMixed('within', a, b) === true && relatesMixed('within', b, a) === true;
    case 'touches':
    case 'crosses':
    case 'overlaps':
      return null;
  }
}

function covers(outer: Shape, inner: Shape): boolean {
  if (outer.bbox === null || inner.bbox === null || !bboxCovers(outer.bbox, inner.bbox)) return false;
  return RelateOp.covers(outer.jts(), inner.jts()) === true;
}

function relate(a: Shape, b: Shape): Matrix {
  return RelateOp.relate(a.jts(), b.jts()) as Matrix;
}

/** The library gives up on some invalid polygons with these two; every other error is a fault of ours. */
function isTopologyFault(error: unknown): boolean {
  const name = error instanceof Error ? `${error.name} ${error.constructor.name}` : '';
  return /TopologyException|AssertionFailedException/.test(name);
}

/**
 * Valid by OGC Simple Features: rings closed, not crossing themselves, holes inside; finite coordinates. Empty is
 * valid.
 */
export function isValidGeometry(geometry: Geometry): boolean {
  for (const position of positionsOf(geometry)) if (!position.every(Number.isFinite)) return false;
  for (const part of simpleParts(geometry)) {
    if (part.type === 'LineString' && part.coordinates.length < 2) return false;
    if (part.type === 'Polygon' && !part.coordinates.every(isClosedRing)) return false;
  }
  return IsValidOp.isValid(toJts(flatten(geometry))) as unknown as boolean;
}

function isClosedRing(ring: readonly Position[]): boolean {
  const first = ring[0];
  const last = ring.at(-1);
  return ring.length >= 4 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
}

export function toJts(geometry: Geometry): JtsGeometry {
  return make(geometry) as JtsGeometry;
}

function make(geometry: Geometry): unknown {
  switch (geometry.type) {
    case 'Point':
      return geometry.coordinates.length < 2
        ? factory.createPoint()
        : factory.createPoint(toCoordinate(geometry.coordinates));
    case 'LineString':
      return factory.createLineString(toCoordinates(geometry.coordinates));
    case 'Polygon':
      return makePolygon(geometry.coordinates);
    case 'MultiPoint':
      return factory.createMultiPoint(
        geometry.coordinates.filter((one) => one.length >= 2).map((one) => factory.createPoint(toCoordinate(one))),
      );
    case 'MultiLineString':
      return factory.createMultiLineString(
        geometry.coordinates.map((line) => factory.createLineString(toCoordinates(line))),
      );
    case 'MultiPolygon':
      return factory.createMultiPolygon(geometry.coordinates.map(makePolygon));
    case 'GeometryCollection':
      return factory.createGeometryCollection(geometry.geometries.map(make));
  }
}

function makePolygon(rings: readonly (readonly Position[])[]): unknown {
  const [shell, ...holes] = rings.map((ring) => factory.createLinearRing(toCoordinates(ring)));
  return shell === undefined ? factory.createPolygon() : factory.createPolygon(shell, holes);
}

function toCoordinates(positions: readonly Position[]): unknown[] {
  return positions.map(toCoordinate);
}

function toCoordinate(position: Position): unknown {
  return new Coordinate(position[0] ?? Number.NaN, position[1] ?? Number.NaN);
}
