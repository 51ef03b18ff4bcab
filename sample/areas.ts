// Generated areas as GeoJSON: council districts that tile the made-up city, and parks inside it.

import { districtOf, districtRings, extent, randomPoint, streets, type Point } from './place.ts';
import { seededRandom, type Random } from './random.ts';

type Feature = {
  readonly type: 'Feature';
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  readonly geometry: { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Point[])[] };
};

function toFeatureCollection(features: readonly Feature[]): string {
  return `{"type":"FeatureCollection","features":[\n${features.map((each) => JSON.stringify(each)).join(',\n')}\n]}\n`;
}

export function councilDistricts(): string {
  return toFeatureCollection(
    districtRings().map((ring, i) => ({
      type: 'Feature',
      properties: { district: i + 1, name: `Sample District ${i + 1}` },
      geometry: { type: 'Polygon', coordinates: [ring] },
    })),
  );
}

const degreesPerMetre = 1 / 111_320;
const squareMetresPerAcre = 4_046.86;
const parkKinds: readonly string[] = [
  'Neighborhood park',
  'Community park',
  'Natural area',
  'Sports field',
  'Trailhead',
];

/** A closed ring of eight corners around `centre`, counter-clockwise, inside the extent. */
function parkRing(random: Random, [longitude, latitude]: Point, radiusMetres: number): Point[] {
  const wide = degreesPerMetre / Math.cos((latitude * Math.PI) / 180);
  const corners = Array.from({ length: 8 }, (_, i): Point => {
    const angle = (i / 8) * 2 * Math.PI;
    const reach = radiusMetres * (0.7 + random.next() * 0.6);
    const east = Math.min(extent.east, Math.max(extent.west, longitude + Math.cos(angle) * reach * wide));
    const north = Math.min(extent.north, Math.max(extent.south, latitude + Math.sin(angle) * reach * degreesPerMetre));
    return [Number(east.toFixed(6)), Number(north.toFixed(6))];
  });
  return [...corners, corners[0]!];
}

function ringAcres(ring: readonly Point[]): number {
  const latitude = ring[0]![1];
  const x = (point: Point): number => (point[0] / degreesPerMetre) * Math.cos((latitude * Math.PI) / 180);
  const y = (point: Point): number => point[1] / degreesPerMetre;
  let doubled = 0;
  for (let i = 1; i < ring.length; i++) {
    doubled += x(ring[i - 1]!) * y(ring[i]!) - x(ring[i]!) * y(ring[i - 1]!);
  }
  return Math.abs(doubled) / 2 / squareMetresPerAcre;
}

export function parks(count = 64, seed = 4): string {
  const random = seededRandom(seed);
  const features = Array.from({ length: count }, (_, i): Feature => {
    const centre = randomPoint(random);
    const kind = random.pick(parkKinds);
    const ring = parkRing(random, centre, kind === 'Natural area' ? random.integer(120, 260) : random.integer(40, 150));
    const wood = streets[i % streets.length]!.split(' ').slice(0, -1).join(' ');
    const round = Math.floor(i / streets.length);
    return {
      type: 'Feature',
      properties: {
        park_id: `P-${String(i + 1).padStart(3, '0')}`,
        name: `Sample ${wood} Park${round === 0 ? '' : ` ${round + 1}`}`,
        kind,
        acres: Number(ringAcres(ring).toFixed(2)),
        playground: kind !== 'Natural area' && random.chance(0.6),
        restrooms: random.chance(0.4),
        opened_year: random.chance(0.1) ? null : random.integer(1958, 2024),
        council_district: districtOf(centre),
      },
      geometry: { type: 'Polygon', coordinates: [ring] },
    };
  });
  return toFeatureCollection(features);
}
