// What a Word file says: its paragraphs, headers and notes as read; deleted, hidden and commented text apart.
// It must take a run for hidden as soon as the file says so.

import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import { signOf } from './sign-fonts.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

const mostItems = 5_000;

export function readWordText(zip: ZipFile): OfficeText {
  const main = zip.read('word/document.xml');
  if (main === null) throw new FileError('corrupt', 'no document in it');
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  const read = (part: string, label: string | null) => {
    const bytes = part === 'word/document.xml' ? main : zip.read(part);
    if (bytes === null) return;
    const found = readStory(bytes, label ?? 'the text');
    const said = label === null ? found.blocks : found.blocks.filter(saysSomething);
    if (label !== null && said.length > 0) blocks.push({ style: 'label', text: label });
    blocks.push(...said);
    hidden.push(...found.hidden);
  };
  read('word/document.xml', null);
  const others = (shape: RegExp) => zip.names.filter((name) => shape.test(name)).sort();
  for (const part of others(/^word\/header\d*\.xml$/u)) read(part, 'Header');
  for (const part of others(/^word\/footer\d*\.xml$/u)) read(part, 'Footer');
  read('word/footnotes.xml', 'Footnotes');
  read('word/endnotes.xml', 'Endnotes');
  for (const part of others(/^word\/comments\w*\.xml$/u)) hidden.push(...readComments(zip.read(part)!));
  return { blocks, hidden: hidden.slice(0, mostItems) };
}

function saysSomething(block: Block): boolean {
  return block.style === 'table' || block.text.trim() !== '';
}

type Story = { readonly blocks: readonly Block[]; readonly hidden: readonly HiddenItem[] };

const deletions = ['del', 'moveFrom'];

function readStory(bytes: Buffer, where: string): Story {
  const hidden: HiddenItem[] = [];
  const blocks = openBlocks();
  let [paragraph, gone, secret, added] = ['', '', '', ''];
  const depth = { deleted: 0, inserted: 0, fallback: 0, text: 0, code: 0 };
  let vanished = false;
  const endParagraph = () => {
    blocks.paragraph(paragraph);
    if (gone !== '') hidden.push({ kind: 'deleted-text', where, text: gone });
    if (secret !== '') hidden.push({ kind: 'hidden-text', where, text: secret });
    if (added !== '') hidden.push({ kind: 'inserted-text', where, text: added });
    [paragraph, gone, secret, added] = ['', '', '', ''];
  };
  const say = (text: string) => {
    if (depth.fallback > 0) return;
    if (depth.deleted > 0) gone += text;
    else if (vanished || depth.code > 0) secret += text;
    else {
      paragraph += text;
      if (depth.inserted > 0) added += text;
    }
  };
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') {
      if (depth.text > 0 || depth.code > 0) say(token.text);
      continue;
    }
    const step = token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    const { name } = token;
    if (deletions.includes(name)) depth.deleted += step;
    else if (name === 'ins' || name === 'moveTo') depth.inserted += step;
    else if (name === 'Fallback') depth.fallback += step;
    else if (name === 't' || name === 'delText') depth.text += step;
    else if (name === 'instrText' || name === 'delInstrText') depth.code += step;
    else if (token.kind === 'close') {
      if (name === 'p') endParagraph();
      else blocks.close(name);
    } else if (name === 'r') vanished = false;
    else if (name === 'vanish' || name === 'specVanish')
      vanished = !['0', 'false', 'off'].includes(attributeOf(token.attributes, 'val') ?? '1');
    else if (name === 'sym') say(toSign(token.attributes));
    else if (spaces[name] !== undefined) say(spaces[name]);
    else if (name === 'tbl' && !token.isEmpty) blocks.openTable();
    else if (name === 'gridSpan') blocks.span(Number(attributeOf(token.attributes, 'val') ?? 1));
  }
  if (paragraph + gone + secret !== '') endParagraph();
  return { blocks: blocks.end(), hidden };
}

const spaces: Readonly<Record<string, string>> = { tab: '    ', br: '\n', cr: '\n', noBreakHyphen: '-' };

function toSign(attributes: string): string {
  const code = Number.parseInt(attributeOf(attributes, 'char') ?? '', 16);
  return Number.isNaN(code) ? '' : signOf(attributeOf(attributes, 'font') ?? '', code);
}

const mostSpanned = 100;

/** Paragraphs as they come, and those of a table in its cells; a table within a cell is the lines of that cell. */
function openBlocks() {
  const blocks: Block[] = [];
  let depth = 0;
  let rows: string[][] = [];
  let row: string[] = [];
  let cell: string[] = [];
  let spanned = 1;
  return {
    paragraph(text: string) {
      if (depth === 0) blocks.push({ style: 'text', text });
      else if (depth === 1 || text !== '') cell.push(text);
    },
    openTable() {
      if (depth === 0) [rows, row, cell] = [[], [], []];
      depth++;
    },
    span(columns: number) {
      if (depth === 1) spanned = Math.min(mostSpanned, Math.max(1, columns || 1));
    },
    close(name: string) {
      if (name === 'tbl' && depth > 0) {
        depth--;
        if (depth === 0 && rows.length > 0) blocks.push({ style: 'table', rows });
      } else if (name === 'tc' && depth === 1) {
        row.push(cell.join('\n'), ...Array.from({ length: spanned - 1 }, () => ''));
        [cell, spanned] = [[], 1];
      } else if (name === 'tr' && depth === 1) {
        rows.push(row);
        row = [];
      }
    },
    /** A file that ends within a table has said what it said. */
    end(): readonly Block[] {
      if (depth > 0) blocks.push({ style: 'table', rows: [...rows, [...row, cell.join('\n')]] });
      return blocks;
    },
  };
}

function readComments(bytes: Buffer): readonly HiddenItem[] {
  const items: HiddenItem[] = [];
  let [where, text, inText] = ['', '', 0];
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') text += inText > 0 ? token.text : '';
    else if (token.name === 't') inText += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    else if (token.name === 'p' && token.kind === 'close') text += ' ';
    else if (token.name === 'comment' && token.kind === 'open')
      where = `comment of ${attributeOf(token.attributes, 'author') ?? 'somebody'}`;
    else if (token.name === 'comment') {
      items.push({ kind: 'comment', where, text: text.trim() });
      text = '';
    }
  }
  return items;
}
