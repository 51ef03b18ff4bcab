// Distances, lengths and areas on the WGS 84 ellipsoid, in metres, of longitude/latitude geometries (Karney 2013).
// Nothing here is planar but the search for the nearest pair of points, and that in a local map of the place.

import Geodesic from 'geographiclib-geodesic';
import DistanceOp from 'jsts/org/locationtech/jts/operation/distance/DistanceOp.js';
import { toBbox } from './bbox.ts';
import { mapPositions, positionsOf, simpleParts } from './geometry.ts';
import type { Geometry, Position } from './geometry.ts';
import { relates, toJts, toShape } from './predicates.ts';

type PlanePoint = { readonly x: number; readonly y: number };

const { WGS84 } = Geodesic.Geodesic;
const { DISTANCE } = Geodesic.Geodesic;
const meanRadiusMetres = 6_371_008.8;
/** The sphere is never further from the ellipsoid than this share (0.56 % at most; rounded up). */
const sphereShare = 0.006;
/**
 * What the geodesic itself is exact to is 15 nanometres (Karney 2013); between places closer than that no share holds.
 */
const slackMetres = 1e-6;

/** Geodesic between two places, or NaN for a coordinate that is no place. */
export function pointDistance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  if (Math.abs(lat1) > 90 || Math.abs(lat2) > 90) return Number.NaN;
  return WGS84.Inverse(lat1, lon1, lat2, lon2, DISTANCE).s12 ?? Number.NaN;
}

/** True when the place lies no further than `metres` from the centre. The sphere decides all but the close cases. */
export function isPointWithin(lon: number, lat: number, centreLon: number, centreLat: number, metres: number): boolean {
  if (Math.abs(lat) > 90 || Math.abs(centreLat) > 90) return false;
  const rough = sphereDistance(lon, lat, centreLon, centreLat);
  if (rough * (1 - sphereShare) - slackMetres > metres) return false;
  if (rough * (1 + sphereShare) + slackMetres <= metres) return true;
  return pointDistance(lon, lat, centreLon, centreLat) <= metres;
}

function sphereDistance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const radians = Math.PI / 180;
  const half = Math.sin(((lat2 - lat1) * radians) / 2);
  const side = Math.sin(((lon2 - lon1) * radians) / 2);
  const chord = half * half + Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * side * side;
  return 2 * meanRadiusMetres * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** True when the whole geometry lies in the circle: all its vertices do. An empty one lies nowhere. */
export function isWithinCircle(geometry: Geometry, lat: number, lon: number, metres: number): boolean {
  let any = false;
  for (const [x = Number.NaN, y = Number.NaN] of positionsOf(geometry)) {
    if (!isPointWithin(x, y, lon, lat, metres)) return false;
    any = true;
  }
  return any;
}

/** Shortest distance; 0 when they meet; null when one of them is empty. */
export function geodesicDistance(a: Geometry, b: Geometry): number | null {
  if (a.type === 'Point' && b.type === 'Point') {
    const [lon1, lat1] = a.coordinates;
    const [lon2, lat2] = b.coordinates;
    if (lon1 === undefined || lat1 === undefined || lon2 === undefined || lat2 === undefined) return null;
    return pointDistance(lon1, lat1, lon2, lat2);
  }
  if (toBbox(a) === null || toBbox(b) === null) return null;
  if (relates('intersects', toShape(a), toShape(b)) === true) return 0;
  // Degrees of longitude shrink with latitude; in a map stretched accordingly the nearest pair is the nearest pair.
  const shrink = Math.max(0.01, Math.cos((middleLatitude(a, b) * Math.PI) / 180));
  const toLocal = (position: Position): Position => [(position[0] ?? 0) * shrink, position[1] ?? 0];
  // The library's types say any[]: two coordinates.
  const nearest: readonly unknown[] = DistanceOp.nearestPoints(
    toJts(mapPositions(a, toLocal)),
    toJts(mapPositions(b, toLocal)),
  );
  const [from, to] = nearest as readonly [PlanePoint, PlanePoint];
  return pointDistance(from.x / shrink, from.y, to.x / shrink, to.y);
}

function middleLatitude(a: Geometry, b: Geometry): number {
  const [, southA, , northA] = toBbox(a) ?? [0, 0, 0, 0];
  const [, southB, , northB] = toBbox(b) ?? [0, 0, 0, 0];
  // Between the two boxes when they lie apart, inside their overlap when they do not.
  return (Math.max(southA, southB) + Math.min(northA, northB)) / 2;
}

/** Square metres of the polygons in it; points and lines have none. Holes count as holes, however their rings turn. */
export function geodesicArea(geometry: Geometry): number {
  let area = 0;
  for (const part of simpleParts(geometry)) {
    if (part.type !== 'Polygon') continue;
    const [shell, ...holes] = part.coordinates.map(ringArea);
    area += (shell ?? 0) - holes.reduce((sum, hole) => sum + hole, 0);
  }
  return area;
}

function ringArea(ring: readonly Position[]): number {
  const polygon = WGS84.Polygon(false);
  // The library closes the ring itself.
  for (const [lon = Number.NaN, lat = Number.NaN] of ring.slice(0, -1)) polygon.AddPoint(lat, lon);
  return Math.abs(polygon.Compute(false, true).area ?? Number.NaN);
}

/** Metres of the lines in it; a polygon's edge is no line. */
export function geodesicLength(geometry: Geometry): number {
  let metres = 0;
  for (const part of simpleParts(geometry)) {
    if (part.type !== 'LineString') continue;
    const line = WGS84.Polygon(true);
    for (const [lon = Number.NaN, lat = Number.NaN] of part.coordinates) line.AddPoint(lat, lon);
    metres += line.Compute(false, true).perimeter;
  }
  return metres;
}
