// Bounding boxes: west, south, east, north, as plain values. Nothing here crosses the 180th meridian.

import { positionsOf } from './geometry.ts';
import type { Geometry } from './geometry.ts';

export type Bbox = readonly [west: number, south: number, east: number, north: number];

/** null for an empty geometry. */
export function toBbox(geometry: Geometry): Bbox | null {
  let west = Number.POSITIVE_INFINITY;
  let south = Number.POSITIVE_INFINITY;
  let east = Number.NEGATIVE_INFINITY;
  let north = Number.NEGATIVE_INFINITY;
  for (const [x = Number.NaN, y = Number.NaN] of positionsOf(geometry)) {
    if (x < west) west = x;
    if (x > east) east = x;
    if (y < south) south = y;
    if (y > north) north = y;
  }
  return west <= east && south <= north ? [west, south, east, north] : null;
}

/** True when they share at least a point; edges count. */
export function bboxesMeet(a: Bbox, b: Bbox): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

export function bboxCovers(outer: Bbox, inner: Bbox): boolean {
  return outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];
}
