// Geometry written in a query (WKT, GeoJSON, a box) → the one spelling of WKT that the engine is given.
// It checks syntax, counts and finite coordinates; it must not compute with shapes.

/** Vertices a query's geometry may have. */
const maxLiteralVertices = 10_000;

const tagPattern =
  /^\s*(?:SRID=\d{1,6};)?\s*(POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)/iu;

/** Levels of parentheses below the tag: POINT (1 2) has its coordinates at level 0. */
const levels: Readonly<Record<string, number>> = {
  POINT: 0,
  LINESTRING: 1,
  MULTIPOINT: 1,
  POLYGON: 2,
  MULTILINESTRING: 2,
  MULTIPOLYGON: 3,
};

const geojsonTags: Readonly<Record<string, string>> = {
  Point: 'POINT',
  LineString: 'LINESTRING',
  Polygon: 'POLYGON',
  MultiPoint: 'MULTIPOINT',
  MultiLineString: 'MULTILINESTRING',
  MultiPolygon: 'MULTIPOLYGON',
};

type Nested = number | readonly Nested[];
type Shape = { readonly tag: string; readonly coordinates: Nested } | { readonly tag: string; readonly parts: Shape[] };
type Reading = { readonly text: string; at: number; vertices: number };

/** Canonical WKT, or null when the text is not a geometry of at most `maxLiteralVertices` finite points. */
export function readGeometryLiteral(text: string): string | null {
  const isJson = /^\s*\{/u.test(text);
  const shape = isJson ? readGeojson(text) : readWkt(text);
  return shape === null ? null : toWkt(shape);
}

/** A box as a polygon; one whose west lies east of its east crosses the 180th meridian and becomes two. */
export function toBoxWkt(west: number, south: number, east: number, north: number): string | null {
  if (![west, south, east, north].every(Number.isFinite) || south > north) return null;
  const ring = (w: number, e: number): string =>
    `((${w} ${south}, ${e} ${south}, ${e} ${north}, ${w} ${north}, ${w} ${south}))`;
  return west <= east ? `POLYGON ${ring(west, east)}` : `MULTIPOLYGON (${ring(west, 180)}, ${ring(-180, east)})`;
}

function readWkt(text: string): Shape | null {
  const srid = /^\s*SRID=(\d{1,6});/iu.exec(text);
  if (srid !== null && srid[1] !== '4326') return null;
  const reading: Reading = { text: srid === null ? text : text.slice(srid[0].length), at: 0, vertices: 0 };
  const shape = readTagged(reading, 0);
  return shape !== null && /^\s*$/u.test(reading.text.slice(reading.at)) ? shape : null;
}

function readTagged(reading: Reading, depth: number): Shape | null {
  const rest = reading.text.slice(reading.at);
  const tag = tagPattern.exec(rest);
  if (tag === null || depth > 8) return null;
  const name = (tag[1] ?? '').toUpperCase();
  reading.at += tag[0].length;
  const dimension = /^\s*(ZM|Z|M)(?=[\s(])/iu.exec(reading.text.slice(reading.at));
  if (dimension !== null) reading.at += dimension[0].length;
  if ((dimension?.[1] ?? 'Z').toUpperCase() !== 'Z') return null;
  const empty = /^\s*EMPTY/iu.exec(reading.text.slice(reading.at));
  if (empty !== null) {
    reading.at += empty[0].length;
    return name === 'GEOMETRYCOLLECTION' ? { tag: name, parts: [] } : { tag: name, coordinates: [] };
  }
  if (name === 'GEOMETRYCOLLECTION') {
    const parts = readList(reading, () => readTagged(reading, depth + 1));
    return parts === null ? null : { tag: name, parts };
  }
  const coordinates = readLevel(reading, levels[name] ?? 0, name);
  return coordinates === null || !isShaped(name, coordinates) ? null : { tag: name, coordinates };
}

function readLevel(reading: Reading, level: number, tag: string): readonly Nested[] | null {
  if (level === 0) {
    const single = readList(reading, () => readPoint(reading));
    return single === null || single.length !== 1 ? null : (single[0] ?? null);
  }
  return readList(reading, () => {
    if (level > 1) return readLevel(reading, level - 1, tag);
    const isWrapped = tag === 'MULTIPOINT' && /^\s*\(/u.test(reading.text.slice(reading.at, reading.at + 50));
    return isWrapped ? readLevel(reading, 0, tag) : readPoint(reading);
  });
}

function readList<T>(reading: Reading, readItem: () => T | null): T[] | null {
  if (!accept(reading, '(')) return null;
  const items: T[] = [];
  do {
    const item = readItem();
    if (item === null) return null;
    items.push(item);
  } while (accept(reading, ','));
  return accept(reading, ')') ? items : null;
}

function accept(reading: Reading, symbol: string): boolean {
  while (/\s/u.test(reading.text.charAt(reading.at))) reading.at += 1;
  if (reading.text.charAt(reading.at) !== symbol) return false;
  reading.at += 1;
  return true;
}

const pointPattern =
  /\s*([+-]?[\d.]+(?:[eE][+-]?\d+)?)\s+([+-]?[\d.]+(?:[eE][+-]?\d+)?)(?:\s+([+-]?[\d.]+(?:[eE][+-]?\d+)?))?/uy;

function readPoint(reading: Reading): readonly number[] | null {
  pointPattern.lastIndex = reading.at;
  const parts = pointPattern.exec(reading.text);
  if (parts === null) return null;
  reading.at += parts[0].length;
  reading.vertices += 1;
  const values = parts
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number);
  return values.every(Number.isFinite) && reading.vertices <= maxLiteralVertices ? values : null;
}

function readGeojson(text: string): Shape | null {
  const value = parseJson(text);
  const count = { vertices: 0 };
  const shape = value === undefined ? null : toShape(value, 0, count);
  return count.vertices <= maxLiteralVertices ? shape : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toShape(value: unknown, depth: number, count: { vertices: number }): Shape | null {
  if (typeof value !== 'object' || value === null || depth > 8 || !('type' in value)) return null;
  if (value.type === 'GeometryCollection') {
    if (!('geometries' in value) || !Array.isArray(value.geometries)) return null;
    const parts = value.geometries.map((part: unknown) => toShape(part, depth + 1, count));
    return parts.some((part) => part === null)
      ? null
      : { tag: 'GEOMETRYCOLLECTION', parts: parts.filter((p) => p !== null) };
  }
  const tag = typeof value.type === 'string' ? geojsonTags[value.type] : undefined;
  if (tag === undefined || !('coordinates' in value)) return null;
  const coordinates = toNested(value.coordinates, (levels[tag] ?? 0) + 1, count);
  return coordinates === null || !isShaped(tag, coordinates) ? null : { tag, coordinates };
}

/** Arrays nested exactly `level` deep with two or three finite numbers at the bottom (further ones are dropped). */
function toNested(value: unknown, level: number, count: { vertices: number }): readonly Nested[] | null {
  if (!Array.isArray(value)) return null;
  if (level > 1) {
    const parts = value.map((part: unknown) => toNested(part, level - 1, count));
    return parts.some((part) => part === null) ? null : parts.filter((part) => part !== null);
  }
  count.vertices += 1;
  const numbers = value.slice(0, 3).filter((part): part is number => typeof part === 'number' && Number.isFinite(part));
  return numbers.length === Math.min(3, value.length) && numbers.length >= 2 ? numbers : null;
}

/** Lines have two points or more, rings are closed and have four or more. */
function isShaped(tag: string, coordinates: readonly Nested[]): boolean {
  if (tag === 'LINESTRING') return coordinates.length === 0 || coordinates.length >= 2;
  if (tag === 'POLYGON') return coordinates.every(isRing);
  if (tag === 'MULTILINESTRING') return coordinates.every((line) => Array.isArray(line) && line.length >= 2);
  if (tag === 'MULTIPOLYGON') return coordinates.every((part) => Array.isArray(part) && part.every(isRing));
  return true;
}

function isRing(ring: Nested): boolean {
  if (typeof ring === 'number' || ring.length < 4) return false;
  return JSON.stringify(ring[0]) === JSON.stringify(ring.at(-1));
}

function toWkt(shape: Shape): string {
  if ('parts' in shape) {
    return shape.parts.length === 0 ? `${shape.tag} EMPTY` : `${shape.tag} (${shape.parts.map(toWkt).join(', ')})`;
  }
  const flat = [shape.coordinates].flat(5) as readonly number[];
  if (flat.length === 0) return `${shape.tag} EMPTY`;
  const body = writeNested(shape.coordinates);
  const dimension = hasHeight(shape.coordinates) ? ' Z' : '';
  return `${shape.tag}${dimension} ${shape.tag === 'POINT' ? `(${body})` : body}`;
}

function hasHeight(value: Nested): boolean {
  if (typeof value === 'number') return false;
  return typeof value[0] === 'number' ? value.length === 3 : value.some(hasHeight);
}

function writeNested(value: Nested): string {
  if (typeof value === 'number') return String(value);
  return typeof value[0] === 'number' ? value.join(' ') : `(${value.map(writeNested).join(', ')})`;
}
