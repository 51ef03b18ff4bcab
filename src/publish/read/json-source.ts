// From JSON, NDJSON and GeoJSON to a table the engine can load: one row an item, the union of all keys as columns.
// It must keep every digit and every text: values are cut out of the file, never printed again.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { toRawMembers, type JsonItem } from './json-file.ts';
import { requireJsonRows, type JsonRows } from './json-root.ts';
import { toCell, type Quarantine } from './quarantine.ts';
import type { ColumnHint, RowPlace, TableSource } from './table-source.ts';

type Tally = { strings: number; numbers: number; booleans: number; nested: number; firstText: number };

type Found = { readonly title: string; readonly place: 'member' | 'property' | 'geometry'; readonly tally: Tally };

/** Cells by column key, as raw JSON. */
type Cells = ReadonlyMap<string, string>;

const rawKept = 1 << 20;

export async function openJson(
  text: TextFile,
  target: string,
  quarantine: Quarantine,
  findings: Findings,
): Promise<TableSource> {
  const rows = await requireJsonRows(text, findings);
  const found = await findColumns(rows);
  const columns = [...found.values()].map((column) => ({ title: column.title, hint: toHint(column) }));
  sayMixed(found, findings);
  const written = await writeRows(rows, found, target, quarantine, findings);
  return {
    format: rows.format,
    encoding: text.encoding,
    delimiter: null,
    csv: {
      path: target,
      delimiter: ',',
      newline: '\\n',
      hasHeader: false,
      longestRecord: written.longest,
      keepsEmptyText: true,
      padded: true,
    },
    columns: columns.length === 0 ? [{ title: 'value', hint: 'any' }] : columns,
    rows: written.rows,
    quarantined: [...quarantine.rows()],
    locate: (records) => locate(rows, records),
    crs: rows.crs,
  };
}

/** The cells of one item, or why it is not a row. */
function readCells(item: JsonItem, kind: JsonRows['item']): Cells | Sentence {
  const text = item.bytes.toString('utf8');
  try {
    JSON.parse(text);
  } catch (error) {
    return error instanceof Error
      ? say('publish.row-not-json', { reason: error.message.slice(0, 200) })
      : say('publish.row-unreadable');
  }
  if (/\\u0000/.test(text)) return say('publish.row-nul-character');
  if (!text.startsWith('{')) return kind === 'feature' ? say('publish.row-no-feature') : new Map([['m:value', text]]);
  const members = toRawMembers(text);
  return kind === 'object' ? new Map([...members].map(([key, raw]) => [`m:${key}`, raw])) : featureCells(members, text);
}

function featureCells(members: ReadonlyMap<string, string>, text: string): Cells {
  const cells = new Map<string, string>();
  const isFeature = members.get('type') === '"Feature"' || members.has('geometry');
  for (const [key, raw] of members) {
    const own = ['type', 'geometry', 'properties', 'bbox', 'coordinates', 'geometries', 'crs'];
    if (!own.includes(key)) cells.set(`m:${key}`, raw);
  }
  const properties = members.get('properties');
  if (properties?.startsWith('{') === true) {
    for (const [key, raw] of toRawMembers(properties)) cells.set(`p:${key}`, raw);
  }
  const geometry = isFeature ? (members.get('geometry') ?? 'null') : text;
  cells.set('g:geometry', geometry);
  return cells;
}

async function findColumns(rows: JsonRows): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  let number = 0;
  if (rows.item === 'feature') found.set('g:geometry', toFound('g:geometry'));
  await rows.walk((item) => {
    number++;
    const cells = readCells(item, rows.item);
    if ('english' in cells) return;
    for (const [key, raw] of cells) {
      let column = found.get(key);
      if (column === undefined) found.set(key, (column = toFound(key)));
      count(column.tally, raw, number);
    }
  });
  // The geometry stands last, where people look for it.
  const geometry = found.get('g:geometry');
  if (geometry !== undefined) {
    found.delete('g:geometry');
    found.set('g:geometry', geometry);
  }
  return found;
}

function toFound(key: string): Found {
  const place = key.startsWith('g:') ? 'geometry' : key.startsWith('p:') ? 'property' : 'member';
  return { title: key.slice(2), place, tally: { strings: 0, numbers: 0, booleans: 0, nested: 0, firstText: 0 } };
}

function count(tally: Tally, raw: string, row: number): void {
  const first = raw[0];
  if (first === '"') {
    tally.strings++;
    if (tally.firstText === 0) tally.firstText = row;
  } else if (first === '{' || first === '[') tally.nested++;
  else if (first === 't' || first === 'f') tally.booleans++;
  else if (first !== 'n') tally.numbers++;
}

function toHint({ place, tally }: Found): ColumnHint {
  if (place === 'geometry') return 'geojson';
  if (tally.nested > 0) return 'json';
  const kinds = [tally.strings, tally.numbers, tally.booleans].filter((amount) => amount > 0).length;
  if (kinds > 1) return 'text';
  if (tally.numbers > 0) return 'number';
  if (tally.booleans > 0) return 'boolean';
  return 'text';
}

function sayMixed(found: ReadonlyMap<string, Found>, findings: Findings): void {
  for (const { title, tally } of found.values()) {
    const { strings, numbers, booleans, nested, firstText } = tally;
    if (nested > 0 || numbers === 0 || strings + booleans === 0) continue;
    findings.add(
      'type-mismatch',
      'warning',
      say('publish.mixed-numbers', { title, misfits: strings + booleans, given: strings + booleans + numbers }),
      { row: firstText === 0 ? null : firstText },
    );
  }
}

async function writeRows(
  rows: JsonRows,
  found: ReadonlyMap<string, Found>,
  target: string,
  quarantine: Quarantine,
  findings: Findings,
): Promise<{ rows: number; longest: number }> {
  const out = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  let failed: Error | null = null;
  out.on('error', (error) => (failed = error));
  const hints = [...found].map(([key, column]) => [key, toHint(column)] as const);
  let number = 0;
  let written = 0;
  let longest = 0;
  await rows.walk((item) => {
    if (failed !== null) throw failed;
    number++;
    const cells = readCells(item, rows.item);
    if ('english' in cells) {
      const raw = item.bytes.toString('utf8', 0, rawKept);
      quarantine.add({ row: number, line: item.line, code: 'row-unreadable', reason: cells, raw });
      findings.add('row-unreadable', 'error', cells, { row: number, line: item.line });
      return;
    }
    const line = toLine(hints, cells);
    longest = Math.max(longest, line.length * 3);
    out.write(line);
    written++;
  });
  if (out.writableNeedDrain) await once(out, 'drain');
  out.end();
  await finished(out);
  await quarantine.drain();
  return { rows: written, longest };
}

function toLine(hints: readonly (readonly [key: string, hint: ColumnHint])[], cells: Cells): string {
  if (hints.length === 0) return ',1\n';
  return `${hints.map(([key, hint]) => toValue(cells.get(key), hint)).join(',')},1\n`;
}

function toValue(raw: string | undefined, hint: ColumnHint): string {
  if (raw === undefined || raw === 'null') return '';
  if (hint === 'json' || hint === 'geojson' || raw[0] !== '"') return toCell(raw.toWellFormed());
  return toCell((JSON.parse(raw) as string).toWellFormed());
}

async function locate(rows: JsonRows, records: readonly number[]): Promise<ReadonlyMap<number, RowPlace>> {
  const wanted = new Set(records);
  const places = new Map<number, RowPlace>();
  let number = 0;
  await rows.walk((item) => {
    number++;
    if (!wanted.has(number)) return;
    places.set(number, { line: item.line, raw: item.bytes.toString('utf8', 0, rawKept) });
    return places.size < wanted.size;
  });
  return places;
}
