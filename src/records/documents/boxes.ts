// Boxes on a page: what touches what, and which one holds several.
// It must not know what a box is for.

import type { Box, PageSize } from './document.ts';

/** True when they share more than a hair: boxes that only border on one another do not touch. */
export function touches(a: Box, b: Box, slack = 0.05): boolean {
  return a[0] < b[2] - slack && b[0] < a[2] - slack && a[1] < b[3] - slack && b[1] < a[3] - slack;
}

export function around(boxes: readonly Box[]): Box {
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

function areaOf(box: Box): number {
  return Math.max(0, box[2] - box[0]) * Math.max(0, box[3] - box[1]);
}

/** How much of the smaller one lies in the other, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const shared = areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const least = Math.min(areaOf(a), areaOf(b));
  return least === 0 ? 0 : shared / least;
}

/** Larger by `by` points on every side, whole points outward, within the page. */
export function padded(box: Box, by: number, page: PageSize): Box {
  return [
    Math.max(0, Math.floor(box[0] - by)),
    Math.max(0, Math.floor(box[1] - by)),
    Math.min(Math.ceil(page.width), Math.ceil(box[2] + by)),
    Math.min(Math.ceil(page.height), Math.ceil(box[3] + by)),
  ];
}
