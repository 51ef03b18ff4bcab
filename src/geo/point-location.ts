// Where a point lies with regard to a polygon: inside, on the edge, outside. Exact, and indexed for many points against
// one polygon. Only points: every other pair of shapes is the geometry library's (predicates.ts).

import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import Orientation from 'jsts/org/locationtech/jts/algorithm/Orientation.js';
import { toBbox } from './bbox.ts';
import { simpleParts } from './geometry.ts';
import type { Geometry } from './geometry.ts';

export type Location = 'interior' | 'boundary' | 'exterior';
export type Locate = (x: number, y: number) => Location;

/** Segments that reach into a band of y, four numbers each, found by `starts`. */
type Bands = {
  readonly south: number;
  readonly scale: number;
  readonly starts: Uint32Array;
  readonly segments: Float64Array;
};

const mostBands = 65_536;
/**
 * Beyond this share of its terms the floating-point orientation has a certain sign (Shewchuk's filter, as JTS uses
 * it).
 */
const safeShare = 1e-15;

/** For polygons and multipolygons; every other part of the geometry is left out. */
export function pointLocator(geometry: Geometry): Locate {
  const box = toBbox(geometry);
  if (box === null) return () => 'exterior';
  const [west, south, east, north] = box;
  const bands = toBands(geometry, south, north);
  const last = bands.starts.length - 2;
  return (x, y) => {
    if (!(x >= west && x <= east && y >= south && y <= north)) return 'exterior';
    const band = Math.min(last, Math.floor((y - bands.south) * bands.scale));
    return countCrossings(bands.segments, bands.starts[band] ?? 0, bands.starts[band + 1] ?? 0, x, y);
  };
}

/**
 * The crossing count of JTS's RayCrossingCounter: a ray towards positive x; every horizontal tie is decided the same
 * way.
 */
function countCrossings(segments: Float64Array, from: number, to: number, x: number, y: number): Location {
  let inside = false;
  for (let at = from * 4; at < to * 4; at += 4) {
    const x1 = segments[at] as number;
    const y1 = segments[at + 1] as number;
    const x2 = segments[at + 2] as number;
    const y2 = segments[at + 3] as number;
    if (x1 < x && x2 < x) continue;
    if (x2 === x && y2 === y) return 'boundary';
    if (y1 === y && y2 === y) {
      if (x >= Math.min(x1, x2) && x <= Math.max(x1, x2)) return 'boundary';
      continue;
    }
    if (!((y1 > y && y2 <= y) || (y2 > y && y1 <= y))) continue;
    let side = orientation(segments, at, x, y);
    if (side === 0) return 'boundary';
    if (y2 < y1) side = -side;
    if (side > 0) inside = !inside;
  }
  return inside ? 'interior' : 'exterior';
}

/** Sign of the turn along the segment at `at` to (x, y); exact where the fast sum is not sure. */
function orientation(segments: Float64Array, at: number, x: number, y: number): number {
  const x1 = segments[at] as number;
  const y1 = segments[at + 1] as number;
  const x2 = segments[at + 2] as number;
  const y2 = segments[at + 3] as number;
  const left = (x1 - x) * (y2 - y);
  const right = (y1 - y) * (x2 - x);
  const determinant = left - right;
  if (Math.abs(determinant) > safeShare * (Math.abs(left) + Math.abs(right))) return Math.sign(determinant);
  return Number(Orientation.index(new Coordinate(x1, y1), new Coordinate(x2, y2), new Coordinate(x, y)));
}

function toBands(geometry: Geometry, south: number, north: number): Bands {
  const segments: (readonly [number, number, number, number])[] = [];
  for (const part of simpleParts(geometry)) {
    if (part.type !== 'Polygon') continue;
    for (const ring of part.coordinates) {
      ring.forEach((position, index) => {
        const before = ring[index - 1];
        if (before !== undefined) segments.push([before[0] ?? 0, before[1] ?? 0, position[0] ?? 0, position[1] ?? 0]);
      });
    }
  }
  // Tall segments stand in many bands: fewer bands keep the index within a few times the segments.
  const heights = segments.reduce((sum, [, y1, , y2]) => sum + Math.abs(y2 - y1), 0) / (north - south || 1);
  const count = Math.max(1, Math.floor(Math.min(mostBands, segments.length, (4 * segments.length) / (heights || 1))));
  const scale = north > south ? count / (north - south) : 0;
  const bandOf = (y: number): number => Math.min(count - 1, Math.floor((y - south) * scale));
  const starts = new Uint32Array(count + 1);
  for (const [, y1, , y2] of segments) {
    const to = bandOf(Math.max(y1, y2));
    for (let band = bandOf(Math.min(y1, y2)); band <= to; band += 1) starts[band + 1] = (starts[band + 1] ?? 0) + 1;
  }
  for (let band = 0; band < count; band += 1) starts[band + 1] = (starts[band + 1] ?? 0) + (starts[band] ?? 0);
  const filled = starts.slice();
  const flat = new Float64Array((starts[count] ?? 0) * 4);
  for (const segment of segments) {
    const to = bandOf(Math.max(segment[1], segment[3]));
    for (let band = bandOf(Math.min(segment[1], segment[3])); band <= to; band += 1) {
      const slot = filled[band] ?? 0;
      flat.set(segment, slot * 4);
      filled[band] = slot + 1;
    }
  }
  return { south, scale, starts, segments: flat };
}
