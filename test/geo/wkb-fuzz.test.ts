// Whatever bytes are called WKB: a geometry or a WkbError, never a byte beyond the end, and no more work than bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Geometry, Position } from '../../src/geo/geometry.ts';
import { WkbError, isPlainPoint, parseWkb, readWkb, readWkbType, toWkb } from '../../src/geo/wkb.ts';
import { bytesOf, damaged, toSeed } from '../fuzz.ts';
import { geometries } from './arbitrary.ts';

const order = ['\x01', '\x00'];
const types = [1, 2, 3, 4, 5, 6, 7, 8, 0].map((type) => `${String.fromCharCode(type)}\0\0\0`);
const flagged = [
  '\xe9\x03\0\0',
  '\xd1\x07\0\0',
  '\xb9\x0b\0\0',
  '\x01\0\0\x80',
  '\x01\0\0\x40',
  '\x01\0\0\x20\xe6\x10\0\0',
];
const double = ['\0\0\0\0\0\0\0\0', '\0\0\0\0\0\0\xf0\x3f', '\0\0\0\0\0\0\xf8\x7f'];
const wild = bytesOf([...order, ...types, ...flagged, ...double, '\xff\xff\xff\xff'], 30);
const files = fc.oneof(wild, damaged(geometries.map((geometry) => toWkb(geometry))));

/** A view that ends where the bytes end, and counts how much of them is read. */
function countingView(bytes: Uint8Array): { readonly view: DataView; readonly reads: () => number } {
  let reads = 0;
  const whole = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = new Proxy(whole, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => {
        reads += { getUint8: 1, getUint32: 4, getFloat64: 8 }[String(name)] ?? 0;
        return Reflect.apply(value, target, given);
      };
    },
  });
  return { view, reads: () => reads };
}

/** The geometry, or null where the bytes are none. A RangeError, from reading past the end, fails the test. */
function geometryOf(view: DataView, start: number, length: number): Geometry | null {
  try {
    return readWkb(view, start, length);
  } catch (error) {
    assert.ok(error instanceof WkbError, error instanceof Error ? error.stack : String(error));
    return null;
  }
}

test('bytes are a geometry or no WKB, each is read once at most, and none beyond the end', (t) => {
  fc.assert(
    fc.property(files, (bytes) => {
      const { view, reads } = countingView(bytes);
      const geometry = geometryOf(view, 0, bytes.length);
      assert.ok(reads() <= bytes.length, `${reads()} of ${bytes.length} bytes were read`);
      if (geometry === null) return;
      assert.equal(readWkbType(view, 0, bytes.length), geometry.type);
      if (isPlainPoint(view, 0, bytes.length)) assert.equal(geometry.type, 'Point');
    }),
    { numRuns: 2_000, seed: toSeed(t) },
  );
});

test('a geometry that lies among other bytes is read as it is alone', (t) => {
  fc.assert(
    fc.property(
      geometries,
      fc.uint8Array({ maxLength: 9 }),
      fc.uint8Array({ maxLength: 9 }),
      (geometry, left, right) => {
        const wkb = toWkb(geometry);
        const bytes = Buffer.concat([left, wkb, right]);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        assert.deepEqual(geometryOf(view, left.length, wkb.length), parseWkb(wkb));
        for (let length = 0; length < wkb.length; length++) assert.equal(geometryOf(view, left.length, length), null);
      },
    ),
    { numRuns: 200, seed: toSeed(t) },
  );
});

/** Collections of which some parts, or parts of parts, are empty. */
const sparse: fc.Arbitrary<Geometry> = fc
  .array(
    fc.oneof(
      geometries,
      fc.constant<Geometry>({ type: 'LineString', coordinates: [] }),
      fc.constant<Geometry>({ type: 'MultiPoint', coordinates: [[], [1, 2, 3]] }),
      fc.constant<Geometry>({ type: 'Polygon', coordinates: [[]] }),
    ),
    { maxLength: 3 },
  )
  .map((parts) => ({ type: 'GeometryCollection', geometries: parts }));

test('what is a geometry is written and read again the same, its heights where every position has one', (t) => {
  const read = files.map((bytes) => geometryOf(countingView(bytes).view, 0, bytes.length));
  fc.assert(
    fc.property(fc.oneof(read, sparse), (geometry) => {
      if (geometry !== null) assert.deepEqual(parseWkb(toWkb(geometry)), sameHeights(geometry));
    }),
    { numRuns: 2_000, seed: toSeed(t) },
  );
});

/** Heights are kept when every position has one, and else dropped. */
function sameHeights(geometry: Geometry): Geometry {
  const found: Position[] = [];
  changePositions(geometry, (position) => (found.push(position), position));
  const isHigh = found.filter((position) => position.length > 0).every((position) => position.length >= 3);
  return changePositions(geometry, (position) => (isHigh ? position : position.slice(0, 2)));
}

function changePositions(geometry: Geometry, change: (position: Position) => Position): Geometry {
  const deep = (part: unknown): unknown => {
    if (!Array.isArray(part)) return part;
    return part.length === 0 || typeof part[0] === 'number' ? change(part as Position) : part.map(deep);
  };
  if (geometry.type === 'GeometryCollection') {
    return { ...geometry, geometries: geometry.geometries.map((part) => changePositions(part, change)) };
  }
  return { ...geometry, coordinates: deep(geometry.coordinates) } as Geometry;
}
