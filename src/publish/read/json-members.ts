// The members of an object in a JSON file of any size: names, places and the beginning of each value.
// It must not decide what they mean.

import { open } from 'node:fs/promises';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { TextFile } from './encoding.ts';
import { walkJson, type JsonItem } from './json-file.ts';

export type Member = { readonly key: string; readonly value: JsonItem };

/** Of an opening bracket in the file. */
export type Place = { readonly offset: number; readonly line: number };

/** The first byte from `start` on that is no blank, however many there are; '' at the end of the file. */
export async function skipBlanks(path: string, start: number, line: number) {
  const handle = await open(path, 'r');
  try {
    const block = Buffer.alloc(65_536);
    let [offset, seen] = [start, line];
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, block.length, offset);
      if (bytesRead === 0) return { letter: '', offset, line: seen };
      for (const byte of block.subarray(0, bytesRead)) {
        if (byte > 0x20) return { letter: String.fromCharCode(byte), offset, line: seen };
        if (byte === 0x0a) seen++;
        offset++;
      }
    }
  } finally {
    await handle.close();
  }
}

export async function readMembers(text: TextFile, root: Place) {
  const members: Member[] = [];
  const walk = { from: root.offset + 1, line: root.line, close: '}' as const, whole: false };
  const end = await walkJson(text.path, walk, (item) => void members.push(toMember(item)));
  const offset = (end?.offset ?? root.offset) + 1;
  return { members, after: await skipBlanks(text.path, offset, end?.line ?? root.line) };
}

/** `"key" : value…` cut in two. */
function toMember(item: JsonItem): Member {
  const text = item.bytes.toString('latin1');
  const match = /^"(?:[^"\\]|\\.)*"\s*:\s*/s.exec(text);
  if (match === null) {
    throw new PortalError('file-unreadable', {
      detail: say('publish.member-without-name', { line: item.line }),
      extra: { line: item.line },
    });
  }
  const head = item.bytes.subarray(0, match[0].length).toString('utf8');
  const key = String(parseJson(head.slice(0, head.lastIndexOf(':')).trimEnd(), item.line));
  const start = item.start + match[0].length;
  return { key, value: { ...item, start, bytes: item.bytes.subarray(match[0].length) } };
}

/** Throws file-unreadable, with the line, for what JSON does not have. */
export function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PortalError('file-unreadable', {
      detail: say('publish.json-no-value', { text: text.slice(0, 100), line }),
      extra: { line },
      cause: error,
    });
  }
}

export async function readText(path: string, start: number, end: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

export async function readItem(path: string, root: Place, members: readonly Member[]): Promise<JsonItem> {
  const last = members.at(-1)?.value.end ?? root.offset + 1;
  const body = await readText(path, root.offset, last);
  return { start: root.offset, end: last, line: root.line, bytes: Buffer.from(`${body}}`) };
}

export async function readType(text: TextFile, members: readonly Member[]): Promise<string | null> {
  const value = members.find(({ key }) => key === 'type')?.value;
  if (value === undefined || value.bytes[0] !== 0x22 || value.end - value.start > 100) return null;
  return String(parseJson(await readText(text.path, value.start, value.end), value.line));
}

/** What describes a table is read into memory: up to so many bytes. */
const largestDescription = 16 * 1024 * 1024;

/** The parsed value of a member; undefined when it is not there or too large to be a description. */
export async function describe(text: TextFile, members: readonly Member[], key: string): Promise<unknown> {
  const value = members.find((member) => member.key === key)?.value;
  if (value === undefined || value.end - value.start > largestDescription) return undefined;
  return parseJson(await readText(text.path, value.start, value.end), value.line);
}

/** The object that the value is, or an empty one. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
