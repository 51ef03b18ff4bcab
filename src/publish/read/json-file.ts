// Walks the items of a JSON array or object in a file of any size, by structure only: where each begins and ends.
// It must not parse values: numbers keep every digit because nobody reads them here.

import { createReadStream } from 'node:fs';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';

export type JsonItem = {
  /** Offsets of the item in the file, blanks around it left out. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The item's first 512 bytes; all of them when asked for. */
  readonly bytes: Buffer;
};

export type JsonWalk = {
  /** Offset of the byte after the opening bracket. */
  readonly from: number;
  readonly line: number;
  readonly close: ']' | '}';
  /** Hand over whole items; else only their heads. */
  readonly whole: boolean;
};

export type JsonEnd = { readonly offset: number; readonly line: number };

const jsonLimits = { itemBytes: 64 * 1024 * 1024, headBytes: 512 } as const;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const newline = 0x0a;

/**
 * Calls `visit` for each item up to the closing bracket; false ends the walk. Returns where the bracket is, or null
 * when the visit ended it. Throws file-unreadable, with the line, when the text ends early or an item is longer than 64
 * MB.
 */
export async function walkJson(
  path: string,
  walk: JsonWalk,
  visit: (item: JsonItem) => boolean | void,
): Promise<JsonEnd | null> {
  const scanner = createScanner(walk, visit);
  for await (const chunk of createReadStream(path, { start: walk.from, highWaterMark: 1 << 20 })) {
    const result = scanner.read(chunk as Buffer);
    if (result === 'stopped') return null;
    if (result !== 'more') return result;
  }
  const line = scanner.line();
  throw new PortalError('file-unreadable', {
    detail: say('publish.json-cut-off', { line, close: walk.close }),
    extra: { line },
  });
}

type Scanner = { read(chunk: Buffer): JsonEnd | 'more' | 'stopped'; line(): number };

function createScanner(walk: JsonWalk, visit: (item: JsonItem) => boolean | void): Scanner {
  const close = walk.close.charCodeAt(0);
  const pieces = createPieces(walk.whole);
  let offset = walk.from; // of the chunk in the file
  let line = walk.line;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let start = -1;
  let startLine = line;
  let end = -1;
  let items = 0;

  /** At a comma or the closing bracket. False when the visit wants no more. */
  const finish = (isLast: boolean): boolean => {
    if (start === -1) {
      if (isLast && items === 0) return true;
      throw unexpected(
        line,
        isLast ? say('publish.json-unreadable.comma-last') : say('publish.json-unreadable.comma-first'),
        offset,
      );
    }
    items++;
    const item = { start, end, line: startLine, bytes: pieces.take(end - start) };
    start = -1;
    return visit(item) !== false;
  };

  const read = (chunk: Buffer): JsonEnd | 'more' | 'stopped' => {
    let from = 0; // of the running item in this chunk
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) inString = false;
        end = offset + at + 1;
      } else if (byte <= 0x20) {
        if (byte === newline) line++;
      } else if (depth === 0 && (byte === comma || byte === close)) {
        if (start !== -1) pieces.add(chunk.subarray(from, Math.max(from, end - offset)), startLine);
        const goOn = finish(byte === close);
        if (byte === close) return goOn ? { offset: offset + at, line } : 'stopped';
        if (!goOn) return 'stopped';
      } else {
        if (start === -1) [start, startLine, from] = [offset + at, line, at];
        if (byte === quote) inString = true;
        else if (byte === 0x7b || byte === 0x5b) depth++;
        else if ((byte === 0x7d || byte === 0x5d) && --depth < 0) {
          throw unexpected(line, `“${String.fromCharCode(byte)}”`, offset + at);
        }
        end = offset + at + 1;
      }
    }
    if (start !== -1) pieces.add(chunk.subarray(from), startLine);
    offset += chunk.length;
    return 'more';
  };
  return { read, line: () => line };
}

/** The running item's bytes, across chunks: all of them, or its head. */
function createPieces(whole: boolean) {
  const room = whole ? jsonLimits.itemBytes : jsonLimits.headBytes;
  let parts: Buffer[] = [];
  let kept = 0;
  return {
    add(bytes: Buffer, line: number): void {
      if (whole && kept + bytes.length > room) throw tooLong(line);
      const part = bytes.subarray(0, room - kept);
      if (part.length === 0) return;
      parts.push(part);
      kept += part.length;
    },
    take(length: number): Buffer {
      const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      parts = [];
      kept = 0;
      return bytes.subarray(0, length);
    },
  };
}

/** Calls `visit` for each line that is not blank, as NDJSON has them. */
export async function walkLines(path: string, start: number, visit: (item: JsonItem) => boolean | void): Promise<void> {
  let offset = start;
  let line = 1;
  let rest: Buffer = Buffer.alloc(0);
  const emit = (bytes: Buffer, at: number): boolean => {
    const text = bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes;
    if (text.every((byte) => byte <= 0x20)) return true;
    return visit({ start: at, end: at + text.length, line, bytes: text }) !== false;
  };
  for await (const part of createReadStream(path, { start, highWaterMark: 1 << 20 })) {
    const chunk: Buffer = rest.length === 0 ? (part as Buffer) : Buffer.concat([rest, part as Buffer]);
    let at = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, at)) {
      if (!emit(chunk.subarray(at, end), offset + at)) return;
      line++;
      at = end + 1;
    }
    rest = chunk.subarray(at);
    offset += at;
    if (rest.length > jsonLimits.itemBytes) throw tooLong(line);
  }
  emit(rest, offset);
}

const recordSeparator = 0x1e;

/** Calls `visit` for each text of a JSON text sequence (RFC 7464, RFC 8142): each begins with a record separator. */
export async function walkSequence(
  path: string,
  start: number,
  visit: (item: JsonItem) => boolean | void,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = start; // of `rest` in the file
  let line = 1;
  const emit = (bytes: Buffer): boolean => {
    const first = bytes.findIndex((byte) => byte > 0x20);
    const last = bytes.findLastIndex((byte) => byte > 0x20);
    let from = line;
    for (const [index, byte] of bytes.entries()) {
      if (byte !== newline) continue;
      line++;
      if (index < first) from++;
    }
    if (first === -1) return true;
    const item = {
      start: offset + first,
      end: offset + last + 1,
      line: from,
      bytes: bytes.subarray(first, last + 1),
    };
    return visit(item) !== false;
  };
  for await (const part of createReadStream(path, { start, highWaterMark: 1 << 20 })) {
    const chunk: Buffer = rest.length === 0 ? (part as Buffer) : Buffer.concat([rest, part as Buffer]);
    let at = 0;
    for (let end = chunk.indexOf(recordSeparator); end !== -1; end = chunk.indexOf(recordSeparator, at)) {
      if (!emit(chunk.subarray(at, end))) return;
      offset += end + 1 - at;
      at = end + 1;
    }
    rest = chunk.subarray(at);
    if (rest.length > jsonLimits.itemBytes) throw tooLong(line);
  }
  emit(rest);
}

function tooLong(line: number): PortalError {
  return new PortalError('file-unreadable', {
    detail: say('publish.json-value-too-long', { line, bytes: jsonLimits.itemBytes }),
    extra: { line },
  });
}

function unexpected(line: number, what: Sentence | string, offset: number): PortalError {
  return new PortalError('file-unreadable', {
    detail: say('publish.json-unreadable', { what, line, offset }),
    extra: { line, offset },
  });
}

/**
 * The members of an object as raw text, in order; `text` has passed JSON.parse. The last of two equal keys counts, as
 * everywhere, and `onTwice` is told.
 */
export function toRawMembers(text: string, onTwice?: (name: string) => void): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipBlanks(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    const start = skipBlanks(text, text.indexOf(':', keyEnd) + 1);
    const end = valueEnd(text, start);
    if (members.has(key)) onTwice?.(key);
    members.set(key, text.slice(start, end));
    at = skipBlanks(text, end);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return members;
}

/** The items of a list as raw text, in order; `text` has passed JSON.parse. */
export function toRawItems(text: string): string[] {
  const items: string[] = [];
  let at = skipBlanks(text, text.indexOf('[') + 1);
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at);
    items.push(text.slice(at, end));
    at = skipBlanks(text, end);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return items;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** The place after the closing quote of the string at `from`. */
function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === quote) return at + 1;
  }
  return text.length;
}

function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (depth === 0 && (code === comma || code === 0x7d || code === 0x5d || code <= 0x20)) return at;
    if (code === 0x7b || code === 0x5b) depth++;
    if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1;
    at++;
  }
  return text.length;
}
