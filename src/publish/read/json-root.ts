// Finds the rows in a JSON text: an array, the one array inside an object, lines, or the features of GeoJSON.
// It must refuse in words what has no rows, and say what of the file is not published.

import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import { open } from 'node:fs/promises';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { walkJson, walkLines, type JsonItem } from './json-file.ts';

export type JsonRows = {
  readonly format: 'json' | 'ndjson' | 'geojson';
  /** What one item is: an object whose members are columns, or something with geometry and properties. */
  readonly item: 'object' | 'feature';
  readonly crs: string | null;
  readonly walk: (visit: (item: JsonItem) => boolean | void) => Promise<void>;
};

type Member = { readonly key: string; readonly value: JsonItem };

const geometryTypes = new Set([
  'Point',
  'MultiPoint',
  'LineString',
  'MultiLineString',
  'Polygon',
  'MultiPolygon',
  'GeometryCollection',
]);

/** True when the text begins as JSON does: CSV whose first cell is a bracket is rarer than JSON of another name. */
export function looksLikeJson(head: Buffer): boolean {
  const text = head.toString('utf8').trimStart();
  if (text.startsWith('{')) return /^\{\s*(?:"|\}|$)/.test(text);
  return /^\[\s*(?:[[{"\]\d-]|true|false|null|$)/.test(text);
}

export async function requireJsonRows(text: TextFile, findings: Findings): Promise<JsonRows> {
  const root = await readRoot(text);
  if (root.open === '[') {
    const walk = arrayWalk(text.path, root.offset + 1, root.line);
    return { format: 'json', item: await itemKind(walk), crs: null, walk };
  }
  const { members, after } = await readMembers(text, root);
  if (after.letter === '{') {
    const walk: JsonRows['walk'] = (visit) => walkLines(text.path, text.start, visit);
    const item = await itemKind(walk);
    return { format: item === 'feature' ? 'geojson' : 'ndjson', item, crs: null, walk };
  }
  if (after.letter !== '') {
    throw new PortalError('file-unreadable', {
      detail: say('publish.json-more-text', { line: after.line }),
      extra: { line: after.line },
    });
  }
  return await rowsOfObject(text, root, members, findings);
}

async function rowsOfObject(text: TextFile, root: Root, members: Member[], findings: Findings): Promise<JsonRows> {
  const type = await readType(text, members);
  if (type === 'Topology') {
    throw new PortalError('unsupported-media-type', say('publish.topojson'));
  }
  const crs = await readCrs(text, members);
  const find = (key: string) => members.find((member) => member.key === key)?.value ?? null;
  const whole: JsonRows['walk'] = async (visit) => void visit(await readItem(text.path, root, members));
  const features = find('features');
  if (type === 'FeatureCollection') {
    if (features === null || features.bytes[0] !== 0x5b) {
      throw new PortalError('file-unreadable', say('publish.no-features'));
    }
    return { format: 'geojson', item: 'feature', crs, walk: arrayWalk(text.path, features.start + 1, features.line) };
  }
  if (type === 'Feature' && find('geometry') !== null) return { format: 'geojson', item: 'feature', crs, walk: whole };
  if (type !== null && geometryTypes.has(type) && (find('coordinates') !== null || find('geometries') !== null)) {
    const geometries = find('geometries');
    if (geometries !== null) {
      const walk = arrayWalk(text.path, geometries.start + 1, geometries.line);
      if (await carriesProperties(walk)) {
        findings.add('geometry-invalid', 'warning', say('publish.geometries-with-properties'));
        return { format: 'geojson', item: 'feature', crs, walk };
      }
    }
    return { format: 'geojson', item: 'feature', crs, walk: whole };
  }
  return await rowsOfPlainObject(text, members, whole, findings);
}

/** Where one of several lists is the table, it goes by one of these names. */
const usualNames: ReadonlySet<string> = new Set(['features', 'data', 'rows', 'records', 'results', 'items', 'value']);

async function rowsOfPlainObject(
  text: TextFile,
  members: readonly Member[],
  whole: JsonRows['walk'],
  findings: Findings,
): Promise<JsonRows> {
  const tables: Member[] = [];
  for (const member of members) {
    if (member.value.bytes[0] !== 0x5b) continue;
    const first = await firstItem(arrayWalk(text.path, member.value.start + 1, member.value.line));
    if (first?.bytes[0] === 0x7b) tables.push(member);
  }
  const table = tables.length > 1 ? tables.find(({ key }) => usualNames.has(key)) : tables[0];
  if (tables.length === 0) return { format: 'json', item: 'object', crs: null, walk: whole };
  if (table === undefined) {
    const names = tables.map(({ key }) => `“${key}”`).join(', ');
    throw new PortalError('file-unreadable', {
      detail: say('publish.several-tables', { count: tables.length, names }),
      extra: { tables: tables.map(({ key }) => key) },
    });
  }
  const others = members.filter((member) => member !== table).map(({ key }) => `“${key}”`);
  if (others.length > 0) {
    findings.add(
      'row-unreadable',
      'note',
      say(others.length === 1 ? 'publish.member-left-out' : 'publish.members-left-out', {
        table: table.key,
        others: others.slice(0, 20).join(', '),
      }),
    );
  }
  const walk = arrayWalk(text.path, table.value.start + 1, table.value.line);
  return { format: 'json', item: await itemKind(walk), crs: null, walk };
}

function arrayWalk(path: string, from: number, line: number): JsonRows['walk'] {
  return async (visit) => void (await walkJson(path, { from, line, close: ']', whole: true }, visit));
}

async function firstItem(walk: JsonRows['walk']): Promise<JsonItem | null> {
  let first: JsonItem | null = null;
  await walk((item) => {
    first = item;
    return false;
  });
  return first;
}

async function itemKind(walk: JsonRows['walk']): Promise<JsonRows['item']> {
  const first = await firstItem(walk);
  return first !== null && toType(first.bytes.toString('utf8')) === 'Feature' ? 'feature' : 'object';
}

async function carriesProperties(walk: JsonRows['walk']): Promise<boolean> {
  const first = await firstItem(walk);
  return first !== null && /"properties"\s*:/.test(first.bytes.toString('utf8'));
}

/** The value of a top-level `type` in the text of an object, for telling what it is. */
function toType(text: string): string | null {
  return /^\{[^{}[\]]*?"type"\s*:\s*"(\w+)"/s.exec(text)?.[1] ?? null;
}

type Root = { readonly open: '[' | '{'; readonly offset: number; readonly line: number };

async function readRoot(text: TextFile): Promise<Root> {
  const { letter, offset, line } = await skipBlanks(text.path, text.start, 1);
  if (letter === '[' || letter === '{') return { open: letter, offset, line };
  throw new PortalError('file-unreadable', say('publish.json-no-list'));
}

/** The first byte from `start` on that is no blank, however many there are; '' at the end of the file. */
async function skipBlanks(path: string, start: number, line: number) {
  const handle = await open(path, 'r');
  try {
    const block = Buffer.alloc(65_536);
    let [offset, seen] = [start, line];
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, block.length, offset);
      if (bytesRead === 0) return { letter: '', offset, line: seen };
      for (const byte of block.subarray(0, bytesRead)) {
        if (byte > 0x20) return { letter: String.fromCharCode(byte), offset, line: seen };
        if (byte === 0x0a) seen++;
        offset++;
      }
    }
  } finally {
    await handle.close();
  }
}

async function readMembers(text: TextFile, root: Root) {
  const members: Member[] = [];
  const walk = { from: root.offset + 1, line: root.line, close: '}' as const, whole: false };
  const end = await walkJson(text.path, walk, (item) => void members.push(toMember(item)));
  const offset = (end?.offset ?? root.offset) + 1;
  return { members, after: await skipBlanks(text.path, offset, end?.line ?? root.line) };
}

/** `"key" : value…` cut in two. */
function toMember(item: JsonItem): Member {
  const text = item.bytes.toString('latin1');
  const match = /^"(?:[^"\\]|\\.)*"\s*:\s*/s.exec(text);
  if (match === null) {
    throw new PortalError('file-unreadable', {
      detail: say('publish.member-without-name', { line: item.line }),
      extra: { line: item.line },
    });
  }
  const head = item.bytes.subarray(0, match[0].length).toString('utf8');
  const key = String(parseJson(head.slice(0, head.lastIndexOf(':')).trimEnd(), item.line));
  const start = item.start + match[0].length;
  return { key, value: { ...item, start, bytes: item.bytes.subarray(match[0].length) } };
}

/** Throws file-unreadable, with the line, for what JSON does not have. */
function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PortalError('file-unreadable', {
      detail: say('publish.json-no-value', { text: text.slice(0, 100), line }),
      extra: { line },
      cause: error,
    });
  }
}

async function readText(path: string, start: number, end: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function readItem(path: string, root: Root, members: readonly Member[]): Promise<JsonItem> {
  const last = members.at(-1)?.value.end ?? root.offset + 1;
  const body = await readText(path, root.offset, last);
  return { start: root.offset, end: last, line: root.line, bytes: Buffer.from(`${body}}`) };
}

async function readType(text: TextFile, members: readonly Member[]): Promise<string | null> {
  const value = members.find(({ key }) => key === 'type')?.value;
  if (value === undefined || value.bytes[0] !== 0x22 || value.end - value.start > 100) return null;
  return String(parseJson(await readText(text.path, value.start, value.end), value.line));
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
  if (code !== undefined) return `${/esri/i.test(name) ? 'ESRI' : 'EPSG'}:${code}`;
  throw new PortalError('geometry-invalid', {
    detail: say('publish.crs-unknown', { crs: raw.slice(0, 200) }),
    extra: { line: value.line },
  });
}
