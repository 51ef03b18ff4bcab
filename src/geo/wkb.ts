// Well-known binary to geometry values and back. Reads ISO (1000/2000/3000 for Z/M/ZM) and the older EWKB flags in
// either byte order; writes ISO, little-endian. Measures (M) are read over and dropped: GeoJSON has no place for them.

import { deepestCollection } from './geometry.ts';
import type { Geometry, GeometryType, Position } from './geometry.ts';

/** The bytes are no WKB. */
export class WkbError extends Error {
  override readonly name = 'WkbError';
}

const typeNames: readonly (GeometryType | undefined)[] = [
  undefined,
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'GeometryCollection',
];

const ewkbZ = 0x8000_0000;
const ewkbM = 0x4000_0000;
const ewkbSrid = 0x2000_0000;
const point2dBytes = 21;

/** True for a little-endian two-dimensional point, the shape that most rows have: x stands at byte 5, y at byte 13. */
export function isPlainPoint(view: DataView, start: number, length: number): boolean {
  return length === point2dBytes && view.getUint8(start) === 1 && view.getUint32(start + 1, true) === 1;
}

type Cursor = { readonly view: DataView; at: number; readonly end: number };
type Header = { readonly type: GeometryType; readonly little: boolean; readonly z: boolean; readonly skip: number };

/** The geometry of exactly these bytes. Throws WkbError. */
export function readWkb(view: DataView, start: number, length: number): Geometry {
  const cursor: Cursor = { view, at: start, end: start + length };
  const geometry = readGeometry(cursor, 0);
  if (cursor.at !== cursor.end) throw new WkbError('There are bytes after the geometry.');
  return geometry;
}

export function parseWkb(bytes: Uint8Array): Geometry {
  return readWkb(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
}

/** The type of the outermost geometry, from its header alone. */
export function readWkbType(view: DataView, start: number, length: number): GeometryType {
  return readHeader({ view, at: start, end: start + length }).type;
}

function need(cursor: Cursor, bytes: number): void {
  if (cursor.at + bytes > cursor.end) throw new WkbError('The bytes end before the geometry does.');
}

function readHeader(cursor: Cursor): Header {
  need(cursor, 5);
  const order = cursor.view.getUint8(cursor.at);
  if (order > 1) throw new WkbError('The byte order is neither 0 nor 1.');
  const little = order === 1;
  const code = cursor.view.getUint32(cursor.at + 1, little);
  cursor.at += 5;
  if ((code & ewkbSrid) !== 0) {
    need(cursor, 4);
    cursor.at += 4;
  }
  const iso = code & 0x1fff_ffff;
  const dimensions = Math.floor(iso / 1000);
  const type = dimensions > 3 ? undefined : typeNames[iso % 1000];
  if (type === undefined) throw new WkbError(`The geometry type ${code} is not known.`);
  const z = (code & ewkbZ) !== 0 || dimensions === 1 || dimensions === 3;
  const m = (code & ewkbM) !== 0 || dimensions === 2 || dimensions === 3;
  return { type, little, z, skip: m ? 8 : 0 };
}

function readCount(cursor: Cursor, little: boolean, leastBytesEach: number): number {
  need(cursor, 4);
  const count = cursor.view.getUint32(cursor.at, little);
  cursor.at += 4;
  // A count that the bytes cannot hold would otherwise make a huge array first.
  need(cursor, count * leastBytesEach);
  return count;
}

function readPosition(cursor: Cursor, header: Header): Position {
  const { view } = cursor;
  need(cursor, (header.z ? 24 : 16) + header.skip);
  const x = view.getFloat64(cursor.at, header.little);
  const y = view.getFloat64(cursor.at + 8, header.little);
  cursor.at += 16;
  let position: Position = [x, y];
  if (header.z) {
    position = [x, y, view.getFloat64(cursor.at, header.little)];
    cursor.at += 8;
  }
  cursor.at += header.skip;
  return position;
}

function readLine(cursor: Cursor, header: Header): Position[] {
  const count = readCount(cursor, header.little, (header.z ? 24 : 16) + header.skip);
  const line: Position[] = [];
  for (let index = 0; index < count; index += 1) line.push(readPosition(cursor, header));
  return line;
}

function readRings(cursor: Cursor, header: Header): Position[][] {
  const count = readCount(cursor, header.little, 4);
  const rings: Position[][] = [];
  for (let index = 0; index < count; index += 1) rings.push(readLine(cursor, header));
  return rings;
}

function readParts(cursor: Cursor, header: Header, depth: number): Geometry[] {
  if (depth >= deepestCollection) throw new WkbError('The collections are nested too deep.');
  const count = readCount(cursor, header.little, 9);
  const parts: Geometry[] = [];
  for (let index = 0; index < count; index += 1) parts.push(readGeometry(cursor, depth + 1));
  return parts;
}

function readGeometry(cursor: Cursor, depth: number): Geometry {
  const header = readHeader(cursor);
  switch (header.type) {
    case 'Point': {
      const position = readPosition(cursor, header);
      // An empty point is written with NaN coordinates.
      const empty = Number.isNaN(position[0]) && Number.isNaN(position[1]);
      return { type: 'Point', coordinates: empty ? [] : position };
    }
    case 'LineString':
      return { type: 'LineString', coordinates: readLine(cursor, header) };
    case 'Polygon':
      return { type: 'Polygon', coordinates: readRings(cursor, header) };
    case 'MultiPoint':
      return { type: 'MultiPoint', coordinates: readParts(cursor, header, depth).map(pointOf) };
    case 'MultiLineString':
      return { type: 'MultiLineString', coordinates: readParts(cursor, header, depth).map(lineOf) };
    case 'MultiPolygon':
      return { type: 'MultiPolygon', coordinates: readParts(cursor, header, depth).map(polygonOf) };
    case 'GeometryCollection':
      return { type: 'GeometryCollection', geometries: readParts(cursor, header, depth) };
  }
}

function pointOf(part: Geometry): Position {
  if (part.type !== 'Point') throw new WkbError(`A ${part.type} stands where a Point must.`);
  return part.coordinates;
}

function lineOf(part: Geometry): readonly Position[] {
  if (part.type !== 'LineString') throw new WkbError(`A ${part.type} stands where a LineString must.`);
  return part.coordinates;
}

function polygonOf(part: Geometry): readonly (readonly Position[])[] {
  if (part.type !== 'Polygon') throw new WkbError(`A ${part.type} stands where a Polygon must.`);
  return part.coordinates;
}

/**
 * ISO WKB, little-endian. Heights are kept when every position has one: a WKB geometry either has them or has not.
 */
export function toWkb(geometry: Geometry): Uint8Array {
  const z = hasHeights(geometry);
  const bytes = new Uint8Array(sizeOf(geometry, z ? 24 : 16));
  const writer: Writer = { view: new DataView(bytes.buffer), at: 0, z };
  writeGeometry(writer, geometry);
  return bytes;
}

type Writer = { readonly view: DataView; at: number; readonly z: boolean };

/** An empty part has no position, and so does not take the heights of the others away. */
function hasHeights(geometry: Geometry): boolean {
  const filled = positionsOf(geometry).filter((position) => position.length > 0);
  return filled.length > 0 && filled.every((position) => position.length >= 3);
}

function positionsOf(geometry: Geometry): readonly Position[] {
  switch (geometry.type) {
    case 'Point':
      return [geometry.coordinates];
    case 'MultiPoint':
    case 'LineString':
      return geometry.coordinates;
    case 'MultiLineString':
    case 'Polygon':
      return geometry.coordinates.flat(1);
    case 'MultiPolygon':
      return geometry.coordinates.flat(2);
    case 'GeometryCollection':
      return geometry.geometries.flatMap(positionsOf);
  }
}

function sizeOf(geometry: Geometry, positionBytes: number): number {
  const lineBytes = (line: readonly Position[]): number => 4 + line.length * positionBytes;
  const ringsBytes = (rings: readonly (readonly Position[])[]): number =>
    rings.reduce((sum, ring) => sum + lineBytes(ring), 4);
  switch (geometry.type) {
    case 'Point':
      return 5 + positionBytes;
    case 'LineString':
      return 5 + lineBytes(geometry.coordinates);
    case 'Polygon':
      return 5 + ringsBytes(geometry.coordinates);
    case 'MultiPoint':
      return 9 + geometry.coordinates.length * (5 + positionBytes);
    case 'MultiLineString':
      return geometry.coordinates.reduce((sum, line) => sum + 5 + lineBytes(line), 9);
    case 'MultiPolygon':
      return geometry.coordinates.reduce((sum, polygon) => sum + 5 + ringsBytes(polygon), 9);
    case 'GeometryCollection':
      return geometry.geometries.reduce((sum, part) => sum + sizeOf(part, positionBytes), 9);
  }
}

function writeHeader(writer: Writer, type: GeometryType): void {
  writer.view.setUint8(writer.at, 1);
  writer.view.setUint32(writer.at + 1, typeNames.indexOf(type) + (writer.z ? 1000 : 0), true);
  writer.at += 5;
}

function writeCount(writer: Writer, count: number): void {
  writer.view.setUint32(writer.at, count, true);
  writer.at += 4;
}

function writePosition(writer: Writer, position: Position): void {
  for (let index = 0; index < (writer.z ? 3 : 2); index += 1) {
    writer.view.setFloat64(writer.at, position[index] ?? Number.NaN, true);
    writer.at += 8;
  }
}

function writeLine(writer: Writer, line: readonly Position[]): void {
  writeCount(writer, line.length);
  for (const position of line) writePosition(writer, position);
}

function writeGeometry(writer: Writer, geometry: Geometry): void {
  writeHeader(writer, geometry.type);
  switch (geometry.type) {
    case 'Point':
      writePosition(writer, geometry.coordinates);
      return;
    case 'LineString':
      writeLine(writer, geometry.coordinates);
      return;
    case 'Polygon':
      writeCount(writer, geometry.coordinates.length);
      for (const ring of geometry.coordinates) writeLine(writer, ring);
      return;
    case 'MultiPoint':
      writeCount(writer, geometry.coordinates.length);
      for (const coordinates of geometry.coordinates) writeGeometry(writer, { type: 'Point', coordinates });
      return;
    case 'MultiLineString':
      writeCount(writer, geometry.coordinates.length);
      for (const coordinates of geometry.coordinates) writeGeometry(writer, { type: 'LineString', coordinates });
      return;
    case 'MultiPolygon':
      writeCount(writer, geometry.coordinates.length);
      for (const coordinates of geometry.coordinates) writeGeometry(writer, { type: 'Polygon', coordinates });
      return;
    case 'GeometryCollection':
      writeCount(writer, geometry.geometries.length);
      for (const part of geometry.geometries) writeGeometry(writer, part);
      return;
  }
}
