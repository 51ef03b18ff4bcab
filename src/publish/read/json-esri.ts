// The features of an ArcGIS service as it answers `f=json`: attributes, geometry, and the system they lie in.
// It must not read their geometry: json-cells.ts does, feature by feature.

import { crsTransform } from '../../geo/crs.ts';
import type { TextFile } from './encoding.ts';
import { plainForm } from './json-cells.ts';
import { asObject, describe, type Member } from './json-members.ts';
import { arrayWalk, firstItem, requireCrs, type JsonRows } from './json-rows.ts';

/** The answer of an ArcGIS service: `features` with `attributes` and `geometry`, in the system it names. */
export async function esriRows(text: TextFile, members: readonly Member[]): Promise<JsonRows | null> {
  const features = members.find(({ key }) => key === 'features')?.value;
  if (features?.bytes[0] !== 0x5b) return null;
  const walk = arrayWalk(text.path, features.start + 1, features.line);
  const first = await firstItem(walk);
  const firstText = first?.bytes.toString('utf8') ?? '';
  if (first === null ? !members.some(({ key }) => key === 'geometryType') : !/"attributes"\s*:/.test(firstText))
    return null;
  const fields = await describe(text, members, 'fields');
  const instants = (Array.isArray(fields) ? fields : [])
    .map(asObject)
    .filter((field) => field['type'] === 'esriFieldTypeDate')
    .map((field) => String(field['name']));
  const hasMeasures = (await describe(text, members, 'hasM')) === true;
  const crs = await esriCrs(text, members);
  const form = { ...plainForm, item: 'esri', instants: new Set(instants), hasMeasures } as const;
  return { format: 'json', form, crs, walk };
}

async function esriCrs(text: TextFile, members: readonly Member[]): Promise<string | null> {
  const reference = asObject(await describe(text, members, 'spatialReference'));
  const line = members.find(({ key }) => key === 'spatialReference')?.value.line ?? 1;
  const said = JSON.stringify(reference);
  const { latestWkid, wkid, wkt } = reference;
  const codes = [latestWkid, wkid].filter((code) => typeof code === 'number');
  if (codes.includes(4326)) return null;
  // Numbers from 37001 on are Esri's own, the others EPSG's.
  const names = codes.map((code) => `${code >= 37_001 ? 'ESRI' : 'EPSG'}:${code}`);
  if (typeof wkt === 'string') names.push(wkt);
  if (names.length === 0) return null;
  return requireCrs(names.find((name) => crsTransform(name) !== null) ?? null, said, line);
}
