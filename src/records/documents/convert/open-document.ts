// What an OpenDocument file shows: paragraphs, tables, slides; deleted, hidden, annotated and noted text apart.
// It must take a table whose style hides it for hidden.

import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { XmlToken } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

/** Elements whose text no reader of the page sees, and what it is. */
const apart: Readonly<Record<string, HiddenItem['kind']>> = {
  'tracked-changes': 'deleted-text',
  annotation: 'comment',
  notes: 'notes',
  'hidden-text': 'hidden-text',
  'hidden-paragraph': 'hidden-text',
};
const mostRepeats = 100;

export function readOpenDocument(zip: ZipFile): OfficeText {
  const content = zip.read('content.xml');
  if (content === null) throw new FileError('corrupt', 'no content in it');
  if (zip.read('META-INF/manifest.xml')?.includes('encryption-data') === true) throw new FileError('password');
  const hiddenStyles = readHiddenStyles(content);
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  const table = openTable(blocks);
  let line = '';
  let aside: {
    readonly kind: HiddenItem['kind'];
    readonly where: string;
    readonly name: string;
    depth: number;
    text: string;
  } | null = null;
  let inBody = false;
  const say = (text: string) => {
    if (aside !== null) aside.text += text;
    else line += text;
  };
  for (const token of readXml(content)) {
    if (token.kind !== 'text' && token.name === 'body') inBody = token.kind === 'open';
    if (!inBody) continue;
    if (token.kind === 'text') {
      say(token.text.replaceAll(/\s+/gu, ' '));
      continue;
    }
    if (aside !== null && token.name === aside.name) aside.depth += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    if (aside !== null && aside.depth === 0) {
      if (aside.text.trim() !== '') hidden.push({ kind: aside.kind, where: aside.where, text: aside.text.trim() });
      aside = null;
      continue;
    }
    if (aside === null && token.kind === 'open' && !token.isEmpty) {
      const kind = hiddenKind(token, hiddenStyles);
      if (kind !== null)
        aside = {
          kind,
          where: attributeOf(token.attributes, 'name') ?? token.name,
          name: token.name,
          depth: 1,
          text: '',
        };
    }
    if (aside !== null) aside.text += token.kind === 'close' && lineEnds.includes(token.name) ? '\n' : '';
    else if (token.kind === 'close' && ['p', 'h', 'page'].includes(token.name)) {
      if (table.isOpen()) table.say(line);
      else if (line.trim() !== '') blocks.push({ style: token.name === 'h' ? 'heading' : 'text', text: line.trim() });
      line = '';
    } else table.take(token);
    if (token.kind === 'open') say(toSpace(token));
  }
  return { blocks, hidden };
}

const lineEnds = ['p', 'h', 'table-row', 'page', 'table'];
const mostSpanned = 1_000;

/** The cells of a table, each as often as the file repeats it; a table within a cell is the lines of that cell. */
function openTable(blocks: Block[]) {
  let depth = 0;
  let [rows, row, cell]: [string[][], string[], string[]] = [[], [], []];
  let [cells, lines, inSheets] = [1, 1, false];
  const close = (name: string) => {
    if (name === 'table-cell' || name === 'covered-table-cell') {
      for (let left = cells; left > 0; left--) row.push(cell.join('\n').trim());
      cell = [];
    } else if (name === 'table-row') {
      const last = row.findLastIndex((text) => text !== '');
      if (last >= 0) for (let left = lines; left > 0; left--) rows.push(row.slice(0, last + 1));
      row = [];
    }
  };
  return {
    isOpen: () => depth > 0,
    say: (line: string) => void cell.push(line),
    take(token: XmlToken) {
      if (token.kind === 'text') return;
      if (token.name === 'spreadsheet') inSheets = token.kind === 'open';
      if (token.name === 'table') {
        if (token.kind === 'open' && depth === 0) {
          [rows, row, cell] = [[], [], []];
          const name = attributeOf(token.attributes, 'name') ?? '';
          if (inSheets) blocks.push({ style: 'heading', text: `Sheet: ${name}` });
        }
        depth += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
        if (token.kind === 'close' && depth === 0 && rows.length > 0) blocks.push({ style: 'table', rows });
      }
      if (depth !== 1) return;
      if (token.kind === 'open' && token.name === 'table-row')
        lines = repeated(token.attributes, 'number-rows-repeated');
      if (token.kind === 'open' && token.name.endsWith('table-cell'))
        cells = repeated(token.attributes, 'number-columns-repeated');
      if (token.kind === 'close' || token.isEmpty) close(token.name);
    },
  };
}

/** Thousands of empty cells stand at the end of rows, and of rows at the end of sheets: they say nothing. */
function repeated(attributes: string, name: string): number {
  return Math.min(mostSpanned, Math.max(1, Number(attributeOf(attributes, name) ?? 1) || 1));
}

function toSpace(token: Extract<XmlToken, { kind: 'open' }>): string {
  if (token.name === 's')
    return ' '.repeat(Math.min(mostRepeats, Number(attributeOf(token.attributes, 'c') ?? 1) || 1));
  if (token.name === 'tab') return '    ';
  return token.name === 'line-break' ? '\n' : '';
}

function hiddenKind(
  token: Extract<XmlToken, { kind: 'open' }>,
  styles: ReadonlySet<string>,
): HiddenItem['kind'] | null {
  const { name, attributes } = token;
  const known = apart[name];
  if (known !== undefined) return known;
  const style = attributeOf(attributes, 'style-name');
  if (name === 'table' && style !== null && styles.has(style)) return 'hidden-sheet';
  if (name === 'page' && style !== null && styles.has(style)) return 'hidden-sheet';
  if (name === 'span' && style !== null && styles.has(style)) return 'hidden-text';
  const visibility = attributeOf(attributes, 'visibility');
  return name === 'table-row' && visibility !== null && visibility !== 'visible' ? 'hidden-rows' : null;
}

/** Names of styles that say: not shown. */
function readHiddenStyles(content: Buffer): ReadonlySet<string> {
  const styles = new Set<string>();
  let name = '';
  for (const token of readXml(content)) {
    if (token.kind !== 'open') continue;
    if (token.name === 'style') name = attributeOf(token.attributes, 'name') ?? '';
    else if (token.name.endsWith('-properties')) {
      const isHidden =
        attributeOf(token.attributes, 'display') === 'none' ||
        (token.name === 'table-properties' && attributeOf(token.attributes, 'display') === 'false') ||
        attributeOf(token.attributes, 'visibility') === 'hidden';
      if (isHidden) styles.add(name);
    }
  }
  return styles;
}
