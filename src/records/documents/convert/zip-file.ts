// The parts of a zip archive in memory, within bounds that no honest office file reaches.
// It must believe no size that the archive states, and give every part's true bytes or none.

import { inflateRawSync } from 'node:zlib';

import { FileError } from '../file-error.ts';

export type ZipFile = {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws FileError: corrupt, too-large. Null when there is no such part. */
  read(name: string): Buffer | null;
};

const mostEntries = 10_000;
const mostPartBytes = 128 * 1024 * 1024;
const mostBytes = 256 * 1024 * 1024;
/** DEFLATE itself cannot do more than 1,032:1; office files stay below a tenth of it. */
const mostRatio = 200;
const ratioFromBytes = 4 * 1024 * 1024;

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;

type Entry = { readonly method: number; readonly flags: number; readonly packed: number; readonly at: number };

export function openZip(bytes: Buffer): ZipFile {
  const entries = readEntries(bytes);
  let left = mostBytes;
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) return null;
      const part = readPart(bytes, entry, Math.min(mostPartBytes, left));
      left -= part.length;
      return part;
    },
  };
}

function readEntries(bytes: Buffer): ReadonlyMap<string, Entry> {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== endMark)
    throw new FileError('corrupt', 'no end of a zip archive');
  const count = bytes.readUInt16LE(end + 10);
  if (count > mostEntries) throw new FileError('too-large', `${count} parts`);
  const entries = new Map<string, Entry>();
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== entryMark)
      throw new FileError('corrupt', 'a list of parts that is cut');
    const [nameBytes, extraBytes, noteBytes] = [
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
    ];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameBytes).replaceAll('\\', '/');
    const entry = {
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      at: bytes.readUInt32LE(at + 42),
    };
    // Of two parts with one name readers take one or the other: neither can be trusted to be what was reviewed.
    if (entries.has(name)) throw new FileError('corrupt', 'two parts of one name');
    if (!name.endsWith('/')) entries.set(name, entry);
    at += 46 + nameBytes + extraBytes + noteBytes;
  }
  return entries;
}

function readPart(bytes: Buffer, { method, flags, packed, at }: Entry, most: number): Buffer {
  if ((flags & 1) !== 0) throw new FileError('password', 'a part is encrypted');
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== localMark)
    throw new FileError('corrupt', 'a part that is not there');
  const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  if (from + packed > bytes.length) throw new FileError('corrupt', 'a part that is cut');
  const raw = bytes.subarray(from, from + packed);
  if (method === 0) {
    if (raw.length > most) throw new FileError('too-large');
    return Buffer.from(raw);
  }
  if (method !== 8) throw new FileError('corrupt', `packed by method ${method}`);
  return inflate(raw, Math.max(1, Math.min(most, Math.max(ratioFromBytes, packed * mostRatio))));
}

function inflate(raw: Buffer, most: number): Buffer {
  try {
    return inflateRawSync(raw, { maxOutputLength: most });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new FileError(code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'corrupt');
  }
}
