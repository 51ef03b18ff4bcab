// The geo functions that SQL may call: a table of names, types and bodies over src/geo. All take geometry as WKB
// (BLOB); NULL in, NULL out. Nothing here decides what a client may call; the compiler's table does.

import { BIGINT, BLOB, BOOLEAN, DOUBLE, DuckDBBlobValue, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue, DuckDBVector } from '@duckdb/node-api';
import { toBbox } from '../geo/bbox.ts';
import { crsTransform, transformGeometry } from '../geo/crs.ts';
import type { Transform } from '../geo/crs.ts';
import { parseGeometry, positionsOf } from '../geo/geometry.ts';
import type { Geometry } from '../geo/geometry.ts';
import { geodesicArea, geodesicDistance, geodesicLength, isWithinCircle } from '../geo/measures.ts';
import { isPointWithin, pointDistance } from '../geo/measures.ts';
import { isValidGeometry, pointRelates, predicates, relates, toShape } from '../geo/predicates.ts';
import type { Predicate, Shape } from '../geo/predicates.ts';
import { WkbError, isPlainPoint, readWkb, readWkbType, toWkb } from '../geo/wkb.ts';
import { bytesColumn, numberColumn } from './vectors.ts';
import type { BytesColumn, NumberColumn } from './vectors.ts';

// What DuckDB 1.5.6 itself does (measured; test/engine/geo-functions.test.ts holds it fast):
// - `'POINT(1 2)'::GEOMETRY` parses WKT; text that is none is an error even under TRY_CAST, while TRY(…) gives NULL.
//   `SRID=…;` is dropped. An unclosed or too short ring is accepted as it stands.
// - BLOB and GEOMETRY do not cast into each other: ST_GeomFromWKB(blob) and ST_AsWKB(geometry); NULL gives NULL;
//   bytes that are no WKB are an error. ST_AsWKB writes little-endian ISO WKB, so M and Z come as 1000/2000/3000. An
//   empty point is NaN NaN.
// - `a && b` (ST_Intersects_Extent) compares bounding boxes, edges included; false when either is empty, NULL when
//   either is NULL.
// - A reference system in the type (`GEOMETRY('OGC:CRS84')`) does not hinder any of these.

/** The arguments of one row: WKB and text as bytes in place, numbers as they are. None of them is NULL. */
type Row = { bytes(index: number): BytesColumn; number(index: number): number };
type GeoFunction = {
  readonly name: string;
  readonly takes: readonly DuckDBType[];
  readonly gives: DuckDBType;
  /** A body for each registration: what was parsed last is kept from row to row. */
  readonly body: () => (row: Row) => DuckDBValue;
};

/** Registers every geo function on the connection's instance. */
export function registerGeoFunctions(connection: DuckDBConnection): void {
  for (const { name, takes, gives, body } of geoFunctions) {
    const answer = body();
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: [...takes],
        returnType: gives,
        mainFunction: (_, chunk, output) => fill(chunk, takes, output, answer),
      }),
    );
  }
}

function fill(
  chunk: DuckDBDataChunk,
  takes: readonly DuckDBType[],
  output: DuckDBVector,
  answer: (row: Row) => DuckDBValue,
): void {
  const texts: BytesColumn[] = [];
  const numbers: NumberColumn[] = [];
  const columns = takes.map((type, index) => {
    if (type === DOUBLE) return (numbers[index] = numberColumn(chunk, index));
    return (texts[index] = bytesColumn(chunk, index));
  });
  const row: Row = {
    bytes: (index) => texts[index] as BytesColumn, // the table below asks only for what `takes` says
    number: (index) => (numbers[index] as NumberColumn).value,
  };
  const count = chunk.rowCount;
  for (let index = 0; index < count; index += 1) {
    let present = true;
    for (const column of columns) if (!column.seek(index)) present = false;
    output.setItem(index, present ? answer(row) : null);
  }
  output.flush();
}

function toGeometry(wkb: BytesColumn): Geometry {
  return readWkb(wkb.view, wkb.start, wkb.length);
}

function isPoint(wkb: BytesColumn): boolean {
  return isPlainPoint(wkb.view, wkb.start, wkb.length);
}

function xOf(point: BytesColumn): number {
  return point.view.getFloat64(point.start + 5, true);
}

function yOf(point: BytesColumn): number {
  return point.view.getFloat64(point.start + 13, true);
}

/** Makes a value of bytes once for a run of equal ones: a constant argument is parsed once, whatever the rows. */
function lastMade<T>(make: (column: BytesColumn) => T): (column: BytesColumn) => T {
  let made: T | null = null;
  let bytes = Buffer.alloc(0);
  let column: BytesColumn | null = null;
  let address = -1n;
  return (next) => {
    // Within one chunk an address names the bytes; in another one the memory may have been used again.
    if (
      made !== null &&
      next === column &&
      next.address !== 0n &&
      next.address === address &&
      next.length === bytes.length
    ) {
      return made;
    }
    const given = next.bytes();
    if (made === null || !bytes.equals(given)) {
      made = make(next);
      bytes = Buffer.from(given);
    }
    column = next;
    address = next.address;
    return made;
  };
}

function predicateFunction(predicate: Predicate): GeoFunction {
  return {
    name: `geo_${predicate}`,
    takes: [BLOB, BLOB],
    gives: BOOLEAN,
    body: () => {
      const left = lastMade<Shape>((wkb) => toShape(toGeometry(wkb)));
      const right = lastMade<Shape>((wkb) => toShape(toGeometry(wkb)));
      return (row) => {
        const a = row.bytes(0);
        const b = right(row.bytes(1));
        if (isPoint(a)) return pointRelates(predicate, xOf(a), yOf(a), b);
        return relates(predicate, left(a), b);
      };
    },
  };
}

/** A function of one geometry, with a short way for plain points. */
function unary(
  name: string,
  gives: DuckDBType,
  ofPoint: (x: number, y: number) => DuckDBValue,
  ofGeometry: (geometry: Geometry) => DuckDBValue,
): GeoFunction {
  return {
    name,
    takes: [BLOB],
    gives,
    body: () => (row) => {
      const wkb = row.bytes(0);
      if (!isPoint(wkb)) return ofGeometry(toGeometry(wkb));
      const x = xOf(wkb);
      const y = yOf(wkb);
      return Number.isNaN(x) ? ofGeometry({ type: 'Point', coordinates: [] }) : ofPoint(x, y);
    },
  };
}

function reproject(name: string, direction: 'forward' | 'inverse'): GeoFunction {
  return {
    name,
    takes: [BLOB, VARCHAR],
    gives: BLOB,
    body: () => {
      const transform = lastMade<Transform>((column) => {
        const crs = Buffer.from(column.bytes()).toString('utf8');
        const known = crsTransform(crs);
        if (known === null) throw new Error('The coordinate reference system is not known.');
        return known;
      });
      return (row) => {
        const change = transform(row.bytes(1));
        const changed = transformGeometry(toGeometry(row.bytes(0)), change[direction]);
        return changed && new DuckDBBlobValue(toWkb(changed));
      };
    },
  };
}

function isValidWkb(wkb: BytesColumn): boolean {
  try {
    return isValidGeometry(toGeometry(wkb));
  } catch (error) {
    if (error instanceof WkbError) return false;
    throw error;
  }
}

/** Text that is no JSON is no geometry; that is what the caller asks. */
function parseGeoJson(text: string): Geometry | null {
  try {
    return parseGeometry(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const geoFunctions: readonly GeoFunction[] = [
  ...predicates.map(predicateFunction),
  {
    // (geometry, latitude, longitude, metres): the whole geometry lies in the circle on the ellipsoid.
    name: 'geo_within_circle',
    takes: [BLOB, DOUBLE, DOUBLE, DOUBLE],
    gives: BOOLEAN,
    body: () => (row) => {
      const wkb = row.bytes(0);
      const [lat, lon, metres] = [row.number(1), row.number(2), row.number(3)];
      if (isPoint(wkb)) return isPointWithin(xOf(wkb), yOf(wkb), lon, lat, metres);
      return isWithinCircle(toGeometry(wkb), lat, lon, metres);
    },
  },
  {
    // Metres on the ellipsoid; 0 when they meet, NULL when one is empty.
    name: 'geo_distance',
    takes: [BLOB, BLOB],
    gives: DOUBLE,
    body: () => {
      const right = lastMade<Geometry>(toGeometry);
      return (row) => {
        const [a, b] = [row.bytes(0), row.bytes(1)];
        if (!isPoint(a) || !isPoint(b)) return geodesicDistance(toGeometry(a), right(b));
        const metres = pointDistance(xOf(a), yOf(a), xOf(b), yOf(b));
        return Number.isNaN(metres) ? null : metres;
      };
    },
  },
  unary('geo_area', DOUBLE, () => 0, geodesicArea),
  unary('geo_length', DOUBLE, () => 0, geodesicLength),
  unary(
    'geo_num_points',
    BIGINT,
    () => 1n,
    (geometry) => BigInt(positionsOf(geometry).reduce((sum) => sum + 1, 0)),
  ),
  // RFC 7946 geometry, compact, every digit kept, heights kept.
  unary(
    'geo_geojson',
    VARCHAR,
    (x, y) => `{"type":"Point","coordinates":[${x},${y}]}`,
    (geometry) => JSON.stringify(geometry),
  ),
  unary(
    'geo_xmin',
    DOUBLE,
    (x) => x,
    (geometry) => toBbox(geometry)?.[0] ?? null,
  ),
  unary(
    'geo_ymin',
    DOUBLE,
    (_, y) => y,
    (geometry) => toBbox(geometry)?.[1] ?? null,
  ),
  unary(
    'geo_xmax',
    DOUBLE,
    (x) => x,
    (geometry) => toBbox(geometry)?.[2] ?? null,
  ),
  unary(
    'geo_ymax',
    DOUBLE,
    (_, y) => y,
    (geometry) => toBbox(geometry)?.[3] ?? null,
  ),
  {
    name: 'geo_type',
    takes: [BLOB],
    gives: VARCHAR,
    body: () => (row) => {
      const wkb = row.bytes(0);
      return readWkbType(wkb.view, wkb.start, wkb.length);
    },
  },
  { name: 'geo_valid', takes: [BLOB], gives: BOOLEAN, body: () => (row) => isValidWkb(row.bytes(0)) },
  {
    // NULL when the text is no RFC 7946 geometry.
    name: 'geo_from_geojson',
    takes: [VARCHAR],
    gives: BLOB,
    body: () => (row) => {
      const geometry = parseGeoJson(Buffer.from(row.bytes(0).bytes()).toString('utf8'));
      return geometry && new DuckDBBlobValue(toWkb(geometry));
    },
  },
  // Longitude/latitude to the system named in the second argument …
  reproject('geo_transform', 'forward'),
  // … and from it: `EPSG:2926`, or the WKT of a .prj file. NULL where the projection has no answer.
  reproject('geo_to_lonlat', 'inverse'),
];
