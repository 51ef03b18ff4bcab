// One item of a JSON text as the cells of a row, as raw JSON by the key of their column.
// It must keep every digit and every text, and say in words why an item is no row.

import { arcgisToGeoJSON } from '@terraformer/arcgis';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import { toRawItems, toRawMembers, type JsonItem } from './json-file.ts';
import type { ColumnHint } from './table-source.ts';

/** Cells by column key: `m:` a member, `p:` a property, `l:` the value of a list, `g:` the geometry. */
export type Cells = ReadonlyMap<string, string>;

/** A column that the file names beside its rows. */
export type NamedColumn = {
  readonly key: string;
  readonly title: string;
  /** What the file says the column holds; null when it says nothing. */
  readonly hint: ColumnHint | null;
  /** Of the system that wrote the file, and no part of its table. */
  readonly isSystem: boolean;
};

/**
 * What one item is: an object whose members are columns, something with geometry and properties, a list of the values
 * of the named columns, a member whose name is a value itself, or a feature as Esri writes it.
 */
export type ItemForm = {
  readonly item: 'object' | 'feature' | 'list' | 'member' | 'esri';
  readonly columns: readonly NamedColumn[];
  /** Of Esri's attributes: milliseconds since 1970. */
  readonly instants: ReadonlySet<string>;
  readonly hasMeasures: boolean;
};

export const plainForm = { columns: [], instants: new Set<string>(), hasMeasures: false } as const;

/** `onTwice` is told of a name that an object has twice: the last one counts, as everywhere. */
export function readCells(item: JsonItem, form: ItemForm, onTwice: (name: string) => void): Cells | Sentence {
  const whole = item.bytes.toString('utf8');
  const text = form.item === 'member' ? `{${whole}}` : whole;
  try {
    JSON.parse(text);
  } catch {
    return whyNotJson(text); // the parser's own words are for programmers
  }
  if (/\\u0000/.test(text)) return say('publish.row-nul-character');
  const isList = text.startsWith('[');
  if (form.item === 'list' && isList) return listCells(text, form.columns);
  if (form.item === 'list') return say('publish.row-no-list');
  if (!text.startsWith('{')) {
    return form.item === 'object' ? new Map([['m:value', text]]) : say('publish.row-no-feature');
  }
  const members = toRawMembers(text, onTwice);
  if (form.item === 'member') return memberCells(members, onTwice);
  if (form.item === 'esri') return esriCells(members, form, onTwice);
  return form.item === 'object' ? withPrefix('m:', members) : featureCells(members, text, onTwice);
}

function withPrefix(prefix: string, members: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...members].map(([key, raw]) => [`${prefix}${key}`, raw]));
}

function listCells(text: string, columns: readonly NamedColumn[]): Cells | Sentence {
  const values = toRawItems(text);
  if (values.length > columns.length) {
    return say('publish.row-too-wide', { fields: values.length, width: columns.length });
  }
  if (values.length < columns.length) {
    return say('publish.row-too-narrow', { fields: values.length, width: columns.length });
  }
  const cells = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    if (!column.isSystem) cells.set(column.key, values[index] as string);
  }
  return cells;
}

function memberCells(members: ReadonlyMap<string, string>, onTwice: (name: string) => void): Cells | Sentence {
  const [[name, raw] = ['', '']] = members;
  if (!raw.startsWith('{')) return say('publish.row-no-object');
  return new Map([['l:index', JSON.stringify(name)], ...withPrefix('m:', toRawMembers(raw, onTwice))]);
}

function featureCells(members: ReadonlyMap<string, string>, text: string, onTwice: (name: string) => void): Cells {
  const cells = new Map<string, string>();
  const isFeature = members.get('type') === '"Feature"' || members.has('geometry');
  for (const [key, raw] of members) {
    const own = ['type', 'geometry', 'properties', 'bbox', 'coordinates', 'geometries', 'crs'];
    if (!own.includes(key)) cells.set(`m:${key}`, raw);
  }
  const properties = members.get('properties');
  if (properties?.startsWith('{') === true) {
    for (const [key, raw] of toRawMembers(properties, onTwice)) cells.set(`p:${key}`, raw);
  }
  const geometry = isFeature ? (members.get('geometry') ?? 'null') : text;
  cells.set('g:geometry', geometry);
  return cells;
}

function esriCells(members: ReadonlyMap<string, string>, form: ItemForm, onTwice: (name: string) => void): Cells {
  const cells = new Map<string, string>();
  const attributes = members.get('attributes') ?? '{}';
  for (const [key, raw] of toRawMembers(attributes, onTwice)) {
    cells.set(`p:${key}`, form.instants.has(key) ? toInstantText(raw) : raw);
  }
  const geometry = members.get('geometry');
  if (geometry !== undefined) cells.set('g:geometry', toGeoJsonText(geometry, form.hasMeasures));
  return cells;
}

/** Milliseconds since 1970 as an instant of ISO 8601; another value stays as it is. */
function toInstantText(raw: string): string {
  const at = new Date(/^-?\d{1,15}$/.test(raw) ? Number(raw) : NaN);
  return Number.isNaN(at.getTime()) ? raw : JSON.stringify(at.toISOString().replace('.000Z', 'Z'));
}

/** Esri's JSON of a geometry as GeoJSON's; what is none stays as it is, and is told as such. */
function toGeoJsonText(raw: string, hasMeasures: boolean): string {
  if (raw === 'null') return raw;
  const { spatialReference: _, ...geometry } = JSON.parse(raw) as Record<string, unknown>;
  if (Object.keys(geometry).length === 0 || isEmptyPoint(geometry)) return 'null';
  if ('curveRings' in geometry || 'curvePaths' in geometry) return raw;
  const made = arcgisToGeoJSON(geometry as unknown as Parameters<typeof arcgisToGeoJSON>[0]);
  if (!('type' in made)) return raw;
  const text = JSON.stringify(made);
  // A measure is no height, and GeoJSON has none.
  return hasMeasures ? text.replaceAll(/\[([^[\],]+),([^[\],]+)(?:,[^[\],]+)+\]/g, '[$1,$2]') : text;
}

function isEmptyPoint({ x }: Record<string, unknown>): boolean {
  return x === null || x === 'NaN';
}

/** What is wrong with a row shows in so much of it; nobody looks for long at what is not JSON. */
const longestLook = 1024 * 1024;

/** What JSON does not have, by the word or sign that people know it by. */
function whyNotJson(whole: string): Sentence {
  const text = whole.slice(0, longestLook);
  const bare = withoutStrings(text);
  const word = /(?<![\w$])-?(?!(?:true|false|null)(?![\w$]))[A-Za-z_$][\w$]*/.exec(bare)?.[0];
  const numbers = bare.match(/[-+]?[\d.][\d.eE+-]*/g) ?? [];
  const number = numbers.find((each) => !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(each));
  if (word !== undefined && /^-?(NaN|Infinity)$/.test(word)) return say('publish.row-not-a-number', { word });
  if (bare.includes("'")) return say('publish.row-single-quotes');
  if (word !== undefined && !/^-?e/i.test(word)) return say('publish.row-not-json-word', { word: word.slice(0, 40) });
  if (/,\s*[\]}]/.test(bare)) return say('publish.row-comma-last');
  if (bare.includes('"')) return say('publish.row-quote-open');
  if (number !== undefined) return say('publish.row-number-not-json', { number: number.slice(0, 40) });
  return say('publish.row-not-json');
}

/** Blanks in place of its strings; a quote stays where a string does not end. One look at each letter. */
function withoutStrings(text: string): string {
  let bare = '';
  for (let at = 0; at < text.length;) {
    const open = text.indexOf('"', at);
    if (open === -1) return bare + text.slice(at);
    let close = open + 1;
    while (close < text.length && text[close] !== '"') close += text[close] === '\\' ? 2 : 1;
    bare += text.slice(at, open) + (close < text.length ? ' ' : '"');
    at = close + 1;
  }
  return bare;
}
