// What a spreadsheet shows: the sheets, rows and cells that nobody hid; the others, and comments, apart.
// It must show the values that the file holds, and compute none.

import { format } from 'numfmt';

import { dayMs } from '../../../base/clock.ts';
import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

type Sheet = { readonly name: string; readonly isHidden: boolean; readonly part: string };
type Style = { readonly isDate: boolean; /** The number format, ECMA-376 part 1, 18.8.31. */ readonly code: string };
type Shared = { readonly strings: readonly string[]; readonly styles: readonly Style[] };

const mostHiddenText = 100_000;

export function readSheets(zip: ZipFile): OfficeText {
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  const shared = { strings: readStrings(zip), styles: readStyles(zip) };
  for (const sheet of listSheets(zip)) {
    const bytes = zip.read(sheet.part);
    if (bytes === null) continue;
    const rows = readRows(bytes, shared);
    const where = `sheet “${sheet.name}”`;
    if (sheet.isHidden) {
      const text = rows
        .map((row) => [...row.shown, ...row.hidden].map(({ text: cell }) => cell).join(' | '))
        .join('\n');
      hidden.push({ kind: 'hidden-sheet', where, text: text.slice(0, mostHiddenText) });
      continue;
    }
    blocks.push({ style: 'heading', text: `Sheet: ${sheet.name}` });
    for (const row of rows)
      if (row.shown.length > 0) blocks.push({ style: 'text', text: `${row.number}.  ${toLine(row.shown)}` });
    const kept = rows
      .filter((row) => row.hidden.length > 0)
      .map((row) => `${row.number}. ${row.hidden.map(({ text }) => text).join(' | ')}`);
    if (kept.length > 0) hidden.push({ kind: 'hidden-rows', where, text: kept.join('\n').slice(0, mostHiddenText) });
  }
  for (const part of zip.names.filter((name) => /^xl\/(?:threadedComments\/|comments)[^/]*\.xml$/u.test(name))) {
    hidden.push(...readComments(zip.read(part)!));
  }
  return { blocks, hidden };
}

function listSheets(zip: ZipFile): readonly Sheet[] {
  const workbook = zip.read('xl/workbook.xml');
  if (workbook === null) throw new FileError('corrupt', 'no workbook in it');
  const targets = new Map<string, string>();
  for (const token of readXml(zip.read('xl/_rels/workbook.xml.rels') ?? Buffer.alloc(0))) {
    if (token.kind !== 'open' || token.name !== 'Relationship') continue;
    const target = attributeOf(token.attributes, 'Target') ?? '';
    targets.set(attributeOf(token.attributes, 'Id') ?? '', target.startsWith('/') ? target.slice(1) : `xl/${target}`);
  }
  const sheets: Sheet[] = [];
  for (const token of readXml(workbook)) {
    if (token.kind !== 'open' || token.name !== 'sheet') continue;
    const state = attributeOf(token.attributes, 'state') ?? 'visible';
    const part = targets.get(attributeOf(token.attributes, 'id') ?? '') ?? '';
    sheets.push({ name: attributeOf(token.attributes, 'name') ?? '', isHidden: state !== 'visible', part });
  }
  return sheets;
}

function readStrings(zip: ZipFile): readonly string[] {
  const strings: string[] = [];
  let [text, inText, phonetic] = ['', 0, 0];
  for (const token of readXml(zip.read('xl/sharedStrings.xml') ?? Buffer.alloc(0))) {
    if (token.kind === 'text') text += inText > 0 && phonetic === 0 ? token.text : '';
    else {
      const step = token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
      if (token.name === 't') inText += step;
      else if (token.name === 'rPh') phonetic += step;
      else if (token.name === 'si' && (token.kind === 'close' || token.isEmpty)) {
        strings.push(text);
        text = '';
      }
    }
  }
  return strings;
}

/** Numbers that Excel itself shows as dates: ECMA-376 part 1, 18.8.30. */
const dateFormats = new Set([14, 15, 16, 17, 22, 27, 30, 36, 50, 57]);
/** Formats that have a number and no code in the file, in the same place. */
const ownFormats: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  37: '#,##0;(#,##0)',
  38: '#,##0;(#,##0)',
  39: '#,##0.00;(#,##0.00)',
  40: '#,##0.00;(#,##0.00)',
};

function readStyles(zip: ZipFile): readonly Style[] {
  const own = new Map<number, string>();
  const styles: Style[] = [];
  let inCells = false;
  for (const token of readXml(zip.read('xl/styles.xml') ?? Buffer.alloc(0))) {
    if (token.kind === 'text') continue;
    if (token.name === 'cellXfs') inCells = token.kind === 'open';
    else if (token.kind === 'open' && token.name === 'numFmt') {
      own.set(Number(attributeOf(token.attributes, 'numFmtId')), attributeOf(token.attributes, 'formatCode') ?? '');
    } else if (token.kind === 'open' && token.name === 'xf' && inCells) {
      const number = Number(attributeOf(token.attributes, 'numFmtId') ?? 0);
      const code = own.get(number) ?? ownFormats[number] ?? '';
      const bare = (own.get(number) ?? '').replaceAll(/"[^"]*"|\\.|\[[^\]]*\]/gu, '');
      styles.push({ isDate: dateFormats.has(number) || /[dy]/iu.test(bare), code });
    }
  }
  return styles;
}

type Cell = { readonly column: number; readonly text: string };

/** A sheet of thousands of columns has gaps that nobody could read as cells. */
const widestGap = 60;

/** Each value under its heading: what is empty between two of them keeps its place. */
function toLine(cells: readonly Cell[]): string {
  let line = '';
  let last = 0;
  for (const { column, text } of cells) {
    const gap = Math.max(1, column - last);
    if (last > 0 || gap > 1)
      line += gap > widestGap ? `  |  [${gap - 1} empty cells]  |  ` : '  |  '.repeat(last > 0 ? gap : gap - 1);
    line += text;
    last = column;
  }
  return line;
}

type Row = { readonly number: number; readonly shown: Cell[]; readonly hidden: Cell[] };

function readRows(bytes: Buffer, shared: Shared): readonly Row[] {
  const rows: Row[] = [];
  const hiddenColumns: (readonly [from: number, to: number])[] = [];
  let row: Row = { number: 0, shown: [], hidden: [] };
  let rowIsHidden = false;
  let cell = { type: '', style: 0, column: 0, value: '', formula: '' };
  let [inValue, inFormula] = [0, 0];
  const endCell = () => {
    const text = toShown(cell, shared);
    if (text === '') return;
    const isHidden = rowIsHidden || hiddenColumns.some(([from, to]) => cell.column >= from && cell.column <= to);
    (isHidden ? row.hidden : row.shown).push({ column: cell.column, text });
  };
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') {
      if (inFormula > 0) cell.formula += token.text;
      else if (inValue > 0) cell.value += token.text;
      continue;
    }
    const { name } = token;
    const step = token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    if (name === 'v' || name === 't') inValue += step;
    else if (name === 'f') inFormula += step;
    else if (token.kind === 'close') {
      if (name === 'c') endCell();
      else if (name === 'row') rows.push(row);
    } else if (name === 'col' && isOn(attributeOf(token.attributes, 'hidden'))) {
      hiddenColumns.push([Number(attributeOf(token.attributes, 'min')), Number(attributeOf(token.attributes, 'max'))]);
    } else if (name === 'row') {
      row = { number: Number(attributeOf(token.attributes, 'r') ?? rows.length + 1), shown: [], hidden: [] };
      rowIsHidden = isOn(attributeOf(token.attributes, 'hidden'));
      cell = { ...cell, column: 0 };
    } else if (name === 'c') {
      const reference = attributeOf(token.attributes, 'r');
      const column = reference === null ? cell.column + 1 : toColumn(reference);
      cell = {
        type: attributeOf(token.attributes, 't') ?? 'n',
        style: Number(attributeOf(token.attributes, 's') ?? 0),
        column,
        value: '',
        formula: '',
      };
    }
  }
  return rows;
}

function isOn(value: string | null): boolean {
  return value === '1' || value === 'true';
}

/** `AB12` → 28 */
function toColumn(reference: string): number {
  return [...reference.replaceAll(/[^A-Z]/gu, '')].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

/** The serial number of 1970-01-01. */
const unixDay = 25_569;

type Read = { readonly type: string; readonly style: number; readonly value: string; readonly formula: string };

function toShown({ type, style, value, formula }: Read, { strings, styles }: Shared): string {
  if (type === 's') return strings[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (value.trim() === '') return formula === '' ? '' : `=${formula} (no value is stored)`;
  const number = Number(value);
  if (type !== 'n' || !Number.isFinite(number)) return value.trim();
  const { isDate = false, code = '' } = styles[style] ?? {};
  if (!isDate || Math.abs(number) > 2_900_000) return toFormatted(value.trim(), number, code);
  const at = new Date(Math.round((number - unixDay) * dayMs)).toISOString();
  return Number.isInteger(number) ? at.slice(0, 10) : at.slice(0, 16).replace('T', ' ');
}

/** As the sheet shows it, where that says the same number; else every digit that the file holds. */
function toFormatted(value: string, number: number, code: string): string {
  if (code === '' || code === 'General') return value;
  let shown: string;
  try {
    shown = format(code, number).trim();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return value; // a format that the library does not read: what the file holds is shown
  }
  const bare = shown.replaceAll(/[$€£\s,()%-]/gu, '');
  const sign = /^\(.*\)$|-/u.test(shown) ? -1 : 1;
  const said = (sign * Number(bare)) / (shown.includes('%') ? 100 : 1);
  const isSame = /^\d*\.?\d+$/u.test(bare) && Math.abs(said - number) <= Math.abs(number) * 1e-12;
  return isSame && !/^0\d/u.test(bare) ? shown : value;
}

function readComments(bytes: Buffer): readonly HiddenItem[] {
  const items: HiddenItem[] = [];
  let [where, text, inText] = ['', '', 0];
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') text += inText > 0 ? token.text : '';
    else if (token.name === 't' || token.name === 'text') inText += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    else if (token.kind === 'open' && (token.name === 'comment' || token.name === 'threadedComment')) {
      where = `cell ${attributeOf(token.attributes, 'ref') ?? ''}`;
      text = '';
    } else if (token.kind === 'close' && (token.name === 'comment' || token.name === 'threadedComment')) {
      items.push({ kind: 'comment', where, text: text.trim() });
    }
  }
  return items;
}
