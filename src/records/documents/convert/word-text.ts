// What a Word file says: its paragraphs, headers and notes as read; deleted, hidden and commented text apart.
// It must take a run for hidden as soon as the file says so.

import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
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
    if (label !== null && found.paragraphs.some((text) => text.trim() !== ''))
      blocks.push({ style: 'label', text: label });
    for (const text of found.paragraphs) if (label === null || text.trim() !== '') blocks.push({ style: 'text', text });
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

type Story = { readonly paragraphs: readonly string[]; readonly hidden: readonly HiddenItem[] };

const deletions = ['del', 'moveFrom'];

function readStory(bytes: Buffer, where: string): Story {
  const paragraphs: string[] = [];
  const hidden: HiddenItem[] = [];
  let [paragraph, gone, secret, added] = ['', '', '', ''];
  const depth = { deleted: 0, inserted: 0, fallback: 0, text: 0, code: 0 };
  let vanished = false;
  const endParagraph = () => {
    paragraphs.push(paragraph);
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
      else if (name === 'tc') say(' | ');
    } else if (name === 'r') vanished = false;
    else if (name === 'vanish' || name === 'specVanish')
      vanished = !['0', 'false', 'off'].includes(attributeOf(token.attributes, 'val') ?? '1');
    else if (name === 'tab') say('    ');
    else if (name === 'br' || name === 'cr') say('\n');
    else if (name === 'noBreakHyphen') say('-');
  }
  if (paragraph + gone + secret !== '') endParagraph();
  return { paragraphs, hidden };
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
