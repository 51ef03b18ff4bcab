// Finds the rows in a JSON text: an array, lines, a text sequence, the features of GeoJSON, or the table of an object.
// It must refuse in words what has no rows, and say what of the file is not published.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { plainForm } from './json-cells.ts';
import { walkJson, walkLines, walkSequence } from './json-file.ts';
import { parseJson, readItem, readMembers, readText, readType, skipBlanks } from './json-members.ts';
import type { Member, Place } from './json-members.ts';
import { arrayWalk, firstItem, itemForm, requireCrs, toType } from './json-rows.ts';
import type { JsonRows, JsonWalker, Within } from './json-rows.ts';
import { tableOfLists, tableOfObject } from './json-wrappers.ts';

const geometryTypes = new Set([
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
  'GeometryCollection',
]);

/** What begins a text of a JSON text sequence (RFC 8142). */
const recordSeparator = '\u001e';

/** True when the text begins as JSON does: CSV whose first cell is a bracket is rarer than JSON of another name. */
export function looksLikeJson(head: Buffer): boolean {
  const text = head.toString('utf8').trimStart();
  if (text.startsWith(recordSeparator)) return true;
  if (text.startsWith('{')) return /^\{\s*(?:"|\}|$)/.test(text);
  return /^\[\s*(?:[[{"\]\d-]|true|false|null|$)/.test(text);
}

export async function requireJsonRows(text: TextFile, findings: Findings): Promise<JsonRows> {
  if (await isSequence(text)) {
    const walk: JsonWalker = (visit) => walkSequence(text.path, text.start, visit);
    return await rowsOfLines(walk);
  }
  const root = await readRoot(text);
  if (root.open === '[') return await rowsOfArray(text, root, findings);
  const { members, after } = await readMembers(text, root);
  if (after.letter === '{') return await rowsOfLines((visit) => walkLines(text.path, text.start, visit));
  if (after.letter !== '') throw moreText(after.line);
  const rows = await rowsOfObject(text, root, members, { findings, depth: 0, rowsOf: rowsOfObject });
  return (
    rows ?? { format: 'json', form: { item: 'object', ...plainForm }, crs: null, walk: wholeWalk(text, root, members) }
  );
}

function moreText(line: number): PortalError {
  return new PortalError('file-unreadable', { detail: say('publish.json-more-text', { line }), extra: { line } });
}

async function isSequence(text: TextFile): Promise<boolean> {
  const begin = await readText(text.path, text.start, text.start + 1024);
  return begin.replaceAll(/[ \t\r\n]+/g, '').startsWith(recordSeparator);
}

async function rowsOfLines(walk: JsonWalker): Promise<JsonRows> {
  const form = await itemForm(walk);
  return { format: form.item === 'feature' ? 'geojson' : 'ndjson', form, crs: null, walk };
}

/** A list of objects or values; of lists, whose first one or whose lines are rows, see json-wrappers.ts. */
async function rowsOfArray(text: TextFile, root: Place, findings: Findings): Promise<JsonRows> {
  if (await isLinesOfLists(text, root)) {
    return await tableOfLists((visit) => walkLines(text.path, text.start, visit), 'ndjson', findings);
  }
  const walk: JsonWalker = async (visit) => {
    const inside = { from: root.offset + 1, line: root.line, close: ']', whole: true } as const;
    const end = await walkJson(text.path, inside, visit);
    if (end === null) return;
    const after = await skipBlanks(text.path, end.offset + 1, end.line);
    if (after.letter !== '') throw moreText(after.line);
  };
  const first = await firstItem(walk);
  if (first?.bytes[0] === 0x5b) return await tableOfLists(walk, 'json', findings);
  if (toType(first) === 'FeatureCollection') {
    throw new PortalError('file-unreadable', say('publish.collections-in-list'));
  }
  return { format: 'json', form: await itemForm(walk), crs: null, walk };
}

const longestFirstLine = 65_536;

/** A whole list on the first line, and another one below it. */
async function isLinesOfLists(text: TextFile, root: Place): Promise<boolean> {
  const begin = await readText(text.path, root.offset, root.offset + longestFirstLine);
  const lineEnd = begin.indexOf('\n');
  if (lineEnd === -1 || !begin.slice(lineEnd).trimStart().startsWith('[')) return false;
  try {
    JSON.parse(begin.slice(0, lineEnd));
    return true;
  } catch {
    return false; // the list goes on below: one list of lists
  }
}

/** The rows of an object, wherever in it they stand; null when it is one row itself. */
async function rowsOfObject(
  text: TextFile,
  root: Place,
  members: readonly Member[],
  within: Within,
): Promise<JsonRows | null> {
  const { findings, depth } = within;
  const type = await readType(text, members);
  if (type === 'Topology') {
    throw new PortalError('unsupported-media-type', say('publish.topojson'));
  }
  const find = (key: string) => members.find((member) => member.key === key)?.value ?? null;
  const features = find('features');
  if (type === 'FeatureCollection') {
    if (features === null || features.bytes[0] !== 0x5b) {
      throw new PortalError('file-unreadable', say('publish.no-features'));
    }
    const crs = await readCrs(text, members);
    const form = { item: 'feature', ...plainForm } as const;
    return { format: 'geojson', form, crs, walk: arrayWalk(text.path, features.start + 1, features.line) };
  }
  const isFeature = type === 'Feature' && find('geometry') !== null;
  const isGeometry = geometryTypes.has(type ?? '') && (find('coordinates') !== null || find('geometries') !== null);
  if (depth === 0 && (isFeature || isGeometry)) {
    const geometries = isFeature ? null : find('geometries');
    const form = { item: 'feature', ...plainForm } as const;
    const crs = await readCrs(text, members);
    if (geometries !== null) {
      const walk = arrayWalk(text.path, geometries.start + 1, geometries.line);
      if (await carriesProperties(walk)) {
        findings.add('geometry-invalid', 'warning', say('publish.geometries-with-properties'));
        return { format: 'geojson', form, crs, walk };
      }
    }
    return { format: 'geojson', form, crs, walk: wholeWalk(text, root, members) };
  }
  return isFeature || isGeometry ? null : await tableOfObject(text, root, members, within);
}

function wholeWalk(text: TextFile, root: Place, members: readonly Member[]): JsonWalker {
  return async (visit) => void visit(await readItem(text.path, root, members));
}

async function carriesProperties(walk: JsonWalker): Promise<boolean> {
  const first = await firstItem(walk);
  return first !== null && /"properties"\s*:/.test(first.bytes.toString('utf8'));
}

type Root = Place & { readonly open: '[' | '{' };

async function readRoot(text: TextFile): Promise<Root> {
  const { letter, offset, line } = await skipBlanks(text.path, text.start, 1);
  if (letter === '[' || letter === '{') return { open: letter, offset, line };
  throw new PortalError('file-unreadable', say('publish.json-no-list'));
}

/**
 * The old `crs` member by name: `EPSG:28992`; null for lon/lat. Throws geometry-invalid when it names nothing known.
 */
async function readCrs(text: TextFile, members: readonly Member[]): Promise<string | null> {
  const value = members.find(({ key }) => key === 'crs')?.value;
  if (value === undefined || value.end - value.start > 10_000) return null;
  const raw = await readText(text.path, value.start, value.end);
  const crs = parseJson(raw, value.line) as { properties?: { name?: unknown; code?: unknown } } | null;
  if (crs === null) return null;
  const name = String(crs.properties?.name ?? crs.properties?.code ?? '');
  if (/CRS84h?$/i.test(name)) return null;
  const code = /(?:^|:)(\d{4,6})$/.exec(name)?.[1];
  if (code === '4326' || code === '4979') return null;
  return requireCrs(code === undefined ? null : `${/esri/i.test(name) ? 'ESRI' : 'EPSG'}:${code}`, raw, value.line);
}
