// Tells what a file is by its first bytes, whatever its name says, and opens gzip.
// It must not believe a file name over the bytes, and must not read rows.

import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { PortalError } from '../../base/errors.ts';
import { say } from '../../base/say.ts';
import type { Sentence } from '../../base/say.ts';

/** `text` still has to be told apart into CSV and JSON, once its encoding is known. */
export type ContentKind = 'text' | 'parquet' | 'gzip';

type Signature = { readonly at: number; readonly bytes: string; readonly kind: Sentence };

/** Files that are not tables of text, by their first bytes. */
const signatures: readonly Signature[] = [
  { at: 0, bytes: '25504446', kind: say('publish.kind.pdf') },
  { at: 0, bytes: '504b0304', kind: say('publish.kind.zip') },
  { at: 0, bytes: '504b0506', kind: say('publish.kind.zip-empty') },
  { at: 0, bytes: 'd0cf11e0a1b11ae1', kind: say('publish.kind.xls') },
  { at: 0, bytes: '89504e470d0a1a0a', kind: say('publish.kind.png') },
  { at: 0, bytes: 'ffd8ff', kind: say('publish.kind.jpeg') },
  { at: 0, bytes: '47494638', kind: say('publish.kind.gif') },
  { at: 0, bytes: '49492a00', kind: say('publish.kind.tiff') },
  { at: 0, bytes: '4d4d002a', kind: say('publish.kind.tiff') },
  { at: 8, bytes: '57454250', kind: say('publish.kind.webp') },
  { at: 0, bytes: '53514c69746520666f726d6174203300', kind: say('publish.kind.sqlite') },
  { at: 8, bytes: '4455434b', kind: say('publish.kind.duckdb') },
  { at: 0, bytes: '377abcaf271c', kind: say('publish.kind.seven-zip') },
  { at: 0, bytes: '526172211a07', kind: say('publish.kind.rar') },
  { at: 0, bytes: '425a68', kind: say('publish.kind.bzip2') },
  { at: 0, bytes: 'fd377a585a00', kind: say('publish.kind.xz') },
  { at: 0, bytes: '28b52ffd', kind: say('publish.kind.zstandard') },
  { at: 0, bytes: '7f454c46', kind: say('publish.kind.program') },
  { at: 0, bytes: '0000270a', kind: say('publish.kind.shapefile-part') },
  { at: 0, bytes: '4f626a01', kind: say('publish.kind.avro') },
  { at: 0, bytes: '4152524f5731', kind: say('publish.kind.arrow') },
  { at: 0, bytes: '7b5c727466', kind: say('publish.kind.rtf') },
];

const zipParts: readonly (readonly [part: string, kind: Sentence])[] = [
  ['xl/', say('publish.kind.xlsx')],
  ['word/', say('publish.kind.docx')],
  ['ppt/', say('publish.kind.pptx')],
  ['mimetypeapplication/vnd.oasis.opendocument.spreadsheet', say('publish.kind.ods')],
  ['.shp', say('publish.kind.shapefile-zipped')],
];

export async function readHead(path: string, bytes = 65_536): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What the bytes are. Throws file-type-mismatch (the name promised a table) or unsupported-media-type (it did not). */
export async function requireContent(path: string, name: string): Promise<ContentKind> {
  const head = await readHead(path);
  if (head.length === 0) throw new PortalError('empty-file', say('publish.file-empty'));
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') {
    await requireParquetEnd(path);
    return 'parquet';
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const kind = foreignKind(head);
  if (kind !== null) throw notATable(name, kind);
  const nuls = head.filter((byte) => byte === 0).length;
  if (nuls > head.length / 10 && !isUtf16(head)) throw notATable(name, say('publish.kind.binary'));
  return 'text';
}

function foreignKind(head: Buffer): Sentence | null {
  for (const { at, bytes, kind } of signatures) {
    const length = bytes.length / 2;
    if (head.subarray(at, at + length).toString('hex') !== bytes) continue;
    if (!kind.english.includes('ZIP')) return kind;
    const text = head.toString('latin1');
    return zipParts.find(([part]) => text.includes(part))?.[1] ?? kind;
  }
  const text = head
    .subarray(0, 2_048)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()
    .toLowerCase();
  if (/^<!doctype html|^<html[\s>]|^<table[\s>]|^<head[\s>]|^<body[\s>]/.test(text)) return say('publish.kind.html');
  if (/^<\?xml|^<kml[\s>]|^<rss[\s>]|^<svg[\s>]/.test(text)) return say('publish.kind.xml');
  if (/^(projcs|geogcs|projcrs|geogcrs|compd_cs)\[/.test(text)) return say('publish.kind.prj');
  return dbaseKind(head);
}

/** dBASE has no magic number: a version byte, a plausible date, and a header length that ends in a carriage return. */
function dbaseKind(head: Buffer): Sentence | null {
  if (head.length < 33 || (head[0] !== 0x03 && head[0] !== 0x83 && head[0] !== 0x30)) return null;
  const month = head[2] ?? 0;
  const headerBytes = head.readUInt16LE(8);
  if (month < 1 || month > 12 || headerBytes < 33 || headerBytes > head.length) return null;
  return head[headerBytes - 1] === 0x0d ? say('publish.kind.dbf') : null;
}

/** Of a UTF-8 byte-order mark at the beginning, or 0. */
export function bomLength(head: Buffer): 0 | 3 {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}

/** UTF-16 shows as a byte-order mark, or as NULs that sit almost only at even or almost only at odd places. */
export function isUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const counts: [even: number, odd: number] = [0, 0];
  for (let index = 0; index < head.length; index++) if (head[index] === 0) counts[index & 1 ? 1 : 0]++;
  const [even, odd] = counts;
  const pairs = head.length / 2;
  if (odd > pairs * 0.3 && even < odd / 20) return 'utf-16le';
  if (even > pairs * 0.3 && odd < even / 20) return 'utf-16be';
  return null;
}

async function requireParquetEnd(path: string): Promise<void> {
  const { size } = await stat(path);
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
    if (size < 12 || buffer.toString('latin1') !== 'PAR1') {
      throw new PortalError('upload-truncated', say('publish.parquet-cut-off'));
    }
  } finally {
    await handle.close();
  }
}

const promised = /\.(csv|tsv|tab|txt|psv|ssv|json|ndjson|jsonl|geojson|topojson|parquet|geoparquet)(\.gz)?$/i;

function notATable(name: string, kind: Sentence): PortalError {
  if (promised.test(name)) {
    return new PortalError('file-type-mismatch', {
      detail: say('publish.kind-promised', { ending: name.slice(name.lastIndexOf('.')), kind }),
      extra: { name, found: kind.english },
    });
  }
  return new PortalError('unsupported-media-type', {
    detail: say('publish.kind-not-read', { kind }),
    extra: { name, found: kind.english },
  });
}

const gzipLimits = { ratio: 200, graceBytes: 16 * 1024 * 1024 } as const;

/**
 * Opens a gzip file beside itself. Throws upload-too-large on a bomb, upload-truncated or file-unreadable on a broken
 * one.
 */
export async function expandGzip(path: string, target: string, maxBytes: number): Promise<void> {
  const { size } = await stat(path);
  const cap = Math.min(maxBytes, gzipLimits.graceBytes + size * gzipLimits.ratio);
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= cap) return done(null, chunk);
      done(new PortalError('upload-too-large', say('publish.opens-too-large', { bytes: cap })));
    },
  });
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      limit,
      createWriteStream(target, { flags: 'wx', mode: 0o600 }),
    );
  } catch (error) {
    if (error instanceof PortalError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new PortalError('disk-full', { cause: error });
    if (code === 'Z_BUF_ERROR') {
      throw new PortalError('upload-truncated', {
        detail: say('publish.gzip-cut-off'),
        cause: error,
      });
    }
    if (code.startsWith('Z_')) {
      throw new PortalError('file-unreadable', {
        detail: say('publish.gzip-damaged'),
        cause: error,
      });
    }
    throw error;
  }
}
