// What a spreadsheet shows: the sheets, rows and cells that nobody hid; the others, and comments, apart.
// It must show the values that the file holds, and compute none.

import { dayMs } from '../../../base/clock.ts';
import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

type Sheet = { readonly name: string; readonly isHidden: boolean; readonly part: string };
type Shared = { readonly strings: readonly string[]; readonly isDate: readonly boolean[] };

const mostHiddenText = 100_000;

export function readSheets(zip: ZipFile): OfficeText {
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  const shared = { strings: readStrings(zip), isDate: readDateStyles(zip) };
  for (const sheet of listSheets(zip)) {
    const bytes = zip.read(sheet.part);
    if (bytes === null) continue;
    const rows = readRows(bytes, shared);
    const where = `sheet “${sheet.name}”`;
    if (sheet.isHidden) {
      const text = rows.map((row) => [...row.shown, ...row.hidden].join(' | ')).join('\n');
      hidden.push({ kind: 'hidden-sheet', where, text: text.slice(0, mostHiddenText) });
      continue;
    }
    blocks.push({ style: 'heading', text: `Sheet: ${sheet.name}` });
    for (const row of rows)
      if (row.shown.length > 0) blocks.push({ style: 'text', text: `${row.number}.  ${row.shown.join('  |  ')}` });
    const kept = rows.filter((row) => row.hidden.length > 0).map((row) => `${row.number}. ${row.hidden.join(' | ')}`);
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

function readDateStyles(zip: ZipFile): readonly boolean[] {
  const own = new Set<number>();
  const styles: boolean[] = [];
  let inCells = false;
  for (const token of readXml(zip.read('xl/styles.xml') ?? Buffer.alloc(0))) {
    if (token.kind === 'text') continue;
    if (token.name === 'cellXfs') inCells = token.kind === 'open';
    else if (token.kind === 'open' && token.name === 'numFmt') {
      const code = (attributeOf(token.attributes, 'formatCode') ?? '').replaceAll(/"[^"]*"|\\.|\[[^\]]*\]/gu, '');
      if (/[dy]/iu.test(code)) own.add(Number(attributeOf(token.attributes, 'numFmtId')));
    } else if (token.kind === 'open' && token.name === 'xf' && inCells) {
      const format = Number(attributeOf(token.attributes, 'numFmtId') ?? 0);
      styles.push(dateFormats.has(format) || own.has(format));
    }
  }
  return styles;
}

type Row = { readonly number: number; readonly shown: string[]; readonly hidden: string[] };

function readRows(bytes: Buffer, shared: Shared): readonly Row[] {
  const rows: Row[] = [];
  const hiddenColumns: (readonly [from: number, to: number])[] = [];
  let row: Row = { number: 0, shown: [], hidden: [] };
  let rowIsHidden = false;
  let cell = { type: '', style: 0, column: 0, value: '' };
  let [inValue, inFormula] = [0, 0];
  const endCell = () => {
    const text = toShown(cell, shared);
    if (text === '') return;
    const isHidden = rowIsHidden || hiddenColumns.some(([from, to]) => cell.column >= from && cell.column <= to);
    (isHidden ? row.hidden : row.shown).push(text);
  };
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') {
      if (inValue > 0 && inFormula === 0) cell.value += token.text;
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
    } else if (name === 'c') {
      const column = toColumn(attributeOf(token.attributes, 'r') ?? '');
      cell = {
        type: attributeOf(token.attributes, 't') ?? 'n',
        style: Number(attributeOf(token.attributes, 's') ?? 0),
        column,
        value: '',
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

function toShown(
  { type, style, value }: { type: string; style: number; value: string },
  { strings, isDate }: Shared,
): string {
  if (type === 's') return strings[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  const days = Number(value);
  if (type !== 'n' || value === '' || isDate[style] !== true || !Number.isFinite(days) || Math.abs(days) > 2_900_000)
    return value.trim();
  const at = new Date(Math.round((days - unixDay) * dayMs)).toISOString();
  return Number.isInteger(days) ? at.slice(0, 10) : at.slice(0, 16).replace('T', ' ');
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
