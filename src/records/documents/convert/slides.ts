// What a presentation shows: the text of its slides in order; hidden slides, speaker's notes and comments apart.
// It must not take a slide that the show leaves out for one that is shown.

import type { OfficeText } from './office-text.ts';
import type { HiddenItem } from '../document.ts';
import { FileError } from '../file-error.ts';
import type { Block } from './text-pages.ts';
import { attributeOf, readXml } from './xml-tokens.ts';
import type { ZipFile } from './zip-file.ts';

export function readSlides(zip: ZipFile): OfficeText {
  const slides = numbered(zip, /^ppt\/slides\/slide(\d+)\.xml$/u);
  if (slides.length === 0) throw new FileError('corrupt', 'no slides in it');
  const blocks: Block[] = [];
  const hidden: HiddenItem[] = [];
  for (const { part, number } of slides) {
    const { paragraphs, isShown } = readSlide(zip.read(part)!);
    if (isShown) {
      blocks.push({ style: 'heading', text: `Slide ${number}` });
      blocks.push(...paragraphs.map((text): Block => ({ style: 'text', text })));
    } else hidden.push({ kind: 'hidden-sheet', where: `slide ${number}`, text: paragraphs.join('\n') });
  }
  for (const { part, number } of numbered(zip, /^ppt\/notesSlides\/notesSlide(\d+)\.xml$/u)) {
    const text = readSlide(zip.read(part)!).paragraphs.join('\n').trim();
    if (text !== '') hidden.push({ kind: 'notes', where: `notes ${number}`, text });
  }
  for (const { part, number } of numbered(zip, /^ppt\/comments\/[^/]*?(\d+)[^/]*\.xml$/u)) {
    const text = readSlide(zip.read(part)!).everything;
    if (text !== '') hidden.push({ kind: 'comment', where: `comments ${number}`, text });
  }
  return { blocks, hidden };
}

function numbered(zip: ZipFile, shape: RegExp): readonly { readonly part: string; readonly number: number }[] {
  const parts = zip.names.flatMap((part) => {
    const found = shape.exec(part);
    return found === null ? [] : [{ part, number: Number(found[1]) }];
  });
  return parts.sort((a, b) => a.number - b.number);
}

function readSlide(bytes: Buffer): {
  readonly paragraphs: readonly string[];
  readonly isShown: boolean;
  readonly everything: string;
} {
  const paragraphs: string[] = [];
  let [text, everything, inText, isShown] = ['', '', 0, true];
  for (const token of readXml(bytes)) {
    if (token.kind === 'text') {
      everything += token.text.trim() === '' ? '' : `${token.text.trim()} `;
      text += inText > 0 ? token.text : '';
    } else if (token.name === 't') inText += token.kind === 'close' ? -1 : token.isEmpty ? 0 : 1;
    else if (token.kind === 'open' && token.name === 'sld')
      isShown = !['0', 'false'].includes(attributeOf(token.attributes, 'show') ?? '1');
    else if (token.kind === 'open' && token.name === 'br') text += '\n';
    else if (token.kind === 'close' && token.name === 'p') {
      if (text.trim() !== '') paragraphs.push(text);
      text = '';
    }
  }
  return { paragraphs, isShown, everything: everything.trim() };
}
