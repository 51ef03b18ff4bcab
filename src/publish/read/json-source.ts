// From JSON, NDJSON and GeoJSON to a table the engine can load: one row an item, the union of all keys as columns.
// It must keep every digit and every text: values are cut out of the file, never printed again.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { say } from '../../base/say.ts';
import type { TextFile } from './encoding.ts';
import type { Findings } from './findings.ts';
import { readCells, type Cells } from './json-cells.ts';
import { requireJsonRows } from './json-root.ts';
import type { JsonRows } from './json-rows.ts';
import { toCell, type Quarantine } from './quarantine.ts';
import type { ColumnHint, RowPlace, TableSource } from './table-source.ts';

type Tally = { strings: number; numbers: number; booleans: number; nested: number; firstText: number };

type Found = {
  readonly title: string;
  readonly place: 'member' | 'property' | 'geometry';
  /** What the file says beside its rows. */
  readonly hint: ColumnHint | null;
  readonly tally: Tally;
};

const rawKept = 1 << 20;

export async function openJson(
  text: TextFile,
  target: string,
  quarantine: Quarantine,
  findings: Findings,
): Promise<TableSource> {
  const rows = await requireJsonRows(text, findings);
  const found = await findColumns(rows, findings);
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

async function findColumns(rows: JsonRows, findings: Findings): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const twice = new Map<string, { count: number; readonly row: number }>();
  let number = 0;
  const named = rows.form.columns.filter(({ isSystem }) => !isSystem);
  for (const column of named) found.set(column.key, toFound(column.key, column));
  if (rows.form.item === 'feature') found.set('g:geometry', toFound('g:geometry'));
  await rows.walk((item) => {
    number++;
    const cells = readCells(item, rows.form, (name) => {
      const seen = twice.get(name);
      if (seen === undefined) twice.set(name, { count: 1, row: number });
      else seen.count++;
    });
    if ('english' in cells) return;
    for (const [key, raw] of cells) {
      let column = found.get(key);
      if (column === undefined) found.set(key, (column = toFound(key)));
      count(column.tally, raw, number);
    }
  });
  for (const [name, { count: rowsWith, row }] of twice) {
    findings.add('row-unreadable', 'warning', say('publish.member-twice', { name, rows: rowsWith, row }), { row });
  }
  if ((rows.announced ?? 0) > number) {
    const sentence = say('publish.json-fewer', { announced: rows.announced ?? 0, rows: number });
    findings.add('row-unreadable', 'warning', sentence);
  }
  sayLeftOut(rows, findings);
  // The geometry stands last, where people look for it.
  const geometry = found.get('g:geometry');
  if (geometry !== undefined) {
    found.delete('g:geometry');
    found.set('g:geometry', geometry);
  }
  return found;
}

function sayLeftOut({ form }: JsonRows, findings: Findings): void {
  const system = form.columns.filter(({ isSystem }) => isSystem).map(({ title }) => `“${title}”`);
  if (system.length === 0) return;
  findings.add('unknown-column', 'note', say('publish.system-columns', { names: system.join(', ') }));
}

function toFound(
  key: string,
  named: { readonly title: string; readonly hint: ColumnHint | null } | null = null,
): Found {
  const place = key.startsWith('g:') ? 'geometry' : key.startsWith('p:') ? 'property' : 'member';
  const tally = { strings: 0, numbers: 0, booleans: 0, nested: 0, firstText: 0 };
  return { title: named?.title ?? key.slice(2), place, hint: named?.hint ?? null, tally };
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

function toHint({ place, hint, tally }: Found): ColumnHint {
  if (place === 'geometry') return 'geojson';
  if (tally.nested > 0) return 'json';
  const kinds = [tally.strings, tally.numbers, tally.booleans].filter((amount) => amount > 0).length;
  if (hint !== null && kinds < 2) return hint;
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
    const cells = readCells(item, rows.form, () => undefined);
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
