// The made-up city that generated samples lie in: its extent, seven districts that tile it, streets and dates.
// It must not use a real address, a real boundary or a person's name.

import type { Random } from './random.ts';

export type Point = readonly [longitude: number, latitude: number];

export const extent = { west: -122.3, south: 47.34, east: -122.14, north: 47.44 } as const;

/** The line that parts the northern districts from the southern ones, west to east. */
const middle: readonly Point[] = [
  [extent.west, 47.388],
  [-122.264, 47.396],
  [-122.247, 47.383],
  [-122.22, 47.394],
  [-122.196, 47.385],
  [-122.181, 47.392],
  [extent.east, 47.386],
];

/** Straight lines between districts: from a vertex of the middle line to the northern or southern edge. */
const northern: readonly { readonly from: Point; readonly to: Point }[] = [
  { from: [-122.264, 47.396], to: [-122.258, extent.north] },
  { from: [-122.22, 47.394], to: [-122.226, extent.north] },
  { from: [-122.181, 47.392], to: [-122.178, extent.north] },
];
const southern: readonly { readonly from: Point; readonly to: Point }[] = [
  { from: [-122.247, 47.383], to: [-122.251, extent.south] },
  { from: [-122.196, 47.385], to: [-122.188, extent.south] },
];

function middleLatitude(longitude: number): number {
  for (let i = 1; i < middle.length; i++) {
    const [west, low] = middle[i - 1]!;
    const [east, high] = middle[i]!;
    if (longitude <= east) return low + ((longitude - west) / (east - west)) * (high - low);
  }
  return middle.at(-1)![1];
}

function isEastOf(line: { readonly from: Point; readonly to: Point }, [longitude, latitude]: Point): boolean {
  const share = (latitude - line.from[1]) / (line.to[1] - line.from[1]);
  return longitude > line.from[0] + share * (line.to[0] - line.from[0]);
}

/** 1–4 from west to east in the north, 5–7 in the south. */
export function districtOf(point: Point): number {
  const isNorth = point[1] >= middleLatitude(point[0]);
  const lines = isNorth ? northern : southern;
  return (isNorth ? 1 : 5) + lines.filter((line) => isEastOf(line, point)).length;
}

/** The outlines of the seven districts: closed rings, counter-clockwise (RFC 7946). */
export function districtRings(): readonly (readonly Point[])[] {
  const ring = (side: 'north' | 'south', index: number): readonly Point[] => {
    const lines = side === 'north' ? northern : southern;
    const edge = side === 'north' ? extent.north : extent.south;
    const first = middle[0]!;
    const last = middle.at(-1)!;
    const west = lines[index - 1] ?? { from: first, to: [extent.west, edge] as Point };
    const east = lines[index] ?? { from: last, to: [extent.east, edge] as Point };
    const between = middle.filter(([longitude]) => longitude >= west.from[0] && longitude <= east.from[0]);
    const open = side === 'north' ? [...between, east.to, west.to] : [west.to, east.to, ...[...between].reverse()];
    return [...open, open[0]!];
  };
  return [...[0, 1, 2, 3].map((index) => ring('north', index)), ...[0, 1, 2].map((index) => ring('south', index))];
}

export function randomPoint(random: Random): Point {
  const near = (low: number, high: number): number => {
    const share = 0.5 + random.normal() * 0.19;
    const inside = share > 0.005 && share < 0.995 ? share : random.next();
    return Number((low + inside * (high - low)).toFixed(6));
  };
  return [near(extent.west, extent.east), near(extent.south, extent.north)];
}

export const streets: readonly string[] = [
  'Alder St', 'Birch Ave', 'Cedar Way', 'Dogwood Ln', 'Elm Pl', 'Fern Ct', 'Garry Oak Rd', 'Hemlock St', 'Iris Ave',
  'Juniper Dr', 'Kinnikinnick Ln', 'Larch St', 'Maple Blvd', 'Ninebark Ct', 'Oceanspray Way', 'Pine St', 'Quince Ave',
  'Rowan Rd', 'Salal St', 'Tamarack Dr',
]; // prettier-ignore

/** `10400 block Alder St`: a block, never a house. */
export function randomBlock(random: Random): string {
  return `${random.integer(1, 240) * 100} block ${random.pick(streets)}`;
}

const dayMs = 86_400_000;
const firstDay = Date.UTC(2018, 0, 1);

/** Every day of the eight sample years, 2018 to 2025, as ISO dates. */
export const days: readonly string[] = Array.from({ length: 2_922 }, (_, i) =>
  new Date(firstDay + i * dayMs).toISOString().slice(0, 10),
);

/**
 * The day of row `index` of `rows` in time order: more in summer than in winter, the same span at any number of rows.
 */
export function dayOfRow(index: number, rows: number): number {
  const share = (index + 0.5) / rows;
  const warped = share - 0.008 * Math.sin(share * 8 * 2 * Math.PI);
  return Math.min(days.length - 1, Math.max(0, Math.floor(warped * days.length)));
}
