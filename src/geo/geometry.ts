// A geometry as a plain value: GeoJSON's shapes, x before y (longitude before latitude), in no particular reference
// system. It must not know a database or a wire format other than GeoJSON.

/** x, y and, when the geometry has heights, z. */
export type Position = readonly number[];

export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: Position } // no coordinates: empty
  | { readonly type: 'MultiPoint' | 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'MultiLineString' | 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[] }
  | { readonly type: 'GeometryCollection'; readonly geometries: readonly Geometry[] };

export type GeometryType = Geometry['type'];

/** Collections inside collections beyond this depth are an attack, not a shape. */
export const deepestCollection = 32;

/**
 * A GeoJSON geometry (RFC 7946 §3.1) from parsed JSON, or null when it is none: rings have four positions or more and
 * are closed, lines have two or more, every coordinate is a finite number. Other members are dropped, and so is
 * anything past x, y, z.
 */
export function parseGeometry(value: unknown, depth = 0): Geometry | null {
  if (typeof value !== 'object' || value === null || !('type' in value)) return null;
  if (value.type === 'GeometryCollection') {
    if (!('geometries' in value) || !Array.isArray(value.geometries) || depth >= deepestCollection) return null;
    const geometries = parseEach(value.geometries, (item) => parseGeometry(item, depth + 1));
    return geometries && { type: 'GeometryCollection', geometries };
  }
  const coordinates: unknown = 'coordinates' in value ? value.coordinates : null;
  if (!Array.isArray(coordinates)) return null;
  const type = value.type;
  switch (type) {
    case 'Point': {
      const position = coordinates.length === 0 ? [] : parsePosition(coordinates);
      return position && { type, coordinates: position };
    }
    case 'MultiPoint': {
      const positions = parseEach(coordinates, parsePosition);
      return positions && { type, coordinates: positions };
    }
    case 'LineString': {
      const line = coordinates.length === 0 ? [] : parseLine(coordinates);
      return line && { type, coordinates: line };
    }
    case 'MultiLineString': {
      const lines = parseEach(coordinates, parseLine);
      return lines && { type, coordinates: lines };
    }
    case 'Polygon': {
      const rings = parseEach(coordinates, parseRing);
      return rings && { type, coordinates: rings };
    }
    case 'MultiPolygon': {
      const polygons = parseEach(coordinates, (polygon) => parseEach(polygon, parseRing));
      return polygons && { type, coordinates: polygons };
    }
    default:
      return null;
  }
}

function parseEach<T>(value: unknown, parse: (item: unknown) => T | null): T[] | null {
  if (!Array.isArray(value)) return null;
  const parsed: T[] = [];
  for (const item of value) {
    const one = parse(item);
    if (one === null) return null;
    parsed.push(one);
  }
  return parsed;
}

function parsePosition(value: unknown): Position | null {
  if (!Array.isArray(value) || value.length < 2) return null;
  const position: number[] = [];
  for (const item of value.slice(0, 3)) {
    if (typeof item !== 'number' || !Number.isFinite(item)) return null;
    position.push(item);
  }
  return position;
}

function parseLine(value: unknown): Position[] | null {
  const line = parseEach(value, parsePosition);
  return line !== null && line.length >= 2 ? line : null;
}

function parseRing(value: unknown): Position[] | null {
  const ring = parseEach(value, parsePosition);
  const first = ring?.[0];
  const last = ring?.at(-1);
  if (ring === null || first === undefined || last === undefined || ring.length < 4) return null;
  return first[0] === last[0] && first[1] === last[1] ? ring : null;
}

/** Every position of the geometry, in order. */
export function* positionsOf(geometry: Geometry): Generator<Position, void, void> {
  switch (geometry.type) {
    case 'Point':
      if (geometry.coordinates.length >= 2) yield geometry.coordinates;
      return;
    case 'MultiPoint':
    case 'LineString':
      yield* geometry.coordinates;
      return;
    case 'MultiLineString':
    case 'Polygon':
      for (const line of geometry.coordinates) yield* line;
      return;
    case 'MultiPolygon':
      for (const polygon of geometry.coordinates) for (const ring of polygon) yield* ring;
      return;
    case 'GeometryCollection':
      for (const part of geometry.geometries) yield* positionsOf(part);
      return;
  }
}

/** The same geometry with every position replaced. */
export function mapPositions(geometry: Geometry, change: (position: Position) => Position): Geometry {
  const line = (positions: readonly Position[]): Position[] => positions.map(change);
  switch (geometry.type) {
    case 'Point':
      return geometry.coordinates.length < 2 ? geometry : { type: 'Point', coordinates: change(geometry.coordinates) };
    case 'MultiPoint':
    case 'LineString':
      return { type: geometry.type, coordinates: line(geometry.coordinates) };
    case 'MultiLineString':
    case 'Polygon':
      return { type: geometry.type, coordinates: geometry.coordinates.map(line) };
    case 'MultiPolygon':
      return { type: geometry.type, coordinates: geometry.coordinates.map((polygon) => polygon.map(line)) };
    case 'GeometryCollection':
      return { type: geometry.type, geometries: geometry.geometries.map((part) => mapPositions(part, change)) };
  }
}

/** The parts that are no collection and no Multi…: points, lines and polygons. Empty parts are left out. */
export function* simpleParts(geometry: Geometry): Generator<Geometry, void, void> {
  switch (geometry.type) {
    case 'Point':
    case 'LineString':
    case 'Polygon':
      if (geometry.coordinates.length > 0) yield geometry;
      return;
    case 'MultiPoint':
      for (const coordinates of geometry.coordinates) if (coordinates.length >= 2) yield { type: 'Point', coordinates };
      return;
    case 'MultiLineString':
      for (const coordinates of geometry.coordinates)
        if (coordinates.length > 0) yield { type: 'LineString', coordinates };
      return;
    case 'MultiPolygon':
      for (const coordinates of geometry.coordinates)
        if (coordinates.length > 0) yield { type: 'Polygon', coordinates };
      return;
    case 'GeometryCollection':
      for (const part of geometry.geometries) yield* simpleParts(part);
      return;
  }
}
