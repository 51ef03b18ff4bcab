// Coordinate reference systems that the portal reads and writes: a table of definitions, names in the usual spellings,
// and .prj text. Values inside the portal are longitude/latitude (OGC:CRS84), x before y, whatever axis order an EPSG
// entry has.

import proj4 from 'proj4';
import { mapPositions } from './geometry.ts';
import type { Geometry, Position } from './geometry.ts';

/** From (x, y) of one system to the other; null where the projection has no answer. */
export type Transform = {
  readonly forward: (position: Position) => Position | null;
  readonly inverse: (position: Position) => Position | null;
};

const lonLat = '+proj=longlat +datum=WGS84 +no_defs';
const feet = '+units=us-ft +no_defs';
const washingtonNorth =
  '+proj=lcc +lat_0=47 +lon_0=-120.833333333333 +lat_1=48.7333333333333 +lat_2=47.5 +x_0=500000.0001016 +y_0=0';
const washingtonSouth =
  '+proj=lcc +lat_0=45.3333333333333 +lon_0=-120.5 +lat_1=47.3333333333333 ' +
  '+lat_2=45.8333333333333 +x_0=500000.0001016 +y_0=0';

/**
 * EPSG and Esri numbers. NAD83 and its HARN realization are taken as WGS 84, as every web map does: the difference in
 * Washington is about a metre and needs grids that nobody ships.
 */
const definitions: Readonly<Record<number, string>> = {
  4326: lonLat,
  4269: '+proj=longlat +datum=NAD83 +no_defs',
  3857: '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs',
  26910: '+proj=utm +zone=10 +datum=NAD83 +units=m +no_defs',
  32610: '+proj=utm +zone=10 +datum=WGS84 +units=m +no_defs',
  2285: `${washingtonNorth} +datum=NAD83 ${feet}`,
  2286: `${washingtonSouth} +datum=NAD83 ${feet}`,
  2926: `${washingtonNorth} +ellps=GRS80 +towgs84=0,0,0 ${feet}`,
  2927: `${washingtonSouth} +ellps=GRS80 +towgs84=0,0,0 ${feet}`,
  2229:
    '+proj=lcc +lat_0=33.5 +lon_0=-118 +lat_1=35.4666666666667 +lat_2=34.0333333333333 ' +
    '+x_0=2000000.0001016 +y_0=500000.0001016 +datum=NAD83 +units=us-ft +no_defs',
};

/** Esri's own numbers, and older ones, for the same systems. */
const sameAs: Readonly<Record<number, number>> = {
  102100: 3857,
  102113: 3857,
  900913: 3857,
  3785: 3857,
  102748: 2285,
  102749: 2286,
  102645: 2229,
};

/**
 * The number behind `EPSG:2926`, `urn:ogc:def:crs:EPSG::2926`, `http://www.opengis.net/def/crs/EPSG/0/2926`, `2926`,
 * `CRS84` … CRS84 is 4326 here. null when the portal does not know it.
 */
export function parseCrs(name: string): number | null {
  if (/(?:^|[:/])CRS84h?$/i.test(name.trim())) return 4326;
  const digits = /(?:^|EPSG:{1,2}(?:[\d.]+:)?|EPSG\/[\d.]+\/|ESRI:{1,2}|ESRI\/[\d.]+\/)(\d{4,6})$/i.exec(
    name.trim(),
  )?.[1];
  if (digits === undefined) return null;
  const code = sameAs[Number(digits)] ?? Number(digits);
  return code in definitions ? code : null;
}

/**
 * Longitude/latitude to and from a system named as in parseCrs, or written out as WKT (the text of a .prj file).
 * null: unknown.
 */
export function crsTransform(nameOrWkt: string): Transform | null {
  const code = parseCrs(nameOrWkt);
  const definition = code === null ? parseWkt(nameOrWkt) : definitions[code];
  if (definition === undefined || definition === null) return null;
  if (code === 4326) return { forward: (position) => position, inverse: (position) => position };
  const converter = proj4(lonLat, definition);
  return {
    forward: (position) => convert(position, (point) => converter.forward(point)),
    inverse: (position) => convert(position, (point) => converter.inverse(point)),
  };
}

/** WKT 1 as Esri and OGC write it. Geographic WKT on WGS 84 is lonLat itself. */
function parseWkt(text: string): string | null {
  if (!/^\s*(PROJCS|GEOGCS|PROJCRS|GEOGCRS|GEODCRS|BOUNDCRS|COMPD_CS)\s*\[/i.test(text)) return null;
  try {
    proj4(lonLat, text);
    return text;
  } catch {
    return null; // a projection that the library does not have: unknown, as the callers are told
  }
}

function convert(position: Position, change: (point: [number, number]) => number[]): Position | null {
  const [x, y] = position;
  if (x === undefined || y === undefined) return null;
  const changed = change([x, y]);
  if (!Number.isFinite(changed[0]) || !Number.isFinite(changed[1])) return null;
  // Heights stay as they are: no vertical datum is changed here.
  return [changed[0] as number, changed[1] as number, ...position.slice(2)];
}

/** The geometry with every position changed; null when one of them has no image. */
export function transformGeometry(
  geometry: Geometry,
  change: (position: Position) => Position | null,
): Geometry | null {
  let failed = false;
  const changed = mapPositions(geometry, (position) => {
    const next = change(position);
    if (next === null) failed = true;
    return next ?? position;
  });
  return failed ? null : changed;
}
