// The words of pages as they are kept (packed and sealed), and as lines.
// It must not find anything in them; search.ts and detectors.ts do.

import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Seal } from '../../base/seal.ts';
import { around } from './boxes.ts';
import type { Box, Word } from './document.ts';

type PackedWord = readonly [
  text: string,
  left: number,
  top: number,
  right: number,
  bottom: number,
  line: number,
  hidden: 0 | 1,
];

function purpose(document: string, page: number): string {
  return `records_document_pages.words:${document}:${page}`;
}

export function sealWords(seal: Seal, document: string, page: number, words: readonly Word[]): Buffer {
  const tenth = (value: number) => Math.round(value * 10) / 10;
  const packed = words.map(({ text, box, line, hidden }): PackedWord => {
    const [left, top, right, bottom] = box;
    return [text, tenth(left), tenth(top), tenth(right), tenth(bottom), line, hidden ? 1 : 0];
  });
  const bytes = deflateRawSync(Buffer.from(JSON.stringify(packed), 'utf8'));
  return seal.seal(bytes.toString('base64'), purpose(document, page));
}

export function openWords(seal: Seal, document: string, page: number, sealed: Uint8Array): readonly Word[] {
  const bytes = Buffer.from(String(seal.open(sealed, purpose(document, page))), 'base64');
  const packed = JSON.parse(inflateRawSync(bytes).toString('utf8')) as readonly PackedWord[];
  return packed.map(([text, left, top, right, bottom, line, hidden]) => ({
    text,
    box: [left, top, right, bottom],
    line,
    hidden: hidden === 1,
  }));
}

/** One box for each line that the words stand on. */
export function toLineBoxes(words: readonly Word[]): readonly Box[] {
  const lines = new Map<number, Box[]>();
  for (const { line, box } of words) lines.set(line, [...(lines.get(line) ?? []), box]);
  return [...lines.values()].map(around);
}

export type Line = { readonly line: number; readonly text: string; readonly box: Box; readonly hidden: boolean };

export function toLines(words: readonly Word[]): readonly Line[] {
  const lines = new Map<number, Word[]>();
  for (const word of words) lines.set(word.line, [...(lines.get(word.line) ?? []), word]);
  return [...lines].map(([line, own]) => ({
    line,
    text: own.map(({ text }) => text).join(' '),
    box: around(own.map(({ box }) => box)),
    hidden: own.every(({ hidden }) => hidden),
  }));
}
